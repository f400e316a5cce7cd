package program

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A hoisted variable is one that a cell's statements declare at their top
// level. It becomes a variable of the package, so that it lives on.
type hoisted struct {
	name string
	id   *ast.Ident
	typ  types.Type
	text string // typ as Go
}

// topLevel calls f for the statements of a cell, without their labels.
func topLevelStatements(body *ast.BlockStmt, f func(ast.Stmt)) {
	for _, s := range body.List {
		for {
			l, ok := s.(*ast.LabeledStmt)
			if !ok {
				break
			}
			s = l.Stmt
		}
		f(s)
	}
}

// hoists reports whether the part has variables to hoist.
func (p *part) hoists() bool {
	if p.Local {
		return false
	}
	found := false
	topLevelStatements(p.wrapped(), func(s ast.Stmt) {
		switch s := s.(type) {
		case *ast.AssignStmt:
			found = found || s.Tok == token.DEFINE
		case *ast.DeclStmt:
			found = true
		}
	})
	return found
}

// wrapped returns the part's statements as its own parse has them.
func (p *part) wrapped() *ast.BlockStmt {
	return p.bodyTree.file.Decls[0].(*ast.FuncDecl).Body
}

// find lists the variables to hoist, with types from the type checker.
func (a *addition) find(c *checked, body *ast.BlockStmt) ([]hoisted, Errors) {
	var vars []hoisted
	add := func(id *ast.Ident) {
		// An identifier on the left of := that the cell declared further up is no
		// definition.
		if v, ok := c.info.Defs[id].(*types.Var); ok && id.Name != "_" {
			vars = append(vars, hoisted{name: id.Name, id: id, typ: v.Type()})
		}
	}
	topLevelStatements(body, func(s ast.Stmt) {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				for _, l := range s.Lhs {
					if id, ok := l.(*ast.Ident); ok {
						add(id)
					}
				}
			}
		case *ast.DeclStmt:
			for _, spec := range s.Decl.(*ast.GenDecl).Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					for _, n := range v.Names {
						add(n)
					}
				}
			}
		}
	})
	var errs Errors
	for i := range vars {
		h := &vars[i]
		refuse := func(format string, args ...any) {
			errs = append(errs, a.errorAt(c, h.id.Pos(), fmt.Sprintf(format, args...)))
		}
		if o := types.Universe.Lookup(h.name); o != nil {
			refuse("%s would hide the predeclared %s %[1]s in all cells; choose another name", h.name, kindOf(o))
		} else if _, ok := a.next.imports[h.name]; ok {
			refuse("%s would hide the package %[1]s in all cells; choose another name", h.name)
		} else if d := a.next.decls[h.name]; d != nil && d.kind == Type {
			refuse("%s would hide the type %[1]s in all cells; choose another name", h.name)
		} else if a.fresh[h.name] {
			refuse("%s is declared in this cell as a %s too; choose another name", h.name, d.kind)
		}
		if t := unnamed(h.typ, c.pkg); t != "" {
			refuse("%s has the type %s, which has no name outside of its package; declare it as var %s with an interface type, or put the code in a function", h.name, t, h.name)
		}
		h.text = types.TypeString(h.typ, func(p *types.Package) string { return a.alias(c.pkg, p) })
	}
	return vars, errs
}

// alias returns the name by which a type's text refers to a package. It is not
// the name that cells use, which may come to mean something else.
func (a *addition) alias(self, p *types.Package) string {
	if p == self {
		return ""
	}
	i := importSpec{name: aliasOf(p.Path()), path: p.Path()}
	a.next.imports[i.name] = i
	return i.name
}

