// Package generate writes random Go programs for comparing what a lowered text
// prints with what the compiled program prints.
//
// A program is legal, ends, has no data race, and prints nothing that depends on
// scheduling, on the order of a map, on addresses or on time. It also keeps away
// from what the language leaves open. Go orders calls, but not calls against
// reads of variables, so an expression is made in one of two moods: it either
// calls, and then it reads only what no call can change, or it reads what it
// likes and does not call. And it holds at most one operation that can panic.
//
// What depends on types grows from a grammar (types.go, expr.go, stmt.go). What
// needs several parts that fit together, such as goroutines or a type that the
// library calls back, is a snippet whose holes the grammar fills (snippet.go).
package generate

import (
	"fmt"
	"go/types"
	"math/rand/v2"
	"slices"
	"strings"
)

// Options select what a program holds.
type Options struct {
	// Suffix ends the name of every declaration of the program, so that many fit
	// into one package. It must occur in no other place.
	Suffix string
	// Entry is the name of the function that runs the program.
	Entry string
	// Avoid lists features not to use, by the names of features.
	Avoid []string
}

// Features are what Options.Avoid can hold: the tags of snippets, and some that
// the grammar knows.
func Features() []string {
	all := []string{
		"complex",       // complex numbers
		"dereference",   // (*p).field; p.field is meant always
		"funcmethod",    // methods of function types
		"headerliteral", // composite literals in conditions
		"ifaceeq",       // == of interfaces, and of what holds some
		"shift",         // shift counts of several types, and ones that are not variables
	}
	for _, s := range snippets() {
		all = append(all, s.tags...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Program returns the text of a program. The same seed gives the same program.
func Program(seed uint64, o Options) string {
	g := &gen{rand: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), opts: o, imports: map[string]bool{"fmt": true}}
	g.prelude()
	g.declareTypes()
	for range 2 + g.upTo(4) {
		g.globalVar()
	}
	for range 3 + g.upTo(4) {
		g.function()
	}
	for range 4 + g.upTo(4) {
		g.runSnippet()
	}
	main := g.body(func() {
		for i, f := range g.funcs {
			for range 1 + g.upTo(2) {
				g.try(fmt.Sprintf("f%d", i), func() { g.callAndPrint(f) })
			}
		}
		for _, f := range g.runs {
			g.try(f, func() { g.say("%s()", f) })
		}
		for _, v := range g.globals {
			if g.printable(v.typ) {
				g.say("fmt.Println(%q, %s)", v.name, v.name)
			}
		}
	})
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n")
	for _, path := range sortedKeys(g.imports) {
		fmt.Fprintf(&b, "\t%q\n", path)
	}
	fmt.Fprintf(&b, ")\n%s\nfunc %s() {\n%s}\n", g.top.String(), o.Entry, main)
	return b.String()
}

type gen struct {
	rand    *rand.Rand
	opts    Options
	imports map[string]bool
	top     strings.Builder  // finished declarations
	out     *strings.Builder // the block that is being written
	count   int              // of names

	types   []types.Type // that variables and fields may have
	named   []*types.Named
	making  *types.Named // whose methods are being written
	iface   *types.Named // an interface that some of named satisfy
	funcs   []*function
	runs    []string // names of functions without parameters
	globals []*variable
	vars    []*variable // in scope, innermost last

	calls   bool // this expression calls
	panics  int  // operations that may still panic in this expression
	level   int  // nesting of functions
	loops   []*loop
	results []types.Type // of the function that is being written
	names   []string     // of its results, if named
	quiet   bool         // other goroutines run: no calls, no globals
	left    int          // statements that may still be written into this function
}

func sortedKeys[V any](m map[string]V) []string {
	keys := []string{}
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (g *gen) say(format string, a ...any) { fmt.Fprintf(g.out, format+"\n", a...) }

func (g *gen) upTo(n int) int      { return g.rand.IntN(n + 1) }
func (g *gen) oneIn(n int) bool    { return g.rand.IntN(n) == 0 }
func (g *gen) avoid(s string) bool { return slices.Contains(g.opts.Avoid, s) }

func pick[T any](g *gen, list ...T) T { return list[g.rand.IntN(len(list))] }

// fresh returns a new name for something local.
func (g *gen) fresh(stem string) string {
	g.count++
	return fmt.Sprint(stem, g.count)
}

// global returns a new name for a declaration of the package.
func (g *gen) global(stem string) string { return g.fresh(stem) + g.opts.Suffix }

// body writes a function's or a block's statements and returns them. Variables
// that f declares end with it; those nobody has read are read here, since Go
// demands it.
func (g *gen) body(f func()) string {
	out, vars := g.out, len(g.vars)
	g.out = &strings.Builder{}
	f()
	g.readRest(vars)
	text := g.out.String()
	g.out, g.vars = out, g.vars[:vars]
	return text
}

// readRest reads the variables after the first n that nobody has read.
func (g *gen) readRest(n int) {
	for _, v := range g.vars[n:] {
		if !v.used && v.level == g.level {
			g.say("_ = %s", v.name)
			v.used = true
		}
	}
}

// funcBody is body for a function's statements, which do not see the loops
// around them.
func (g *gen) funcBody(results []types.Type, names []string, f func()) string {
	saved := *g
	g.level++
	g.loops, g.results, g.names = nil, results, names
	g.left = min(g.left, 12)
	text := g.body(f)
	g.level, g.loops, g.results, g.names = saved.level, saved.loops, saved.results, saved.names
	g.calls, g.panics = saved.calls, saved.panics
	g.left = max(0, saved.left-4)
	return text
}

// try writes a call whose panic is printed.
func (g *gen) try(name string, f func()) {
	g.say("try%s(%q, func() {\n%s})", g.opts.Suffix, strings.TrimSuffix(name, g.opts.Suffix), g.body(f))
}

// prelude declares what every program uses. Loops and functions take fuel, so
// that they end; constants that are variables keep expressions from being
// constant, for which the compiler has rules of its own.
func (g *gen) prelude() {
	text := `
const yes@ = true

var fuel@ = 1000

func tick@() {
	fuel@--
	if fuel@ < 0 {
		panic("no fuel")
	}
}

func try@(name string, f func()) {
	fuel@ = 150
	defer func() {
		if e := recover(); e != nil {
			_, isError := e.(error)
			fmt.Println(name, "panics:", e, isError)
		}
	}()
	f()
}

func cut@(s string) string {
	if len(s) > 24 {
		s = s[:24]
	}
	return s
}

func pointer@[T any](x T) *T { return &x }

func whole@(f float64) int {
	if f > -1e6 && f < 1e6 {
		return int(f)
	}
	return -1
}
`
	g.top.WriteString(strings.ReplaceAll(text, "@", g.opts.Suffix))
	for _, t := range basics {
		if t == types.Complex128 && g.avoid("complex") {
			continue
		}
		typ := types.Typ[t]
		g.types = append(g.types, typ)
		g.constant("k", typ, g.literal(typ, 0))
	}
	g.imports["math"] = true
	g.constant("nan", types.Typ[types.Float64], pick(g, "math.NaN()", "math.Inf(1)", "math.Copysign(0, -1)"))
	g.constant("inf", types.Typ[types.Float32], "float32(math.Inf(-1))")
}

// constant declares a variable of the package that is never assigned.
func (g *gen) constant(stem string, t types.Type, value string) {
	name := stem + typeName(t) + g.opts.Suffix
	fmt.Fprintf(&g.top, "var %s %s = %s\n", name, typeName(t), value)
	g.vars = append(g.vars, &variable{name: name, typ: t, fixed: true, used: true})
}

// globalVar declares a variable that functions may change. Its initial value may
// call functions, which the compiler then runs in the order of dependencies.
func (g *gen) globalVar() {
	t := g.anyType()
	name := g.global("g")
	g.calls, g.panics = false, 0
	switch {
	case g.oneIn(3) && !isInterface(t) && !hasPointer(t):
		init := g.global("init")
		body := g.funcBody([]types.Type{t}, nil, func() {
			g.say("defer func() { recover() }()")
			g.left = 2
			g.statements(2)
			g.returns()
		})
		fmt.Fprintf(&g.top, "var %s = %s()\n\nfunc %s() %s {\n%s}\n", name, init, init, typeName(t), body)
	case g.oneIn(4) && !hasPointer(t):
		fmt.Fprintf(&g.top, "var %s %s\n", name, typeName(t))
	default:
		fmt.Fprintf(&g.top, "var %s %s = %s\n", name, typeName(t), g.expr(t, 1))
	}
	v := &variable{name: name, typ: t, shared: true, used: true, global: true}
	g.vars = append(g.vars, v)
	g.globals = append(g.globals, v)
}
