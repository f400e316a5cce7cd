package program

import (
	"go/ast"
	"go/types"
	"slices"

	"ioworkbook/runner/chapter"
)

func measurements(c *chapter.Chapter) []*chapter.Cell {
	var cells []*chapter.Cell
	for _, cell := range c.Cells() {
		if isMeasurement(cell) {
			cells = append(cells, cell)
		}
	}
	return cells
}

func isMeasurement(cell *chapter.Cell) bool {
	a := cell.Attr
	return cell.InRun() && a.Engine != "" && a.Expect.Kind != chapter.ExpectCompile
}

// independent reports that the measurements are valid programs, from the one
// check of all, which has found no error. Each alone would check the declarations
// above it again, which for a chapter's twelve takes a moment that a reader
// notices. It says no where one needs another, and in doubt: then each has to be
// looked at.
func (p *Program) independent() bool {
	type use struct {
		part *part
		path string // of a package
	}
	used := map[use]bool{}
	first := map[string]int{} // of the parts that have an import, without measurements
	for _, part := range p.parts {
		for _, i := range part.imports() {
			if _, ok := first[i.path]; !ok && !part.measured {
				first[i.path] = part.index
			}
		}
	}
	for id, o := range p.view.info.Uses {
		if o.Pkg() != p.view.pkg {
			continue
		}
		user, owner := p.partAt(id.Pos()), p.partAt(o.Pos())
		path := ""
		if pkg, ok := o.(*types.PkgName); ok {
			path = pkg.Imported().Path()
			used[use{user, path}] = true
		}
		if user == owner || owner == nil || !owner.measured {
			continue
		}
		// Of several imports of a package the program has the first.
		above, ok := first[path]
		if !(ok && above <= user.index) && !user.hasImport(path) {
			return false
		}
	}
	for _, part := range p.parts {
		if !part.measured {
			continue
		}
		for _, i := range part.imports() {
			if i.name == "_" || !used[use{part, i.path}] {
				return false
			}
		}
		// A method would be one of the type in the other programs, too.
		for _, d := range part.declTree.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
				return false
			}
		}
	}
	return true
}

func (p *part) hasImport(path string) bool {
	return slices.ContainsFunc(p.imports(), func(i importSpec) bool { return i.path == path })
}
