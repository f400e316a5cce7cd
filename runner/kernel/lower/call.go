package lower

import (
	"go/ast"
	"go/types"
	"strings"
)

const (
	unixPath = "golang.org/x/sys/unix"
	sysPath  = "ioworkbook/runner/trace/sys"
)

// call lowers a call expression to its only value.
func (l *lowerer) call(e *ast.CallExpr) val {
	if tv := l.info.Types[e.Fun]; tv.IsType() {
		return l.conversion(e)
	}
	if b := l.builtinOf(e); b != "" {
		return l.builtin(e, b)
	}
	if v, ok := l.special(e); ok {
		return v
	}
	c := l.callee(e)
	s := l.callText(e, c)
	if c.form == stored {
		s = l.load(s, l.typeOf(e))
	}
	v := val{s, effects}
	if c.own && l.risk(e) {
		v = l.variable(v, l.typeOf(e))
		l.store1(e)
	}
	return v
}

// store1 stores the line again after a call that has stored its own.
func (l *lowerer) store1(e ast.Node) {
	l.mark = 0
	l.markLine(e.Pos())
}

// callMulti lowers a call with several results. The text is for the right side
// of an assignment to variables of the types that come with it.
func (l *lowerer) callMulti(e *ast.CallExpr) (s string, typs []string, loads func(i int, s string) string) {
	c := l.callee(e)
	s = l.callText(e, c)
	res := c.sig.Results()
	typs = make([]string, res.Len())
	for i := range typs {
		t := l.sub(res.At(i).Type())
		typs[i] = l.vtyp(t)
		if c.form == stored {
			typs[i] = l.typ(t)
		}
	}
	loads = func(i int, s string) string {
		if c.form == stored {
			return l.load(s, l.sub(res.At(i).Type()))
		}
		return s
	}
	return s, typs, loads
}

// callText lowers a call's operands and writes the call.
func (l *lowerer) callText(e *ast.CallExpr, c callee) string {
	var list []operand
	if c.recv != nil {
		list = append(list, *c.recv)
	}
	args, spread := l.arguments(e, c)
	list = append(list, args...)
	v := l.operands(list)
	recv := ""
	if c.recv != nil {
		recv, v = v[0].s, v[1:]
	}
	fun, all := c.text(recv)
	texts := make([]string, len(v))
	for i := range v {
		texts[i] = v[i].s
	}
	all = append(all, l.pack(c, texts, spread)...)
	if c.own {
		l.mark = 0
		l.calls++
	}
	return fun + "(" + strings.Join(all, ", ") + ")"
}

// paramType is the type of argument i of n.
func (l *lowerer) paramType(sig *types.Signature, i int, spread bool) types.Type {
	params := sig.Params()
	if sig.Variadic() && i >= params.Len()-1 && !spread {
		return l.sub(params.At(params.Len() - 1).Type()).(*types.Slice).Elem()
	}
	return l.sub(params.At(i).Type())
}

// arguments are a call's arguments as operands.
func (l *lowerer) arguments(e *ast.CallExpr, c callee) (list []operand, spread bool) {
	spread = e.Ellipsis.IsValid()
	if len(e.Args) == 1 {
		if tuple, ok := l.typeOf(e.Args[0]).(*types.Tuple); ok {
			return l.forwarded(e, c, tuple), false
		}
	}
	for i, a := range e.Args {
		t := l.paramType(c.sig, i, spread)
		list = append(list, operand{func() val { return l.argument(e, a, t, c.form) }, t})
	}
	return list, spread
}

func (l *lowerer) argument(e *ast.CallExpr, a ast.Expr, t types.Type, f form) val {
	if f == compiled {
		if i, ok := under(t).(*types.Interface); ok && i.NumMethods() == 0 {
			return l.opaque(e, a, t)
		}
		if s, ok := under(t).(*types.Signature); ok && s.Variadic() && !l.isNil(a) {
			l.refuse(a, "a variadic function as an argument of a compiled function", "")
		}
	}
	if f == compiled && l.asksNoMore(e, a, t) {
		v, i := l.expr(a), l.temp("i")
		l.put("var %s %s; %s.WrapOnly(&%s, %s, %s); ", i, l.typ(t), l.rt(), i, l.boxDesc(l.typeOf(a)), v.s)
		return val{i, pure}
	}
	v := l.exprTo(a, t)
	if f == stored {
		v.s = l.store(v.s, t)
	}
	return v
}

// forwarded lowers f(g()) where g has several results.
func (l *lowerer) forwarded(e *ast.CallExpr, c callee, tuple *types.Tuple) []operand {
	var list []operand
	s, typs, loads := "", []string(nil), func(i int, s string) string { return s }
	names := make([]string, tuple.Len())
	for i := range names {
		names[i] = l.temp("t")
		from, to := l.sub(tuple.At(i).Type()), l.paramType(c.sig, i, false)
		list = append(list, operand{func() val {
			if i == 0 {
				s, typs, loads = l.callMulti(ast.Unparen(e.Args[0]).(*ast.CallExpr))
				l.put("%s := %s; ", strings.Join(names, ", "), s)
				_ = typs
			}
			v := l.convert(val{loads(i, names[i]), pure}, from, to, e)
			if c.form == stored {
				v.s = l.store(v.s, to)
			}
			return v
		}, to})
	}
	return list
}

// pack puts variadic arguments into the slice that lowered functions take.
func (l *lowerer) pack(c callee, args []string, spread bool) []string {
	n := c.sig.Params().Len()
	if c.form == compiled && spread {
		args[len(args)-1] += "..."
		return args
	}
	if !c.sig.Variadic() || c.form == compiled || spread {
		return args
	}
	t := l.sub(c.sig.Params().At(n - 1).Type())
	if len(args) < n {
		return append(args, l.typ(t)+"(nil)")
	}
	rest := make([]string, 0, len(args)-n+1)
	for _, a := range args[n-1:] {
		if c.form == direct {
			a = l.store(a, t.(*types.Slice).Elem())
		}
		rest = append(rest, a)
	}
	return append(args[:n-1:n-1], l.typ(t)+"{"+strings.Join(rest, ", ")+"}")
}

func isPointer(t types.Type) bool {
	_, ok := under(t).(*types.Pointer)
	return ok
}
