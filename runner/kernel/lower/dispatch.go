package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"strconv"
	"strings"
)

// dispatcher returns the function that calls a method of an interface value of
// one of the cell's own interface types.
func (l *lowerer) dispatcher(at ast.Node, iface types.Type, fn *types.Func) string {
	sig := l.methodSignature(iface, fn)
	key := fn.Name() + " " + l.reflectText(sig)
	if name := l.dispatchers[key]; name != "" {
		return name
	}
	name := l.temp("call" + l.unit + "_" + fn.Name())
	l.dispatchers[key] = name
	var params, args, types_ []string
	for i := range sig.Params().Len() {
		t := l.sub(sig.Params().At(i).Type())
		p := argName(i)
		params = append(params, p+" "+l.paramTyp(t))
		types_ = append(types_, l.typ(t))
		if l.paramTyp(t) != l.vtyp(t) {
			p += ".(" + l.vtyp(t) + ")"
		}
		args = append(args, l.store(p, t))
	}
	ftype := "func(interface{}" + prefixed(types_) + ")" + l.results(sig)
	call := "f__(" + l.rt() + ".Value(x__)" + prefixed(args) + ")"
	fmt.Fprintf(&l.top, "func %s(l__ *int32, x__ interface{}%s)%s { var f__ %s; %s.Find(&f__, x__, %q); %s }; ",
		name, prefixed(params), l.directResults(sig), ftype, l.rt(), fn.Name(), l.returned(sig, call, false))
	return name
}

// argName is the name of a parameter of a generated function.
func argName(i int) string { return "a" + strconv.Itoa(i) + "__" }

func prefixed(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return ", " + strings.Join(list, ", ")
}

// methodSignature is fn's signature in the instance of the interface.
func (l *lowerer) methodSignature(iface types.Type, fn *types.Func) *types.Signature {
	return l.sub(fn.Signature()).(*types.Signature)
}

// directResults writes the results of a lowered function.
func (l *lowerer) directResults(sig *types.Signature) string {
	list := make([]string, sig.Results().Len())
	for i := range list {
		list[i] = l.vtyp(sig.Results().At(i).Type())
	}
	switch len(list) {
	case 0:
		return ""
	case 1:
		return " " + list[0]
	}
	return " (" + strings.Join(list, ", ") + ")"
}

// returned writes statements that return what a call returns, converted from the
// form of function values to that of lowered functions, or the other way.
func (l *lowerer) returned(sig *types.Signature, call string, toStored bool) string {
	n := sig.Results().Len()
	if n == 0 {
		return call
	}
	conv := func(s string, i int) string {
		t := l.sub(sig.Results().At(i).Type())
		if toStored {
			return l.store(s, t)
		}
		return l.load(s, t)
	}
	names := make([]string, n)
	values := make([]string, n)
	same := true
	for i := range names {
		names[i] = "r" + strconv.Itoa(i) + "__"
		values[i] = conv(names[i], i)
		same = same && values[i] == names[i]
	}
	if same {
		return "return " + call
	}
	return strings.Join(names, ", ") + " := " + call + "; return " + strings.Join(values, ", ")
}

// adapter writes a function value that calls a lowered function: fun is its name,
// first the arguments that come before the parameters.
func (l *lowerer) adapter(sig *types.Signature, call func(args []string) string, needsLine bool) string {
	var params, args []string
	for i := range sig.Params().Len() {
		t := l.sub(sig.Params().At(i).Type())
		p := argName(i)
		params = append(params, p+" "+l.typ(t))
		args = append(args, l.load(p, t))
	}
	line := ""
	if needsLine {
		line = "l__ := " + l.rt() + ".Line(); "
	}
	return "func(" + strings.Join(params, ", ") + ")" + l.results(sig) + " { " + line + l.returned(sig, call(args), true) + " }"
}

// inLoop makes a function literal in a call of its own when the statement can
// run again in the same frame: the interpreter has one place for the literal's
// value, into which goroutines that run it write.
func (l *lowerer) inLoop(sig *types.Signature, lit string) string {
	if l.fn == nil || l.fn.loops == 0 {
		return lit
	}
	return "func() func" + l.signature(sig) + " { return " + lit + " }()"
}

