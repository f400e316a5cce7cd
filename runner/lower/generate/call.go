package generate

import (
	"fmt"
	"go/types"
	"strings"
)

// function is a function or method that has been written.
type function struct {
	name string
	sig  *types.Signature
	recv types.Type // nil: a function
}

func resultTypes(sig *types.Signature) (list []types.Type) {
	for r := range sig.Results().Variables() {
		list = append(list, r.Type())
	}
	return list
}

// resultList writes the results of a signature, with their names if they have.
func resultList(results []types.Type, names []string) string {
	var list []string
	for i, t := range results {
		s := typeName(t)
		if names != nil {
			s = names[i] + " " + s
		}
		list = append(list, s)
	}
	if len(list) == 1 && names == nil {
		return list[0]
	}
	return "(" + strings.Join(list, ", ") + ")"
}

// function writes a function of several parameters and results.
func (g *gen) function() {
	var params, results []*types.Var
	for range g.upTo(3) {
		params = append(params, types.NewParam(0, pkg, "", g.anyType()))
	}
	for range g.upTo(2) {
		t := g.anyType()
		if hasPointer(t) {
			t = intT // after a recovered panic it would be nil
		}
		results = append(results, types.NewParam(0, pkg, "", t))
	}
	variadic := g.oneIn(4)
	if variadic {
		params = append(params, types.NewParam(0, pkg, "", types.NewSlice(pick(g, g.types...))))
	}
	fn := &function{name: g.global("f")}
	fn.sig = types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), types.NewTuple(results...), variadic)
	g.define(fn)
	g.funcs = append(g.funcs, fn)
}

// define writes a function or method. It calls only what is written before.
func (g *gen) define(fn *function) {
	vars := len(g.vars)
	var params []string
	for range fn.sig.Params().Len() {
		params = append(params, g.fresh("p"))
	}
	list := paramList(fn.sig, params)
	if fn.sig.Variadic() {
		i := strings.LastIndex(list, " []")
		list = list[:i+1] + "..." + list[i+3:]
	}
	results := resultTypes(fn.sig)
	var names []string
	if len(results) > 0 && g.oneIn(2) {
		for range results {
			names = append(names, g.fresh("r"))
		}
	}
	recv := ""
	g.left = 20
	body := g.funcBody(results, names, func() {
		if fn.recv != nil {
			name := g.fresh("t")
			recv = "(" + name + " " + typeName(fn.recv) + ") "
			g.declare(name, fn.recv).used = true
		}
		for i, name := range params {
			g.declare(name, fn.sig.Params().At(i).Type()).used = true
		}
		for i, name := range names {
			v := g.declare(name, results[i])
			v.used, v.shared = true, true
		}
		g.left = 20
		if g.making != nil {
			g.left = 4
		}
		g.say("tick%s()", g.opts.Suffix)
		if g.oneIn(3) && g.making == nil {
			g.deferRecover()
		}
		g.statements(2 + g.upTo(6))
		g.printVars()
		g.returns()
	})
	g.vars = g.vars[:vars]
	fmt.Fprintf(&g.top, "\nfunc %s%s(%s) %s {\n%s}\n", recv, fn.name, list, resultList(results, names), body)
}

// returns ends a function.
func (g *gen) returns() {
	if len(g.results) == 0 {
		return
	}
	g.readRest(0) // nothing can be read after it
	if g.names != nil && g.oneIn(2) {
		g.say("return")
		return
	}
	g.mood()
	var list []string
	for _, t := range g.results {
		if _, plain := t.Underlying().(*types.Basic); !plain {
			// How much of a literal is in the result of a function that recovers
			// is the compiler's affair.
			g.panics = 0
		}
		list = append(list, g.expr(t, 2))
	}
	g.say("return %s", strings.Join(list, ", "))
}

// arguments writes the arguments of a call.
func (g *gen) arguments(sig *types.Signature, d int) string {
	var list []string
	for i, t := range resultTypes(types.NewSignatureType(nil, nil, nil, nil, sig.Params(), false)) {
		s, last := t.Underlying().(*types.Slice)
		switch {
		case sig.Variadic() && i == sig.Params().Len()-1 && last && g.oneIn(2):
			for range g.upTo(3) {
				list = append(list, g.expr(s.Elem(), d))
			}
		case sig.Variadic() && i == sig.Params().Len()-1:
			list = append(list, g.expr(t, d)+"...")
		default:
			list = append(list, g.expr(t, d))
		}
	}
	return strings.Join(list, ", ")
}

