package kernel

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
)

var update = flag.Bool("update", false, "rewrite the expected runs in testdata")

// TestChapters runs the chapters of testdata/chapters. Each is a txtar archive
// of chapter.md and of the run it gives, once per engine: files named yaegi and
// go. The archive's comment says what it shows, and may set memory=MIB.
func TestChapters(t *testing.T) {
	paths, err := filepath.Glob("testdata/chapters/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no chapters in testdata (%v)", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			c := chapterIn(t, a)
			ran := 0
			for i, f := range a.Files {
				if f.Name != Yaegi && f.Name != Go {
					continue
				}
				ran++
				cfg := Config{Chapter: c, Engine: f.Name}
				if m := regexp.MustCompile(`memory=(\d+)`).FindSubmatch(a.Comment); m != nil {
					n, _ := strconv.ParseInt(string(m[1]), 10, 64)
					cfg.Memory = n << 20
				}
				var got string
				if run, err := RunChapter(context.Background(), cfg); err != nil {
					got = err.Error() + "\n"
				} else {
					got = show(run)
				}
				if *update {
					a.Files[i].Data = []byte(got)
				} else if want := string(f.Data); got != want {
					t.Errorf("%s with engine %s:\n%s\nwant:\n%s", path, f.Name, got, want)
				}
			}
			if ran == 0 {
				t.Errorf("%s says for no engine what its run gives", path)
			}
			if *update {
				if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func chapterIn(t testing.TB, a *txtar.Archive) *chapter.Chapter {
	t.Helper()
	for _, f := range a.Files {
		if f.Name == "chapter.md" {
			c, err := chapter.Parse("chapters/01-test.md", f.Data)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
	}
	t.Fatal("no chapter.md")
	return nil
}

// show writes a run as text, without its times.
func show(run *notebook.Run) string {
	var b strings.Builder
	for _, r := range run.Results {
		fmt.Fprintf(&b, "%s: %s\n", r.Cell, r.Outcome)
		if r.Message != "" {
			fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(r.Message, "\n", "\n  "))
		}
		for _, o := range r.Outputs {
			if o.Stream == "" {
				fmt.Fprintf(&b, "  [%s] %s%q\n", o.MIME, o.Data, o.Text)
				continue
			}
			text := o.Text
			if len(text) > 400 {
				text = fmt.Sprintf("%s... (%d bytes)", text[:20], len(text))
			}
			fmt.Fprintf(&b, "  %s: %q\n", o.Stream, text)
		}
	}
	for _, l := range run.Leaks {
		fmt.Fprintf(&b, "leak: %s\n", l)
	}
	return b.String()
}
