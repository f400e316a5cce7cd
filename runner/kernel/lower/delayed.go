package lower

import (
	"go/ast"
	"go/types"
	"strings"
)

// goStmt lowers a go statement: function, arguments and receiver are evaluated
// now, the call is made as an actor.
func (l *lowerer) goStmt(s *ast.GoStmt) {
	line := l.line(s.Go)
	cell := l.temp("l")
	c := l.delayed(s.Call, cell, false)
	l.put("%s.Go(%d, func(%s) func(*int32) { return func(%s *int32) { %s} }(%s)); ",
		l.rt(), line, c.params, cell, c.body, c.args)
}

// deferStmt lowers a defer statement: the call goes on the frame's list.
func (l *lowerer) deferStmt(s *ast.DeferStmt) {
	if l.builtinOf(s.Call) == "recover" {
		l.refuse(s, "recover that is deferred itself", "defer a function literal that calls recover")
		return
	}
	c := l.delayed(s.Call, l.cell(), true)
	l.put("%s.Defer(%d, func(%s) func() { return func() { *%s = %d; %s} }(%s)); ",
		l.fn.frame, c.recovers, c.params, l.cell(), l.line(s.Defer), c.body, c.args)
}

// A delayedCall is a call in two parts: what is evaluated by the statement, and
// the body that makes the call later.
type delayedCall struct {
	params, args string
	body         string
	recovers     int // see rt.Frame.Defer
}

func (l *lowerer) delayed(e *ast.CallExpr, cell string, deferred bool) delayedCall {
	var d delayedCall
	var params, args []string
	param := func(t string, v string) string {
		p := argName(len(params))
		params = append(params, p+" "+t)
		args = append(args, v)
		return p
	}
	finish := func(body string) delayedCall {
		d.params, d.args, d.body = strings.Join(params, ", "), strings.Join(args, ", "), body
		return d
	}
	fun := ast.Unparen(e.Fun)
	if lit, ok := fun.(*ast.FuncLit); ok && len(e.Args) == 0 {
		// The literal's body runs as it stands.
		frame := ""
		if deferred {
			frame = l.fn.frame
		}
		sig := l.typeOf(lit).(*types.Signature)
		if sig.Results().Len() == 0 {
			fn := &function{outer: l.fn, node: lit, sig: sig, form: stored, line: cell, uses: new(bool), inFrame: frame}
			if deferred {
				fn.uses = l.fn.uses
			}
			return finish(l.body(fn, lit.Body, lit.Type))
		}
		text := l.literal(lit, cell, frame)
		return finish(text + "(); ")
	}
	if b := l.builtinOf(e); b != "" {
		return finish(l.delayedBuiltin(e, b, param))
	}
	var list []operand
	c := l.callee(e)
	if lit, ok := fun.(*ast.FuncLit); ok {
		frame := ""
		if deferred {
			frame = l.fn.frame
		}
		text := l.literal(lit, cell, frame)
		c.text = func(string) (string, []string) { return text, nil }
	} else if deferred {
		d.recovers = l.mayRecover(fun, c)
	}
	recvType := ""
	if c.recv != nil {
		recvType = l.vtyp(c.recv.t)
		if sel, ok := fun.(*ast.SelectorExpr); ok && l.info.Selections[sel] != nil && l.info.Selections[sel].Kind() == types.MethodVal {
			x, t, r := l.bound(sel, l.info.Selections[sel])
			c.recv = &operand{func() val { return x }, t}
			c.text, recvType = r.text, l.vtyp(t)
		}
		list = append(list, *c.recv)
	}
	more, spread := l.arguments(e, c)
	list = append(list, more...)
	v := l.operands(list)
	recv := ""
	if c.recv != nil {
		recv = param(recvType, v[0].s)
		v = v[1:]
	}
	texts := make([]string, len(v))
	for i := range v {
		t := l.paramType(c.sig, i, spread)
		texts[i] = param(l.formType(t, c.form), v[i].s)
	}
	old := l.cellName
	l.cellName = cell
	f, first := c.text(recv)
	l.cellName = old
	all := append(first, l.pack(c, texts, spread)...)
	return finish(f + "(" + strings.Join(all, ", ") + "); ")
}

// mayRecover says whether a deferred function can recover: see rt.Frame.Defer.
func (l *lowerer) mayRecover(fun ast.Expr, c callee) int {
	const not, directlyItself, unknown = 0, 1, 2
	if c.form == compiled {
		return not
	}
	var o types.Object
	switch f := genericOperand(fun).(type) {
	case *ast.Ident:
		o = l.info.Uses[f]
	case *ast.SelectorExpr:
		if sel := l.info.Selections[f]; sel != nil && sel.Kind() == types.MethodVal {
			fn, _, _ := l.selected(sel, l.typeOf(f.X))
			o = fn.Origin()
		}
	}
	fn, ok := o.(*types.Func)
	if !ok {
		return unknown
	}
	decl, ok := l.decls[fn.Origin()].(*ast.FuncDecl)
	switch {
	case !ok || decl.Body == nil:
		return unknown
	case directly(decl.Body, l.isRecover):
		return directlyItself
	}
	return not
}

// delayedBuiltin evaluates a built-in's arguments and writes the call.
func (l *lowerer) delayedBuiltin(e *ast.CallExpr, name string, param func(t, v string) string) string {
	any := types.NewInterfaceType(nil, nil)
	switch name {
	case "close", "clear":
		t := l.typeOf(e.Args[0])
		p := param(l.typ(t), l.expr(e.Args[0]).s)
		if name == "clear" {
			return l.rt() + ".Clear(" + p + "); "
		}
		return "close(" + p + "); "
	case "panic":
		p := param("interface{}", l.exprTo(e.Args[0], any).s)
		return l.rt() + ".Panic(" + p + "); "
	case "delete":
		m := under(l.typeOf(e.Args[0])).(*types.Map)
		v := l.operands([]operand{
			{func() val { return l.expr(e.Args[0]) }, l.typeOf(e.Args[0])},
			{func() val { return l.key(e.Args[1], m.Key()) }, m.Key()},
		})
		a := param(l.typ(l.typeOf(e.Args[0])), v[0].s)
		b := param(l.typ(m.Key()), l.store(v[1].s, m.Key()))
		return "delete(" + a + ", " + b + "); "
	case "print", "println":
		var texts []string
		for _, a := range e.Args {
			texts = append(texts, param("interface{}", l.exprTo(a, any).s))
		}
		f := map[string]string{"print": "Print", "println": "Println"}[name]
		return l.rt() + "." + f + "(" + strings.Join(texts, ", ") + "); "
	}
	l.refuse(e, name+" in a go or defer statement", "put it in a function literal")
	return ""
}
