package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/trace"
)

var update = flag.Bool("update", false, "rewrite testdata/sample.ipynb")

const sampleText = `# Sample: <&> "quoted"

Prose before.

` + "```go {name=listen}" + `
ln := listen()
fmt.Println("listening on", ln)
` + "```" + `

` + "```go {run=false}" + `
select {}
` + "```" + `

Prose between.

` + "```go {name=measure output=varies trace=timeline}" + `
measure(ln)
` + "```" + `

` + "```go {name=crash expect=\"panic:boom\"}" + `
panic("boom")
` + "```" + `

` + "```go {name=ring needs=io_uring}" + `
ring()
` + "```" + `

` + "```go {name=stub exercise=one}" + `
func one() {}
` + "```" + `

` + "```go {name=proof check=one}" + `
one()
` + "```" + `

` + "```go {name=answer solution=one}" + `
func one() { two() }
` + "```" + `
`

func parse(t testing.TB, text string) *chapter.Chapter {
	t.Helper()
	c, err := chapter.Parse("chapters/01-sample.md", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sampleRun is a run of the sample with one of everything.
func sampleRun(t testing.TB) *Run {
	c := parse(t, sampleText)
	return &Run{
		Chapter: c,
		Machine: Machine{
			CPU: "Test CPU @ 2.00GHz", Cores: 4, Date: time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC),
			Go: "go1.26.1", Kernel: "6.8.0-test", Memory: 16 << 30, Yaegi: YaegiVersion,
		},
		Leaks: []string{"descriptor 7 is a socket: 127.0.0.1:40123"},
		Results: []Result{
			{
				Cell: "listen", Line: c.Cell("listen").Line, Outcome: OK, Duration: 1234567 * time.Nanosecond,
				Outputs: []Output{
					{Stream: "stdout", Text: "listening on 127.0.0.1:40123\n"},
					{Stream: "stdout", Text: "ünïcode \u2028 <&> \x00\xff no newline"},
					{Stream: "stderr", Text: "warning\n"},
				},
				Checks: []Check{{"C01 right: <1> port", true}, {"it fails", false}},
				Events: []trace.Event{{Call: "socket"}, {Call: "bind", Errno: "EADDRINUSE"}, {Call: "socket"}},
			},
			{
				Cell: "measure", Line: c.Cell("measure").Line, Outcome: CheckFailed, Duration: 2 * time.Second,
				Message: "chapters/01-sample.md:17: a check failed",
				Outputs: []Output{
					{MIME: PlotMIME, Data: json.RawMessage(`{"title":"Cost","series":[{"x":[1,2.50,1e3],"name":"a"}],"logX":true}`)},
					{MIME: "image/svg+xml", Data: json.RawMessage(`"<svg>\n<g/></svg>"`)},
					{MIME: "text/plain", Data: json.RawMessage(`"plain"`)},
					{MIME: "text/html", Data: json.RawMessage(`{"not":"text"}`)},
					{MIME: "application/json", Data: json.RawMessage(`{broken`)},
				},
				Events: []trace.Event{
					{Seq: 1, Actor: "main", Call: "read", Func: "Read", Args: []string{"3", "<16>"}, Result: "16", Enter: 10, Exit: 20, Line: 17, FD: 3, Bytes: 16},
					{Seq: 2, Actor: "go:17", Call: "accept4", Func: "Accept4", Enter: 30, Exit: -1, Line: 17, FD: 4},
				},
				Prints: []trace.Print{{At: 25, Actor: "go:17", Line: 17, Text: "in place \x00\n"}},
			},
			{Cell: "crash", Line: c.Cell("crash").Line, Outcome: OK, Message: "chapters/01-sample.md:21: panic: boom\ngoroutine 7"},
			{Cell: "ring", Line: c.Cell("ring").Line, Outcome: Skipped, Skipped: "io_uring: function not implemented"},
		},
	}
}

// TestSample compares the stored form with a golden. Hashes depend on the
// versions of the tools and system calls are drawn by another package, so the
// golden is without both.
func TestSample(t *testing.T) {
	n := FromRun(sampleRun(t))
	for i, c := range n.Cells {
		if c.Record != nil {
			c.Record.Hash = fmt.Sprintf("hash-%d", i)
			c.Record.Events = nil
		}
	}
	n.Machine.Yaegi = "v0.0.0"
	got, err := n.Encode()
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/sample.ipynb"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("differs from %s; run with -update and read the difference\n%s", golden, textDiff(string(want), string(got)))
	}
}

