package program

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
)

// Package returns the program as one package for lowering: the declarations, and
// a function for each cell that has something to run. The syntax trees are those
// that were checked, put together anew:
//
//   - A variable that a cell's statements declare at their top level is one of
//     the package, so that it lives on, and its declaration is an assignment. A
//     cell that keeps its variables has them in its function.
//   - A package-level variable whose value is left to main gets it at the
//     beginning of its cell's function.
func (p *Program) Package() *Package {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pkg == nil {
		p.pkg = p.reassemble()
	}
	return p.pkg
}

// Func returns the name of the function with what a cell runs, "" if that is
// nothing.
func (p *Program) Func(cell string) string {
	if part := p.part(cell); part != nil && part.runs() {
		return part.function()
	}
	return ""
}

// part returns the part of a cell. In a program of one cell the name is first of
// all that cell's.
func (p *Program) part(cell string) *part {
	for _, part := range slices.Backward(p.parts) {
		if part.Name == cell && !part.measured {
			return part
		}
	}
	return nil
}

func (p *part) function() string { return fmt.Sprintf("cell__%d", p.index) }

// keepsVariables reports that no other part can see the variables of the part's
// statements.
func (p *Program) keepsVariables(part *part) bool { return part.Local || part == p.ownProgram() }

func (p *Program) reassemble() *Package {
	info := *p.view.info
	info.InitOrder = p.stay
	file := &ast.File{
		Package: p.view.file.Package, Name: p.view.file.Name,
		FileStart: p.view.file.FileStart, FileEnd: p.view.file.FileEnd,
		Imports: p.view.file.Imports, GoVersion: p.view.file.GoVersion,
	}
	info.FileVersions = maps.Clone(info.FileVersions)
	info.FileVersions[file] = goVersion
	h := &hoister{info: &info}
	for _, d := range p.view.file.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR {
			d = p.withStaying(g)
		}
		if f, ok := d.(*ast.FuncDecl); (!ok || f.Recv != nil || p.partAt(f.Pos()) != nil) && p.holds(d.Pos()) {
			file.Decls = append(file.Decls, d)
		}
	}
	statements := p.statements()
	for _, part := range p.parts {
		if !part.runs() || part.measured {
			continue
		}
		var list []ast.Stmt
		for _, i := range part.inits {
			list = append(list, p.initial(i))
		}
		if p.keepsVariables(part) {
			list = append(list, statements[part]...)
		} else {
			list = append(list, h.hoisted(statements[part])...)
		}
		file.Decls = append(file.Decls, p.cellFunc(part, list))
	}
	if len(h.names) > 0 {
		file.Decls = append(file.Decls, variables(h.names))
	}
	return &Package{
		Fset: p.view.fset, Types: p.view.pkg, Info: &info, Files: []*ast.File{file}, Bodies: p.view.bodies,
	}
}

// statements returns what main does, part by part.
func (p *Program) statements() map[*part][]ast.Stmt {
	var local []*part // whose literals are in no section
	for _, part := range p.parts {
		if part.Local && !part.measured {
			local = append(local, part)
		}
	}
	of := map[*part][]ast.Stmt{}
	for _, s := range p.main.Body.List {
		if part := p.partAt(s.Pos()); part != nil {
			of[part] = append(of[part], s)
		} else if x, ok := s.(*ast.ExprStmt); ok {
			of[local[0]] = x.X.(*ast.CallExpr).Fun.(*ast.FuncLit).Body.List
			local = local[1:]
		}
	}
	return of
}

// withStaying is a declaration of package-level variables without the values
// that are left to main.
func (p *Program) withStaying(g *ast.GenDecl) *ast.GenDecl {
	out := *g
	out.Specs = nil
	for _, s := range g.Specs {
		s := s.(*ast.ValueSpec)
		if len(s.Values) > 0 && !p.stays(s) {
			bare := *s
			bare.Values = nil
			s = &bare
		}
		out.Specs = append(out.Specs, s)
	}
	return &out
}

// initial is the assignment that is left of a declaration.
func (p *Program) initial(i *types.Initializer) ast.Stmt {
	s := &ast.AssignStmt{TokPos: i.Rhs.Pos(), Tok: token.ASSIGN, Rhs: []ast.Expr{i.Rhs}}
	for _, v := range i.Lhs {
		id := &ast.Ident{NamePos: v.Pos(), Name: v.Name()}
		if id.Name != "_" {
			p.view.info.Uses[id] = v
		}
		s.Lhs = append(s.Lhs, id)
	}
	return s
}

