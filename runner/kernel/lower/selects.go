package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// selectStmt lowers a select statement to a call that says which case it is.
func (l *lowerer) selectStmt(s *ast.SelectStmt, label string) {
	l.put("{ ")
	l.markLine(s.Select)
	c := l.pushSwitch(label)
	hasDefault := "false"
	var cases []string
	var bind []func()
	var clauses []*ast.CommClause
	var defaultClause *ast.CommClause
	for _, x := range s.Body.List {
		cl := x.(*ast.CommClause)
		if cl.Comm == nil {
			hasDefault, defaultClause = "true", cl
			continue
		}
		clauses = append(clauses, cl)
		text, b := l.comm(cl)
		cases = append(cases, text)
		bind = append(bind, b)
	}
	n := l.temp("c")
	args := ""
	if len(cases) > 0 {
		args = ", " + strings.Join(cases, ", ")
	}
	l.put("var %s int = %s.Select(%s%s); ", n, l.rt(), hasDefault, args)
	for i, cl := range clauses {
		if i > 0 {
			l.put("} else ")
		}
		l.put("if %s == %d { ", n, i)
		l.mark = 0
		bind[i]()
		l.at(cl.Pos())
		l.block(cl.Body)
	}
	if defaultClause != nil {
		if len(clauses) > 0 {
			l.put("} else { ")
		} else {
			l.put("{ ")
		}
		l.mark = 0
		l.at(defaultClause.Pos())
		l.block(defaultClause.Body)
	}
	if len(s.Body.List) > 0 {
		l.put("}; ")
	}
	l.at(s.Body.Rbrace)
	l.pop(c)
	l.put("}; ")
}

// comm lowers a communication: what it evaluates, the rt.Case, and what the
// clause does first when it is chosen.
func (l *lowerer) comm(cl *ast.CommClause) (text string, bind func()) {
	l.current = nil
	nothing := func() {}
	if send, ok := cl.Comm.(*ast.SendStmt); ok {
		elem := l.elemOf(l.typeOf(send.Chan))
		v := l.operands([]operand{
			{func() val { return l.expr(send.Chan) }, l.typeOf(send.Chan)},
			{func() val { return l.exprTo(send.Value, elem) }, elem},
		})
		ch := l.variable(v[0], l.typeOf(send.Chan))
		x := l.temp("t")
		l.put("var %s %s = %s; ", x, l.typ(elem), l.store(v[1].s, elem))
		return l.rt() + ".Send(" + ch.s + ", &" + x + ")", nothing
	}
	var recv *ast.UnaryExpr
	var lhs []ast.Expr
	tok := token.ASSIGN
	switch st := cl.Comm.(type) {
	case *ast.ExprStmt:
		recv = ast.Unparen(st.X).(*ast.UnaryExpr)
	case *ast.AssignStmt:
		recv = ast.Unparen(st.Rhs[0]).(*ast.UnaryExpr)
		lhs, tok = st.Lhs, st.Tok
	}
	ch := l.variable(l.expr(recv.X), l.typeOf(recv.X))
	elem := l.elemOf(l.typeOf(recv.X))
	dst, ok := "nil", "nil"
	var v, more string
	if len(lhs) > 0 {
		v = l.temp("v")
		l.put("var %s %s; ", v, l.typ(elem))
		dst = "&" + v
	}
	if len(lhs) > 1 {
		more = l.temp("ok")
		l.put("var %s bool; ", more)
		ok = "&" + more
	}
	return l.rt() + ".Recv(" + ch.s + ", " + dst + ", " + ok + ")", func() {
		if len(lhs) > 0 {
			l.receiveInto(lhs[0], tok, v, elem, true)
		}
		if len(lhs) > 1 {
			l.receiveInto(lhs[1], tok, more, types.Typ[types.Bool], false)
		}
	}
}
