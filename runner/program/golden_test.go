package program

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/txtar"

	"ioworkbook/runner/chapter"
)

var update = flag.Bool("update", false, "rewrite the expected results in testdata")

// golden is a txtar file of testdata: inputs, and results to compare.
type golden struct {
	t       *testing.T
	name    string
	archive *txtar.Archive
	used    map[string]bool
	changed bool
}

// goldens runs f for each file of a directory of testdata.
func goldens(t *testing.T, dir string, f func(t *testing.T, g *golden)) {
	names, err := filepath.Glob(filepath.Join("testdata", dir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(names) == 0 {
		t.Fatalf("no files in testdata/%s", dir)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			g := &golden{t: t, name: name, archive: a, used: map[string]bool{}}
			f(t, g)
			g.done()
		})
	}
}

// input returns a file of the archive.
func (g *golden) input(name string) (text string, ok bool) {
	for _, f := range g.archive.Files {
		if f.Name == name {
			g.used[name] = true
			return string(f.Data), true
		}
	}
	return "", false
}

// compare demands that a file of the archive is got.
func (g *golden) compare(name, got string) {
	g.t.Helper()
	if got != "" && !strings.HasSuffix(got, "\n") {
		got += "\n"
	}
	want, ok := g.input(name)
	if ok && want == got {
		return
	}
	if !*update {
		g.t.Errorf("%s:\n%s", g.name, diff.Diff("want "+name, []byte(want), "got", []byte(got)))
		return
	}
	g.changed = true
	if !ok {
		g.archive.Files = append(g.archive.Files, txtar.File{Name: name})
		g.used[name] = true
	}
	for i := range g.archive.Files {
		if g.archive.Files[i].Name == name {
			g.archive.Files[i].Data = []byte(got)
		}
	}
}

// done fails for files that nothing looked at, and stores updated ones.
func (g *golden) done() {
	for _, f := range g.archive.Files {
		if !g.used[f.Name] {
			g.t.Errorf("%s: %s is not used", g.name, f.Name)
		}
	}
	if g.changed && *update {
		if err := os.WriteFile(g.name, txtar.Format(g.archive), 0o666); err != nil {
			g.t.Fatal(err)
		}
	}
}

// parse reads the archive's chapter.
func (g *golden) parse() *chapter.Chapter {
	g.t.Helper()
	src, ok := g.input("chapter.md")
	if !ok {
		g.t.Fatalf("%s: no chapter.md", g.name)
	}
	// A line that only shows where a chapter's fence begins in the archive.
	c, err := chapter.Parse("chapters/07-test.md", bytes.ReplaceAll([]byte(src), []byte("\n´´´"), []byte("\n```")))
	if err != nil {
		g.t.Fatal(err)
	}
	return c
}