// callOf returns a call whose result has type t.
func (g *gen) callOf(t types.Type, d int) (string, bool) {
	one := func(sig *types.Signature) bool {
		return sig.Results().Len() == 1 && types.Identical(sig.Results().At(0).Type(), t)
	}
	var list []func() string
	for _, fn := range g.funcs {
		if one(fn.sig) {
			list = append(list, func() string { return fmt.Sprintf("%s(%s)", fn.name, g.arguments(fn.sig, d-1)) })
		}
	}
	named := g.named
	if g.making != nil {
		named = append(named[:len(named):len(named)], g.making)
	}
	for _, n := range named {
		set := types.NewMethodSet(types.NewPointer(n))
		for m := range set.Methods() {
			f := m.Obj().(*types.Func)
			// Of a type that is being written, a promoted method may be hidden yet.
			unsure := n == g.making && (f.Name() == "String" || len(m.Index()) > 1)
			if one(f.Signature()) && !unsure {
				list = append(list, func() string { return g.methodCall(n, f, d) })
			}
		}
	}
	for _, v := range g.vars {
		sig, ok := v.typ.Underlying().(*types.Signature)
		if ok && one(sig) && !v.shared {
			list = append(list, func() string {
				v.used = true
				return fmt.Sprintf("%s(%s)", v.name, g.arguments(sig, d-1))
			})
		}
		if v.typ == g.iface && t == intT && !v.shared && !v.fixed {
			list = append(list, func() string {
				v.used = true
				return fmt.Sprintf("%s.Get%s(%s)", v.name, g.opts.Suffix, g.expr(intT, d-1))
			})
		}
	}
	if g.oneIn(6) {
		list = append(list, func() string {
			sig := types.NewSignatureType(nil, nil, nil, nil, types.NewTuple(types.NewParam(0, pkg, "", t)), false)
			return g.funcLiteral(sig, sig) + "()"
		})
	}
	if len(list) == 0 {
		return "", false
	}
	return pick(g, list...)(), true
}

// methodCall calls a method on a receiver that no other call changes.
func (g *gen) methodCall(n *types.Named, f *types.Func, d int) string {
	value := types.NewMethodSet(n).Lookup(pkg, f.Name()) != nil
	args := func() string { return g.arguments(f.Signature(), d-1) }
	name := typeName(n)
	if value {
		recv, ok := g.read(n)
		if !ok {
			recv = g.literal(n, 0)
		}
		switch g.upTo(4) {
		case 0:
			if a := args(); a != "" {
				recv += ", " + a
			}
			return fmt.Sprintf("%s.%s(%s)", name, f.Name(), recv)
		case 1:
			return fmt.Sprintf("(%s).%s(%s)", recv, f.Name(), args())
		}
		return fmt.Sprintf("(%s).%s(%s)", recv, f.Name(), args())
	}
	for _, v := range g.vars {
		if types.Identical(v.typ, n) && v.shared && !v.fixed && !g.quiet {
			v.used = true
			return fmt.Sprintf("%s.%s(%s)", v.name, f.Name(), args())
		}
	}
	recv := g.expr(types.NewPointer(n), 0)
	if g.oneIn(4) {
		if a := args(); a != "" {
			recv += ", " + a
		}
		return fmt.Sprintf("(*%s).%s(%s)", name, f.Name(), recv)
	}
	return fmt.Sprintf("(%s).%s(%s)", recv, f.Name(), args())
}

// callAndPrint calls a function as a statement and prints its results.
func (g *gen) callAndPrint(fn *function) {
	g.calls, g.panics = true, 0
	call := fmt.Sprintf("%s(%s)", fn.name, g.arguments(fn.sig, 2))
	results := resultTypes(fn.sig)
	if len(results) == 0 {
		g.say("%s", call)
		return
	}
	var names, shown []string
	for _, t := range results {
		name := g.fresh("v")
		names = append(names, name)
		if v := g.declare(name, t); g.printable(t) {
			v.used = true
			shown = append(shown, name)
		}
	}
	g.say("%s := %s", strings.Join(names, ", "), call)
	if len(shown) > 0 {
		g.say("fmt.Println(%q, %s)", strings.TrimSuffix(fn.name, g.opts.Suffix), strings.Join(shown, ", "))
	}
}
