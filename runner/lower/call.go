package lower

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"

	"ioworkbook/runner/trace"
)

// A callForm says how a call passes its arguments.
type callForm int

const (
	directForm   callForm = iota // to a lowered function: the line first
	valueForm                    // to a function value: stored as parts of values are
	compiledForm                 // to a compiled function
)

// operands are the values a call needs; a function value or a receiver comes first.
func (f *function) operands(c *ssa.CallCommon) ([]ssa.Value, callForm) {
	if c.IsInvoke() {
		form := directForm
		if f.isCompiledInterface(c.Value.Type()) {
			form = compiledForm
		}
		return append([]ssa.Value{c.Value}, c.Args...), form
	}
	if closure := directClosure(c); closure != nil {
		return slices.Concat(closure.Bindings, c.Args), directForm
	}
	_, isClosure := c.Value.(*ssa.MakeClosure)
	switch fn := c.StaticCallee(); {
	case fn == nil, isClosure:
		return append([]ssa.Value{c.Value}, c.Args...), valueForm
	case !isOwnFunc(fn):
		return c.Args, compiledForm
	}
	return c.Args, directForm
}

// runsLowered reports a call of lowered code, which changes the line.
func (f *function) runsLowered(c *ssa.CallCommon) bool {
	if builtinName(c) != "" {
		return false
	}
	list, form := f.operands(c)
	if form != compiledForm {
		return true
	}
	for _, v := range list { // it may call back
		switch under(v.Type()).(type) {
		case *types.Signature, *types.Interface:
			return true
		}
	}
	return false
}

// isPlainCall reports a call whose one result can be written where it is used, or
// assigned as it is.
func (f *function) isPlainCall(c *ssa.Call) bool {
	res := c.Call.Signature().Results()
	if builtinName(&c.Call) != "" || res.Len() != 1 {
		return false
	}
	t := res.At(0).Type()
	if hasFloat(t) || f.opaque(t) != "" {
		return false
	}
	if _, form := f.operands(&c.Call); form == compiledForm {
		return isPlain(t) && !f.isSpecial(c)
	}
	switch under(t).(type) {
	case *types.Basic, *types.Pointer, *types.Slice, *types.Map:
		return true
	}
	return false
}

// call writes a call.
func (f *function) call(in *ssa.Call) {
	f.stamp(in.Pos())
	if name := builtinName(&in.Call); name != "" {
		f.builtin(in, name)
		return
	}
	if f.isSpecial(in) {
		f.special(in)
		return
	}
	f.results(in, f.callText(in))
}

// callText writes the call of a function that is no builtin.
func (f *function) callText(in *ssa.Call) string {
	args := f.arguments(in)
	if f.runsLowered(&in.Call) {
		f.stale = true
	}
	return f.invocation(&in.Call, args, "l", f.spread[in])
}

// arguments are the texts of a call's operands.
func (f *function) arguments(in *ssa.Call) []string {
	list, form := f.operands(&in.Call)
	if f.spread[in] {
		list = f.parts[in]
	}
	args := make([]string, len(list))
	for i, v := range list {
		switch {
		case f.folded[v] && basic(v.Type()) != nil:
			args[i], _ = f.expr(v)
		case i == 0 && in.Call.IsInvoke() && isNilConst(v):
			args[i] = f.held(v)
		case form == valueForm && i > 0:
			args[i] = f.store(f.operand(v), v.Type())
		default:
			args[i] = f.operand(v)
		}
	}
	if fn := in.Call.StaticCallee(); form == compiledForm && fn != nil {
		f.checkArguments(in, fn, list, args)
	}
	return args
}

// invocation writes a call whose operands have these texts. line is the variable
// with the address of the line; spread says that variadic arguments are given one by one.
func (f *function) invocation(c *ssa.CallCommon, args []string, line string, spread bool) string {
	list := func(args []string) string {
		if c.Signature().Variadic() && !spread {
			args[len(args)-1] += "..."
		}
		return "(" + strings.Join(args, ", ") + ")"
	}
	_, form := f.operands(c)
	fn := c.StaticCallee()
	switch {
	case c.IsInvoke() && form == compiledForm:
		return args[0] + "." + c.Method.Name() + list(args[1:])
	case c.IsInvoke():
		return f.dispatcher(c.Method) + "(" + line + prefixed(args) + ")"
	case form == valueForm:
		return args[0] + "(" + strings.Join(args[1:], ", ") + ")"
	case form == directForm:
		return f.Lowering.function(fn) + "(" + line + prefixed(args) + ")"
	case fn.Signature.Recv() != nil:
		return args[0] + "." + fn.Name() + list(args[1:])
	case isTraced(fn):
		return f.pkg(sysPath) + "." + fn.Name() + list(append([]string{fmt.Sprint(f.Lowering.line(c.Pos()))}, args...))
	}
	return f.external(fn) + list(args)
}

const (
	unixPath = "golang.org/x/sys/unix"
	sysPath  = "ioworkbook/runner/trace/sys"
)

// isTraced reports a function of package unix whose calls are recorded.
func isTraced(fn *ssa.Function) bool {
	return fn.Pkg != nil && fn.Pkg.Pkg.Path() == unixPath && !trace.Pure(fn.Name())
}

// external is the name of a compiled function.
func (l *Lowering) external(fn *ssa.Function) string {
	o := fn.Object()
	if l.own[o.Pkg()] && !o.Exported() { // package program declares it for library code
		return l.rt() + "." + strings.ToUpper(o.Name()[:1]) + o.Name()[1:]
	}
	l.checkSymbol(o)
	return l.pkg(o.Pkg().Path()) + "." + o.Name()
}

