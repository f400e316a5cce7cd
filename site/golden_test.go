package site

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/txtar"

	"ioworkbook/runner/chapter"
)

var update = flag.Bool("update", false, "write the goldens anew")

// file returns a file of an archive, or nil.
func file(a *txtar.Archive, name string) *txtar.File {
	for i := range a.Files {
		if a.Files[i].Name == name {
			return &a.Files[i]
		}
	}
	return nil
}

// same compares with a golden file of an archive, or stores it with -update.
func same(t *testing.T, path string, f *txtar.File, got string) {
	t.Helper()
	got = strings.TrimSpace(got) + "\n"
	if *update {
		f.Data = []byte(got)
		return
	}
	if d := diff.Diff("want", f.Data, "got", []byte(got)); d != nil {
		t.Errorf("%s: %s\n%s", path, f.Name, d)
	}
}

func archives(t *testing.T, pattern string) map[string]*txtar.Archive {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no files match, %v", pattern, err)
	}
	all := map[string]*txtar.Archive{}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = a
		t.Cleanup(func() {
			if *update && !t.Failed() {
				if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
					t.Error(err)
				}
			}
		})
	}
	return all
}

func TestProse(t *testing.T) {
	for name, a := range archives(t, "testdata/prose/*.txtar") {
		var b book
		var errs Errors
		d := &document{path: "chapters/01-x.md", src: file(a, "in.md").Data, errs: &errs,
			chapterURL: func(string) string { return "" },
			resolve:    func(dest string, part int) (string, error) { return b.resolve(dest, nil, part, false) },
			cell:       func(*chapter.Cell, cellContext) (string, error) { return "", nil }}
		d.parse()
		d.link()
		html, err := d.render()
		if err != nil {
			t.Fatal(err)
		}
		want, wrong := file(a, "want.html"), file(a, "errors")
		if wrong != nil {
			same(t, name, wrong, errs.sorted().Error())
		} else if len(errs) > 0 {
			t.Errorf("%s: %v", name, errs)
		}
		if want != nil {
			same(t, name, want, strings.Join(html, "\n---\n"))
		}
		if want == nil && wrong == nil {
			t.Errorf("%s holds nothing to compare with", name)
		}
	}
}

func TestHighlight(t *testing.T) {
	for name, a := range archives(t, "testdata/highlight.txtar") {
		for _, f := range a.Files {
			stem, isGo := strings.CutSuffix(f.Name, ".go")
			if !isGo {
				continue
			}
			html := highlightGo(string(f.Data))
			if file(a, stem+".html") == nil {
				a.Files = append(a.Files, txtar.File{Name: stem + ".html"})
			}
			same(t, name, file(a, stem+".html"), html)
			text := unentity(regexp.MustCompile(`</?(span|b|em|i|u|dfn)\b[^>]*>`).ReplaceAllString(html, ""))
			if calloutOut(text) != calloutOut(string(f.Data)) {
				t.Errorf("%s: the text changed:\n%s", f.Name, text)
			}
		}
	}
}

// calloutOut drops callouts, as comments and as marks.
func calloutOut(s string) string {
	return regexp.MustCompile(`(?m) *(// \(\d\)| \d)$`).ReplaceAllString(s, "")
}

// TestHighlightIsLean holds the markup to twice the source.
func TestHighlightIsLean(t *testing.T) {
	names, _ := filepath.Glob("*.go")
	source, html := 0, 0
	for _, name := range names {
		src := read(t, name)
		source += len(src)
		html += len(highlightGo(src))
	}
	if source == 0 || html > 2*source {
		t.Errorf("%d bytes of source, %d of HTML", source, html)
	}
}

// figures finds the cells of a page without drawings, which change with taste.
var figures = regexp.MustCompile(`(?s)<figure class="cell.*?</figure>`)

func TestCells(t *testing.T) {
	out := build(t, Config{})
	page := read(t, out, "01-waiting.html") + read(t, out, "02-asking.html") + read(t, out, "02-asking-2.html")
	for name, a := range archives(t, "testdata/cells.txtar") {
		seen := 0
		for _, html := range figures.FindAllString(page, -1) {
			if strings.Contains(html, "<svg") || strings.Contains(html, `aria-label="System calls"`) {
				continue
			}
			seen++
			id := "shown-not-run"
			if m := regexp.MustCompile(`id="([^"]+)"`).FindStringSubmatch(html); m != nil {
				id = m[1]
			}
			f := file(a, id)
			if f == nil {
				a.Files = append(a.Files, txtar.File{Name: id})
				f = &a.Files[len(a.Files)-1]
			}
			same(t, name, f, html)
		}
		if seen != len(a.Files) {
			t.Errorf("%s: %d cells on the pages, %d goldens", name, seen, len(a.Files))
		}
	}
}
