package program

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Aliases are classes of variables that may have to do with the same thing: what
// one holds was computed from the other, or both were handed to something that
// may have kept them. A descriptor is an int, and an address may be a string, so
// these count; errors, truth values, numbers with a point and times do not.
type aliases struct {
	web     *web
	parent  map[*types.Var]*types.Var
	members map[*types.Var][]*types.Var // by what find returns
	reached map[*node]*types.Var        // one of the package-level variables that a function reaches
	carry   map[types.Type]bool
}

func (a *aliases) find(v *types.Var) *types.Var {
	for a.parent[v] != nil {
		v = a.parent[v]
	}
	return v
}

// class returns the variables of which find returns v.
func (a *aliases) class(v *types.Var) []*types.Var {
	if m := a.members[v]; m != nil {
		return m
	}
	return []*types.Var{v}
}

func (a *aliases) unite(vars ...*types.Var) {
	if a.parent == nil {
		a.parent, a.members = map[*types.Var]*types.Var{}, map[*types.Var][]*types.Var{}
	}
	for i := 1; i < len(vars); i++ {
		x, y := a.find(vars[i-1]), a.find(vars[i])
		if x == y {
			continue
		}
		cx, cy := a.class(x), a.class(y)
		if len(cx) < len(cy) { // so that no chain gets long
			x, y, cx, cy = y, x, cy, cx
		}
		a.parent[y] = x
		a.members[x] = append(cx, cy...)
		delete(a.members, y)
	}
}

// reachable has every function know a package-level variable that it reaches. All
// that it reaches are of one class: who calls it has to do with all of them.
func (a *aliases) reachable() {
	a.reached = map[*node]*types.Var{}
	for v, users := range a.web.users {
		if v.Parent() != a.web.p.view.pkg.Scope() || !a.carries(v.Type()) {
			continue
		}
		for todo := slices.Clone(users); len(todo) > 0; {
			n := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			if n.part != nil {
				continue
			}
			if r := a.reached[n]; r != nil {
				a.unite(r, v) // and who uses n knows r
				continue
			}
			a.reached[n] = v
			todo = append(todo, n.users...)
		}
	}
}

// inspect enters what a tree does with variables.
func (a *aliases) inspect(tree ast.Node) {
	info := a.web.p.view.info
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			var left []*types.Var
			for _, x := range n.Lhs {
				left = append(left, a.root(x))
			}
			if len(n.Lhs) != len(n.Rhs) {
				a.flow(left, n.Rhs[0])
				break
			}
			for i, x := range n.Rhs {
				a.flow(left[i:i+1], x)
			}
		case *ast.ValueSpec:
			var left []*types.Var
			for _, id := range n.Names {
				v, _ := info.Defs[id].(*types.Var)
				left = append(left, v)
			}
			if len(n.Values) == 1 {
				a.flow(left, n.Values[0])
				break
			}
			for i, x := range n.Values {
				a.flow(left[i:i+1], x)
			}
		case *ast.RangeStmt:
			for _, x := range []ast.Expr{n.Key, n.Value} {
				if x != nil {
					a.flow([]*types.Var{a.root(x)}, n.X)
				}
			}
		case *ast.SendStmt:
			a.flow([]*types.Var{a.root(n.Chan)}, n.Value)
		case *ast.TypeSwitchStmt:
			if s, ok := n.Assign.(*ast.AssignStmt); ok {
				for _, c := range n.Body.List {
					if v, ok := info.Implicits[c].(*types.Var); ok {
						a.flow([]*types.Var{v}, s.Rhs[0])
					}
				}
			}
		case *ast.CallExpr:
			a.call(n)
		}
		return true
	})
}

// flow enters that variables get what an expression gives.
func (a *aliases) flow(to []*types.Var, from ast.Expr) {
	vars := a.vars(from)
	names := a.counts(from)
	for i, v := range to {
		if v != nil && a.carries(v.Type()) && !(i < len(names) && names[i]) {
			vars = append(vars, v)
		}
	}
	a.unite(vars...)
}

// counts tells which results of a call of another package's function are
// numbers of something: package by package they have the name n.
func (a *aliases) counts(e ast.Expr) []bool {
	c, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return nil
	}
	f := a.callee(c)
	if f == nil || f.Pkg() == a.web.p.view.pkg {
		return nil
	}
	var counts []bool
	for r := range f.Signature().Results().Variables() {
		counts = append(counts, r.Name() == "n")
	}
	return counts
}

// root returns the variable that x is, or is a piece of.
func (a *aliases) root(x ast.Expr) *types.Var {
	switch x := x.(type) {
	case *ast.Ident:
		if v, ok := a.web.p.view.info.ObjectOf(x).(*types.Var); ok && x.Name != "_" && v.Pkg() == a.web.p.view.pkg {
			return v
		}
	case *ast.ParenExpr:
		return a.root(x.X)
	case *ast.SelectorExpr:
		return a.root(x.X)
	case *ast.IndexExpr:
		return a.root(x.X)
	case *ast.SliceExpr:
		return a.root(x.X)
	case *ast.StarExpr:
		return a.root(x.X)
	}
	return nil
}