func TestRoundTrip(t *testing.T) {
	want := FromRun(sampleRun(t))
	if len(want.Cells) != 9 {
		t.Fatalf("%d cells: %+v", len(want.Cells), want.Cells)
	}
	data, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want.Cells {
		if !reflect.DeepEqual(got.Cells[i], want.Cells[i]) {
			t.Errorf("cell %s:\ngot  %+v\nwant %+v", want.Cells[i].ID, got.Cells[i].Record, want.Cells[i].Record)
		}
	}
	got.Cells, want.Cells = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// TestOfficialFormat has Jupyter's own package validate the notebook, write it
// again, and compares: the same value, and without our renderings, which take
// fewer lines, the same bytes.
func TestOfficialFormat(t *testing.T) {
	python := ""
	for _, p := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(p, "-c", "import nbformat").Run() == nil {
			python = p
			break
		}
	}
	if python == "" {
		t.Skip("the format is not checked: no python3 with the package nbformat (Debian: python3-nbformat)")
	}
	const script = `
import sys, warnings, nbformat
warnings.simplefilter("error")
nb = nbformat.reads(sys.stdin.read(), as_version=nbformat.NO_CONVERT)
nbformat.validate(nb)
sys.stdout.write(nbformat.writes(nb, version=nbformat.NO_CONVERT) + "\n")
`
	rewrite := func(n *Notebook) (ours, theirs []byte) {
		t.Helper()
		ours, err := n.Encode()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(python, "-c", script)
		cmd.Stdin = bytes.NewReader(ours)
		cmd.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		theirs, err = cmd.Output()
		if err != nil {
			t.Fatalf("nbformat: %v\n%s", err, stderr.Bytes())
		}
		return ours, theirs
	}

	full := FromRun(sampleRun(t))
	_, theirs := rewrite(full)
	got, err := Decode(theirs)
	if err != nil {
		t.Fatal(err)
	}
	want := FromRun(sampleRun(t))
	for i := range want.Cells {
		if r := want.Cells[i].Record; r != nil {
			for j, o := range r.Outputs { // Python spells a number in its own way
				r.Outputs[j].Data = bytes.ReplaceAll(o.Data, []byte("2.50,1e3"), []byte("2.5,1000.0"))
			}
		}
	}
	if gotJSON, wantJSON := asJSON(t, got), asJSON(t, want); gotJSON != wantJSON {
		t.Errorf("saved by Jupyter:\n%s", textDiff(wantJSON, gotJSON))
	}

	plain := FromRun(sampleRun(t))
	for _, c := range plain.Cells {
		if c.Record == nil {
			continue
		}
		c.Record.Events = nil
		var keep []Output
		for _, o := range c.Record.Outputs {
			o.Text = strings.ReplaceAll(o.Text, "\u2028", "") // encoding/json always escapes it
			if o.MIME != PlotMIME {
				keep = append(keep, o)
			}
		}
		c.Record.Outputs = keep
	}
	ours, theirs := rewrite(plain)
	if !bytes.Equal(ours, theirs) {
		t.Errorf("Jupyter writes it otherwise:\n%s", textDiff(string(theirs), string(ours)))
	}
}

func textDiff(want, got string) []byte { return diff.Diff("want", []byte(want), "got", []byte(got)) }

