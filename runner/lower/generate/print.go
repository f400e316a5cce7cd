package generate

import (
	"go/types"
	"strings"
)

// printableValue returns an expression whose printed form is always the same.
func (g *gen) printableValue(d int) string {
	for range 6 {
		t := g.anyType()
		if len(g.vars) > 0 && g.oneIn(2) {
			t = pick(g, g.vars...).typ
		}
		if _, ok := t.(*types.Tuple); !ok && g.printable(t) {
			return typed(t, g.expr(t, d))
		}
	}
	return g.expr(intT, d)
}

// print prints values in some format.
func (g *gen) print() bool {
	if g.quiet {
		return false
	}
	var values, verbs []string
	for range 1 + g.upTo(2) {
		values = append(values, g.printableValue(2))
		verbs = append(verbs, pick(g, "%v", "%v", "%+v", "%#v", "%T", "%d", "%q", "%x", "%s", "%8v", "%-6v|", "%6.2v"))
	}
	if g.oneIn(2) {
		g.say("fmt.Println(%s)", strings.Join(values, ", "))
	} else {
		g.say("fmt.Printf(%q, %s)", strings.Join(verbs, " ")+"\n", strings.Join(values, ", "))
	}
	return true
}

// printVars prints the variables of a function before it returns.
func (g *gen) printVars() {
	var names []string
	for _, v := range g.vars {
		if v.level == g.level && !v.fixed && g.printable(v.typ) && len(names) < 6 && g.oneIn(2) {
			v.used = true
			names = append(names, v.name)
		}
	}
	if len(names) > 0 {
		g.say("fmt.Println(%s)", strings.Join(names, ", "))
	}
}