// vars returns variables that the value of e may have to do with.
func (a *aliases) vars(e ast.Expr) []*types.Var {
	info := a.web.p.view.info
	if tv := info.Types[e]; tv.Value != nil || tv.Type == nil || tv.IsType() || !a.carries(tv.Type) {
		return nil
	}
	switch e := e.(type) {
	case *ast.Ident:
		if v := a.root(e); v != nil {
			return []*types.Var{v}
		}
		if f, ok := info.Uses[e].(*types.Func); ok {
			return a.reach(f)
		}
	case *ast.ParenExpr:
		return a.vars(e.X)
	case *ast.SelectorExpr:
		if f, ok := info.Uses[e.Sel].(*types.Func); ok {
			return append(a.vars(e.X), a.reach(f)...)
		}
		return a.vars(e.X)
	case *ast.IndexExpr:
		return a.vars(e.X)
	case *ast.SliceExpr:
		return a.vars(e.X)
	case *ast.StarExpr:
		return a.vars(e.X)
	case *ast.TypeAssertExpr:
		return a.vars(e.X)
	case *ast.UnaryExpr:
		if e.Op == token.AND || e.Op == token.ARROW {
			return a.vars(e.X)
		}
	case *ast.BinaryExpr:
		if b, ok := info.TypeOf(e).Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
			return append(a.vars(e.X), a.vars(e.Y)...)
		}
	case *ast.CompositeLit:
		var vars []*types.Var
		for _, x := range e.Elts {
			if kv, ok := x.(*ast.KeyValueExpr); ok {
				if _, field := info.TypeOf(e).Underlying().(*types.Struct); !field {
					vars = append(vars, a.vars(kv.Key)...)
				}
				x = kv.Value
			}
			vars = append(vars, a.vars(x)...)
		}
		return vars
	case *ast.FuncLit: // whoever calls it
		var vars []*types.Var
		ast.Inspect(e.Body, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				v, ok := info.Uses[id].(*types.Var)
				if ok && !v.IsField() && v.Pkg() == a.web.p.view.pkg && (v.Pos() < e.Pos() || e.End() <= v.Pos()) {
					vars = append(vars, v)
				}
			}
			return true
		})
		return vars
	case *ast.CallExpr:
		if counts := a.counts(e); len(counts) == 1 && counts[0] {
			return nil
		}
		return a.given(e)
	}
	return nil
}

// given returns the variables that a call is given.
func (a *aliases) given(c *ast.CallExpr) []*types.Var {
	fun := a.web.p.view.info.Types[c.Fun]
	if fun.IsBuiltin() {
		if id, ok := ast.Unparen(c.Fun).(*ast.Ident); !ok || id.Name != "append" && id.Name != "copy" {
			return nil
		}
	}
	vars := a.vars(c.Fun)
	f := a.callee(c)
	own := f == nil || f.Pkg() == a.web.p.view.pkg
	for _, x := range c.Args {
		// What another package does to bytes, it does to the bytes.
		if own || fun.IsType() || !isBytes(a.web.p.view.info.TypeOf(x)) {
			vars = append(vars, a.vars(x)...)
		}
	}
	if s, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr); ok {
		vars = append(vars, a.vars(s.X)...)
	}
	return vars
}

// call enters a call that may keep what it is given.
func (a *aliases) call(c *ast.CallExpr) {
	if f := a.callee(c); f == nil || f.Pkg() == nil || !forgets(f.Pkg().Path()) {
		a.unite(a.given(c)...)
	}
}

func (a *aliases) callee(c *ast.CallExpr) *types.Func {
	fun := ast.Unparen(c.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	switch x := fun.(type) {
	case *ast.Ident:
		f, _ := a.web.p.view.info.Uses[x].(*types.Func)
		return f
	case *ast.SelectorExpr:
		f, _ := a.web.p.view.info.Uses[x.Sel].(*types.Func)
		return f
	}
	return nil
}

// reach returns a variable of the class of those that a function reaches.
func (a *aliases) reach(f *types.Func) []*types.Var {
	if n := a.web.declared[f.Origin()]; n != nil && a.reached[n] != nil {
		return []*types.Var{a.reached[n]}
	}
	return nil
}

// forgets reports that functions of a package keep nothing of what they are
// given, other than in what they return.
func forgets(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return path == labPath || slices.Contains(strings.Fields(`bytes cmp crypto encoding errors fmt hash html log maps
		math mime regexp slices sort strconv strings time unicode`), first)
}

func isBytes(t types.Type) bool {
	s, ok := t.Underlying().(*types.Slice)
	if !ok {
		return false
	}
	b, ok := s.Elem().Underlying().(*types.Basic)
	return ok && b.Kind() == types.Uint8
}

// carries reports that a value of the type may be a descriptor, an address, or a
// way to something that others have too.
func (a *aliases) carries(t types.Type) bool {
	if c, ok := a.carry[t]; ok {
		return c
	}
	if a.carry == nil {
		a.carry = map[types.Type]bool{}
	}
	a.carry[t] = false // no more of it while it is under way
	a.carry[t] = a.typeCarries(t)
	return a.carry[t]
}

func (a *aliases) typeCarries(t types.Type) bool {
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if p := n.Obj().Pkg(); p == nil ||
			p.Path() == "time" && n.Obj().Name() != "Timer" && n.Obj().Name() != "Ticker" {
			return false
		}
	}
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Info()&(types.IsInteger|types.IsString) != 0 || t.Kind() == types.UnsafePointer
	case *types.Struct:
		for f := range t.Fields() {
			if a.carries(f.Type()) {
				return true
			}
		}
		return false
	case *types.Array:
		return a.carries(t.Elem())
	case *types.Tuple:
		for v := range t.Variables() {
			if a.carries(v.Type()) {
				return true
			}
		}
		return false
	}
	return true
}
