package generate

import (
	"fmt"
	"go/types"
	"strings"
)

// statements writes up to n statements.
func (g *gen) statements(n int) {
	for range n {
		if g.left <= 0 {
			return
		}
		g.left--
		g.mood()
		for !g.statement() {
		}
	}
}

// block returns the text of some statements.
func (g *gen) block() string { return g.body(func() { g.statements(1 + g.upTo(2)) }) }

// statement writes a statement, or reports that it could not.
func (g *gen) statement() bool {
	switch g.upTo(24) {
	case 0, 1, 2:
		return g.newVar()
	case 3, 4, 5, 6:
		return g.assign()
	case 7:
		return g.assignTwo()
	case 8, 9:
		return g.update()
	case 10, 11:
		return g.ifStatement()
	case 12, 13, 14:
		return g.loop()
	case 15:
		return g.jump()
	case 16:
		return g.switchStatement()
	case 17:
		return g.typeSwitch()
	case 18, 19:
		return g.print()
	case 20:
		return g.appendTo()
	case 21:
		return g.callStatement()
	case 22:
		return g.deferStatement()
	case 23:
		return g.mapStatement()
	default:
		return g.oddStatement()
	}
}

func (g *gen) newVar() bool {
	t := g.anyType()
	name := g.fresh("v")
	if !hasPointer(t) && g.oneIn(5) {
		g.say("var %s %s", name, typeName(t))
	} else {
		value := g.expr(t, 3)
		switch {
		case g.oneIn(3) || isInterface(t) || t == g.iface:
			g.say("var %s %s = %s", name, typeName(t), value)
		default:
			// An untyped constant would give the variable its default type.
			g.say("%s := %s", name, typed(t, value))
		}
	}
	g.declare(name, t)
	return true
}

// typed makes sure that value is of type t where it alone decides.
func typed(t types.Type, value string) string {
	if _, ok := t.Underlying().(*types.Basic); ok && t != intT && t != stringT && t != boolT {
		return typeName(t) + "(" + value + ")"
	}
	return value
}

// target picks a type that something assignable has.
func (g *gen) target(ok func(place) bool) (place, types.Type, bool) {
	for range 8 {
		t := pick(g, g.types...)
		if len(g.vars) > 0 && g.oneIn(2) {
			t = pick(g, g.vars...).typ
		}
		if p, found := g.assignable(t, ok); found {
			return p, t, true
		}
	}
	return place{}, nil, false
}

func (g *gen) assign() bool {
	if g.calls {
		// What is assigned has to be a variable: parts of it may be found before
		// or after the call.
		g.calls = false
		p, t, ok := g.target(func(p place) bool { return p.text == p.of.name })
		if g.calls = true; !ok {
			return false
		}
		g.say("%s = %s", p.set(), g.expr(t, 3))
		return true
	}
	p, t, ok := g.target(anyPlace)
	if !ok {
		return false
	}
	g.say("%s = %s", p.set(), g.expr(t, 3))
	return true
}

// assignTwo assigns two variables at once, or exchanges them.
func (g *gen) assignTwo() bool {
	g.calls, g.panics = false, 0
	p, t, ok := g.target(anyPlace)
	if !ok {
		return false
	}
	if g.oneIn(2) {
		r, _ := g.assignable(t, anyPlace)
		p.of.used, r.of.used = true, true
		g.say("%s, %s = %s, %s", p.text, r.text, r.text, p.text)
		return true
	}
	q, u, ok := g.target(anyPlace)
	if !ok {
		return false
	}
	g.say("%s, %s = %s, %s", p.set(), q.set(), g.expr(t, 2), g.expr(u, 2))
	return true
}

// update writes x op= y and x++.
func (g *gen) update() bool {
	if g.calls {
		g.calls = false
		g.panics = 0
	}
	for range 8 {
		t := pick(g, g.types...)
		if !is(t, types.IsInteger|types.IsFloat) {
			continue
		}
		p, ok := g.assignable(t, anyPlace)
		if !ok {
			continue
		}
		switch {
		case g.oneIn(3):
			g.say("%s%s", p.set(), pick(g, "++", "--"))
		case is(t, types.IsInteger) && g.oneIn(3):
			depth := 1
			if g.avoid("shift") {
				depth = 0
			}
			count := g.solid(types.Typ[types.Uint8], depth)
			g.say("%s %s= %s", p.set(), pick(g, "<<", ">>"), count)
		case is(t, types.IsInteger) && g.oneIn(2):
			g.say("%s %s= %s", p.set(), pick(g, "&", "|", "^", "&^"), g.expr(t, 2))
		default:
			g.say("%s %s= %s", p.set(), pick(g, "+", "-"), g.expr(t, 2))
		}
		return true
	}
	return false
}

