package generate

import (
	"fmt"
	"go/types"
)

// expr returns an expression of type t, at most d operations deep.
func (g *gen) expr(t types.Type, d int) string {
	if d > 0 && g.calls && g.oneIn(2) {
		if call, ok := g.callOf(t, d); ok {
			return call
		}
	}
	if d > 0 && !g.oneIn(4) {
		if s, ok := g.operation(t, d); ok {
			return s
		}
	}
	if !g.oneIn(3) {
		if s, ok := g.read(t); ok {
			return s
		}
	}
	return g.literal(t, min(d, 1))
}

// solid is an expression that is not constant.
func (g *gen) solid(t types.Type, d int) string {
	if d > 0 && g.oneIn(2) {
		if s, ok := g.operation(t, d); ok {
			return s
		}
	}
	if s, ok := g.read(t); ok {
		return s
	}
	if u := t.Underlying(); u != t {
		if _, ok := u.(*types.Basic); ok {
			return typeName(t) + "(" + g.solid(u, d-1) + ")"
		}
	}
	return g.literal(t, 0)
}

// operation returns an expression of type t that is not constant.
func (g *gen) operation(t types.Type, d int) (string, bool) {
	switch {
	case is(t, types.IsBoolean):
		return g.wrap(t, g.condition(d)), true
	case is(t, types.IsInteger):
		return g.integer(t, d), true
	case is(t, types.IsFloat):
		return g.float(t, d), true
	case is(t, types.IsString):
		return g.text(t, d), true
	case is(t, types.IsComplex):
		x, y := g.solid(t, d-1), g.expr(t, d-1)
		return fmt.Sprintf("(%s %s %s)", x, pick(g, "+", "-"), y), true
	}
	if u, ok := t.Underlying().(*types.Slice); ok {
		return g.slicing(t, u, d)
	}
	// The same underlying type under another name.
	if _, ok := t.(*types.Named); ok && !isInterface(t) {
		for _, other := range g.types {
			if other != t && types.Identical(other.Underlying(), t.Underlying()) {
				if s, ok := g.read(other); ok {
					return g.wrap(t, s), true
				}
			}
		}
	}
	return "", false
}

// wrap converts an expression of t's underlying type.
func (g *gen) wrap(t types.Type, s string) string {
	if t == t.Underlying() {
		return s
	}
	return typeName(t) + "(" + s + ")"
}

func (g *gen) integer(t types.Type, d int) string {
	switch g.upTo(13) {
	case 0, 1, 2:
		return fmt.Sprintf("(%s %s %s)", g.solid(t, d-1), pick(g, "+", "-", "*"), g.expr(t, d-1))
	case 3:
		return fmt.Sprintf("(%s %s %s)", g.solid(t, d-1), pick(g, "&", "|", "^", "&^"), g.expr(t, d-1))
	case 4:
		x := g.solid(t, d-1)
		if g.panics > 0 {
			g.panics = 0
			return fmt.Sprintf("(%s %s %s)", x, pick(g, "/", "%"), g.solid(t, 0))
		}
		return fmt.Sprintf("(%s %s (%s | 1))", x, pick(g, "/", "%"), g.solid(t, d-1))
	case 5, 6:
		// Counts larger than the width of t are meant.
		c := types.Typ[pick(g, types.Uint, types.Uint8, types.Uint64)]
		if g.avoid("shift") {
			c, d = types.Typ[types.Uint], 1
		}
		count := g.solid(c, d-1)
		if g.oneIn(2) && !g.avoid("shift") {
			count += " & " + pick(g, "7", "31", "127")
		}
		return fmt.Sprintf("(%s %s (%s))", g.solid(t, d-1), pick(g, "<<", ">>"), count)
	case 7:
		return fmt.Sprintf("%s(%s)", pick(g, "-", "^", "+"), g.solid(t, d-1))
	case 8, 9:
		from := pick(g, g.types...)
		switch {
		case is(from, types.IsInteger):
			return fmt.Sprintf("%s(%s)", typeName(t), g.solid(from, d-1))
		case is(from, types.IsFloat):
			return fmt.Sprintf("%s(whole%s(float64(%s)))", typeName(t), g.opts.Suffix, g.solid(from, d-1))
		}
	case 10:
		if u, ok := g.container(); ok {
			return fmt.Sprintf("%s(%s(%s))", typeName(t), pick(g, "len", "len", "cap"), u)
		}
		return fmt.Sprintf("%s(len(%s))", typeName(t), g.solid(stringT, d-1))
	case 11:
		return fmt.Sprintf("%s(%s, %s)", pick(g, "min", "max"), g.solid(t, d-1), g.expr(t, d-1))
	case 12: // an unsigned byte, whatever t is
		if b, ok := g.read(types.Typ[types.Uint8]); ok {
			return fmt.Sprintf("%s(%s)", typeName(t), b)
		}
	}
	return fmt.Sprintf("(%s + %s)", g.solid(t, d-1), g.literal(t, 0))
}

// container returns a slice to take the length of.
func (g *gen) container() (string, bool) {
	for _, v := range g.vars {
		if _, ok := v.typ.Underlying().(*types.Slice); ok && !(g.calls && v.shared) && !(g.quiet && v.global) {
			v.used = true
			return v.name, true
		}
	}
	return "", false
}

