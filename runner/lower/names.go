package lower

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// names are what things at top level are called in the lowered text: alike in
// all units.
type names struct {
	l     *Lowering
	used  map[string]bool
	funcs map[*ssa.Function]string
	types map[types.Object]map[string]string // declared type -> text of its type arguments -> name
	// Types that a generic function declares are made anew for each instance.
	local   map[*types.Named]string
	globals map[*ssa.Global]string
}

func newNames(l *Lowering) *names {
	n := &names{
		l: l, used: map[string]bool{},
		funcs: map[*ssa.Function]string{}, types: map[types.Object]map[string]string{},
		local: map[*types.Named]string{}, globals: map[*ssa.Global]string{},
	}
	for _, name := range types.Universe.Names() {
		n.used[name] = true
	}
	for _, name := range []string{"l", "d", "caught", "init", "main"} {
		n.used[name] = true
	}
	return n
}

// fresh returns a name of which nothing else has been called.
func (n *names) fresh(name string) string {
	name = strings.Map(func(r rune) rune {
		if r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, name)
	for base, i := name, 2; n.used[name]; i++ {
		name = fmt.Sprintf("%s__%d", base, i)
	}
	n.used[name] = true
	return name
}

func (n *names) global(g *ssa.Global) string {
	name, ok := n.globals[g]
	if !ok {
		name = n.fresh(g.Name() + "_g")
		n.globals[g] = name
	}
	return name
}

func (n *names) function(fn *ssa.Function) string {
	name, ok := n.funcs[fn]
	if !ok {
		name = fn.Name()
		if recv := fn.Signature.Recv(); recv != nil {
			t := recv.Type()
			if p, ok := types.Unalias(t).(*types.Pointer); ok {
				t = p.Elem()
			}
			if named, ok := types.Unalias(t).(*types.Named); ok {
				name = named.Obj().Name() + "__" + name
			}
		}
		name = n.fresh(name + "_f")
		n.funcs[fn] = name
	}
	return name
}

// named is the name of a defined type that is lowered.
func (n *names) named(t *types.Named) string {
	obj := t.Origin().Obj()
	if obj.Parent() != obj.Pkg().Scope() && t.TypeArgs().Len() == 0 {
		name, ok := n.local[t]
		if !ok {
			name = n.fresh(obj.Name() + "_t")
			n.local[t] = name
		}
		return name
	}
	args := ""
	for arg := range t.TypeArgs().Types() {
		args += "," + types.TypeString(arg, nil) + n.localText(arg)
	}
	if n.types[obj] == nil {
		n.types[obj] = map[string]string{}
	}
	name, ok := n.types[obj][args]
	if !ok {
		name = n.fresh(obj.Name() + "_t")
		n.types[obj][args] = name
	}
	return name
}

// localText tells apart type arguments that functions declare: their names alone
// do not.
func (n *names) localText(t types.Type) string {
	text := ""
	seen := map[types.Type]bool{}
	var walk func(types.Type)
	walk = func(t types.Type) {
		if seen[t] {
			return
		}
		seen[t] = true
		switch t := types.Unalias(t).(type) {
		case *types.Named:
			for arg := range t.TypeArgs().Types() {
				walk(arg)
			}
			if o := t.Obj(); n.l.own[o.Pkg()] && o.Parent() != o.Pkg().Scope() {
				text += "/" + n.named(t)
			}
		case *types.Pointer:
			walk(t.Elem())
		case *types.Slice:
			walk(t.Elem())
		case *types.Array:
			walk(t.Elem())
		case *types.Chan:
			walk(t.Elem())
		case *types.Map:
			walk(t.Key())
			walk(t.Elem())
		case *types.Struct:
			for f := range t.Fields() {
				walk(f.Type())
			}
		case *types.Signature:
			for v := range t.Params().Variables() {
				walk(v.Type())
			}
			for v := range t.Results().Variables() {
				walk(v.Type())
			}
		}
	}
	walk(t)
	return text
}
