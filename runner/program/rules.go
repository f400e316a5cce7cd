package program

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// leaving reports return, defer and goto that leave a cell. In the tangle they
// would leave, or wait for, the whole program; in the function of a cell only the cell.
func (p *Program) leaving() Errors {
	if p.main == nil {
		return nil
	}
	labels := map[string]*part{}
	p.inMain(func(n ast.Node) {
		if l, ok := n.(*ast.LabeledStmt); ok {
			labels[l.Label.Name] = p.partAt(l.Pos())
		}
	})
	var errs Errors
	p.inMain(func(n ast.Node) {
		part := p.partAt(n.Pos())
		if part == nil || part == p.ownProgram() {
			return
		}
		switch n := n.(type) {
		case *ast.ReturnStmt:
			errs = append(errs, p.errorAt(n.Pos(), "return would leave the cell; put the code in a function"))
		case *ast.DeferStmt:
			errs = append(errs, p.errorAt(n.Pos(), "defer would wait for the end of the program, not of the cell; "+
				"put the code in a function, or call it where the cell is done"))
		case *ast.BranchStmt:
			if n.Tok == token.GOTO && labels[n.Label.Name] != nil && labels[n.Label.Name] != part {
				errs = append(errs, p.errorAt(n.Pos(), "goto %s would leave the cell; its label is in another", n.Label.Name))
			}
		}
	})
	return errs
}

// ownProgram is the part whose end is the program's: the last of one that stands
// alone.
func (p *Program) ownProgram() *part {
	if !p.alone {
		return nil
	}
	return p.parts[len(p.parts)-1]
}

// inMain calls f for the nodes of main that are in no function literal, local
// cells being function literals too.
func (p *Program) inMain(f func(ast.Node)) {
	ast.Inspect(p.main.Body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok || n == nil {
			return false
		}
		f(n)
		return true
	})
}

// order reports names used above the cell that declares them. Go does not mind,
// but the cells run from top to bottom.
func (p *Program) order() Errors {
	first := map[types.Object]*ast.Ident{}
	for id, o := range p.view.info.Uses {
		if !p.topLevel(o) || !o.Pos().IsValid() {
			continue
		}
		use, decl := p.partAt(id.Pos()), p.partAt(o.Pos())
		if use == nil || decl == nil || use.index >= decl.index {
			continue
		}
		if f := first[o]; f == nil || id.Pos() < f.Pos() {
			first[o] = id
		}
	}
	var errs Errors
	for o, id := range first {
		decl := p.partAt(o.Pos())
		what := "declared"
		if _, ok := o.(*types.PkgName); ok {
			what = "imported"
		}
		errs = append(errs, p.errorAt(id.Pos(),
			"%s is %s further down, in cell %q (line %d); cells run from top to bottom: move it up",
			id.Name, what, decl.Name, p.view.fset.Position(o.Pos()).Line))
	}
	return errs.sorted()
}

// topLevel reports whether o is a name of the top level, a method or an import.
func (p *Program) topLevel(o types.Object) bool {
	if o.Pkg() != p.view.pkg {
		return false
	}
	switch o := o.(type) {
	case *types.PkgName:
		return true
	case *types.Func:
		return true // methods have no scope as parent
	default:
		return o.Parent() == p.view.pkg.Scope()
	}
}

// hiding reports variables of main that hide a name of the top level, an import
// or a predeclared name. In main they hide it from there on; in the package
// for lowering they stand beside it.
func (p *Program) hiding() Errors {
	scope := p.view.info.Scopes[p.main.Type]
	if scope == nil {
		return nil
	}
	var errs Errors
	for _, name := range scope.Names() {
		v := scope.Lookup(name)
		if p.partAt(v.Pos()) == p.ownProgram() {
			continue
		}
		_, hidden := scope.Parent().LookupParent(name, token.NoPos)
		if hidden == nil {
			continue
		}
		errs = append(errs, p.errorAt(v.Pos(), "%s would hide the %s; choose another name",
			name, p.describe(hidden)))
	}
	return errs.sorted()
}

// directives reports comments that the compiler would refuse.
func (p *Program) directives() Errors {
	var errs Errors
	for _, g := range p.view.file.Comments {
		for _, c := range g.List {
			if strings.HasPrefix(c.Text, "//go:embed ") {
				errs = append(errs, p.errorAt(c.Pos(), "go:embed only allowed in Go files that import \"embed\""))
			}
		}
	}
	return errs
}

// describe says what an object is and where it comes from.
func (p *Program) describe(o types.Object) string {
	what := kindOf(o) + " " + o.Name()
	if o.Pkg() == nil {
		return "predeclared " + what
	}
	if part := p.partAt(o.Pos()); part != nil && part.Name != "" {
		return what + " of cell \"" + part.Name + "\""
	}
	return what
}

func kindOf(o types.Object) string {
	switch o.(type) {
	case *types.PkgName:
		return "package"
	case *types.TypeName:
		return "type"
	case *types.Const:
		return "constant"
	case *types.Func, *types.Builtin:
		return "function"
	case *types.Nil:
		return "value"
	}
	return "variable"
}

// names returns the names a program's text can not use for something new.
func (p *Program) names() map[string]bool {
	taken := map[string]bool{}
	for s := p.view.info.Scopes[p.main.Type]; s != nil; s = s.Parent() {
		for _, n := range s.Names() {
			taken[n] = true
		}
	}
	for id := range p.view.info.Defs {
		if !taken[id.Name] && p.holds(id.Pos()) {
			taken[id.Name] = true
		}
	}
	return taken
}
