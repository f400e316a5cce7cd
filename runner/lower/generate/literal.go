package generate

import (
	"fmt"
	"go/types"
	"strings"
)

// literal returns a value of type t that is written out, d levels deep.
func (g *gen) literal(t types.Type, d int) string {
	name := typeName(t)
	elem := func(t types.Type) string {
		if d > 0 {
			return g.expr(t, d-1)
		}
		return g.literal(t, 0)
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return g.basicLiteral(t, u)
	case *types.Struct:
		return g.structLiteral(name, u, elem)
	case *types.Array:
		if u.Len() > 1 && g.oneIn(3) {
			return fmt.Sprintf("%s{%d: %s}", name, u.Len()-1, elem(u.Elem()))
		}
		return name + "{" + repeat(int(u.Len()), func() string { return elem(u.Elem()) }) + "}"
	case *types.Slice:
		switch g.upTo(7) {
		case 0:
			return name + "(nil)"
		case 1:
			return fmt.Sprintf("make(%s, %d, %d)", name, g.upTo(4), 4+g.upTo(2))
		}
		return name + "{" + repeat(2+g.upTo(2), func() string { return elem(u.Elem()) }) + "}"
	case *types.Map:
		return g.mapLiteral(name, u, elem)
	case *types.Pointer:
		if _, ok := u.Elem().Underlying().(*types.Basic); ok || isInterface(u.Elem()) || hasPointer(u.Elem()) {
			return fmt.Sprintf("pointer%s(%s)", g.opts.Suffix, elem(u.Elem()))
		}
		switch u.Elem().Underlying().(type) {
		case *types.Struct, *types.Array:
			if !g.oneIn(3) {
				return "&" + g.literal(u.Elem(), d)
			}
		}
		return "new(" + typeName(u.Elem()) + ")"
	case *types.Signature:
		return g.funcLiteral(t, u)
	case *types.Interface:
		return g.inInterface(t, d)
	}
	panic("no literal of type " + name)
}

func repeat(n int, f func() string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = f()
	}
	return strings.Join(list, ", ")
}

var floats = []string{"0", "0.5", "-1.25", "3", "1e10", "1e-7", "100", "2.75"}

var texts = []string{`""`, `"a"`, `"xyz"`, `"héllo"`, `"\x80z"`, `"日本"`, `"a b\n"`, "`raw\\n`"}

func (g *gen) basicLiteral(t types.Type, u *types.Basic) string {
	name := typeName(t)
	info := u.Info()
	value := ""
	switch {
	case info&types.IsBoolean != 0:
		value = pick(g, "true", "false")
	case info&types.IsString != 0:
		value = pick(g, texts...)
	case info&types.IsFloat != 0:
		value = pick(g, floats...)
	case info&types.IsComplex != 0:
		value = fmt.Sprintf("complex(%s, %s)", pick(g, floats...), pick(g, floats...))
	default:
		list := []string{"0", "1", "2", "3", "7", "42", "100", "127"}
		bits := sizes.Sizeof(u) * 8
		if info&types.IsUnsigned == 0 {
			list = append(list, "-1", "-3", "-128", fmt.Sprint(-1<<(bits-1)), fmt.Sprint(1<<(bits-1)-1))
		} else {
			list = append(list, fmt.Sprint(^uint64(0)>>(64-bits)), fmt.Sprint(uint64(1)<<(bits-1)))
		}
		value = pick(g, list...)
	}
	if t == intT || t == stringT || t == boolT {
		return value
	}
	return name + "(" + value + ")"
}

var sizes = types.SizesFor("gc", "amd64")

func (g *gen) structLiteral(name string, u *types.Struct, elem func(types.Type) string) string {
	keyed := g.oneIn(2)
	var list []string
	for f := range u.Fields() {
		switch {
		case keyed && g.oneIn(4):
		case keyed:
			list = append(list, f.Name()+": "+elem(f.Type()))
		default:
			list = append(list, elem(f.Type()))
		}
	}
	return name + "{" + strings.Join(list, ", ") + "}"
}

// mapLiteral writes keys that differ: the compiler refuses equal constants.
func (g *gen) mapLiteral(name string, u *types.Map, elem func(types.Type) string) string {
	if g.oneIn(8) {
		return "make(" + name + ")"
	}
	var list []string
	seen := map[string]bool{}
	for range 1 + g.upTo(2) {
		key := g.literal(u.Key(), 0)
		if !seen[key] {
			list = append(list, key+": "+elem(u.Elem()))
		}
		seen[key] = true
	}
	return name + "{" + strings.Join(list, ", ") + "}"
}

func (g *gen) funcLiteral(t types.Type, u *types.Signature) string {
	var names []string
	text := ""
	vars := len(g.vars)
	for p := range u.Params().Variables() {
		names = append(names, g.fresh("p"))
		_ = p
	}
	saved, quiet := g.quiet, g.left
	results := resultTypes(u)
	text = g.funcBody(results, nil, func() {
		for i, name := range names {
			g.declare(name, u.Params().At(i).Type()).used = true
		}
		g.left = min(g.left, 3)
		g.statements(g.upTo(2))
		g.returns()
	})
	g.quiet, g.left, g.vars = saved, quiet, g.vars[:vars]
	lit := fmt.Sprintf("func(%s) %s {\n%s}", paramList(u, names), resultList(results, nil), text)
	if _, ok := t.(*types.Named); ok {
		return typeName(t) + "(" + lit + ")"
	}
	return lit
}

// inInterface returns a value of an interface type. What is in an any can be
// printed and compared.
func (g *gen) inInterface(t types.Type, d int) string {
	if t == g.iface {
		list := g.implementers()
		if len(list) == 0 {
			return typeName(t) + "(nil)"
		}
		return typeName(t) + "(" + g.literal(pick(g, list...), d) + ")"
	}
	for range 10 {
		c := pick(g, g.types...)
		if g.comparable(c) && g.printable(c) && !isInterface(c) {
			return "any(" + g.expr(c, d) + ")"
		}
	}
	return "any(nil)"
}
