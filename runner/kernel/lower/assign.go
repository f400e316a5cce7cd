package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

func (l *lowerer) assign(s *ast.AssignStmt) {
	switch {
	case s.Tok == token.DEFINE:
		l.defineStmt(s)
	case s.Tok != token.ASSIGN:
		l.opAssign(s)
	case len(s.Lhs) == 1:
		l.current = s
		rhs := s.Rhs[0]
		if c, ok := ast.Unparen(rhs).(*ast.CallExpr); ok && l.plainVariable(s.Lhs[0]) {
			l.current = c
		}
		if id, ok := s.Lhs[0].(*ast.Ident); ok && id.Name == "_" {
			l.discard(l.expr(rhs), l.typeOf(rhs))
			return
		}
		var p place
		t := l.typeOf(s.Lhs[0])
		before := l.capture(func() { p = l.place(s.Lhs[0], false) })
		var v val
		after := l.capture(func() { v = l.exprTo(rhs, t) })
		if (after != "" || v.k == effects) && !p.simple {
			// The left side's operands come first.
			if l.hasEffects(s.Lhs[0]) {
				before = l.capture(func() { p = l.place(s.Lhs[0], true) })
			}
		}
		l.put("%s%s", before, after)
		l.set(p, v, rhs)
	case len(s.Rhs) == 1:
		l.assignFrom(s.Lhs, s.Rhs[0], nil)
	default:
		l.assignAll(s)
	}
}

func (l *lowerer) hasEffects(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			if tv := l.info.Types[n]; tv.Value == nil && !l.info.Types[n.Fun].IsType() {
				found = true
			}
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return !found
	})
	return found
}

// assignAll lowers a, b = x, y: operands and values first, then the assignments.
func (l *lowerer) assignAll(s *ast.AssignStmt) {
	places, late := l.places(s.Lhs)
	list := make([]operand, len(s.Rhs))
	for i, e := range s.Rhs {
		t := l.typeOf(e)
		if id, ok := s.Lhs[i].(*ast.Ident); !ok || id.Name != "_" {
			t = l.typeOf(s.Lhs[i])
		}
		list[i] = operand{func() val { return l.exprTo(e, t) }, types.Default(t)}
	}
	v := l.operands(list)
	for i := range v {
		switch id, ok := s.Lhs[i].(*ast.Ident); {
		case !ok || id.Name != "_":
			if !l.isConst(s.Rhs[i]) {
				v[i] = l.variable(v[i], list[i].t)
			}
		case v[i].k == effects || l.fails(s.Rhs[i]):
			l.discard(v[i], list[i].t)
		}
	}
	late()
	for i := range v {
		if places[i].s != "" {
			l.set(places[i], v[i], nil)
		}
	}
}

// defineStmt lowers :=. Variables that are not new are assigned.
func (l *lowerer) defineStmt(s *ast.AssignStmt) {
	if len(s.Lhs) != len(s.Rhs) {
		l.assignFrom(s.Lhs, s.Rhs[0], func(id *ast.Ident) *types.Var {
			v, _ := l.info.Defs[id].(*types.Var)
			return v
		})
		return
	}
	if len(s.Lhs) == 1 {
		if c, ok := ast.Unparen(s.Rhs[0]).(*ast.CallExpr); ok {
			l.current = c
		}
		id := s.Lhs[0].(*ast.Ident)
		v, _ := l.info.Defs[id].(*types.Var)
		if v == nil { // _ := x is not legal
			return
		}
		x := l.exprTo(s.Rhs[0], v.Type())
		l.declare(v, x)
		return
	}
	list := make([]operand, len(s.Rhs))
	for i, e := range s.Rhs {
		t := l.typeOf(e)
		if id := s.Lhs[i].(*ast.Ident); id.Name != "_" {
			t = l.sub(l.info.ObjectOf(id).Type())
		}
		list[i] = operand{func() val { return l.exprTo(e, t) }, types.Default(t)}
	}
	v := l.operands(list)
	for i := range v {
		id := s.Lhs[i].(*ast.Ident)
		if id.Name == "_" {
			l.discard(v[i], list[i].t)
		} else if !l.isConst(s.Rhs[i]) {
			v[i] = l.variable(v[i], list[i].t)
		}
	}
	for i := range v {
		id := s.Lhs[i].(*ast.Ident)
		if id.Name == "_" {
			continue
		}
		if n, ok := l.info.Defs[id].(*types.Var); ok {
			l.declare(n, v[i])
		} else {
			l.set(l.place(id, false), v[i], nil)
		}
	}
}

// declare writes the declaration of a variable with a value.
func (l *lowerer) declare(v *types.Var, x val) {
	s := x.s
	if l.isStored(v) {
		s = l.store(s, l.sub(v.Type()))
	}
	l.newVar(l.name(v), l.varType(v), s, v.Type())
}

// newVar writes the declaration of a variable, in a place of its own each time: a
// literal of an array, a slice or a map would go into the place of the time before.
func (l *lowerer) newVar(name, typ, value string, t types.Type) {
	if strings.HasSuffix(value, "}") {
		switch under(l.sub(t)).(type) {
		case *types.Array, *types.Slice, *types.Map:
			l.put("var %s %s; %s = %s; ", name, typ, name, value)
			return
		}
	}
	l.put("var %s %s = %s; ", name, typ, value)
}

