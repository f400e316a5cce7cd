package program

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Needs returns the names of the cells to run before a cell, in order.
//
// A cell needs the earlier cells that mention a variable which it reads before it
// assigns to it, or which is read so by one that it needs. To mention a variable
// is also to reach it through functions, methods, types and values of variables,
// and to mention one that may hold the same thing: a copy of the descriptor, a
// closure, the other end of a pair (see [aliases]). State that no variable holds
// is told by after=CELL. In doubt a cell is needed.
func (p *Program) Needs(cell string) []string {
	target := p.part(cell)
	if target == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.web == nil {
		p.web = newWeb(p)
	}
	s := search{web: p.web, target: target, needed: make([]bool, len(p.parts))}
	s.read(p.web.cells[target.index])
	var names []string
	for i, needed := range s.needed {
		if needed && i != target.index {
			names = append(names, p.parts[i].Name)
		}
	}
	return names
}

// A web is what the pieces of a program have to do with one another.
type web struct {
	p        *Program
	cells    []*node // by index of the part, of what it runs
	declared map[types.Object]*node
	users    map[*types.Var][]*node // who mentions it
	types    map[types.Type][]*node // the cells' own types in a type
	aliases  aliases
}

// A node is what a cell runs, or the declaration of a function, a type or a
// package-level variable with its value.
type node struct {
	part  *part        // nil for a declaration
	reads []*types.Var // before they are assigned to
	refs  map[*node]bool
	users []*node // whose refs it is in

	mentioned, assigned map[*types.Var]bool
}

func newWeb(p *Program) *web {
	w := &web{
		p: p, cells: make([]*node, len(p.parts)), declared: map[types.Object]*node{},
		users: map[*types.Var][]*node{}, types: map[types.Type][]*node{},
	}
	w.aliases.web = w
	for _, d := range p.view.file.Decls {
		if d != p.main && p.holds(d.Pos()) {
			w.declaration(d)
		}
	}
	statements := p.statements()
	for i, part := range p.parts {
		if part.measured {
			continue
		}
		n := newNode()
		n.part = part
		w.cells[i] = n
		for _, init := range part.inits {
			w.mention(n, init.Rhs)
			for _, v := range init.Lhs {
				w.assign(n, v)
			}
		}
		for _, s := range statements[part] {
			w.statement(n, s)
		}
	}
	w.aliases.reachable()
	for _, part := range p.parts {
		for _, init := range part.inits {
			w.aliases.flow(init.Lhs, init.Rhs)
			w.aliases.inspect(init.Rhs)
		}
		for _, s := range statements[part] {
			w.aliases.inspect(s)
		}
	}
	return w
}

func newNode() *node {
	return &node{refs: map[*node]bool{}, mentioned: map[*types.Var]bool{}, assigned: map[*types.Var]bool{}}
}

// of returns the node of a declared object.
func (w *web) of(o types.Object) *node {
	if w.declared[o] == nil {
		w.declared[o] = newNode()
	}
	return w.declared[o]
}

func (w *web) refer(from, to *node) {
	if from != to && !from.refs[to] {
		from.refs[to] = true
		to.users = append(to.users, from)
	}
}

// declaration enters what a declaration refers to. A type refers to its methods:
// whoever has a value may have it call them.
func (w *web) declaration(d ast.Decl) {
	info := w.p.view.info
	switch d := d.(type) {
	case *ast.FuncDecl:
		f, _ := info.Defs[d.Name].(*types.Func)
		if f == nil {
			return
		}
		w.mention(w.of(f), d)
		if r := f.Signature().Recv(); r != nil {
			for _, t := range w.ownTypes(r.Type()) {
				w.refer(t, w.of(f))
			}
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				w.mention(w.of(info.Defs[s.Name]), s)
			case *ast.ValueSpec:
				if d.Tok != token.VAR || !w.p.stays(s) {
					continue
				}
				for _, id := range s.Names {
					w.mention(w.of(info.Defs[id]), s)
				}
			}
		}
	}
}

// mention enters all that a tree mentions.
func (w *web) mention(n *node, tree ast.Node) {
	if tree == nil {
		return
	}
	info := w.p.view.info
	ast.Inspect(tree, func(x ast.Node) bool {
		e, ok := x.(ast.Expr)
		if !ok {
			return true
		}
		for _, t := range w.ownTypes(info.Types[e].Type) {
			w.refer(n, t)
		}
		id, ok := e.(*ast.Ident)
		if !ok {
			return true
		}
		switch o := info.Uses[id].(type) {
		case *types.Var:
			if w.note(n, o); w.shared(o) && !n.assigned[o] {
				n.assigned[o] = true // once is enough
				n.reads = append(n.reads, o)
			}
		case *types.Func:
			if o.Pkg() == w.p.view.pkg {
				w.refer(n, w.of(o.Origin()))
			}
		case *types.TypeName:
			if o.Pkg() == w.p.view.pkg {
				w.refer(n, w.of(o))
			}
		}
		return true
	})
}

