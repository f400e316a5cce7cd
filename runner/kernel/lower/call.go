package lower

import (
	"go/ast"
	"go/types"
	"strings"

	"ioworkbook/runner/trace"
)

const (
	unixPath = "golang.org/x/sys/unix"
	sysPath  = "ioworkbook/runner/trace/sys"
)

// form is how a function takes and returns values.
type form int

const (
	direct   form = iota // a function of the lowered text: the line cell first, types of variables
	stored               // a function value: types of stored values
	compiled             // as Go has it
)

// A callee is what a call expression calls.
type callee struct {
	form form
	own  bool             // it runs lowered code
	sig  *types.Signature // in Go's form
	recv *operand         // evaluated together with the arguments, nil: nothing to evaluate
	text func(recv string) (fun string, first []string)
}

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

// callee finds out what a call calls.
func (l *lowerer) callee(e *ast.CallExpr) callee {
	sig, _ := under(l.typeOf(e.Fun)).(*types.Signature)
	fun := ast.Unparen(e.Fun)
	switch f := fun.(type) {
	case *ast.Ident:
		if fn, ok := l.info.Uses[f].(*types.Func); ok {
			return l.function1(f, fn, f, sig)
		}
	case *ast.IndexExpr, *ast.IndexListExpr:
		x := genericOperand(fun)
		if id := identOf(x); id != nil {
			if fn, ok := l.info.Uses[id].(*types.Func); ok {
				if fn.Pkg() != l.f.Pkg {
					return l.compiledCallee(fun, fn, sig)
				}
				return l.function1(fun, fn, id, sig)
			}
		}
	case *ast.SelectorExpr:
		sel := l.info.Selections[f]
		if sel == nil {
			if fn, ok := l.info.Uses[f.Sel].(*types.Func); ok {
				return l.compiledCallee(f, fn, sig)
			}
		} else if sel.Kind() == types.MethodVal {
			return l.methodCallee(f, sel, sig)
		} else if sel.Kind() == types.MethodExpr {
			return l.methodExprCallee(f, sel, sig)
		}
	case *ast.FuncLit:
		text := l.funcLitSame(f)
		return callee{form: stored, own: true, sig: sig, text: func(string) (string, []string) { return text, nil }}
	}
	// A function value.
	t := l.typeOf(e.Fun)
	return callee{
		form: stored, own: true, sig: sig,
		recv: &operand{func() val {
			v := l.expr(fun)
			if _, ok := fun.(*ast.Ident); !ok {
				v = l.variable(v, t)
			}
			return v
		}, t},
		text: func(recv string) (string, []string) { return recv, nil },
	}
}

func identOf(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	}
	return nil
}

func genericOperand(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.IndexExpr:
		return e.X
	case *ast.IndexListExpr:
		return e.X
	}
	return e
}

// function1 is the callee for a function of the file.
func (l *lowerer) function1(at ast.Node, fn *types.Func, id *ast.Ident, sig *types.Signature) callee {
	name := globalName(fn.Name())
	if inst, ok := l.info.Instances[id]; ok {
		name = l.instanceOf(at, fn, typeList(inst.TypeArgs))
	}
	return callee{form: direct, own: true, sig: sig, text: func(string) (string, []string) {
		return name, l.lineArg(name)
	}}
}

// lineArg is the hidden first argument of lowered functions.
func (l *lowerer) lineArg(name string) []string {
	if keepsSignature(name) {
		return nil
	}
	return []string{l.cell()}
}

// keepsSignature reports functions that are called from outside.
func keepsSignature(name string) bool {
	return name == "main" || name == "init" || strings.HasPrefix(name, "cell__")
}

// compiledCallee is the callee for a function of another package.
func (l *lowerer) compiledCallee(at ast.Node, fn *types.Func, sig *types.Signature) callee {
	if fn.Pkg().Path() == unixPath && !trace.Pure(fn.Name()) {
		line := l.line(at.Pos())
		return callee{form: compiled, sig: sig, text: func(string) (string, []string) {
			return l.pkg(sysPath) + "." + fn.Name(), []string{itoa(line)}
		}}
	}
	return callee{form: compiled, sig: sig, text: func(string) (string, []string) {
		return l.pkg(fn.Pkg().Path()) + "." + fn.Name(), nil
	}}
}

