package lower

import (
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// A unit is text that the interpreter gets at once: what its roots need and no
// earlier unit has declared.
type unit struct {
	imports     map[string]string // path -> name
	importOrder []string
	aliases     map[string]bool
	types       []*types.Named // to be declared
	funcs       []*ssa.Function
	helpers     map[string]string // what a generated function does -> its name
	dispatchers map[string]string

	descs     []string        // descriptions for which the unit has variables
	define    strings.Builder // statements that define types for package rt
	sets      strings.Builder // statements that register method sets
	typeDecls strings.Builder
	varDecls  strings.Builder
	funcDecls strings.Builder
	refused   Refusals
}

func (u *unit) put(format string, args ...any) { fmt.Fprintf(&u.funcDecls, format, args...) }

// written is what the units so far have declared.
type written struct {
	types     map[string]bool
	funcs     map[*ssa.Function]bool
	globals   map[*ssa.Global]bool
	descs     map[string]string // description -> variable with its rt.Type
	defined   map[string]bool
	methods   map[string]methodsOf
	described map[types.Type]string
	init      bool
}

func newWritten() written {
	return written{
		types: map[string]bool{}, funcs: map[*ssa.Function]bool{}, globals: map[*ssa.Global]bool{},
		descs: map[string]string{}, defined: map[string]bool{}, methods: map[string]methodsOf{},
		described: map[types.Type]string{},
	}
}

// Unit returns text that declares what a function of the program needs, a
// function without parameters and results, and the name by which the interpreter
// calls it. The first unit also gives package-level variables the values that
// they have from the start. The error is a [Refusals].
func (l *Lowering) Unit(root string) (text, call string, err error) {
	fn := l.main.Func(root)
	if fn == nil {
		return "", "", fmt.Errorf("the program has no function %s", root)
	}
	l.units++
	l.unit = &unit{
		imports: map[string]string{}, aliases: map[string]bool{},
		helpers: map[string]string{}, dispatchers: map[string]string{},
	}
	u := l.unit
	call = l.names.fresh("start_" + root)
	u.put("func %s() { %s(%s.Line()) }; ", call, l.function(fn), l.rt())
	start := ""
	if !l.written.init {
		l.written.init = true
		start = l.function(l.main.Func("init")) + "(" + l.rt() + ".Line()); "
	}
	l.drain()
	if len(u.refused) > 0 {
		return "", "", u.refused.sorted()
	}
	return u.text(l, start), call, nil
}

// drain writes what is to be declared until nothing new is needed.
func (l *Lowering) drain() {
	u := l.unit
	for len(u.types)+len(u.funcs) > 0 {
		if len(u.types) > 0 {
			t := u.types[0]
			u.types = u.types[1:]
			fmt.Fprintf(&u.typeDecls, "type %s %s; ", l.names.named(t), l.typ(t.Underlying()))
			continue
		}
		fn := u.funcs[0]
		u.funcs = u.funcs[1:]
		l.pos = cmp.Or(fn.Pos(), l.sites[fn])
		l.site = l.inText(l.pos, l.sites[fn])
		text := l.writeFunction(fn)
		u.put("%s", text)
	}
}

func (u *unit) text(l *Lowering, start string) string {
	var setup strings.Builder
	for _, d := range u.descs {
		name := l.written.descs[d]
		fmt.Fprintf(&u.varDecls, "var %s *%s.Type; ", name, l.rt())
		fmt.Fprintf(&setup, "%s = %s.TypeOf(%s); ", name, l.rt(), quote(d))
	}
	var b strings.Builder
	// The interpreter keeps imports apart by the base name of the file they are in.
	fmt.Fprintf(&b, "//line unit%d.go:1:1\npackage main; ", l.units)
	for _, path := range u.importOrder {
		fmt.Fprintf(&b, "import %s %q; ", u.imports[path], path)
	}
	b.WriteString(u.typeDecls.String() + u.varDecls.String())
	b.WriteString("func init() { " + u.define.String() + setup.String() + u.sets.String() + start + "}; ")
	b.WriteString(u.funcDecls.String() + "\n")
	return b.String()
}

// function is the name of a function; it has it written.
func (l *Lowering) function(fn *ssa.Function) string {
	if !l.written.funcs[fn] {
		l.written.funcs[fn] = true
		l.unit.funcs = append(l.unit.funcs, fn)
		l.sites[fn] = l.inText(l.pos, l.site)
	}
	return l.names.function(fn)
}

// global is the name of a package-level variable; it has it declared.
func (l *Lowering) global(g *ssa.Global) string {
	if !l.own[g.Pkg.Pkg] {
		return l.pkg(g.Pkg.Pkg.Path()) + "." + g.Name()
	}
	name := l.names.global(g)
	if !l.written.globals[g] {
		l.written.globals[g] = true
		fmt.Fprintf(&l.unit.varDecls, "var %s %s; ", name, l.stored(pointee(g.Type())))
	}
	return name
}

// inText is a position of the program's, or the other one: those of library code say
// nothing to who reads the program.
func (l *Lowering) inText(pos, other token.Pos) token.Pos {
	if l.fset.File(pos) != nil {
		return pos
	}
	return other
}

// refuse records that a construct cannot be translated.
func (l *Lowering) refuse(pos token.Pos, what, instead string) {
	l.unit.refused = append(
		l.unit.refused,
		Refusal{Pos: l.fset.Position(l.inText(pos, l.site)), What: what, Instead: instead},
	)
}
