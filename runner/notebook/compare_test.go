package notebook

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ioworkbook/runner/trace"
)

// compareEdited runs the sample, stores it, and compares with a second run that edit
// has changed.
func compareEdited(t *testing.T, edit func(*Run)) string {
	t.Helper()
	run := sampleRun(t)
	edit(run)
	return Compare(FromRun(sampleRun(t)), run)
}

func TestCompare(t *testing.T) {
	result := func(r *Run, name string) *Result {
		i := slices.IndexFunc(r.Results, func(r Result) bool { return r.Cell == name })
		return &r.Results[i]
	}
	for _, tt := range []struct {
		name string
		edit func(*Run)
		want string
	}{
		{"equal", func(r *Run) {}, ""},
		{"volatile", func(r *Run) {
			result(r, "listen").Outputs[0].Text = "listening on 127.0.0.1:51234\n"
			result(r, "listen").Duration *= 3
			r.Leaks[0] = "descriptor 7 is a socket: 127.0.0.1:51234"
			result(r, "crash").Message = "chapters/01-sample.md:21: panic: boom\ngoroutine 1234"
		}, ""},
		{"another port leaks", func(r *Run) {
			result(r, "listen").Outputs[0].Text = "listening on 127.0.0.1:51234\n"
		}, `chapters/01-sample.md: what the chapter leaves behind differs from its recording
--- recorded
+++ run
@@ -1,1 +1,1 @@
-descriptor 7 is a socket: 127.0.0.1:<port listen.1>
+descriptor 7 is a socket: 127.0.0.1:<port end.1>
`},
		{"output", func(r *Run) {
			result(r, "listen").Outputs[2].Text = "other warning"
		}, `chapters/01-sample.md:5: cell "listen" differs from its recording
--- recorded
+++ run
@@ -4,5 +4,5 @@
 stdout, without a final newline:
 listening on 127.0.0.1:<port listen.1>
 ünïcode ` + "\u2028" + ` <&> \x00\xff no newline
-stderr:
-warning
+stderr, without a final newline:
+other warning
`},
		{"varying output and renderings", func(r *Run) {
			result(r, "measure").Outputs = []Output{{Stream: "stdout", Text: "17 ms\n"}}
			result(r, "measure").Events = nil
		}, ""},
		{"check of a varying cell", func(r *Run) {
			result(r, "measure").Checks = []Check{{"it is fast", true}}
		}, `chapters/01-sample.md:16: cell "measure" differs from its recording
--- recorded
+++ run
@@ -1,3 +1,4 @@
 ends: check-failed
 message:
 chapters/01-sample.md:17: a check failed
+check: ✓ it is fast
`},
		{"outcome of a check", func(r *Run) {
			result(r, "listen").Checks[1].OK = true
		}, `chapters/01-sample.md:5: cell "listen" differs from its recording
--- recorded
+++ run
@@ -1,6 +1,6 @@
 ends: ok
 check: ✓ C01 right: <1> port
-check: ✗ it fails
+check: ✓ it fails
 stdout, without a final newline:
 listening on 127.0.0.1:<port listen.1>
 ünïcode ` + "\u2028" + ` <&> \x00\xff no newline
`},
		{"not run, and missing", func(r *Run) {
			result(r, "crash").Outcome = NotRun
			r.Results = slices.Delete(r.Results, 1, 2)
		}, `chapters/01-sample.md:16: cell "measure" is in its recording but was not run
chapters/01-sample.md:20: cell "crash" is in its recording but was not run
`},
		{"message", func(r *Run) {
			result(r, "crash").Message = "chapters/01-sample.md:21: panic: bang"
		}, `chapters/01-sample.md:20: cell "crash" differs from its recording
--- recorded
+++ run
@@ -1,4 +1,3 @@
 ends: ok
 message:
-chapters/01-sample.md:21: panic: boom
-goroutine <goroutine crash.1>
+chapters/01-sample.md:21: panic: bang
`},
		{"ran where it was skipped", func(r *Run) {
			result(r, "ring").Outcome, result(r, "ring").Skipped = OK, ""
		}, `chapters/01-sample.md:24: cell "ring" differs from its recording
--- recorded
+++ run
@@ -1,3 +1,1 @@
-ends: skipped
-skipped:
-io_uring: function not implemented
+ends: ok
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := compareEdited(t, tt.edit); got != tt.want {
				t.Errorf("got:\n%swant:\n%s", got, tt.want)
			}
		})
	}
}

// TestCompareCells checks cells that only one side has.
func TestCompareCells(t *testing.T) {
	renamed := strings.ReplaceAll(sampleText, "name=listen", "name=open")
	run := sampleRun(t)
	run.Chapter = parse(t, renamed)
	run.Results[0].Cell = "open"
	want := `chapters/01-sample.md:5: cell "open" is not in its recording
chapters/01-sample.md: cell "listen" is in its recording; the chapter has no such cell
`
	run.Leaks = nil
	old := FromRun(sampleRun(t))
	old.Leaks = nil
	if got := Compare(old, run); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}

	skipped := sampleRun(t)
	skipped.Results[1].Outcome = Skipped
	if got := Compare(FromRun(sampleRun(t)), skipped); got != "" {
		t.Errorf("a skipped cell was compared:\n%s", got)
	}
}

func TestCompareEngines(t *testing.T) {
	compiled := sampleRun(t)
	if got := CompareEngines(sampleRun(t), compiled); got != "" {
		t.Errorf("equal runs differ:\n%s", got)
	}
	compiled.Results[3].Outcome, compiled.Results[3].Skipped = OK, ""
	want := `chapters/01-sample.md:24: cell "ring" differs from what yaegi gives
--- yaegi
+++ go
@@ -1,3 +1,1 @@
-ends: skipped
-skipped:
-io_uring: function not implemented
+ends: ok
`
	if got := CompareEngines(sampleRun(t), compiled); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
}

// TestProse edits prose only: nothing is stale, nothing differs, and the
// recording's line numbers move along.
func TestProse(t *testing.T) {
	old := FromRun(sampleRun(t))
	edited := parse(t, strings.Replace(sampleText, "Prose between.", "Prose between,\nlonger\n\nthan before.", 1))
	if stale := Stale(edited, old); len(stale) > 0 {
		t.Errorf("stale: %v", stale)
	}

	run := sampleRun(t)
	run.Chapter = edited
	for i := range run.Results {
		r := &run.Results[i]
		r.Message = strings.NewReplacer("md:17", "md:20", "md:21", "md:24").Replace(r.Message)
		for j := range r.Events {
			r.Events[j].Line += 3
		}
		r.Prints = nil // when something was printed is not compared
	}
	if d := Compare(old, run); d != "" {
		t.Errorf("differs:\n%s", d)
	}

	moved := old.Follow(edited)
	rec, ok := moved.Cell("measure")
	if !ok || rec.Line != 19 || rec.Message != "chapters/01-sample.md:20: a check failed" || rec.Events[0].Line != 20 || rec.Events[1].Actor != "go:20" {
		t.Errorf("moved: %+v", rec)
	}
	if want := (trace.Print{At: 25, Actor: "go:20", Line: 20, Text: "in place \\x00\n"}); rec.Prints[0] != want {
		t.Errorf("moved: %+v", rec.Prints)
	}
	if rec, _ := old.Cell("measure"); rec.Line != 16 || rec.Events[0].Line != 17 {
		t.Errorf("Follow changed the old notebook: %+v", rec)
	}
	if src := moved.Cells[2].Source; !strings.HasSuffix(src, "than before.") {
		t.Errorf("prose %q", src)
	}
}

func TestKeep(t *testing.T) {
	old, c := sampleRun(t), parse(t, sampleText)
	old.Results[3] = Result{Cell: "ring", Outcome: OK, Outputs: []Output{{Stream: "stdout", Text: "ring\n"}}}
	old.Machine.Kernel = "6.9.0-newer"
	n := FromRun(sampleRun(t))
	n.Keep(c, FromRun(old))
	rec, _ := n.Cell("ring")
	if rec.Outcome != OK || len(rec.Outputs) != 1 || rec.Machine == nil || rec.Machine.Kernel != "6.9.0-newer" {
		t.Errorf("kept: %+v", rec)
	}
	data, err := n.Encode()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if rec, _ := back.Cell("ring"); rec.Machine == nil || *rec.Machine != FromRun(old).Machine {
		t.Errorf("read back: %+v", rec)
	}

	edited := FromRun(old)
	was, _ := edited.Cell("ring")
	was.Hash = "another"
	n = FromRun(sampleRun(t))
	n.Keep(c, edited)
	if rec, _ := n.Cell("ring"); rec.Outcome != Skipped {
		t.Errorf("an outdated record was kept: %+v", rec)
	}
}

func TestStale(t *testing.T) {
	n := FromRun(sampleRun(t))
	all := []string{"crash", "listen", "measure", "ring"}
	for _, tt := range []struct {
		name, old, new string
		want           []string
	}{
		{"nothing", "", "", nil},
		{"prose", "Prose before.", "Other prose.", nil},
		{"code shown only", "select {}", "for {}", nil},
		{"presentation", "{name=listen}", "{name=listen fold predict}", nil},
		{"how output is compared", "output=varies", "output=exact", nil},
		{"first cell", "listen()", "other()", all},
		{"later cell", "measure(ln)", "measure(ln, 1)", []string{"crash", "measure", "ring"}},
		{"limit", "{name=crash ", "{name=crash timeout=1s ", []string{"crash", "ring"}},
		{"trace of one cell", " trace=timeline", "", []string{"measure"}},
		{"another picture of the trace", "trace=timeline", "trace=table", nil},
		{"exercise", "func one() {}", "func one() int", nil},
		{"new cell", "Prose between.", "```go {name=fresh}\nx()\n```", []string{"crash", "fresh", "measure", "ring"}},
		{"new name", "name=ring", "name=rung", []string{"ring", "rung"}},
	} {
		c := parse(t, strings.Replace(sampleText, tt.old, tt.new, 1))
		stale := Stale(c, n)
		var got []string
		for name, is := range stale {
			if is {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: stale %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestHashOfCheck ties an exercise's check to its stub and its solution, and
// to no other.
func TestHashOfCheck(t *testing.T) {
	hash := func(text string) string {
		c := parse(t, text)
		return Hash(c, c.Cell("proof"))
	}
	want := hash(sampleText)
	if hash(strings.Replace(sampleText, "func one() {}", "func one() { a() }", 1)) == want {
		t.Error("the stub is no part of the check's hash")
	}
	if hash(strings.Replace(sampleText, "listen()", "other()", 1)) == want {
		t.Error("the cells above are no part of the check's hash")
	}
}

// TestYaegiVersion compares the constant with go.mod.
func TestYaegiVersion(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`github.com/traefik/yaegi (v\S+)`).FindSubmatch(mod)
	if m == nil || string(m[1]) != YaegiVersion {
		t.Errorf("go.mod requires yaegi %q, YaegiVersion is %s", m, YaegiVersion)
	}
}

func TestGoRelease(t *testing.T) {
	for version, want := range map[string]string{"go1.26.8": "go1.26", "go1.26": "go1.26", "devel go1": "devel go1", "go1.27rc1": "go1.27rc1"} {
		if got := goRelease(version); got != want {
			t.Errorf("%s: %s, want %s", version, got, want)
		}
	}
}

func TestNormalise(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"127.0.0.1:40123 to 127.0.0.2:40124, again 127.0.0.1:40123", "127.0.0.1:<port c.1> to 127.0.0.2:<port c.2>, again 127.0.0.1:<port c.1>"},
		{"[::1]:40123 [::]:40124 0.0.0.0:40123 localhost:50000", "[::1]:<port c.1> [::]:<port c.2> 0.0.0.0:<port c.1> localhost:<port c.3>"},
		{"on port 40123, Port:40124, port=50000", "on port <port c.1>, Port:<port c.2>, port=<port c.3>"},
		{"&{40123 [127 0 0 1] {0 0}} sin_port=htons(40123)", "&{<port c.1> [127 0 0 1] {0 0}} sin_port=htons(<port c.1>)"},
		{"pid 4711, tid=4712 [PID: 4711]", "pid <pid c.1>, tid=<pid c.2> [PID: <pid c.1>]"},
		{"goroutine 18 [running]:", "goroutine <goroutine c.1> [running]:"},
		{"at 0xc000012345 and 0x7f1234567890", "at 0x<address c.1> and 0x<address c.2>"},
		{"3 -> socket:[123456]", "3 -> socket:[<inode c.1>]"},
		{"/tmp/book123456789/fifo", "/tmp/book<temp c.1>/fifo"},

		// These are what a chapter teaches, and stay.
		{"127.0.0.1:8080", "127.0.0.1:8080"},
		{"192.0.2.1:40123", "192.0.2.1:40123"},
		{"40123 bytes in 17 reads", "40123 bytes in 17 reads"},
		{"ports 40123", "ports 40123"},
		{"support 40123", "support 40123"},
		{"pid 0, rapid 4711", "pid 0, rapid 4711"},
		{"3 goroutines, 18 threads", "3 goroutines, 18 threads"},
		{"0x7f, 0xc0, mask 0x2001", "0x7f, 0xc0, mask 0x2001"},
		{"fd 7, errno 11, 12.5 ms", "fd 7, errno 11, 12.5 ms"},
		{"/tmp/book12/x", "/tmp/book12/x"},
	} {
		if got := newNormaliser().text("c", tt.in); got != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

// TestNormaliseIdentity checks that an alias names a value across cells, and
// that one cell does not renumber the next.
func TestNormaliseIdentity(t *testing.T) {
	n := newNormaliser()
	for _, tt := range []struct{ cell, in, want string }{
		{"a", "port 40001", "port <port a.1>"},
		{"b", "port 40002 port 40001", "port <port b.1> port <port a.1>"},
		{"a", "port 40003", "port <port a.2>"},
		{"a", "pid 40003", "pid <pid a.1>"},
	} {
		if got := n.text(tt.cell, tt.in); got != tt.want {
			t.Errorf("%s in %s: %s, want %s", tt.in, tt.cell, got, tt.want)
		}
	}
}
