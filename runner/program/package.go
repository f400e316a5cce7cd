package program

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// A Package is type-checked Go as lowering reads it. Positions in Fset are those
// of the Markdown file.
type Package struct {
	Fset  *token.FileSet
	Types *types.Package
	Info  *types.Info // all maps but FileVersions are needed, and InitOrder
	Files []*ast.File

	// Bodies are packages of the standard library whose generic functions the
	// program uses, each from the toolchain's sources.
	Bodies []*Package
}

// Package returns the program as functions that can be called one by one, in the
// order of the cells: what main holds of each cell is a function of its own, see
// [Program.Func]. Variables that outlive a cell are the package's. It is the syntax
// tree that was checked, put together anew, and belongs to the Program.
func (p *Program) Package() *Package {
	if p.pkg == nil {
		s := &separation{Program: p, stays: map[ast.Expr]bool{}, vars: &ast.GenDecl{Tok: token.VAR}}
		p.pkg = s.run()
	}
	return p.pkg
}

// Func returns the name of the function that does what a cell does when it is run,
// "" if there is nothing to do.
func (p *Program) Func(cell string) string {
	p.Package()
	return p.funcs[cell]
}

// Steps returns the names of the cells that have a function, in order.
func (p *Program) Steps() []string {
	var names []string
	for _, part := range p.parts {
		if p.Func(part.Name) != "" {
			names = append(names, part.Name)
		}
	}
	return names
}

// A separation takes main apart.
type separation struct {
	*Program
	stays map[ast.Expr]bool // values that are given at the declaration
	vars  *ast.GenDecl      // the variables of main
	decls []ast.Decl
	zeros int
}

func (s *separation) run() *Package {
	info := *s.view.info
	s.funcs = map[string]string{}
	bodies := map[*part][]ast.Stmt{}
	for _, d := range s.view.file.Decls {
		g, isGen := d.(*ast.GenDecl)
		switch {
		case isGen && g.Tok == token.VAR:
			part := s.partAt(g.Pos())
			bodies[part] = append(bodies[part], s.values(g)...)
			s.decls = append(s.decls, d)
		case d != ast.Decl(s.main):
			s.decls = append(s.decls, d)
		}
	}
	info.InitOrder = slices.DeleteFunc(
		slices.Clone(info.InitOrder),
		func(i *types.Initializer) bool { return !s.stays[i.Rhs] },
	)
	order := s.initOrder()
	for _, list := range bodies {
		slices.SortStableFunc(list, func(a, b ast.Stmt) int {
			return order[s.assigned(a)] - order[s.assigned(b)]
		})
	}
	if s.main != nil {
		for _, stmt := range s.main.Body.List {
			part, body := s.statement(stmt)
			if part != nil {
				bodies[part] = append(bodies[part], body...)
			}
		}
	}
	for i, part := range s.parts {
		if len(bodies[part]) > 0 {
			s.function(part, fmt.Sprintf("cell__%d", i+1), bodies[part])
		}
	}
	if len(s.vars.Specs) > 0 {
		s.decls = append(s.decls, s.vars)
	}
	file := *s.view.file
	file.Decls = s.decls
	return &Package{Fset: s.view.fset, Types: s.view.pkg, Info: &info, Files: []*ast.File{&file}, Bodies: s.view.bodies}
}

// values returns the assignments that give package-level variables their values at
// the place of their cell.
func (s *separation) values(g *ast.GenDecl) []ast.Stmt {
	var list []ast.Stmt
	for _, spec := range g.Specs {
		spec := spec.(*ast.ValueSpec)
		if len(spec.Values) == 0 {
			continue
		}
		if s.pureAll(spec.Values) {
			for _, v := range spec.Values {
				s.stays[v] = true
			}
			continue
		}
		list = append(list, assignment(spec))
	}
	return list
}

func (s *separation) assigned(stmt ast.Stmt) types.Object {
	for _, x := range stmt.(*ast.AssignStmt).Lhs {
		if o := s.view.info.Defs[x.(*ast.Ident)]; o != nil {
			return o
		}
	}
	return nil
}

// assignment is a declaration of variables that exist already.
func assignment(spec *ast.ValueSpec) *ast.AssignStmt {
	a := &ast.AssignStmt{TokPos: spec.Pos(), Tok: token.ASSIGN, Rhs: spec.Values}
	for _, id := range spec.Names {
		a.Lhs = append(a.Lhs, id)
	}
	return a
}

