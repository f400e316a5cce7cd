package lower

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// methodsOf says how much of a type's method set package rt has been given.
type methodsOf int

const (
	noMethods       methodsOf = iota
	printingMethods           // what package fmt looks for
	allMethods
)

var printing = map[string]bool{"Error": true, "String": true, "Format": true, "GoString": true}

// methods registers the method set of a type.
func (l *Lowering) methods(t types.Type, which methodsOf) {
	key := l.describe(t)
	if l.written.methods[key] >= which {
		return
	}
	l.written.methods[key] = which
	set := l.prog.MethodSets.MethodSet(t)
	var b strings.Builder
	for i := range set.Len() {
		sel := set.At(i)
		fn := sel.Obj().(*types.Func)
		own := l.own[fn.Pkg()]
		if !fn.Exported() && !own || !own && !nameable(fn.Signature()) ||
			which == printingMethods && !printing[fn.Name()] {
			continue
		}
		if m := l.prog.MethodValue(sel); m != nil {
			b.WriteString(l.method(t, m, sel.Type().(*types.Signature)))
		}
	}
	if b.Len() > 0 {
		fmt.Fprintf(&l.unit.sets, "%s.Methods(%s%s); ", l.rt(), l.desc(t), b.String())
	}
}

// method writes one method's name, signature and function.
func (l *Lowering) method(t types.Type, fn *ssa.Function, sig *types.Signature) string {
	var params, args []string
	for i := range sig.Params().Len() {
		pt := sig.Params().At(i).Type()
		p := argName(i)
		params = append(params, p+" "+l.stored(pt))
		args = append(args, l.load(p, pt))
	}
	call := ""
	if isOwnFunc(fn) {
		call = l.function(fn) + "(" + l.rt() + ".Line(), x" + prefixed(args) + ")"
	} else {
		if sig.Variadic() {
			args[len(args)-1] += "..."
		}
		call = "x." + fn.Name() + "(" + strings.Join(args, ", ") + ")"
	}
	return fmt.Sprintf(", %q, %q, func(r interface{}%s)%s { x := r.(%s); %s }", fn.Name(), l.reflectText(sig),
		prefixed(params), results(sig, l.stored), l.typ(t), l.returned(sig, call, l.store))
}

// argName is the name of a parameter of a generated function.
func argName(i int) string { return "a" + strconv.Itoa(i) }

func prefixed(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return ", " + strings.Join(list, ", ")
}

// returned writes statements that return what a call returns, in another form.
func (l *Lowering) returned(sig *types.Signature, call string, form func(string, types.Type) string) string {
	n := sig.Results().Len()
	if n == 0 {
		return call
	}
	names := make([]string, n)
	values := make([]string, n)
	same := true
	for i := range names {
		names[i] = "r" + strconv.Itoa(i)
		values[i] = form(names[i], sig.Results().At(i).Type())
		same = same && values[i] == names[i]
	}
	if same {
		return "return " + call
	}
	return strings.Join(names, ", ") + " := " + call + "; return " + strings.Join(values, ", ")
}

// dispatcher returns the function that calls a method of an interface value of
// one of the program's own interface types.
func (l *Lowering) dispatcher(fn *types.Func) string {
	sig := fn.Signature()
	key := fn.Name() + " " + l.reflectText(sig)
	if name := l.unit.dispatchers[key]; name != "" {
		return name
	}
	name := l.names.fresh("call_" + fn.Name())
	l.unit.dispatchers[key] = name
	var params, args, stored []string
	for i := range sig.Params().Len() {
		t := sig.Params().At(i).Type()
		p := argName(i)
		params = append(params, p+" "+l.parameter(t))
		stored = append(stored, l.stored(t))
		if l.parameter(t) != l.typ(t) {
			p += ".(" + l.typ(t) + ")"
		}
		args = append(args, l.store(p, t))
	}
	l.unit.put("func %s(l *int32, x interface{}%s)%s { var f func(interface{}%s)%s; %s.Find(&f, x, %q); %s }; ",
		name, prefixed(params), results(sig, l.typ), prefixed(stored), results(sig, l.stored), l.rt(), fn.Name(),
		l.returned(sig, "f("+l.rt()+".Value(x)"+prefixed(args)+")", l.load))
	return name
}

// adapter writes a function value that calls a lowered function.
func (l *Lowering) adapter(sig *types.Signature, call func(args []string) string) string {
	var params, args []string
	for i := range sig.Params().Len() {
		t := sig.Params().At(i).Type()
		p := argName(i)
		params = append(params, p+" "+l.stored(t))
		args = append(args, l.load(p, t))
	}
	return "func(" + strings.Join(params, ", ") + ")" + results(sig, l.stored) + " { " +
		l.returned(sig, call(args), l.store) + " }"
}
