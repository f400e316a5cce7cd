package generate

import (
	"fmt"
	"go/types"
)

// variable is a variable in scope.
type variable struct {
	name   string
	typ    types.Type
	shared bool // closures may assign it and pointers point to it: a call may change it
	fixed  bool // never assigned
	global bool
	used   bool
	level  int // of the function that declares it
}

// declare puts a new variable of the block in scope.
func (g *gen) declare(name string, t types.Type) *variable {
	v := &variable{name: name, typ: t, shared: g.oneIn(2), level: g.level}
	g.vars = append(g.vars, v)
	return v
}

// place is something that can be read, and assigned unless it is fixed.
type place struct {
	text   string
	of     *variable
	fixed  bool
	addr   bool // has an address
	panics bool // may panic
}

// places lists what has type t and can be read or assigned in the present mood.
func (g *gen) places(t types.Type) (list []place) {
	var walk func(p place, have types.Type, d int)
	walk = func(p place, have types.Type, d int) {
		if types.Identical(have, t) && !(p.panics && g.panics == 0) {
			list = append(list, p)
		}
		if d == 0 {
			return
		}
		in := func(text string) place { return place{text, p.of, p.fixed, p.addr, p.panics} }
		switch u := have.Underlying().(type) {
		case *types.Struct:
			for f := range u.Fields() {
				walk(in(p.text+"."+f.Name()), f.Type(), d-1)
				if s, ok := f.Type().Underlying().(*types.Struct); ok && f.Embedded() {
					for inner := range s.Fields() {
						if obj, _, _ := types.LookupFieldOrMethod(have, true, pkg, inner.Name()); obj == inner {
							walk(in(p.text+"."+inner.Name()), inner.Type(), d-1)
						}
					}
				}
			}
		case *types.Array:
			walk(in(fmt.Sprintf("%s[%s]", p.text, g.arrayIndex(u.Len()))), u.Elem(), d-1)
		case *types.Slice:
			if !g.calls && g.panics > 0 && !p.panics {
				e := in(fmt.Sprintf("%s[%d]", p.text, g.upTo(3)))
				e.panics, e.addr, e.fixed = true, true, false
				walk(e, u.Elem(), d-1)
			}
		case *types.Map:
			if !g.calls && !p.panics {
				// To read is safe, to assign is not if the map is nil.
				e := in(fmt.Sprintf("%s[%s]", p.text, g.literal(u.Key(), 0)))
				e.addr, e.fixed = false, g.panics == 0
				if types.Identical(u.Elem(), t) {
					list = append(list, e)
				}
			}
		case *types.Pointer:
			if g.calls {
				return
			}
			e := in("(*" + p.text + ")")
			e.addr, e.fixed = true, false
			within := d - 1
			if g.avoid("dereference") {
				within = 0
			}
			walk(e, u.Elem(), within)
			if s, ok := u.Elem().Underlying().(*types.Struct); ok {
				for f := range s.Fields() {
					e.text = p.text + "." + f.Name()
					walk(e, f.Type(), d-1)
				}
			}
		}
	}
	for _, v := range g.vars {
		if g.calls && v.shared || g.quiet && v.global {
			continue
		}
		fixed := v.fixed || !v.shared && v.level != g.level
		walk(place{v.name, v, fixed, v.shared && !v.fixed, false}, v.typ, 3)
	}
	return list
}

// arrayIndex returns an index that is in range.
func (g *gen) arrayIndex(n int64) string {
	if n&(n-1) == 0 && g.oneIn(2) {
		for _, v := range g.vars {
			if v.typ == intT && v.used && !(g.calls && v.shared) && !(g.quiet && v.global) && g.oneIn(3) {
				return fmt.Sprintf("%s&%d", v.name, n-1)
			}
		}
	}
	return fmt.Sprint(g.rand.Int64N(n))
}

// read returns something of type t to read.
func (g *gen) read(t types.Type) (string, bool) {
	list := g.places(t)
	if len(list) == 0 {
		return "", false
	}
	// Most variables are constants of the program: prefer others.
	p := pick(g, list...)
	for range 4 {
		if p.of.fixed && p.of.level == 0 {
			p = pick(g, list...)
		}
	}
	p.of.used = true
	if p.panics {
		g.panics = 0
	}
	return p.text, true
}

// assignable returns something of type t to assign to.
func (g *gen) assignable(t types.Type, ok func(place) bool) (place, bool) {
	var list []place
	for _, p := range g.places(t) {
		if !p.fixed && ok(p) {
			list = append(list, p)
		}
	}
	if len(list) == 0 {
		return place{}, false
	}
	p := pick(g, list...)
	if p.panics {
		g.panics = 0
	}
	return p, true
}

// set returns the text of a place for assigning to it. To assign to a part of a
// variable reads the variable, in the compiler's eyes.
func (p place) set() string {
	if p.text != p.of.name {
		p.of.used = true
	}
	return p.text
}

func anyPlace(place) bool { return true }

// mood decides what the next expression does.
func (g *gen) mood() {
	g.calls = !g.quiet && g.oneIn(3)
	g.panics = 0
	if !g.calls && !g.quiet && g.oneIn(12) {
		g.panics = 1
	}
}