// results assigns what a call returns.
func (f *function) results(in *ssa.Call, text string) {
	res := in.Call.Signature().Results()
	_, form := f.operands(&in.Call)
	switch {
	case res.Len() == 0, len(*in.Referrers()) == 0:
		if res.Len() == 1 && form == valueForm && f.opaque(res.At(0).Type()) != "" {
			f.put("_ = ")
		}
		f.put("%s; ", text)
	case res.Len() == 1:
		x := f.reg(in)
		if form == valueForm && f.opaque(res.At(0).Type()) != "" {
			x = f.temp("u")
			f.put("%s := %s; %s = %s; ", x, text, f.reg(in), f.load(x, res.At(0).Type()))
			return
		}
		f.put("%s = %s; ", x, text)
	default:
		names := make([]string, res.Len())
		late := ""
		for i := range names {
			names[i] = fmt.Sprintf("%s_%d", f.reg(in), i)
			if t := res.At(i).Type(); form == valueForm && f.opaque(t) != "" {
				x := f.variable("u", f.stored(t))
				late += names[i] + " = " + f.load(x, t) + "; "
				names[i] = x
			}
		}
		f.put("%s = %s; %s", strings.Join(names, ", "), text, late)
	}
}

// funcValue is a function as a value. A call of its own makes it, which keeps what
// it captures: the variables here are used again.
func (f *function) funcValue(fn *ssa.Function, bindings []ssa.Value) string {
	sig := fn.Signature
	if !isOwnFunc(fn) {
		if !sig.Variadic() {
			return f.external(fn)
		}
		return f.adapter(
			sig,
			func(args []string) string { return f.external(fn) + "(" + strings.Join(args, ", ") + "...)" },
		)
	}
	if recv := sig.Recv(); recv != nil {
		params := []*types.Var{recv}
		for v := range sig.Params().Variables() {
			params = append(params, v)
		}
		sig = types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sig.Results(), sig.Variadic())
	}
	var k kept
	for _, b := range bindings {
		k.add(f, b, f.typ(b.Type()), f.operand(b))
	}
	lit := f.adapter(sig, func(args []string) string {
		return f.Lowering.function(fn) + "(" + f.rt() + ".Line()" + prefixed(k.names) + prefixed(args) + ")"
	})
	return "func(" + strings.Join(
		k.params,
		", ",
	) + ") func" + f.signature(
		sig,
	) + " { return " + lit + " }(" + strings.Join(
		k.args,
		", ",
	) + ")"
}

// kept are values that a literal keeps, as the parameters of the function that
// makes it.
type kept struct {
	params, args []string
	names        []string // how the literal refers to them
}

func (k *kept) add(f *function, v ssa.Value, typ, text string) {
	name := fmt.Sprintf("k%d", len(k.params))
	k.args = append(k.args, text)
	if hasFloat(v.Type()) && f.avoids(negativeZero) {
		k.params = append(k.params, name+" interface{}")
		k.names = append(k.names, name+".("+typ+")")
		return
	}
	k.params = append(k.params, name+" "+typ)
	k.names = append(k.names, name)
}

// later splits a call into what is evaluated now and the call itself, in which the
// line's address is called l.
func (f *function) later(c *ssa.CallCommon) (k kept, body string) {
	if name := builtinName(c); name != "" {
		for _, a := range c.Args {
			k.add(f, a, f.typ(a.Type()), f.operand(a))
		}
		switch name {
		case "recover": // no deferred function calls it
		case "close", "copy", "delete":
			body = name + "(" + strings.Join(k.names, ", ") + "); "
		case "clear", "print", "println", "panic":
			body = f.rt() + "." + strings.ToUpper(name[:1]) + name[1:] + "(" + strings.Join(k.names, ", ") + "); "
		default:
			f.refuse(c.Pos(), name+" in a go or defer statement", "put it in a function literal")
		}
		return k, body
	}
	list, form := f.operands(c)
	args := make([]string, len(list))
	for i, v := range list {
		args[i] = f.operand(v)
	}
	if fn := c.StaticCallee(); form == compiledForm && fn != nil {
		f.checkArguments(nil, fn, list, args)
	}
	for i, v := range list {
		if form == valueForm && i > 0 {
			k.add(f, v, f.stored(v.Type()), f.store(args[i], v.Type()))
		} else {
			k.add(f, v, f.typ(v.Type()), args[i])
		}
	}
	return k, f.invocation(c, k.names, "l", false) + "; "
}

func (f *function) goStatement(in *ssa.Go) {
	k, body := f.later(&in.Call)
	f.stamp(in.Pos())
	f.put("%s.Go(%d, func(%s) func(*int32) { return func(l *int32) { %s} }(%s)); ", f.rt(), f.Lowering.line(in.Pos()),
		strings.Join(k.params, ", "), body, strings.Join(k.args, ", "))
}

func (f *function) deferStatement(in *ssa.Defer) {
	k, body := f.later(&in.Call)
	f.stamp(in.Pos())
	frame := "d"
	if in.DeferStack != nil { // of the function around one that ranges over a function
		frame = f.operand(in.DeferStack)
	}
	f.put(
		"%s.Defer(%d, func(%s) func() { return func() { l := %s.Line(); *l = %d; %s} }(%s)); ",
		frame,
		f.recovers(&in.Call),
		strings.Join(k.params, ", "),
		f.rt(),
		f.Lowering.line(in.Pos()),
		body,
		strings.Join(k.args, ", "),
	)
}

// recovers says whether what is deferred may recover, in rt's words.
func (f *function) recovers(c *ssa.CallCommon) int {
	const no, yes, unknown = 0, 1, 2
	fn := c.StaticCallee()
	switch {
	case c.IsInvoke(), builtinName(c) != "":
		return no
	case fn == nil:
		return unknown
	case callsBuiltin(fn, "recover"):
		return yes
	}
	return no
}
