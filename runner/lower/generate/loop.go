package generate

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// loop is a statement around that break or continue can leave.
type loop struct {
	label    string
	labelled bool // the label is used, and so has to be written
	isSwitch bool
}

// mark is the label of a statement, if it needs one.
func (l *loop) mark() string {
	if l.labelled {
		return l.label + ":\n"
	}
	return ""
}

// inside returns the statements of a loop's body after f has declared the
// loop's variables.
func (g *gen) inside(l *loop, f func()) string {
	g.loops = append(g.loops, l)
	text := g.body(func() {
		f()
		if !l.isSwitch && !g.quiet {
			g.say("tick%s()", g.opts.Suffix)
		}
		g.statements(1 + g.upTo(2))
	})
	g.loops = g.loops[:len(g.loops)-1]
	return text
}

func (g *gen) loop() bool {
	l := &loop{label: g.fresh("L")}
	i, v := g.fresh("i"), g.fresh("v")
	declare := func(names ...string) func() {
		return func() {
			for _, name := range names {
				g.declare(name, intT)
			}
		}
	}
	head, body := "", ""
	switch g.upTo(9) {
	case 0, 1:
		head = fmt.Sprintf("%s := 0; %s < %d; %s++", i, i, 1+g.upTo(3), i)
		body = g.inside(l, declare(i))
		if g.quiet {
			// Nothing else would end it if the body assigned the variable.
			head = fmt.Sprintf("%s := range %d", i, 1+g.upTo(3))
		}
	case 2:
		head = fmt.Sprintf("%s, %s := 0, %d; %s < %s; %s, %s = %s+1, %s-1", i, v, 2+g.upTo(4), i, v, i, v, i, v)
		if g.quiet {
			return false
		}
		body = g.inside(l, declare(i, v))
	case 3:
		head = fmt.Sprintf("%s := range %d", i, 1+g.upTo(3))
		body = g.inside(l, declare(i))
	case 4:
		n := g.solid(types.Typ[types.Uint8], 1)
		head = fmt.Sprintf("%s := range %s & 3", i, n)
		body = g.inside(l, func() { g.declare(i, types.Typ[types.Uint8]) })
	case 5, 6, 7:
		return g.rangeOver(l, i, v)
	case 8:
		if g.quiet {
			return false
		}
		cond := g.condition(1)
		head = cond
		body = g.inside(l, func() {})
	default:
		if g.quiet {
			return false
		}
		body = g.inside(l, func() {})
		body += fmt.Sprintf("if %s {\nbreak\n}\n", g.condition(1))
	}
	g.say("%sfor %s {\n%s}", l.mark(), head, body)
	return true
}

// rangeOver loops over an array, a slice, a string, a map or a channel.
func (g *gen) rangeOver(l *loop, i, v string) bool {
	var of types.Type
	elem := types.Type(nil)
	for range 8 {
		of = g.anyType()
		if len(g.vars) > 0 && g.oneIn(2) {
			of = pick(g, g.vars...).typ
		}
		switch u := of.Underlying().(type) {
		case *types.Array:
			elem = u.Elem()
		case *types.Slice:
			elem = u.Elem()
		case *types.Basic:
			if u.Info()&types.IsString != 0 {
				elem = types.Typ[types.Int32]
			}
		case *types.Map:
			return g.rangeMap(of, u, i)
		}
		if elem != nil {
			break
		}
	}
	if elem == nil {
		return g.rangeChannel(l, v)
	}
	what := "(" + g.expr(of, 2) + ")"
	if g.avoid("headerliteral") && strings.Contains(what, "{") {
		name := g.fresh("v")
		g.say("var %s %s = %s", name, typeName(of), what)
		what = name
	}
	if _, ok := of.Underlying().(*types.Array); ok && !g.calls && g.oneIn(2) {
		if p, ok := g.assignable(of, func(p place) bool { return p.addr && !p.panics }); ok {
			p.of.used = true
			g.say("_ = %s", what) // what it reads has to be read
			what = "&" + p.text
		}
	}
	head := fmt.Sprintf("%s, %s := range %s", i, v, what)
	names := []string{i, v}
	switch g.upTo(4) {
	case 0:
		head, names = fmt.Sprintf("%s := range %s", i, what), names[:1]
	case 1:
		head, names = fmt.Sprintf("_, %s := range %s", v, what), names[1:]
	}
	body := g.inside(l, func() {
		if slices.Contains(names, i) {
			g.declare(i, intT)
		}
		if slices.Contains(names, v) {
			g.declare(v, elem)
		}
	})
	g.say("%sfor %s {\n%s}", l.mark(), head, body)
	return true
}