func (g *gen) ifStatement() bool {
	init := ""
	text := g.body(func() {
		if g.oneIn(4) {
			name := g.fresh("v")
			init = fmt.Sprintf("%s := %s; ", name, g.expr(intT, 2))
			g.declare(name, intT)
			g.vars[len(g.vars)-1].used = true
			init += fmt.Sprintf("%s > %d && ", name, g.upTo(3))
		}
		cond := g.condition(2)
		g.say("if %s%s {\n%s", init, cond, g.block())
		switch g.upTo(4) {
		case 0, 1:
			g.say("} else {\n%s}", g.block())
		case 2:
			g.mood()
			g.say("} else if %s {\n%s}", g.condition(1), g.block())
		default:
			g.say("}")
		}
	})
	g.out.WriteString(text)
	return true
}

// jump leaves a loop or the function, on a condition.
func (g *gen) jump() bool {
	if len(g.loops) == 0 && g.oneIn(2) {
		return false
	}
	if len(g.loops) == 0 || g.oneIn(6) {
		if g.level == 0 || g.quiet {
			return false
		}
		cond := g.condition(1)
		g.say("if %s {\n%s}", cond, g.body(func() {
			switch {
			case g.oneIn(4) && !g.quiet:
				g.mood()
				g.say("panic(%s)", g.panicValue())
			case len(g.results) == 0:
				g.say("return")
			default:
				g.returns()
			}
		}))
		return true
	}
	l := pick(g, g.loops...)
	word := "break"
	if !l.isSwitch && g.oneIn(2) {
		word = "continue"
	}
	if l != g.loops[len(g.loops)-1] || g.oneIn(4) {
		l.labelled = true
		word += " " + l.label
	}
	g.say("if %s {\n%s\n}", g.condition(1), word)
	return true
}

func (g *gen) panicValue() string {
	switch g.upTo(3) {
	case 0:
		return g.inInterface(anyT, 1)
	case 1:
		return fmt.Sprintf("fmt.Errorf(\"err %%v\", %s)", g.expr(intT, 1))
	default:
		return g.expr(stringT, 1)
	}
}

func (g *gen) appendTo() bool {
	g.calls, g.panics = false, 0
	for range 8 {
		v := pick(g, g.vars...)
		s, ok := v.typ.Underlying().(*types.Slice)
		if !ok || v.fixed || !v.shared && v.level != g.level || g.quiet && v.global {
			continue
		}
		v.used = true
		switch g.upTo(4) {
		case 0:
			if src, ok := g.read(v.typ); ok {
				g.say("if len(%s) < 8 {\n%s = append(%s, %s...)\n}", src, v.name, v.name, src)
				break
			}
			fallthrough
		case 1:
			g.say("if len(%s) > 1 {\n%s = append(%s[:1], %s[len(%s)-1])\n}", v.name, v.name, v.name, v.name, v.name)
		case 2:
			if src, ok := g.read(v.typ); ok {
				g.say("copy(%s, %s)", v.name, src)
				break
			}
			fallthrough
		default:
			g.say(
				"%s = append(%s, %s)",
				v.name,
				v.name,
				repeat(1+g.upTo(2), func() string { return g.expr(s.Elem(), 1) }),
			)
		}
		return true
	}
	return false
}

func (g *gen) callStatement() bool {
	if g.quiet || len(g.funcs) == 0 {
		return false
	}
	g.callAndPrint(pick(g, g.funcs...))
	return true
}

func (g *gen) mapStatement() bool {
	g.calls, g.panics = false, 0
	for range 8 {
		v := pick(g, g.vars...)
		m, ok := v.typ.Underlying().(*types.Map)
		if !ok || g.quiet && v.global {
			continue
		}
		v.used = true
		key := g.expr(m.Key(), 1)
		switch g.upTo(2) {
		case 0:
			g.say("delete(%s, %s)", v.name, key)
		case 1:
			x, has := g.fresh("v"), g.fresh("ok")
			g.say("%s, %s := %s[%s]", x, has, v.name, key)
			g.declare(x, m.Elem())
			if hasPointer(m.Elem()) {
				g.vars = g.vars[:len(g.vars)-1]
				g.say("_ = %s", x)
			}
			g.declare(has, boolT)
		case 2:
			g.say("if %s != nil {\n%s[%s] = %s\n}", v.name, v.name, key, g.expr(m.Elem(), 1))
		}
		return true
	}
	return false
}

