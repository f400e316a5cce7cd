package lower_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/txtar"

	"ioworkbook/runner/lower"
)

var update = flag.Bool("update", false, "compile the programs of testdata and store what they print")

// sample is a section of a txtar archive: NAME.go, and NAME.out with what it
// prints when compiled. Its first line may say that it is refused, or stopped
// when it runs, and with which words.
type sample struct {
	name    string
	src     []byte
	out     string
	refused string
	stopped string
}

var declared = regexp.MustCompile(`^// (refused|stopped): (.*)\n`)

func programs(t *testing.T) (list []sample, archives map[string]*txtar.Archive) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata: %d archives, %v", len(files), err)
	}
	archives = map[string]*txtar.Archive{}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		archives[file] = a
		topic := strings.TrimSuffix(filepath.Base(file), ".txtar")
		outputs := map[string]string{}
		for _, f := range a.Files {
			outputs[f.Name] = string(f.Data)
		}
		for _, f := range a.Files {
			name, ok := strings.CutSuffix(f.Name, ".go")
			if !ok {
				continue
			}
			p := sample{name: topic + "/" + name, src: f.Data, out: outputs[name+".out"]}
			if m := declared.FindSubmatch(f.Data); m != nil {
				if string(m[1]) == "refused" {
					p.refused = string(m[2])
				} else {
					p.stopped = string(m[2])
				}
			}
			list = append(list, p)
		}
	}
	return list, archives
}

// TestPrograms lowers and interprets every program. Each must print what it
// prints when compiled, or be refused as it says.
func TestPrograms(t *testing.T) {
	list, _ := programs(t)
	for _, p := range list {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			text, call, err := lowered(p.src)
			if p.refused != "" {
				var r lower.Refusals
				if !errors.As(err, &r) {
					t.Fatalf("not refused: %v", err)
				}
				if !strings.Contains(err.Error(), p.refused) {
					t.Fatalf("refused with other words:\n%v\nwant %q", err, p.refused)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			out := withoutLine(runLowered(t, text, call))
			if p.stopped != "" {
				if !strings.Contains(out, "stopped: ") || !strings.Contains(out, p.stopped) {
					t.Errorf("not stopped with %q:\n%s", p.stopped, out)
				}
				return
			}
			if out != p.out {
				t.Errorf(
					"interpreted otherwise than compiled:\n%s",
					diff.Diff("compiled", []byte(p.out), "interpreted", []byte(out)),
				)
			}
		})
	}
}

// TestLines checks the line that is stored when a statement panics.
func TestLines(t *testing.T) {
	a, err := txtar.ParseFile("testdata/lines.txt")
	if err != nil {
		t.Fatal(err)
	}
	common := string(a.Files[0].Data)
	for _, f := range a.Files[1:] {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			src := common + "\nfunc main() {\n" + string(f.Data) + "}\n"
			mark := "// HERE"
			if _, in, ok := strings.Cut(string(f.Data), "// IN "); ok {
				in, _, _ = strings.Cut(in, "\n")
				mark = "// " + in
			}
			before, _, ok := strings.Cut(src, mark)
			if !ok {
				t.Fatalf("no line is marked %q", mark)
			}
			text, call, err := lowered([]byte(src))
			if err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf("line %d\n", 1+strings.Count(before, "\n"))
			if out := runLowered(t, text, call); !strings.HasSuffix(out, want) {
				t.Errorf("got %q, want %q", out, want)
			}
		})
	}
}

// TestCompiled has the compiler say whether the outputs that are stored are right:
// once for each state of the programs and of the toolchain.
func TestCompiled(t *testing.T) {
	list, archives := programs(t)
	if *update {
		store(t, list, archives)
		return
	}
	done := checkedFile(t, archives)
	if _, err := os.Stat(done); err == nil {
		t.Logf("this compiler has printed the same before: %s", done)
		return
	}
	t.Run("programs", func(t *testing.T) {
		for _, p := range list {
			if p.refused != "" || p.stopped != "" {
				continue
			}
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				if out := runCompiled(t, p); out != p.out {
					t.Errorf(
						"stored otherwise than compiled:\n%s",
						diff.Diff("stored", []byte(p.out), "compiled", []byte(out)),
					)
				}
			})
		}
	})
	if t.Failed() {
		return
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(done), 0o755), os.WriteFile(done, nil, 0o644)); err != nil {
		t.Error(err)
	}
}

// checkedFile is the file that says that the stored outputs are those of this
// compiler.
func checkedFile(t *testing.T, archives map[string]*txtar.Archive) string {
	t.Helper()
	version, err := exec.Command("go", "env", "GOVERSION", "GOARCH").Output()
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	h.Write(version)
	for _, file := range slices.Sorted(maps.Keys(archives)) {
		h.Write(txtar.Format(archives[file]))
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(cache, "ioworkbook", fmt.Sprintf("compiled-%x", h.Sum(nil)[:16]))
}

// store writes what the programs print when compiled into their archives.
func store(t *testing.T, list []sample, archives map[string]*txtar.Archive) {
	outputs := map[string]string{}
	for _, p := range list {
		if p.refused == "" && p.stopped == "" {
			outputs[p.name] = runCompiled(t, p)
		}
	}
	for file, a := range archives {
		topic := strings.TrimSuffix(filepath.Base(file), ".txtar")
		var files []txtar.File
		for _, f := range a.Files {
			name, ok := strings.CutSuffix(f.Name, ".go")
			if !ok {
				continue
			}
			files = append(files, f)
			if out, ok := outputs[topic+"/"+name]; ok {
				files = append(files, txtar.File{Name: name + ".out", Data: []byte(out)})
			}
		}
		want := txtar.Format(&txtar.Archive{Comment: a.Comment, Files: files})
		if bytes.Equal(txtar.Format(a), want) {
			continue
		}
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Error(err)
		}
	}
}

// withoutLine leaves out the line number that follows a panic: compiled programs
// do not print it there.
func withoutLine(out string) string { return reported.ReplaceAllString(out, "") }

var reported = regexp.MustCompile(`(?m)^line \d+\n\z`)

// withNewline ends a non-empty text with a line break, as an archive does.
func withNewline(s string) string {
	if s != "" && !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return s
}

const limit = 5 * time.Minute // for what hangs

// runLowered interprets a text in a process of its own and returns what it
// prints to standard output, and how it ended if it did not return.
func runLowered(t *testing.T, text, call string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lowered.go")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), "LOWER_RUN="+path, "LOWER_CALL="+call)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 2 {
		t.Errorf("%v\n%s\n%s", err, tail(stderr.String()), text)
	}
	return withNewline(stdout.String())
}

func tail(s string) string {
	if len(s) > 2000 {
		return s[len(s)-2000:]
	}
	return s
}

// runCompiled is runLowered with the Go toolchain.
func runCompiled(t *testing.T, p sample) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "main.go")
	if err := os.WriteFile(path, p.src, 0o600); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "program")
	if out, err := exec.Command("go", "build", "-o", binary, path).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", p.name, err, out)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	out := withNewline(stdout.String())
	if err != nil {
		if cmd.ProcessState.ExitCode() != 2 {
			t.Fatalf("%s: %v\n%s", p.name, err, stderr.String())
		}
		first, _, _ := strings.Cut(stderr.String(), "\n")
		first, _, _ = strings.Cut(first, " [recovered")
		out += fmt.Sprintln(first)
	}
	return out
}
