package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

func (l *lowerer) binary(e *ast.BinaryExpr) val {
	switch e.Op {
	case token.LAND, token.LOR:
		return l.shortCircuit(e)
	case token.EQL, token.NEQ:
		return l.comparison(e)
	case token.SHL, token.SHR:
		return l.shift(e)
	}
	v := l.operands([]operand{
		{func() val { return l.expr(e.X) }, l.typeOf(e.X)},
		{func() val { return l.expr(e.Y) }, l.typeOf(e.Y)},
	})
	return l.truth(e, val{"(" + v[0].s + " " + e.Op.String() + " " + v[1].s + ")", most(v...)})
}

// truth converts the bool of a comparison to a defined type.
func (l *lowerer) truth(e ast.Expr, v val) val {
	t := l.typeOf(e)
	if n, ok := types.Unalias(t).(*types.Named); ok {
		if b, ok := n.Underlying().(*types.Basic); ok && b.Info()&types.IsBoolean != 0 {
			v.s = conv(l.typ(t), v.s)
		}
	}
	return v
}

func (l *lowerer) shortCircuit(e *ast.BinaryExpr) val {
	x := l.expr(e.X)
	// The interpreter's && and || fail with constant operands, and when the first
	// thing to evaluate is an element of a literal.
	decided := map[token.Token]string{token.LAND: "false", token.LOR: "true"}[e.Op]
	switch x.s {
	case decided:
		return x
	case "true", "false":
		return l.expr(e.Y)
	}
	var y val
	before := l.capture(func() { y = l.expr(e.Y) })
	y.s = without(y.s, x.s)
	if strings.Contains(plain(x.s), "{") {
		x = l.variable(x, types.Typ[types.Bool])
	}
	if before == "" && !hasTests(y.s) && !strings.Contains(y.s, "{") {
		switch y.s {
		case decided:
			l.discard(x, types.Typ[types.Bool])
			return y
		case "true", "false":
			return x
		}
		return val{"(" + x.s + " " + e.Op.String() + " " + y.s + ")", inPlace(max(x.k, y.k))}
	}
	r := l.variable(x, l.typeOf(e))
	not := ""
	if e.Op == token.LOR {
		not = "!"
	}
	l.put("if %s%s { %s%s = %s; }; ", not, r.s, before, r.s, y.s)
	return r
}

func (l *lowerer) shift(e *ast.BinaryExpr) val {
	t := l.typeOf(e)
	if b, ok := under(t).(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		t = types.Default(t)
	}
	v := l.operands([]operand{
		{func() val { return l.exprTo(e.X, t) }, t},
		{func() val { return l.shiftCount(e.Y) }, l.typeOf(e.Y)},
	})
	return val{"(" + v[0].s + " " + e.Op.String() + " " + v[1].s + ")", most(v...)}
}

// shiftCount lowers a count, which must not be negative.
func (l *lowerer) shiftCount(e ast.Expr) val {
	t := l.typeOf(e)
	if tv := l.info.Types[e]; tv.Value != nil {
		return val{"uint(" + tv.Value.ExactString() + ")", pure}
	}
	n := l.expr(e)
	b, ok := under(t).(*types.Basic)
	if !ok || b.Info()&types.IsUnsigned != 0 {
		return n
	}
	n = l.steady(n, t, e)
	l.put("if %s < 0 { %s.Negative(); }; ", n.s, l.rt())
	return n
}
