package program

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ioworkbook/runner/chapter"
)

// FuzzNew looks for cells that are accepted although their program is not legal
// Go, or that package ssa cannot build as lowering is given them.
func FuzzNew(f *testing.F) {
	names, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		var cells []string
		for i, code := range strings.Split(strings.ReplaceAll(string(text), "´´´", "```"), "```") {
			if _, body, ok := strings.Cut(code, "\n"); ok && i%2 == 1 {
				cells = append(cells, body)
			}
		}
		for i := 1; i < len(cells); i++ {
			f.Add(cells[0], cells[i], i%3 == 0)
		}
	}
	imp, err := NewImporter()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, first, second string, local bool) {
		c := &chapter.Chapter{Path: "chapters/07-test.md", Number: 7}
		for i, code := range []string{first, second, "x, y := 1, 2\n_, _ = x, y\n"} {
			cell := &chapter.Cell{Path: c.Path, Name: fmt.Sprint("c", i), CodeLine: 1000*i + 1, Code: code}
			cell.Attr = chapter.Attributes{Name: cell.Name, Run: true}
			if local && i == 1 {
				cell.Attr.Expect = chapter.Expect{Kind: chapter.ExpectPanic, Text: "x"}
			}
			c.Parts = append(c.Parts, chapter.Part{Kind: chapter.CellPart, Cell: cell})
		}
		p, err := New(c)
		if err != nil {
			return
		}
		for _, opt := range []TextOptions{{}, {Bracket: true}} {
			text := string(p.Text(opt))
			checked, err := check(imp, text)
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			for _, e := range checked.errs {
				t.Errorf("%v\n%s", e, text)
			}
		}
		buildSSA(t, p)
		for _, part := range p.parts {
			p.Needs(part.Name)
		}
	})
}