// deferStatement defers a call whose arguments are evaluated now, or a literal
// that sees later values.
func (g *gen) deferStatement() bool {
	if g.level == 0 || g.quiet {
		return false
	}
	if g.oneIn(3) {
		g.deferRecover()
		return true
	}
	if g.oneIn(2) && len(g.funcs) > 0 {
		fn := pick(g, g.funcs...)
		g.calls, g.panics = true, 0
		g.say("defer %s(%s)", fn.name, g.arguments(fn.sig, 1))
		return true
	}
	if g.oneIn(2) {
		g.say("defer fmt.Println(\"deferred\", %s)", g.printableValue(1))
		return true
	}
	g.say("defer func() {\n%s}()", g.funcBody(nil, nil, func() { g.statements(1 + g.upTo(2)) }))
	return true
}

func (g *gen) deferRecover() {
	again := ""
	if g.oneIn(5) {
		again = "panic(fmt.Sprint(\"again: \", e))\n"
	}
	g.say("defer func() {\nif e := recover(); e != nil {\nfmt.Println(\"recovered\", e)\n%s%s}\n}()",
		g.funcBody(nil, nil, func() { g.left = min(g.left, 2); g.statements(g.upTo(2)) }), again)
}

// oddStatement writes what is rare: blocks that shadow, goto, functions called
// at once, fields of anonymous structs, sends and receives.
func (g *gen) oddStatement() bool {
	switch g.upTo(5) {
	case 0:
		v := pick(g, g.vars...)
		if v.fixed || v.global || !strings.HasPrefix(v.name, "v") || g.quiet && v.shared {
			return false
		}
		value := g.expr(v.typ, 2)
		g.say("{\nvar %s %s = %s\n%s}", v.name, typeName(v.typ), value, g.body(func() {
			g.declare(v.name, v.typ)
			outer := *v
			v.typ, v.fixed, v.used = types.NewTuple(), true, true // hidden
			g.statements(1 + g.upTo(2))
			*v = outer
		}))
	case 1:
		if g.quiet {
			return false
		}
		i, label := g.fresh("i"), g.fresh("again")
		saved := g.loops
		g.say("%s := 0\n%s:\n%s++\ntick%s()", i, label, i, g.opts.Suffix)
		g.say("{\n%s}\nif %s < %d {\ngoto %s\n}", g.block(), i, 2+g.upTo(2), label)
		g.loops = saved
	case 2:
		if g.quiet {
			return false
		}
		g.say("func() {\n%s}()", g.funcBody(nil, nil, func() { g.statements(1 + g.upTo(2)) }))
	case 3:
		g.say("{\n%s}", g.block())
	case 4:
		return g.selectStatement()
	default:
		name := g.fresh("v")
		p, t, ok := g.target(func(p place) bool { return p.addr })
		if !ok || p.panics || g.calls || g.quiet || strings.HasPrefix(p.text, "(*") {
			return false
		}
		p.of.used = true
		g.say("%s := &%s", name, p.text)
		g.declare(name, types.NewPointer(t))
	}
	return true
}

// selectStatement has one case that is ready, or a default.
func (g *gen) selectStatement() bool {
	t := pick(g, g.types...)
	c, x := g.fresh("c"), g.fresh("v")
	l := &loop{label: g.fresh("L"), isSwitch: true}
	g.loops = append(g.loops, l)
	text := ""
	value := g.expr(t, 1)
	recv := func() string {
		return g.body(func() { g.declare(x, t); g.statements(1 + g.upTo(1)) })
	}
	switch g.upTo(2) {
	case 0:
		text = fmt.Sprintf(
			"%s := make(chan %s, 1)\n%s <- %s\n@select {\ncase %s := <-%s:\n%scase <-(chan int)(nil):\n}\n",
			c,
			typeName(t),
			c,
			value,
			x,
			c,
			recv(),
		)
	case 1:
		text = fmt.Sprintf("var %s chan %s\n@select {\ncase %s <- %s:\ncase %s, ok := <-%s:\n_ = ok\n%sdefault:\n%s}\n",
			c, typeName(t), c, value, x, c, recv(), g.block())
	default:
		text = fmt.Sprintf("%s := make(chan %s, 1)\n@select {\ncase %s <- %s:\n%scase <-%s:\n}\n",
			c, typeName(t), c, value, g.block(), c)
	}
	g.loops = g.loops[:len(g.loops)-1]
	g.out.WriteString(strings.Replace(text, "@", l.mark(), 1))
	return true
}
