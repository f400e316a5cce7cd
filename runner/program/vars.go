package program

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
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

// deferValues decides which values of package-level variables are left to main:
// all those for which it can matter when they are computed. Within a cell they
// come in Go's own order, not in that of the text.
func (p *Program) deferValues() Errors {
	var errs Errors
	for _, d := range p.view.file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		part := p.partAt(g.Pos())
		part.vars = append(part.vars, g)
		for _, spec := range g.Specs {
			errs = append(errs, p.nameless(spec.(*ast.ValueSpec))...)
		}
	}
	staying := map[ast.Expr]bool{}
	for _, part := range p.parts {
		for _, g := range part.vars {
			for _, spec := range g.Specs {
				spec := spec.(*ast.ValueSpec)
				stays := p.stays(spec)
				for _, v := range spec.Values {
					staying[v] = stays
				}
			}
		}
	}
	for _, i := range p.view.info.InitOrder {
		part := p.partAt(i.Rhs.Pos())
		switch {
		case !staying[i.Rhs]:
			part.inits = append(part.inits, i)
		case !part.measured:
			p.stay = append(p.stay, i)
		}
	}
	return errs
}

// stays reports that the values of a specification are not left to main: it
// cannot matter, or the declaration could not be written without them.
func (p *Program) stays(spec *ast.ValueSpec) bool {
	return p.pureAll(spec.Values, false) || p.unnamed(spec) != nil
}

// unnamed returns the first variable whose type comes from its value and cannot
// be written.
func (p *Program) unnamed(spec *ast.ValueSpec) *ast.Ident {
	if spec.Type != nil {
		return nil
	}
	for _, n := range spec.Names {
		if n.Name == "_" {
			continue
		}
		if unexported.MatchString(types.TypeString(p.view.info.Defs[n].Type(), p.foreign)) {
			return n
		}
	}
	return nil
}

// unexported is a name of another package, after its mark, that only that
// package can use.
var unexported = regexp.MustCompile(`\x00\.\P{Lu}`)

func (p *Program) foreign(pkg *types.Package) string {
	if pkg == p.view.pkg {
		return ""
	}
	return "\x00"
}

// nameless reports a variable whose declaration needs its value, while the value
// may have an effect, or depend on one, that belongs to main.
func (p *Program) nameless(spec *ast.ValueSpec) Errors {
	n := p.unnamed(spec)
	if n == nil || p.pureAll(spec.Values, true) {
		return nil
	}
	return Errors{p.errorAt(n.Pos(), "%s has the type %s, which has no name outside of its package; "+
		"declare it as var %[1]s with an interface type, or put the code in a function",
		n.Name, types.TypeString(p.view.info.Defs[n].Type(), (*types.Package).Name))}
}

// withoutValues takes the values that are left to main off a section's
// package-level variables. It returns the section's text with only types, on the
// same lines.
func (p *Program) withoutValues(s *section, q types.Qualifier) string {
	text := p.view.text[s.start:s.end]
	var edits []edit
	for _, g := range s.part.vars {
		for _, spec := range g.Specs {
			spec := spec.(*ast.ValueSpec)
			if len(spec.Values) == 0 || p.stays(spec) {
				continue
			}
			from := p.view.offset(spec.Pos()) - s.start
			to := p.view.offset(spec.Values[len(spec.Values)-1].End()) - s.start
			edits = append(edits, edit{from, to, p.typesOnly(spec, g.Lparen.IsValid(), q) +
				strings.Repeat("\n", strings.Count(text[from:to], "\n"))})
		}
	}
	return apply(text, edits)
}

// assignment is the text of what is left of a declaration for main.
func (p *Program) assignment(i *types.Initializer) string {
	var names []string
	for _, v := range i.Lhs {
		names = append(names, v.Name())
	}
	return strings.Join(names, ", ") + " = " + p.view.source(i.Rhs)
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

func (p *Program) pureAll(values []ast.Expr, foreign bool) bool {
	for _, v := range values {
		if !p.pure(v, foreign) {
			return false
		}
	}
	return true
}

// pure reports that it cannot be told when e is computed: it has no effect,
// cannot panic, and reads no variable; or, if foreign is set, only variables of
// other packages.
func (p *Program) pure(e ast.Expr, foreign bool) bool {
	info := p.view.info
	tv := info.Types[e]
	if tv.Value != nil || tv.IsType() || tv.IsNil() {
		return true
	}
	switch e := e.(type) {
	case *ast.BasicLit, *ast.FuncLit:
		return true
	case *ast.ParenExpr:
		return p.pure(e.X, foreign)
	case *ast.UnaryExpr:
		return e.Op != token.ARROW && p.pure(e.X, foreign)
	case *ast.Ident:
		_, ok := info.Uses[e].(*types.Func)
		return ok
	case *ast.SelectorExpr:
		switch o := info.Uses[e.Sel].(type) {
		case *types.Func:
			return o.Signature().Recv() == nil
		case *types.Var:
			return foreign && !o.IsField() && o.Pkg() != p.view.pkg
		}
	case *ast.CompositeLit:
		for _, el := range e.Elts {
			if kv, ok := el.(*ast.KeyValueExpr); ok {
				if _, field := tv.Type.Underlying().(*types.Struct); !field && !p.pure(kv.Key, foreign) {
					return false
				}
				el = kv.Value
			}
			if !p.pure(el, foreign) {
				return false
			}
		}
		return true
	case *ast.CallExpr:
		fun := info.Types[e.Fun]
		if fun.IsType() || fun.IsBuiltin() && isMaker(e.Fun) {
			return p.pureAll(e.Args, foreign)
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
