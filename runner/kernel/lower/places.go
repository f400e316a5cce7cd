package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// A place is what is assigned to.
type place struct {
	s       string     // text of the left side; empty: blank
	t       types.Type // of the variable, in Go
	stored  bool       // the place has the type that parts of values have
	isMap   bool
	simple  bool // a variable that only this function's code at hand can touch
	isField bool
}

// place lowers the left side of an assignment. With fixed, what it depends on is
// evaluated now, and assigning later evaluates nothing more.
func (l *lowerer) place(e ast.Expr, fixed bool) place {
	e = ast.Unparen(e)
	t := l.typeOf(e)
	switch e := e.(type) {
	case *ast.Ident:
		if e.Name == "_" {
			return place{}
		}
		v, ok := l.info.ObjectOf(e).(*types.Var)
		if !ok {
			l.refuse(e, "this assignment", "")
			return place{}
		}
		global := v.Parent() == l.f.Pkg.Scope()
		return place{s: l.name(v), t: t, stored: global || l.isStored(v), simple: !global && !l.about(v).captured && !l.about(v).addressed}
	case *ast.IndexExpr:
		xt := l.typeOf(e.X)
		if m, ok := under(xt).(*types.Map); ok {
			v := l.operands([]operand{
				{func() val { return l.expr(e.X) }, xt},
				{func() val { return l.key(e.Index, m.Key()) }, m.Key()},
			})
			if fixed {
				v[0] = l.steady(v[0], xt, e.X)
				v[1] = l.steady(v[1], m.Key(), e.Index)
			}
			return place{s: v[0].s + "[" + l.store(v[1].s, m.Key()) + "]", t: t, stored: true, isMap: true}
		}
		it := l.typeOf(e.Index)
		base := operand{func() val { return l.expr(e.X) }, xt}
		_, isArray := under(xt).(*types.Array)
		if isArray {
			base.lower = func() val {
				if fixed {
					return l.fixedAddress(e.X)
				}
				return l.addressable(e.X)
			}
		}
		v := l.operands([]operand{base, {func() val { return l.expr(e.Index) }, it}})
		if fixed {
			if !isArray {
				v[0] = l.steady(v[0], xt, e.X)
			}
			v[1] = l.steady(v[1], it, e.Index)
		}
		if isArray {
			l.settle(v[1:], e.Index)
		} else {
			l.settle(v, e.X, e.Index)
		}
		return place{s: l.indexed(e, v[0].s, v[1].s, xt), t: t, stored: true}
	case *ast.SelectorExpr, *ast.StarExpr:
		x := val{}
		if fixed {
			x = l.fixedAddress(e)
		} else {
			x = l.addressable(e)
		}
		return place{s: x.s, t: t, stored: true, isField: true}
	}
	l.refuse(e, "this assignment", "")
	return place{}
}

// fixedAddress is addressable with the pointers and indices in it evaluated now.
func (l *lowerer) fixedAddress(e ast.Expr) val {
	e = ast.Unparen(e)
	switch e := e.(type) {
	case *ast.SelectorExpr:
		sel := l.info.Selections[e]
		if sel == nil {
			return l.addressable(e)
		}
		xt := l.typeOf(e.X)
		var x val
		if isPointer(xt) {
			x = l.steady(l.expr(e.X), xt, e.X)
		} else {
			x = l.fixedAddress(e.X)
		}
		s, _, _ := l.path(x.s, xt, sel.Index())
		return val{s, pure}
	case *ast.StarExpr:
		xt := l.typeOf(e.X)
		return val{"(*" + l.steady(l.expr(e.X), xt, e.X).s + ")", pure}
	case *ast.IndexExpr:
		xt := l.typeOf(e.X)
		it := l.typeOf(e.Index)
		var x val
		if _, ok := under(xt).(*types.Array); ok {
			x = l.fixedAddress(e.X)
		} else {
			x = l.steady(l.expr(e.X), xt, e.X)
		}
		i := l.steady(l.expr(e.Index), it, e.Index)
		return val{l.indexed(e, x.s, i.s, xt), pure}
	}
	return l.addressable(e)
}

// set writes the assignment of a value of the place's type. The interpreter
// writes some values right into a variable's place, or puts another variable in
// its place, so that all but the plainest go by a new variable.
func (l *lowerer) set(p place, v val, e ast.Expr) {
	if p.s == "" {
		return
	}
	if p.stored {
		v.s = l.store(v.s, p.t)
	}
	if !isAtom(v.s) && !l.settable(p, e) || v.s == "nil" {
		name := l.temp("t")
		typ := l.vtyp(p.t)
		if p.stored {
			typ = l.typ(p.t)
		}
		l.newVar(name, typ, v.s, p.t)
		v.s = name
	}
	l.put("%s = %s; ", p.s, v.s)
}

// isAtom reports a name or a literal.
func isAtom(s string) bool {
	if s == "" || s[0] == '"' {
		return s != "" && strings.IndexByte(s[1:], '"') == len(s)-2
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '_' && c != '.' && !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= 0x80) {
			return false
		}
	}
	return true
}

// settable reports whether e's value may be written right into the place.
func (l *lowerer) settable(p place, e ast.Expr) bool {
	if !p.simple || e == nil {
		return false
	}
	if _, ok := under(p.t).(*types.Basic); !ok {
		c, isCall := ast.Unparen(e).(*ast.CallExpr)
		return isCall && l.builtinOf(c) == "append"
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		return e.Op != token.LAND && e.Op != token.LOR
	case *ast.CallExpr:
		return false
	}
	return false
}

// plainVariable reports an identifier, for which nothing is evaluated.
func (l *lowerer) plainVariable(e ast.Expr) bool {
	_, ok := ast.Unparen(e).(*ast.Ident)
	return ok
}

// places lowers the left sides of an assignment of several values. The operands of
// those with calls come before the right side, the others, by late, after it.
func (l *lowerer) places(lhs []ast.Expr) (places []place, late func()) {
	places = make([]place, len(lhs))
	find := func(effects bool) {
		for i, e := range lhs {
			if e != nil && l.hasEffects(e) == effects {
				places[i] = l.place(e, true)
			}
		}
	}
	find(true)
	return places, func() { find(false) }
}
