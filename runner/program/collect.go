package program

import (
	"fmt"
	"slices"
	"strings"
)

// needed is what a unit needs of the session.
type needed struct {
	imports []importSpec
	context []*decl // the interpreter has these
	again   []*decl // it has them in a form that is out of date
	vars    []string
}

// collect follows the identifiers of what is sent to all that the session has
// under these names. An identifier may mean something else, such as a field:
// then a little too much is found, which does no harm.
func (a *addition) collect() {
	forced := slices.DeleteFunc(a.needed.again, func(d *decl) bool { return !a.fresh[d.names[0]] })
	a.stale = a.next.stale(a.fresh)
	n := needed{again: forced}
	seen := map[string]bool{}
	var want func(names []string)
	one := func(name string) {
		if i, ok := a.next.imports[name]; ok {
			n.imports = append(n.imports, i)
		}
		if v := a.next.vars[name]; v != nil && !a.stale[name] {
			if !a.fresh[name] {
				n.vars = append(n.vars, name)
			}
			want(v.uses)
		}
		if d := a.next.decls[name]; d != nil {
			switch {
			case a.stale[name]:
				if !slices.Contains(n.again, d) {
					n.again = append(n.again, d)
				}
				want(d.mentions)
			case !a.fresh[name]:
				if !slices.Contains(n.context, d) {
					n.context = append(n.context, d)
				}
				want(d.context())
			}
			want(a.next.methods[name])
		}
	}
	want = func(names []string) {
		for _, name := range names {
			if !seen[name] {
				seen[name] = true
				one(name)
			}
		}
	}
	want(a.seeds)
	a.needed = n
}

// A unitFile is the text of a unit while it is made.
type unitFile struct {
	text   strings.Builder
	pieces []piece
	// Offsets of the regions.
	imports, context, decls, body int
}

// A piece is text[start:end], with the //line comment before it from line.
type piece struct {
	line, start, end int
	path             string
	at               int    // the Markdown line it begins on
	cell             string // the name of its cell
}

func (f *unitFile) add(path string, at int, cell, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	line := f.text.Len()
	fmt.Fprintf(&f.text, "//line %s:%d:1\n", path, at)
	start := f.text.Len()
	f.text.WriteString(text)
	f.pieces = append(f.pieces, piece{line: line, start: start, end: f.text.Len(), path: path, at: at, cell: cell})
	if !strings.HasSuffix(text, "\n") {
		f.text.WriteString("\n")
	}
}

// bodyStart is where the cell's statements begin.
func (f *unitFile) bodyStart() int { return f.pieces[len(f.pieces)-1].start }

// cell names the cell that the text at an offset is from.
func (f *unitFile) cell(off int) string {
	for _, p := range f.pieces {
		if p.start <= off && off < p.end {
			return p.cell
		}
	}
	return ""
}

// file writes the unit with the given statements.
func (a *addition) file(body string) *unitFile {
	f := &unitFile{}
	f.text.WriteString("package main\n")
	f.imports = f.text.Len()
	for _, i := range a.needed.imports {
		fmt.Fprintf(&f.text, "import %s\n", i)
	}
	for _, i := range a.part.imports() {
		if i.name == "_" {
			fmt.Fprintf(&f.text, "import %s\n", i)
		}
	}
	f.context = f.text.Len()
	for _, d := range a.needed.context {
		f.add(d.path, d.line, d.cell, d.textWithout(d.stub(), a.dropped(d)))
	}
	for _, v := range a.needed.vars {
		fmt.Fprintf(&f.text, "var %s %s\n", v, a.next.vars[v].typ)
	}
	f.decls = f.text.Len()
	for _, h := range a.vars {
		if a.fresh[h.name] {
			f.text.WriteString(a.varDecl(h))
		}
	}
	for _, d := range a.needed.again {
		f.add(d.path, d.line, d.cell, d.textWithout(d.text, a.dropped(d)))
	}
	f.add(a.part.Path, a.part.Line, a.part.Name, a.newDecls())
	f.body = f.text.Len()
	fmt.Fprintf(&f.text, "func %s() {\n", a.name())
	f.add(a.part.Path, a.part.Line, a.part.Name, body)
	f.text.WriteString("}\n")
	return f
}

// varDecl declares a new variable. When yaegi orders the initialisation of
// variables it takes every identifier in a declaration for a variable, field and
// parameter names too, and does not find those of earlier units. So a type with
// such a name in it is declared apart.
func (a *addition) varDecl(h hoisted) string {
	isVar := func(n string) bool { return a.variables[n] || a.next.vars[n] != nil }
	if !slices.ContainsFunc(identifiers(h.text), isVar) {
		return fmt.Sprintf("var %s %s\n", h.name, h.text)
	}
	t := fmt.Sprintf("%s__type%d", h.name, a.run)
	return fmt.Sprintf("type %s = %s\n\nvar %s %[1]s\n", t, h.text, h.name)
}

// dropped reports for d's names whether a later declaration has them.
func (a *addition) dropped(d *decl) func(string) bool {
	return func(n string) bool { return a.next.decls[n] != d }
}

// newDecls returns the view of the cell's declarations that the session does
// not have yet.
func (a *addition) newDecls() string {
	text := []byte(a.part.view(topView))
	for _, d := range a.skip {
		for _, c := range a.part.chunks {
			if c.Off <= d.off && d.off < c.End {
				blank(text[c.Start:c.End])
			}
		}
	}
	return string(text)
}
