package program

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sort"
	"strings"
)

// An edit replaces text[start:end].
type edit struct {
	start, end int
	text       string
}

func apply(text string, edits []edit) string {
	sort.SliceStable(edits, func(i, j int) bool { return edits[i].start < edits[j].start })
	var b strings.Builder
	done := 0
	for _, e := range edits {
		b.WriteString(text[done:e.start])
		b.WriteString(e.text)
		done = e.end
	}
	b.WriteString(text[done:])
	return b.String()
}

// A deferredValue is what is left of a package-level variable's declaration for
// main: names = values.
type deferredValue struct {
	line  int // in the Markdown file
	order int // in which Go initializes it
	text  string
}

// deferValues takes the values off the package-level variables of a section,
// unless it cannot matter when they are computed. It returns the section's text
// with only types, on the same lines, and the assignments for main.
func (p *Program) deferValues(s *section, q types.Qualifier) (string, []deferredValue) {
	text := p.view.text[s.start:s.end]
	var edits []edit
	var assigns []deferredValue
	order := p.initOrder()
	for _, d := range p.view.file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR || p.asm.section(p.view.offset(g.Pos())) != s {
			continue
		}
		for _, spec := range g.Specs {
			spec := spec.(*ast.ValueSpec)
			if len(spec.Values) == 0 || p.pureAll(spec.Values) {
				continue
			}
			first, last := spec.Names[0], spec.Values[len(spec.Values)-1]
			from, to := p.view.offset(first.Pos())-s.start, p.view.offset(last.End())-s.start
			edits = append(edits, edit{from, to, p.typesOnly(spec, g.Lparen.IsValid(), q) +
				strings.Repeat("\n", strings.Count(text[from:to], "\n"))})
			var names []string
			for _, n := range spec.Names {
				names = append(names, n.Name)
			}
			assigns = append(assigns, deferredValue{
				order: order[p.view.info.Defs[first]],
				line:  p.view.fset.Position(first.Pos()).Line,
				text: strings.Join(names, ", ") + " = " +
					p.view.text[p.view.offset(spec.Values[0].Pos()):p.view.offset(last.End())],
			})
		}
	}
	slices.SortStableFunc(assigns, func(a, b deferredValue) int { return a.order - b.order })
	return apply(text, edits), assigns
}

// typesOnly writes a variable specification without its values, on one line.
func (p *Program) typesOnly(spec *ast.ValueSpec, grouped bool, q types.Qualifier) string {
	between := "; var "
	if grouped {
		between = "; "
	}
	var out []string
	for _, n := range spec.Names {
		if n.Name == "_" && len(spec.Names) > 1 {
			continue // its value is still computed in main
		}
		typ := "any"
		if spec.Type != nil {
			typ = strings.Join(strings.Fields(p.view.source(spec.Type)), " ")
		} else if v := p.view.info.Defs[n]; v != nil {
			typ = types.TypeString(v.Type(), q)
		}
		out = append(out, n.Name+" "+typ)
	}
	if len(out) == 0 {
		return "_ any"
	}
	return strings.Join(out, between)
}

func (p *Program) pureAll(values []ast.Expr) bool {
	for _, v := range values {
		if !p.pure(v) {
			return false
		}
	}
	return true
}

// pure reports that it cannot be told when e is computed: it has no effect,
// cannot panic, and reads no variable.
func (p *Program) pure(e ast.Expr) bool {
	info := p.view.info
	tv := info.Types[e]
	if tv.Value != nil || tv.IsType() || tv.IsNil() {
		return true
	}
	switch e := e.(type) {
	case *ast.BasicLit, *ast.FuncLit:
		return true
	case *ast.ParenExpr:
		return p.pure(e.X)
	case *ast.UnaryExpr:
		return e.Op != token.ARROW && p.pure(e.X)
	case *ast.Ident:
		_, ok := info.Uses[e].(*types.Func)
		return ok
	case *ast.SelectorExpr:
		o, ok := info.Uses[e.Sel].(*types.Func)
		return ok && o.Signature().Recv() == nil
	case *ast.CompositeLit:
		for _, el := range e.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				if _, field := tv.Type.Underlying().(*types.Struct); !field && !p.pure(kv.Key) {
					return false
				}
				el = kv.Value
			}
			if !p.pure(el) {
				return false
			}
		}
		return true
	case *ast.CallExpr:
		fun := info.Types[e.Fun]
		if fun.IsType() || fun.IsBuiltin() && isMaker(e.Fun) {
			return p.pureAll(e.Args)
		}
	}
	return false
}

// isMaker reports whether the built-in function only makes a value. The sizes
// of a make that is pure are constants, which the type checker has seen.
func isMaker(fun ast.Expr) bool {
	id, ok := ast.Unparen(fun).(*ast.Ident)
	return ok && (id.Name == "make" || id.Name == "new")
}