// cellFunc declares the function of a cell.
func (p *Program) cellFunc(part *part, list []ast.Stmt) *ast.FuncDecl {
	from, to := p.view.tf.Pos(part.start), p.view.tf.Pos(part.end)
	f := &ast.FuncDecl{
		Name: &ast.Ident{NamePos: from, Name: part.function()},
		Type: &ast.FuncType{Func: from, Params: &ast.FieldList{Opening: from, Closing: from}},
		Body: &ast.BlockStmt{Lbrace: from, List: list, Rbrace: to},
	}
	o := types.NewFunc(from, p.view.pkg, f.Name.Name, types.NewSignatureType(nil, nil, nil, nil, nil, false))
	p.view.pkg.Scope().Insert(o)
	p.view.info.Defs[f.Name] = o
	return f
}

// variables declares variables of the package by the identifiers that stand for
// them where they were declared.
func variables(names []*ast.Ident) *ast.GenDecl {
	d := &ast.GenDecl{TokPos: names[0].Pos(), Tok: token.VAR, Lparen: names[0].Pos(), Rparen: names[0].Pos()}
	for _, n := range names {
		d.Specs = append(d.Specs, &ast.ValueSpec{Names: []*ast.Ident{n}})
	}
	return d
}

// A hoister turns declarations at the top level of cells into assignments. The
// checked trees stay as they are.
type hoister struct {
	info  *types.Info
	names []*ast.Ident // of the variables
}

func (h *hoister) hoisted(list []ast.Stmt) []ast.Stmt {
	again := slices.ContainsFunc(list, func(s ast.Stmt) bool { _, ok := s.(*ast.LabeledStmt); return ok })
	var out []ast.Stmt
	for _, s := range list {
		out = append(out, h.statement(s, again)...)
	}
	return out
}

// statement returns what is left of a statement. If it may be reached again, by
// goto, then a variable without a value is made zero there.
func (h *hoister) statement(s ast.Stmt, again bool) []ast.Stmt {
	switch s := s.(type) {
	case *ast.LabeledStmt:
		inner := h.statement(s.Stmt, again)
		if len(inner) == 1 && inner[0] == s.Stmt {
			return []ast.Stmt{s}
		}
		l := *s
		l.Stmt = &ast.EmptyStmt{Semicolon: s.Stmt.Pos(), Implicit: true}
		return append([]ast.Stmt{&l}, inner...)
	case *ast.AssignStmt:
		if s.Tok != token.DEFINE {
			break
		}
		for _, x := range s.Lhs {
			h.hoist(x.(*ast.Ident))
		}
		a := *s
		a.Tok = token.ASSIGN
		return []ast.Stmt{&a}
	case *ast.DeclStmt:
		d := s.Decl.(*ast.GenDecl)
		if d.Tok != token.VAR {
			break
		}
		var out []ast.Stmt
		for _, spec := range d.Specs {
			out = append(out, h.spec(spec.(*ast.ValueSpec), again)...)
		}
		return out
	}
	return []ast.Stmt{s}
}

// hoist notes an identifier that declares a variable. On the left of := some do
// not.
func (h *hoister) hoist(id *ast.Ident) {
	if id.Name != "_" && h.info.Defs[id] != nil {
		h.names = append(h.names, id)
	}
}

func (h *hoister) spec(s *ast.ValueSpec, again bool) []ast.Stmt {
	var names []ast.Expr
	for _, n := range s.Names {
		h.hoist(n)
		names = append(names, n)
	}
	if len(s.Values) > 0 {
		return []ast.Stmt{&ast.AssignStmt{Lhs: names, TokPos: s.Values[0].Pos(), Tok: token.ASSIGN, Rhs: s.Values}}
	}
	if !again {
		return nil // it is zero
	}
	// { var zero T; x = zero }
	zero := &ast.Ident{NamePos: s.Pos(), Name: "zero__"}
	v := types.NewVar(s.Pos(), h.info.Defs[s.Names[0]].Pkg(), zero.Name, h.info.Defs[s.Names[0]].Type())
	v.SetKind(types.LocalVar)
	h.info.Defs[zero] = v
	block := &ast.BlockStmt{Lbrace: s.Pos(), Rbrace: s.End(), List: []ast.Stmt{&ast.DeclStmt{Decl: &ast.GenDecl{
		TokPos: s.Pos(), Tok: token.VAR, Specs: []ast.Spec{&ast.ValueSpec{Names: []*ast.Ident{zero}, Type: s.Type}},
	}}}}
	for _, n := range s.Names {
		if n.Name == "_" {
			continue
		}
		use := &ast.Ident{NamePos: n.Pos(), Name: zero.Name}
		h.info.Uses[use] = v
		block.List = append(block.List, &ast.AssignStmt{
			Lhs: []ast.Expr{n}, TokPos: n.End(), Tok: token.ASSIGN, Rhs: []ast.Expr{use},
		})
	}
	return []ast.Stmt{block}
}