// shared reports that several cells may use a variable.
func (w *web) shared(v *types.Var) bool {
	return v.Parent() == w.p.view.pkg.Scope() || v.Parent() == w.p.view.info.Scopes[w.p.main.Type]
}

func (w *web) note(n *node, v *types.Var) {
	if !w.shared(v) || n.mentioned[v] {
		return
	}
	n.mentioned[v] = true
	w.users[v] = append(w.users[v], n)
	if v.Parent() == w.p.view.pkg.Scope() {
		w.refer(n, w.of(v))
	}
}

func (w *web) assign(n *node, v *types.Var) {
	w.note(n, v)
	n.assigned[v] = true
}

// statement enters a statement that is executed whenever the cell is.
func (w *web) statement(n *node, s ast.Stmt) {
	switch s := s.(type) {
	case nil:
	case *ast.LabeledStmt:
		w.statement(n, s.Stmt)
	case *ast.BlockStmt:
		for _, s := range s.List {
			w.statement(n, s)
		}
	case *ast.IfStmt:
		w.statement(n, s.Init)
		w.mention(n, s)
	case *ast.SwitchStmt:
		w.statement(n, s.Init)
		w.mention(n, s)
	case *ast.TypeSwitchStmt:
		w.statement(n, s.Init)
		w.mention(n, s)
	case *ast.ForStmt:
		w.statement(n, s.Init)
		w.mention(n, s)
	case *ast.AssignStmt:
		if s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
			w.mention(n, s)
			return
		}
		for _, x := range s.Rhs {
			w.mention(n, x)
		}
		for _, x := range s.Lhs {
			if _, ok := x.(*ast.Ident); !ok {
				w.mention(n, x)
			}
		}
		for _, x := range s.Lhs {
			if id, ok := x.(*ast.Ident); ok {
				if v, ok := w.p.view.info.ObjectOf(id).(*types.Var); ok {
					w.assign(n, v)
				}
			}
		}
	case *ast.DeclStmt:
		w.mention(n, s)
		for _, spec := range s.Decl.(*ast.GenDecl).Specs {
			if spec, ok := spec.(*ast.ValueSpec); ok {
				for _, id := range spec.Names {
					if v, ok := w.p.view.info.Defs[id].(*types.Var); ok {
						w.assign(n, v)
					}
				}
			}
		}
	default:
		w.mention(n, s)
	}
}

// ownTypes returns the nodes of the types in t that cells declare.
func (w *web) ownTypes(t types.Type) []*node {
	if t == nil {
		return nil
	}
	if found, ok := w.types[t]; ok {
		return found
	}
	w.types[t] = nil // no more of it while it is under way
	var found []*node
	switch u := t.(type) {
	case *types.Named:
		if u.Obj().Pkg() == w.p.view.pkg {
			found = append(found, w.of(u.Origin().Obj()))
		}
		for i := range u.TypeArgs().Len() {
			found = append(found, w.ownTypes(u.TypeArgs().At(i))...)
		}
	case *types.Alias:
		found = w.ownTypes(types.Unalias(u))
	case *types.Tuple:
		for i := range u.Len() {
			found = append(found, w.ownTypes(u.At(i).Type())...)
		}
	case *types.Map:
		found = append(w.ownTypes(u.Key()), w.ownTypes(u.Elem())...)
	case interface{ Elem() types.Type }:
		found = w.ownTypes(u.Elem())
	}
	w.types[t] = found
	return found
}

// A search finds what one cell needs.
type search struct {
	web    *web
	target *part
	needed []bool

	done    map[*node]bool
	climbed map[*node]bool
	classes map[*types.Var]bool
}

// read follows what a node reads.
func (s *search) read(n *node) {
	if s.done == nil {
		s.done, s.climbed, s.classes = map[*node]bool{}, map[*node]bool{}, map[*types.Var]bool{}
	}
	todo := []*node{n}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if s.done[n] {
			continue
		}
		s.done[n] = true
		if n.part != nil {
			s.needed[n.part.index] = true
			if n.part.cell != nil && n.part.cell.Attr.After != "" {
				if before := s.web.p.part(n.part.cell.Attr.After); before != nil {
					todo = append(todo, s.web.cells[before.index])
				}
			}
		}
		for r := range n.refs {
			todo = append(todo, r)
		}
		for _, v := range n.reads {
			todo = append(todo, s.variable(v)...)
		}
	}
}

// variable returns the cells that have to do with a variable, each once.
func (s *search) variable(v *types.Var) (cells []*node) {
	class := s.web.aliases.find(v)
	if s.classes[class] {
		return nil
	}
	s.classes[class] = true
	var todo []*node
	for _, v := range s.web.aliases.class(class) {
		todo = append(todo, s.web.users[v]...)
	}
	for len(todo) > 0 {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		switch {
		case s.climbed[n]:
		case n.part == nil:
			todo = append(todo, n.users...)
		case n.part.index < s.target.index && n.part.runs():
			cells = append(cells, n)
		}
		s.climbed[n] = true
	}
	return cells
}
