package program

import (
	"bytes"
	"fmt"
	"go/printer"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/ssa"

	"ioworkbook/runner/chapter"
)

// TestChapters makes the package of every chapter of the book, and those of its
// exercises, and has package ssa build them.
func TestChapters(t *testing.T) {
	names, err := filepath.Glob("../../chapters/*.md")
	if err != nil || len(names) == 0 {
		t.Fatal("no chapters", err)
	}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c, err := chapter.Parse(name, src)
		if err != nil {
			t.Fatal(err)
		}
		p, err := New(c)
		if err != nil {
			t.Error(err)
			continue
		}
		buildSSA(t, p)
		for _, cell := range c.Cells() {
			if id := cell.Attr.Check; id != "" {
				for _, x := range c.Cells() {
					if x.Attr.Exercise == id || x.Attr.Solution == id {
						p, err := Standalone(c, cell, x)
						if err != nil {
							t.Error(err)
							continue
						}
						buildSSA(t, p)
					}
				}
			}
		}
	}
}

// buildSSA builds the program's package and demands that it is sane, and that
// every cell has its function.
func buildSSA(t *testing.T, p *Program) *ssa.Package {
	t.Helper()
	pkg := p.Package()
	prog := ssa.NewProgram(pkg.Fset, ssa.BareInits|ssa.InstantiateGenerics|ssa.SanityCheckFunctions)
	seen := map[*types.Package]bool{}
	imports := func(ps []*types.Package) {
		for _, i := range ps {
			if !seen[i] {
				seen[i] = true
				prog.CreatePackage(i, nil, nil, true)
			}
		}
	}
	var all []*ssa.Package
	for _, b := range pkg.Bodies {
		seen[b.Types] = true
	}
	for _, b := range pkg.Bodies {
		imports(b.Types.Imports())
		all = append(all, prog.CreatePackage(b.Types, b.Files, b.Info, false))
	}
	imports(pkg.Types.Imports())
	main := prog.CreatePackage(pkg.Types, pkg.Files, pkg.Info, false)
	for _, b := range all {
		b.Build()
	}
	main.Build()
	for _, part := range p.parts {
		name := p.Func(part.Name)
		if f := main.Func(name); name != "" && (f == nil || f.Blocks == nil) {
			t.Errorf("no function %s for cell %q", name, part.Name)
		}
	}
	return main
}

// TestUnits compares what lowering is given, as text, with the stored one. That
// leaves open which variables are the package's: the declaration shows it.
func TestUnits(t *testing.T) {
	goldens(t, "units", func(t *testing.T, g *golden) {
		p, err := New(g.parse())
		if err != nil {
			t.Fatal(err)
		}
		pkg := p.Package()
		var b bytes.Buffer
		for _, d := range pkg.Files[0].Decls {
			if err := printer.Fprint(&b, pkg.Fset, d); err != nil {
				t.Fatal(err)
			}
			b.WriteString("\n")
		}
		for _, i := range pkg.Info.InitOrder {
			fmt.Fprintln(&b, "init:", i)
		}
		g.compare("package.go", b.String())
		buildSSA(t, p)
	})
}

// TestNeeds compares which cells each cell needs.
func TestNeeds(t *testing.T) {
	goldens(t, "needs", func(t *testing.T, g *golden) {
		p, err := New(g.parse())
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, part := range p.parts {
			if part.runs() && !part.measured {
				fmt.Fprintf(&b, "%s\n", strings.TrimSpace(part.Name+": "+strings.Join(p.Needs(part.Name), " ")))
			}
		}
		g.compare("needs", b.String())
	})
}
