package program

import (
	"go/ast"
	"go/parser"
	"maps"
	"slices"
	"strconv"
)

// A state is what a session knows of the cells so far, by name. A new one is
// made for each cell and thrown away if the cell is refused; the declarations
// in it do not change.
type state struct {
	imports map[string]importSpec
	decls   map[string]*decl
	vars    map[string]*variable
	methods map[string][]string // type -> its methods, "T.m", in order

	// gen counts what the interpreter was given under a name. It keeps old
	// functions and types for ever, so a name that is declared anew is another
	// name there: T, then T__2.
	gen map[string]int
}

// A variable is a top-level variable of the session.
type variable struct {
	typ  string
	uses []string // identifiers in typ
	deps map[string]int
}

func newState() *state {
	return &state{
		imports: map[string]importSpec{},
		decls:   map[string]*decl{},
		vars:    map[string]*variable{},
		methods: map[string][]string{},
		gen:     map[string]int{},
	}
}

func (s *state) clone() *state {
	return &state{
		imports: maps.Clone(s.imports),
		decls:   maps.Clone(s.decls),
		vars:    maps.Clone(s.vars),
		methods: maps.Clone(s.methods),
		gen:     maps.Clone(s.gen),
	}
}

// declare enters a declaration under its names.
func (s *state) declare(d *decl) {
	for _, n := range d.names {
		s.decls[n] = d
		delete(s.vars, n)
	}
	if d.recv != "" && len(d.names) == 1 && !slices.Contains(s.methods[d.recv], d.names[0]) {
		s.methods[d.recv] = append(slices.Clip(s.methods[d.recv]), d.names[0])
	}
}

// stale finds what the interpreter has in a form that refers to something
// declared anew since, directly or through others: its code has to be sent
// again before new code may use it, and a variable's value is of a type that is
// gone. Names in fresh are about to be sent.
func (s *state) stale(fresh map[string]bool) map[string]bool {
	stale := map[string]bool{}
	changed := true
	mark := func(name string) {
		if !stale[name] && !fresh[name] {
			stale[name], changed = true, true
		}
	}
	outdated := func(deps map[string]int) bool {
		for n, g := range deps {
			if s.gen[n] != g || stale[n] {
				return true
			}
		}
		return false
	}
	for changed {
		changed = false
		for name, d := range s.decls {
			if !stale[name] && outdated(d.deps) {
				mark(name)
				// The interpreter cannot replace a method: its type goes with it.
				if d.recv != "" {
					mark(d.recv)
				}
			}
		}
		for name, v := range s.vars {
			if outdated(v.deps) {
				mark(name)
			}
		}
	}
	return stale
}

// redefined returns the type that took a stale variable's value away.
func (s *state) redefined(v *variable, stale map[string]bool) string {
	names := slices.Sorted(maps.Keys(v.deps))
	for _, n := range names {
		if s.gen[n] != v.deps[n] || stale[n] {
			return n
		}
	}
	return ""
}

// emitted returns the name by which the interpreter knows a generation of name.
func emitted(name string, gen int) string {
	if gen <= 1 {
		return name
	}
	return name + "__" + strconv.Itoa(gen)
}

// typeMentions lists the identifiers of a type's text that can stand for
// something at top level.
func typeMentions(typ string) []string {
	e, err := parser.ParseExpr(typ)
	if err != nil {
		return nil
	}
	names, _ := mentions(e, nil)
	return names
}

// identifiers lists all identifiers of a type's text.
func identifiers(typ string) []string {
	e, err := parser.ParseExpr(typ)
	if err != nil {
		return nil
	}
	var names []string
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			names = append(names, id.Name)
		}
		return true
	})
	return names
}
