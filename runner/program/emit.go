package program

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
)

// emit makes the unit from its checked text: the names of the interpreter in
// place of the reader's, imports that are used, positions with the unit's
// number.
func (a *addition) emit(c *checked, f *unitFile) *Unit {
	var edits []edit
	for _, p := range f.pieces {
		edits = append(edits, edit{p.line, p.start, fmt.Sprintf("//line %s?%d:%d\n", p.path, a.run, p.at)})
	}
	edits = append(edits, a.renames(c)...)
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })

	region := func(from, to int) string {
		var in []edit
		for _, e := range edits {
			if from <= e.start && e.start < to {
				in = append(in, edit{e.start - from, e.end - from, e.text})
			}
		}
		return apply(c.text[from:to], in)
	}
	u := &Unit{
		Header:  fmt.Sprintf("//line %s?%d:%d\npackage main\n", a.part.Path, a.run, a.part.Line),
		Context: region(f.context, f.decls),
		Decls:   region(f.decls, f.body),
		Body:    region(f.body, len(c.text)),
		Call:    a.name(),
	}
	used := usedPackages(c.info)
	for _, s := range c.file.Imports {
		if used[c.packageName(s)] || s.Name != nil && s.Name.Name == "_" {
			u.Imports += "import " + c.source(s) + "\n"
		}
	}
	return u
}

// renames replaces the reader's names by those of their generations.
func (a *addition) renames(c *checked) []edit {
	edits := map[token.Pos]edit{} // an embedded field is a use and a definition
	note := func(id *ast.Ident, o types.Object) {
		if o == nil || o.Pkg() != c.pkg {
			return
		}
		if v, ok := o.(*types.Var); ok && v.Embedded() {
			t := namedType(v.Type())
			if t == nil || t.Obj().Parent() != c.pkg.Scope() {
				return
			}
		} else if o.Parent() != c.pkg.Scope() {
			return
		}
		if to := emitted(o.Name(), a.next.gen[o.Name()]); to != id.Name {
			edits[id.Pos()] = edit{c.offset(id.Pos()), c.offset(id.End()), to}
		}
	}
	for id, o := range c.info.Defs {
		note(id, o)
	}
	for id, o := range c.info.Uses {
		note(id, o)
	}
	return slices.Collect(maps.Values(edits))
}