// funcValue is a function of the file as a value.
func (l *lowerer) funcValue(id *ast.Ident, fn *types.Func) val {
	if fn.Pkg() != l.f.Pkg {
		return val{l.pkg(fn.Pkg().Path()) + "." + fn.Name(), pure}
	}
	sig := l.sub(l.typeOf(id)).(*types.Signature)
	name := globalName(fn.Name())
	if inst, ok := l.info.Instances[id]; ok {
		sig = l.sub(inst.Type).(*types.Signature)
		name = l.instanceOf(id, fn, typeList(inst.TypeArgs))
	}
	lit := l.adapter(sig, func(args []string) string {
		if keepsSignature(name) {
			return name + "(" + strings.Join(args, ", ") + ")"
		}
		return name + "(l__" + prefixed(args) + ")"
	}, !keepsSignature(name))
	return val{l.inLoop(sig, lit), pure}
}

// genericValue is an instance of a generic function as a value.
func (l *lowerer) genericValue(e ast.Expr, x ast.Expr) val {
	id := identOf(x)
	if fn, ok := l.info.Uses[id].(*types.Func); ok {
		if fn.Pkg() != l.f.Pkg {
			return val{"nil", pure} // refused, see symbols
		}
		return l.funcValue(id, fn)
	}
	l.refuse(e, "this instance", "")
	return val{"nil", pure}
}

// bound evaluates the receiver of x.Method as far as Go does before the call: what
// the method is called with, its type, and how to call it then.
func (l *lowerer) bound(e *ast.SelectorExpr, sel *types.Selection) (x val, t types.Type, r receiver) {
	fn, index, xt := l.selected(sel, l.typeOf(e.X))
	path, step := index[:len(index)-1], index[len(index)-1:]
	byAddress := l.receiver(e, xt, index, fn).byAddress
	_, last, indirect := l.path("", xt, path)
	t = last
	switch {
	case byAddress && !isPointer(last):
		if isPointer(xt) || indirect && len(path) == 0 {
			x = l.expr(e.X)
		} else {
			x = l.addressable(e.X)
		}
		tests, s := split(x.s)
		s, _, _ = l.path(s, xt, path)
		x.s, t = tests+"&"+s, types.NewPointer(last)
	default:
		x = l.expr(e.X)
		tests, s := split(x.s)
		if len(path) > 0 {
			s, _, _ = l.path(s, xt, path)
			s = l.load(s, last)
		}
		if p, ok := under(last).(*types.Pointer); ok && !byAddress {
			s, t = "*"+s, p.Elem() // a value receiver: the value now
		}
		x.s = tests + s
	}
	if isInterface(t) {
		x = l.variable(x, t)
		l.put("if %s == nil { %s.NilCall() }; ", x.s, l.rt())
	}
	return x, t, l.receiver(e, t, step, fn)
}

// methodValue lowers x.Method that is not called.
func (l *lowerer) methodValue(e *ast.SelectorExpr, sel *types.Selection) val {
	sig := l.typeOf(e).(*types.Signature)
	x, t, r := l.bound(e, sel)
	lit := l.adapter(sig, func(args []string) string {
		fun, first := l.withLine(r, "x__")
		if r.form == compiled && sig.Variadic() {
			args[len(args)-1] += "..."
		}
		return fun + "(" + strings.Join(append(first, args...), ", ") + ")"
	}, r.form != compiled)
	// A factory keeps the receiver.
	return val{"func(x__ " + l.vtyp(t) + ") func" + l.signature(sig) + " { return " + lit + " }(" + x.s + ")", reads}
}

// withLine is r.text in a literal whose line cell is called l.
func (l *lowerer) withLine(r receiver, x string) (string, []string) {
	old := l.cellName
	l.cellName = "l__"
	defer func() { l.cellName = old }()
	return r.text(x)
}

// methodExpr lowers T.Method that is not called.
func (l *lowerer) methodExpr(e *ast.SelectorExpr, sel *types.Selection) val {
	sig := l.typeOf(e).(*types.Signature)
	c := l.methodExprCallee(e, sel, sig)
	lit := l.adapter(sig, func(args []string) string {
		old := l.cellName
		l.cellName = "l__"
		defer func() { l.cellName = old }()
		fun, first := c.text(args[0])
		return fun + "(" + strings.Join(append(first, args[1:]...), ", ") + ")"
	}, true)
	return val{l.inLoop(sig, "func"+strings.TrimPrefix(lit, "func")), pure}
}