// methodCallee is the callee for x.Method.
func (l *lowerer) methodCallee(f *ast.SelectorExpr, sel *types.Selection, sig *types.Signature) callee {
	fn, index, xt := l.selected(sel, l.typeOf(f.X))
	r := l.receiver(f, xt, index, fn)
	c := callee{form: r.form, own: r.form != compiled, sig: sig, text: r.text}
	c.recv = &operand{func() val {
		x := l.recvOperand(f.X, r.byAddress && !isPointer(xt))
		return val{x.s, x.k}
	}, xt}
	if isPointer(xt) || isInterface(xt) {
		return c
	}
	// A variable stays where it is: its address or its value is taken at the call.
	if id, ok := ast.Unparen(f.X).(*ast.Ident); ok {
		if _, ok := l.info.ObjectOf(id).(*types.Var); ok {
			c.recv.lower = func() val { return val{l.recvOperand(f.X, true).s, pure} }
		}
	}
	return c
}

func isPointer(t types.Type) bool {
	_, ok := under(t).(*types.Pointer)
	return ok
}

// recvOperand lowers the x of x.Method.
func (l *lowerer) recvOperand(x ast.Expr, address bool) val {
	if address {
		return l.addressable(x)
	}
	return l.expr(x)
}

// selected resolves a method selection in the instance being written.
func (l *lowerer) selected(sel *types.Selection, xt types.Type) (*types.Func, []int, types.Type) {
	fn := sel.Obj().(*types.Func)
	index := sel.Index()
	if _, ok := types.Unalias(sel.Recv()).(*types.TypeParam); ok || len(l.subst) > 0 {
		o, idx, _ := types.LookupFieldOrMethod(xt, true, fn.Pkg(), fn.Name())
		if m, ok := o.(*types.Func); ok {
			return m, idx, xt
		}
	}
	return fn, index, xt
}

// A receiver says how a method is called once its operand is evaluated.
type receiver struct {
	form      form
	byAddress bool // the method wants a pointer to what the operand is or contains
	text      func(x string) (fun string, first []string)
}

// receiver finds how to call method fn of an operand of type xt.
func (l *lowerer) receiver(at ast.Node, xt types.Type, index []int, fn *types.Func) receiver {
	path := index[:len(index)-1]
	_, t, _ := l.path("", xt, path)
	name := fn.Name()
	field := func(x string) string {
		tests, x := split(x)
		if strings.HasPrefix(x, "&") || strings.HasPrefix(x, "*") {
			x = "(" + x + ")"
		}
		s, last, _ := l.path(x, xt, path)
		if len(path) > 0 {
			s = l.load(s, last)
		}
		return tests + s
	}
	if isInterface(t) {
		if l.isCompiledInterface(t) {
			return receiver{form: compiled, text: func(x string) (string, []string) { return field(x) + "." + name, nil }}
		}
		d := l.dispatcher(at, t, fn)
		return receiver{form: direct, text: func(x string) (string, []string) { return d, []string{l.cell(), field(x)} }}
	}
	_, wantsPointer := types.Unalias(fn.Signature().Recv().Type()).(*types.Pointer)
	elem := t
	p, hasPointer := under(t).(*types.Pointer)
	if hasPointer {
		elem = p.Elem()
	}
	n, ok := types.Unalias(elem).(*types.Named)
	if ok && l.isOwn(n) {
		f := l.methodOf(at, n, fn)
		return receiver{form: direct, byAddress: wantsPointer, text: func(x string) (string, []string) {
			tests, s := split(field(x))
			switch {
			case wantsPointer && !hasPointer:
				s = "(&" + s + ")"
			case !wantsPointer && hasPointer:
				s = "(*" + s + ")"
			}
			return f, []string{l.cell(), tests + s}
		}}
	}
	return receiver{form: compiled, byAddress: wantsPointer, text: func(x string) (string, []string) {
		return field(x) + "." + name, nil
	}}
}