// rangeMap takes a sum over a map: its order is not to be seen.
func (g *gen) rangeMap(of types.Type, m *types.Map, k string) bool {
	sum, v := g.fresh("v"), g.fresh("e")
	what := g.fresh("m")
	g.say("%s := %s", what, g.expr(of, 1))
	term := "1"
	if is(m.Key(), types.IsInteger) {
		term = fmt.Sprintf("int(%s)", k)
	} else if is(m.Key(), types.IsString) {
		term = fmt.Sprintf("len(%s)*3", k)
	} else {
		k = "_"
	}
	if is(m.Elem(), types.IsInteger) {
		term += fmt.Sprintf(" ^ int(%s)", v)
	} else {
		v = "_"
	}
	vars := fmt.Sprintf("%s, %s := ", k, v)
	if k == "_" && v == "_" {
		vars = ""
	}
	g.say("%s := 0\nfor %srange %s {\n%s += %s\n}", sum, vars, what, sum, term)
	g.declare(sum, intT)
	return true
}

func (g *gen) rangeChannel(l *loop, v string) bool {
	t := pick(g, g.types...)
	c := g.fresh("c")
	g.say("%s := make(chan %s, 3)", c, typeName(t))
	for range g.upTo(3) {
		g.say("%s <- %s", c, g.expr(t, 1))
	}
	g.say("close(%s)", c)
	body := g.inside(l, func() { g.declare(v, t) })
	g.say("%sfor %s := range %s {\n%s}", l.mark(), v, c, body)
	return true
}

// switchStatement compares with constants, which must differ, or has conditions.
func (g *gen) switchStatement() bool {
	l := &loop{label: g.fresh("L"), isSwitch: true}
	head, init := "", ""
	var cases []string
	switch g.upTo(2) {
	case 0:
		t := pick(g, g.types...)
		if !is(t, types.IsInteger) {
			t = intT
		}
		if x := g.fresh("x"); g.oneIn(2) {
			init = fmt.Sprintf(" %s := %s;", x, typed(t, g.expr(t, 2)))
			head = fmt.Sprintf(" %s & 3", x)
		} else {
			head = fmt.Sprintf(" (%s) & 3", g.solid(t, 2))
		}
		cases = []string{"0", "1, 2", "3"}
	case 1:
		head = " " + g.solid(stringT, 1)
		cases = []string{`""`, `"a", "xyz"`, `"héllo"`}
	default:
		for range 1 + g.upTo(2) {
			g.mood()
			cond := g.condition(1)
			if g.oneIn(2) {
				cond += ", " + g.condition(1)
			}
			cases = append(cases, cond)
		}
	}
	var b strings.Builder
	at := g.upTo(len(cases) + 1)
	for i, c := range cases {
		if i == at {
			fmt.Fprintf(&b, "default:\n%s", g.inside(l, func() {}))
			if g.oneIn(2) {
				b.WriteString("fallthrough\n")
			}
		}
		fmt.Fprintf(&b, "case %s:\n%s", c, g.inside(l, func() {}))
		if i < len(cases)-1 && g.oneIn(4) {
			b.WriteString("fallthrough\n")
		}
	}
	g.say("%sswitch%s%s {\n%s}", l.mark(), init, head, b.String())
	return true
}

// typeSwitch asks for the types that an interface value may have.
func (g *gen) typeSwitch() bool {
	l := &loop{label: g.fresh("L"), isSwitch: true}
	of, list := anyT, g.types
	if g.oneIn(3) && g.making == nil {
		of, list = g.iface, g.implementers()
	}
	x := g.fresh("v")
	what := g.expr(of, 1)
	var cases strings.Builder
	var seen []types.Type
	for range 1 + g.upTo(3) {
		if len(list) == 0 {
			break
		}
		t := pick(g, list...)
		same := func(s types.Type) bool { return types.Identical(s, t) }
		if slices.ContainsFunc(seen, same) || t == anyT {
			continue
		}
		seen = append(seen, t)
		if g.oneIn(4) {
			fmt.Fprintf(&cases, "case %s, %s:\n%s", typeName(t), pick(g, "nil", "[]bool", "error"), g.inside(l, func() {
				g.say("_ = %s", x)
			}))
			break
		}
		fmt.Fprintf(&cases, "case %s:\n%s", typeName(t), g.inside(l, func() {
			v := g.declare(x, t)
			v.fixed = isInterface(t)
			if g.printable(t) {
				v.used = true
				g.say("fmt.Println(\"case\", %s)", x)
			}
		}))
	}
	if of == g.iface {
		// Only what implements the interface may be asked for.
		text := strings.NewReplacer(", []bool:", ":", ", error:", ", error:").Replace(cases.String())
		cases.Reset()
		cases.WriteString(text)
	}
	if g.oneIn(2) || cases.Len() == 0 {
		fmt.Fprintf(&cases, "default:\n%s", g.inside(l, func() { g.say("_ = %s", x) }))
	}
	g.say("%sswitch %s := (%s).(type) {\n%s}", l.mark(), x, what, cases.String())
	return true
}