func (g *gen) float(t types.Type, d int) string {
	switch g.upTo(5) {
	case 0:
		// The conversion keeps multiplication and addition apart where a
		// machine has an instruction for both.
		return fmt.Sprintf("%s(%s * %s)", typeName(t), g.solid(t, d-1), g.expr(t, d-1))
	case 1:
		return fmt.Sprintf("(%s / %s)", g.solid(t, d-1), g.solid(t, d-1))
	case 2:
		return fmt.Sprintf("-(%s)", g.solid(t, d-1))
	case 3:
		if from := pick(g, g.types...); is(from, types.IsInteger|types.IsFloat) {
			return fmt.Sprintf("%s(%s)", typeName(t), g.solid(from, d-1))
		}
	case 4:
		return fmt.Sprintf("%s(%s, %s)", pick(g, "min", "max"), g.solid(t, d-1), g.expr(t, d-1))
	}
	return fmt.Sprintf("(%s %s %s)", g.solid(t, d-1), pick(g, "+", "-"), g.expr(t, d-1))
}

func (g *gen) text(t types.Type, d int) string {
	cut := func(s string) string { return fmt.Sprintf("cut%s(%s)", g.opts.Suffix, s) }
	switch g.upTo(6) {
	case 0:
		r := g.solid(types.Typ[types.Int32], d-1)
		return fmt.Sprintf("%s(rune(%s))", typeName(t), r)
	case 1:
		if s, ok := g.read(types.NewSlice(types.Typ[types.Uint8])); ok {
			return g.wrap(t, cut("string("+s+")"))
		}
	case 2:
		g.imports["strings"] = true
		return g.wrap(
			t,
			fmt.Sprintf("strings.%s(%s)", pick(g, "ToUpper", "TrimSpace", "ToLower"), g.solid(stringT, d-1)),
		)
	case 3:
		if s, ok := g.read(stringT); ok && !g.calls {
			return g.wrap(t, fmt.Sprintf("%s[min(len(%s), %d):]", s, s, g.upTo(3)))
		}
	case 4:
		return fmt.Sprintf("%s(%s, %s)", pick(g, "min", "max"), g.solid(t, d-1), g.expr(t, d-1))
	case 5:
		if g.calls { // String methods are
			return g.wrap(t, cut(fmt.Sprintf("fmt.Sprint(%s)", g.printableValue(d-1))))
		}
	}
	return g.wrap(t, cut(fmt.Sprintf("string(%s + %s)", g.solid(t, d-1), g.expr(t, d-1))))
}

func (g *gen) condition(d int) string {
	n := g.upTo(7)
	if d <= 0 {
		n = 7
	}
	switch n {
	case 0, 1:
		x, y := g.condition(d-1), ""
		if g.oneIn(4) {
			y = pick(g, "yes", "!yes") + g.opts.Suffix // constant operands have rules of their own
		} else {
			y = g.condition(d - 1)
		}
		if g.oneIn(2) {
			x, y = y, x
		}
		return fmt.Sprintf("(%s %s %s)", x, pick(g, "&&", "||"), y)
	case 2:
		return "!(" + g.solid(boolT, d-1) + ")"
	case 3, 4:
		t := pick(g, g.types...)
		if _, basic := t.Underlying().(*types.Basic); !basic && g.avoid("headerliteral") {
			break
		}
		if g.comparable(t) && !(isInterface(t) && g.avoid("ifaceeq")) && t != g.iface {
			x, y := g.solid(t, d-1), g.expr(t, min(d-1, 1))
			return fmt.Sprintf("(%s %s (%s))", x, pick(g, "==", "!="), y)
		}
	}
	t := pick(g, g.types...)
	if !is(t, types.IsOrdered) {
		t = intT
	}
	return fmt.Sprintf("(%s %s %s)", g.solid(t, d-1), pick(g, "<", "<=", ">", ">=", "==", "!="), g.expr(t, d-1))
}

// slicing returns a slice made from another.
func (g *gen) slicing(t types.Type, u *types.Slice, d int) (string, bool) {
	if g.calls {
		return "", false
	}
	if b, ok := u.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Uint8 && g.oneIn(2) {
		return fmt.Sprintf("%s(%s)", typeName(t), g.solid(stringT, d-1)), true
	}
	s, ok := g.read(t)
	if !ok {
		return "", false
	}
	switch g.upTo(4) {
	case 0:
		return fmt.Sprintf("append(%s[:0:0], %s...)", s, s), true
	case 1:
		// The capacity keeps append from writing what the rest of the expression
		// may read: which comes first is open.
		return fmt.Sprintf("append(%s[:len(%s):len(%s)], %s)", s, s, s, g.expr(u.Elem(), d-1)), true
	case 2:
		return fmt.Sprintf("%s[min(len(%s), 1):min(len(%s), 3):min(len(%s), 3)]", s, s, s, s), true
	case 3:
		if g.panics > 0 {
			g.panics = 0
			return fmt.Sprintf("%s[%d:%s]", s, g.upTo(2), g.solid(intT, 0)), true
		}
	}
	return fmt.Sprintf("%s[:min(len(%s), %d)]", s, s, g.upTo(4)), true
}