func asJSON(t *testing.T, v any) string {
	t.Helper()
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestDecodeErrors(t *testing.T) {
	for _, tt := range []struct{ data, want string }{
		{`[`, "not a notebook"},
		{`{}`, "nbformat 0.0; 4.5 or a later 4.x is needed"},
		{`{"nbformat":4,"nbformat_minor":4}`, "nbformat 4.4; 4.5"},
		{`{"nbformat":4,"nbformat_minor":5}`, "metadata.ioworkbook.chapter is missing"},
		{`{"nbformat":4,"nbformat_minor":5,"metadata":{"ioworkbook":{"chapter":"c"}},"cells":[{"id":"a","cell_type":"code","metadata":{"ioworkbook":{}},` +
			`"outputs":[{"output_type":"display_data","data":{"image/png":{}}}]}]}`, `cell "a": image/png: `},
	} {
		_, err := Decode([]byte(tt.data))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %s", tt.data, err, tt.want)
		}
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "01-sample.ipynb")
	if _, err := Read(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Read of a missing file: %v", err)
	}
	n := FromRun(sampleRun(t))
	mode := func() fs.FileMode {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Mode().Perm()
	}
	if err := n.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	if mode() != 0o644 {
		t.Errorf("mode %v", mode())
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	n.Title = "second"
	if err := n.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	if mode() != 0o640 {
		t.Errorf("mode %v after a second write, want that of the old file", mode())
	}

	n.Title = "third"
	for i := range n.Cells {
		if r := n.Cells[i].Record; r != nil {
			r.Outputs = []Output{{MIME: PlotMIME, Data: json.RawMessage("{")}}
		}
	}
	if err := n.WriteFile(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("broken data was written: %v", err)
	}
	back, err := Read(path)
	if err != nil || back.Title != "second" {
		t.Errorf("after a failed write: %v, %v", back, err)
	}
	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

// TestCap checks that a long trace is stored in part, and says so.
func TestCap(t *testing.T) {
	run := sampleRun(t)
	events := make([]trace.Event, 1000)
	for i := range events {
		events[i] = trace.Event{Seq: i, Actor: "main", Call: "read"}
	}
	run.Results[1].Events = events
	run.Results[1].Prints = make([]trace.Print, 1000)
	n := FromRun(run)
	data, err := n.Encode()
	if err != nil {
		t.Fatal(err)
	}
	n, err = Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	rec, _ := n.Cell("measure")
	if rec.Dropped != 760 || len(rec.Events) != maxEvents || rec.Events[headEvents-1].Seq != 159 || rec.Events[headEvents].Seq != 920 {
		t.Errorf("%d events, %d dropped", len(rec.Events), rec.Dropped)
	}
	if len(rec.Prints) != maxEvents {
		t.Errorf("%d prints", len(rec.Prints))
	}
	if !bytes.Contains(data, []byte("... 760 more were recorded and are not stored ...")) {
		t.Error("the text does not say that events are missing")
	}
	if len(events) != 1000 || events[160].Seq != 160 {
		t.Error("the run's own events were changed")
	}
}

// TestNoEngine keeps the site free of the interpreter and of the kernel.
func TestNoEngine(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if len(deps) < 10 {
		t.Fatalf("go list -deps printed %q", out)
	}
	for _, dep := range deps {
		if strings.HasPrefix(dep, "github.com/traefik/yaegi") || strings.HasPrefix(dep, "ioworkbook/runner/kernel") || strings.HasPrefix(dep, "ioworkbook/runner/program") {
			t.Errorf("depends on %s", dep)
		}
	}
}

func TestThisMachine(t *testing.T) {
	m := ThisMachine()
	if m.Kernel == "" || m.CPU == "" || m.Cores < 1 || m.Memory < 1<<20 || !strings.HasPrefix(m.Go, "go") || m.Date.IsZero() || m.Date.Location() != time.UTC {
		t.Errorf("%+v", m)
	}
	if s := m.String(); !strings.Contains(s, m.Kernel) || !strings.Contains(s, "GiB") {
		t.Error(s)
	}
}