// methodExprCallee is the callee for T.Method(x, ...).
func (l *lowerer) methodExprCallee(e *ast.SelectorExpr, sel *types.Selection, sig *types.Signature) callee {
	recvType := l.sub(sel.Recv())
	o, index, _ := types.LookupFieldOrMethod(recvType, true, sel.Obj().Pkg(), sel.Obj().Name())
	fn, ok := o.(*types.Func)
	if !ok {
		l.refuse(e, "this method expression", "write a function literal")
		return callee{sig: sig, text: func(string) (string, []string) { return "f", nil }}
	}
	r := l.receiver(e, recvType, index, fn)
	form := r.form
	if form == compiled && sig.Variadic() {
		l.refuse(e, "a method expression of a variadic compiled method", "write a function literal")
	}
	return callee{form: form, own: form != compiled, sig: sig, text: func(recv string) (string, []string) {
		if recv != "" {
			return r.text(recv)
		}
		// Called at once: the receiver is the first of the arguments.
		return l.receiverFunc(r, sig, recvType), []string{l.cell()}
	}}
}

// receiverFunc writes a literal that takes the receiver as first argument.
func (l *lowerer) receiverFunc(r receiver, sig *types.Signature, recv types.Type) string {
	var params, args []string
	for i := range sig.Params().Len() {
		p := argName(i)
		params = append(params, p+" "+l.vtyp(sig.Params().At(i).Type()))
		args = append(args, p)
	}
	fun, first := l.withLine(r, argName(0))
	call := fun + "(" + strings.Join(append(first, args[1:]...), ", ") + ")"
	if sig.Results().Len() > 0 {
		call = "return " + call
	}
	return "func(l__ *int32" + prefixed(params) + ")" + l.directResults(sig) + " { " + call + " }"
}

// methods registers the method set of a type: all of it for a type that is put
// into boxes, else what printing calls.
func (l *lowerer) methods(t types.Type, all bool) {
	key := l.describe(t)
	if l.methodSets[key+"+"] || !all && l.methodSets[key] {
		return
	}
	l.methodSets[key] = true
	if all {
		l.methodSets[key+"+"] = true
	}
	set := types.NewMethodSet(t)
	var b strings.Builder
	for i := range set.Len() {
		sel := set.At(i)
		fn := sel.Obj().(*types.Func)
		switch {
		case !fn.Exported() && fn.Pkg() != l.f.Pkg, fn.Pkg() != l.f.Pkg && !nameable(fn.Signature()):
			continue
		case !all && fn.Name() != "Error" && fn.Name() != "String" && fn.Name() != "Format" && fn.Name() != "GoString":
			continue
		}
		b.WriteString(l.method(t, sel, fn))
	}
	if b.Len() > 0 {
		fmt.Fprintf(&l.sets, "%s.Methods(%s%s); ", l.rt(), l.desc(t), b.String())
	}
}

// method writes one method's name, signature and function.
func (l *lowerer) method(t types.Type, sel *types.Selection, fn *types.Func) string {
	sig := l.sub(sel.Type()).(*types.Signature)
	at := l.decls[fn.Origin()]
	if at == nil {
		at = l.f.Syntax
	}
	r := l.receiver(at, t, sel.Index(), fn)
	var params, args []string
	for i := range sig.Params().Len() {
		pt := l.sub(sig.Params().At(i).Type())
		p := argName(i)
		params = append(params, p+" "+l.typ(pt))
		args = append(args, l.load(p, pt))
	}
	if r.form == compiled && sig.Variadic() {
		args[len(args)-1] += "..."
	}
	fun, first := l.withLine(r, "x__")
	call := fun + "(" + strings.Join(append(first, args...), ", ") + ")"
	line := "l__ := " + l.rt() + ".Line(); "
	if r.form == compiled {
		line = ""
	}
	check := ""
	if p, ok := t.(*types.Pointer); ok && len(sel.Index()) == 1 && !r.byAddress {
		check = fmt.Sprintf("if x__ == nil { %s.NilReceiver(%q, %q) }; ", l.rt(), l.reflectText(p.Elem()), fn.Name())
	}
	return fmt.Sprintf(", %q, %q, func(r__ interface{}%s)%s { %sx__ := r__.(%s); %s%s }", fn.Name(), l.reflectText(sig),
		prefixed(params), l.results(sig), line, l.vtyp(t), check, l.returned(sig, call, true))
}

// assertion lowers x.(T) to a variable.
func (l *lowerer) assertion(e *ast.TypeAssertExpr) val {
	x := l.expr(e.X)
	t := l.typeOf(e)
	return l.filledVar(t, func(dst string) string {
		return l.rt() + ".Must(" + dst + ", " + x.s + ", " + l.desc(t) + ", " + quote(l.reflectText(l.typeOf(e.X))) + ")"
	})
}

// filledVar is filled for a variable in the form that variables have.
func (l *lowerer) filledVar(t types.Type, call func(dst string) string) val {
	name := l.temp("t")
	l.put("var %s %s; %s; ", name, l.vtyp(t), call("&"+name))
	return val{name, pure}
}