// assignFrom lowers an assignment or definition of several variables from one
// expression: a call, or a form with ", ok". defines returns the variable that
// an identifier declares, nil if it declares none.
func (l *lowerer) assignFrom(lhs []ast.Expr, rhs ast.Expr, defines func(*ast.Ident) *types.Var) {
	l.current = rhs
	vars := make([]*types.Var, len(lhs))
	assigned := slices.Clone(lhs)
	for i, e := range lhs {
		if id, ok := e.(*ast.Ident); ok && defines != nil && id.Name != "_" {
			if vars[i] = defines(id); vars[i] != nil {
				assigned[i] = nil
			}
		}
	}
	places, late := l.places(assigned)
	values, typs := l.several(rhs, len(lhs))
	late()
	for i := range lhs {
		switch {
		case vars[i] != nil:
			l.declare(vars[i], l.convert(values[i], typs[i], l.sub(vars[i].Type()), rhs))
		case places[i].s != "":
			l.set(places[i], l.convert(values[i], typs[i], places[i].t, rhs), nil)
		}
	}
}

// several evaluates an expression with several values into new variables.
func (l *lowerer) several(e ast.Expr, n int) ([]val, []types.Type) {
	boolean := types.Typ[types.Bool]
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		if v, typs, ok := l.specialSeveral(e); ok {
			return v, typs
		}
		s, _, loads := l.callMulti(e)
		names := make([]string, n)
		vals := make([]val, n)
		typs := make([]types.Type, n)
		tuple := l.typeOf(e).(*types.Tuple)
		for i := range names {
			names[i] = l.temp("t")
			vals[i] = val{loads(i, names[i]), pure}
			typs[i] = l.sub(tuple.At(i).Type())
		}
		l.put("%s := %s; ", strings.Join(names, ", "), s)
		return vals, typs
	case *ast.IndexExpr:
		xt := l.typeOf(e.X)
		m := under(xt).(*types.Map)
		v := l.operands([]operand{
			{func() val { return l.expr(e.X) }, xt},
			{func() val { return l.key(e.Index, m.Key()) }, m.Key()},
		})
		elem := l.sub(m.Elem())
		x, ok := l.temp("v"), l.temp("ok")
		// The variable is new: the interpreter leaves it alone when there is no entry.
		l.put("var %s %s; var %s bool; %s, %s = %s[%s]; ", x, l.typ(elem), ok, x, ok, v[0].s, l.store(v[1].s, m.Key()))
		return []val{{l.load(x, elem), pure}, {ok, pure}}, []types.Type{elem, boolean}
	case *ast.TypeAssertExpr:
		x := l.expr(e.X)
		t := l.sub(l.info.TypeOf(e.Type))
		name, ok := l.temp("v"), l.temp("ok")
		l.put("var %s %s; var %s bool = %s.Assert(&%s, %s, %s); ", name, l.vtyp(t), ok, l.rt(), name, x.s, l.desc(t))
		return []val{{name, pure}, {ok, pure}}, []types.Type{t, boolean}
	case *ast.UnaryExpr:
		v, ok := l.receive(e)
		return []val{v, ok}, []types.Type{l.elemOf(l.typeOf(e.X)), boolean}
	}
	l.refuse(e, "this assignment of several values", "")
	return make([]val, n), make([]types.Type, n)
}

var opOf = map[token.Token]token.Token{
	token.ADD_ASSIGN: token.ADD, token.SUB_ASSIGN: token.SUB, token.MUL_ASSIGN: token.MUL,
	token.QUO_ASSIGN: token.QUO, token.REM_ASSIGN: token.REM, token.AND_ASSIGN: token.AND,
	token.OR_ASSIGN: token.OR, token.XOR_ASSIGN: token.XOR, token.SHL_ASSIGN: token.SHL,
	token.SHR_ASSIGN: token.SHR, token.AND_NOT_ASSIGN: token.AND_NOT,
}

// opAssign lowers x op= y.
func (l *lowerer) opAssign(s *ast.AssignStmt) {
	op := opOf[s.Tok]
	t := l.typeOf(s.Lhs[0])
	l.operate(s.Lhs[0], t, op, func() val {
		if op == token.SHL || op == token.SHR {
			n := l.shiftCount(s.Rhs[0])
			if n.k == effects {
				n = l.variable(n, l.typeOf(s.Rhs[0]))
			}
			return n
		}
		return l.exprTo(s.Rhs[0], t)
	})
}

func (l *lowerer) incDec(s *ast.IncDecStmt) {
	op := token.ADD
	if s.Tok == token.DEC {
		op = token.SUB
	}
	t := l.typeOf(s.X)
	l.operate(s.X, t, op, func() val {
		one := "1"
		if n := l.typ(t); n != "int" {
			one = n + "(1)"
		}
		return val{one, pure}
	})
}

func (l *lowerer) operate(lhs ast.Expr, t types.Type, op token.Token, rhs func() val) {
	var p place
	var y val
	operands := l.capture(func() { p = l.place(lhs, true) })
	after := l.capture(func() {
		if y = rhs(); y.k == effects {
			y = l.variable(y, t)
		}
	})
	if after == "" || l.hasEffects(lhs) {
		l.put("%s%s", operands, after)
	} else {
		l.put("%s", after)
		p = l.place(lhs, true)
	}
	if b, ok := under(t).(*types.Basic); ok && b.Info()&types.IsComplex != 0 {
		l.refuse(lhs, "complex numbers", "")
	}
	text := p.s + " " + op.String() + " " + y.s
	if p.simple {
		l.put("%s = %s; ", p.s, text)
		return
	}
	name := l.temp("t")
	l.put("var %s %s = %s; %s = %s; ", name, l.typ(t), text, plain(p.s), name)
}