// unnamed returns a type within t that cannot be written in package self, or "".
func unnamed(t types.Type, self *types.Package) string {
	found := ""
	seen := map[types.Type]bool{}
	var walk func(types.Type)
	walk = func(t types.Type) {
		if found != "" || t == nil || seen[t] {
			return
		}
		seen[t] = true
		name := func(o *types.TypeName, args *types.TypeList) {
			switch {
			case o.Pkg() == nil:
			case o.Pkg() == self && o.Parent() != self.Scope(), o.Pkg() != self && !o.Exported():
				found = types.TypeString(t, (*types.Package).Name)
			}
			for i := range args.Len() {
				walk(args.At(i))
			}
		}
		switch t := t.(type) {
		case *types.Named:
			name(t.Obj(), t.TypeArgs())
		case *types.Alias:
			name(t.Obj(), t.TypeArgs())
		case *types.Pointer:
			walk(t.Elem())
		case *types.Slice:
			walk(t.Elem())
		case *types.Array:
			walk(t.Elem())
		case *types.Chan:
			walk(t.Elem())
		case *types.Map:
			walk(t.Key())
			walk(t.Elem())
		case *types.Signature:
			walk(t.Params())
			walk(t.Results())
		case *types.Tuple:
			for i := range t.Len() {
				walk(t.At(i).Type())
			}
		case *types.Struct:
			for i := range t.NumFields() {
				walk(t.Field(i).Type())
			}
		case *types.Interface:
			for i := range t.NumExplicitMethods() {
				walk(t.ExplicitMethod(i).Type())
			}
			for i := range t.NumEmbeddeds() {
				walk(t.EmbeddedType(i))
			}
		}
	}
	walk(t)
	return found
}

// assigned rewrites the statements in body so that their top-level variables
// are assigned instead of declared. Lines stay, and so do the columns of :=.
func assigned(code string, body *ast.BlockStmt, offset func(token.Pos) int, vars []hoisted, kept map[string]bool) string {
	typ := map[*ast.Ident]string{}
	for _, h := range vars {
		typ[h.id] = h.text
	}
	var edits []edit
	topLevelStatements(body, func(s ast.Stmt) {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				at := offset(s.TokPos)
				edits = append(edits, edit{at, at + 2, " ="})
			}
		case *ast.DeclStmt:
			edits = append(edits, assignedSpecs(code, s.Decl.(*ast.GenDecl), offset, typ, kept)...)
		}
	})
	return apply(code, edits)
}

func assignedSpecs(code string, d *ast.GenDecl, offset func(token.Pos) int, typ map[*ast.Ident]string, kept map[string]bool) []edit {
	if d.Tok != token.VAR {
		return nil
	}
	var edits []edit
	replace := func(from, to token.Pos, text string) {
		old := code[offset(from):offset(to)]
		text += strings.Repeat("\n", strings.Count(old, "\n")-strings.Count(text, "\n"))
		edits = append(edits, edit{offset(from), offset(to), text})
	}
	replace(d.Pos(), d.Pos()+token.Pos(len("var")), "   ")
	if d.Lparen.IsValid() {
		replace(d.Lparen, d.Lparen+1, " ")
		replace(d.Rparen, d.Rparen+1, " ")
	}
	for _, s := range d.Specs {
		s := s.(*ast.ValueSpec)
		lastName := s.Names[len(s.Names)-1]
		blank := !slices.ContainsFunc(s.Names, func(id *ast.Ident) bool { return id.Name != "_" })
		switch {
		case blank:
			// Only a declaration can give nothing a type; it declares nothing.
			edits = append(edits, edit{offset(s.Pos()), offset(s.Pos()), "var "})
		case len(s.Values) > 0:
			replace(lastName.End(), s.Values[0].Pos(), " = ")
		default:
			var zero []string
			for _, n := range s.Names {
				// A variable that is new is zero. One that was there before, or is
				// reached again by goto, is made so.
				if n.Name != "_" && kept[n.Name] {
					zero = append(zero, n.Name+" = *new("+typ[n]+")")
				}
			}
			replace(s.Pos(), s.End(), strings.Join(zero, "; "))
		}
	}
	return edits
}