// statement returns the cell of a statement of main, and what stands for it in the
// cell's function.
func (s *separation) statement(stmt ast.Stmt) (*part, []ast.Stmt) {
	if part := s.partAt(stmt.Pos()); part != nil {
		if part == s.ownProgram() { // its variables end with it, and it may return
			return part, []ast.Stmt{stmt}
		}
		return part, s.outlive(stmt, s.hasLabel(part))
	}
	// A cell with variables of its own is the call of a function literal.
	call := stmt.(*ast.ExprStmt).X.(*ast.CallExpr)
	body := call.Fun.(*ast.FuncLit).Body
	if len(body.List) == 0 {
		return nil, nil
	}
	return s.partAt(body.List[0].Pos()), body.List
}

// hasLabel reports a cell whose statements may be reached again by goto.
func (s *separation) hasLabel(part *part) bool {
	return slices.ContainsFunc(part.bodyTree.file.Decls[0].(*ast.FuncDecl).Body.List, func(stmt ast.Stmt) bool {
		_, ok := stmt.(*ast.LabeledStmt)
		return ok
	})
}

// outlive makes the variables that a statement declares the package's.
func (s *separation) outlive(stmt ast.Stmt, again bool) []ast.Stmt {
	switch stmt := stmt.(type) {
	case *ast.LabeledStmt:
		list := s.outlive(stmt.Stmt, again)
		if len(list) == 0 {
			list = []ast.Stmt{&ast.EmptyStmt{Semicolon: stmt.Pos(), Implicit: true}}
		}
		return append([]ast.Stmt{&ast.LabeledStmt{Label: stmt.Label, Colon: stmt.Colon, Stmt: list[0]}}, list[1:]...)
	case *ast.AssignStmt:
		if stmt.Tok != token.DEFINE {
			break
		}
		for _, x := range stmt.Lhs {
			s.hoist(x.(*ast.Ident))
		}
		return []ast.Stmt{&ast.AssignStmt{Lhs: stmt.Lhs, TokPos: stmt.TokPos, Tok: token.ASSIGN, Rhs: stmt.Rhs}}
	case *ast.DeclStmt:
		var list []ast.Stmt
		for _, spec := range stmt.Decl.(*ast.GenDecl).Specs {
			spec, ok := spec.(*ast.ValueSpec)
			if !ok {
				continue
			}
			for _, id := range spec.Names {
				s.hoist(id)
			}
			if len(spec.Values) > 0 {
				list = append(list, assignment(spec))
			} else if again {
				list = append(list, s.zero(spec))
			}
		}
		return list
	}
	return []ast.Stmt{stmt}
}

// hoist declares a variable of main as one of the package.
func (s *separation) hoist(id *ast.Ident) {
	if s.view.info.Defs[id] != nil && id.Name != "_" {
		s.vars.Specs = append(s.vars.Specs, &ast.ValueSpec{Names: []*ast.Ident{id}})
	}
}

// zero assigns variables that are declared without values: from a variable that
// nothing else is assigned to.
func (s *separation) zero(spec *ast.ValueSpec) ast.Stmt {
	a := assignment(spec)
	for _, id := range spec.Names {
		s.zeros++
		zero := ast.NewIdent(fmt.Sprintf("zero__%d", s.zeros))
		zero.NamePos = id.Pos()
		t := s.view.info.TypeOf(spec.Type)
		v := types.NewVar(id.Pos(), s.view.pkg, zero.Name, t)
		declared := ast.NewIdent(zero.Name)
		declared.NamePos = id.Pos()
		s.view.info.Defs[declared] = v
		s.view.info.Uses[zero] = v
		s.view.info.Types[zero] = types.TypeAndValue{Type: t}
		s.vars.Specs = append(s.vars.Specs, &ast.ValueSpec{Names: []*ast.Ident{declared}})
		a.Rhs = append(a.Rhs, zero)
	}
	return a
}

// function declares the function of a cell.
func (s *separation) function(part *part, name string, body []ast.Stmt) {
	pos, end := body[0].Pos(), body[len(body)-1].End()
	id := ast.NewIdent(name)
	id.NamePos = pos
	s.view.info.Defs[id] = types.NewFunc(pos, s.view.pkg, name, types.NewSignatureType(nil, nil, nil, nil, nil, false))
	s.decls = append(s.decls, &ast.FuncDecl{
		Name: id,
		Type: &ast.FuncType{Func: pos, Params: &ast.FieldList{}},
		Body: &ast.BlockStmt{Lbrace: pos, List: body, Rbrace: end},
	})
	s.funcs[part.Name] = name
}

// initOrder says in which order Go initializes the package's variables.
func (p *Program) initOrder() map[types.Object]int {
	order := map[types.Object]int{}
	for i, init := range p.view.info.InitOrder {
		for _, v := range init.Lhs {
			order[v] = i
		}
	}
	return order
}
