package generate

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"
)

var basics = []types.BasicKind{
	types.Int, types.Int8, types.Int16, types.Int32, types.Int64,
	types.Uint, types.Uint8, types.Uint16, types.Uint32, types.Uint64, types.Uintptr,
	types.Float32, types.Float64, types.String, types.Bool, types.Complex128,
}

var (
	pkg     = types.NewPackage("main", "main")
	anyT    = types.Universe.Lookup("any").Type()
	intT    = types.Typ[types.Int]
	stringT = types.Typ[types.String]
	boolT   = types.Typ[types.Bool]
)

func typeName(t types.Type) string {
	return types.TypeString(t, func(*types.Package) string { return "" })
}

func is(t types.Type, info types.BasicInfo) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&info != 0
}

func isInterface(t types.Type) bool { return types.IsInterface(t) }

// contains reports whether a value of type t holds, without following pointers,
// one of a type for which yes says so.
func contains(t types.Type, yes func(types.Type) bool) bool {
	if yes(t) {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for f := range u.Fields() {
			if contains(f.Type(), yes) {
				return true
			}
		}
	case *types.Array:
		return contains(u.Elem(), yes)
	case *types.Slice:
		return contains(u.Elem(), yes)
	case *types.Map:
		return contains(u.Key(), yes) || contains(u.Elem(), yes)
	}
	return false
}

// hasPointer reports whether the zero value of t cannot be used.
func hasPointer(t types.Type) bool {
	return contains(t, func(t types.Type) bool {
		switch t.Underlying().(type) {
		case *types.Pointer, *types.Signature, *types.Chan:
			return true
		}
		return false
	})
}

// printable reports whether what fmt prints for t is the same in every run.
func (g *gen) printable(t types.Type) bool {
	return !hasPointer(t) && !contains(t, func(t types.Type) bool {
		return t == g.iface || g.making != nil && t == g.making // whose String method would print itself
	})
}

// comparable reports whether == neither panics for t nor, where that is to be
// avoided, compares interfaces inside something else.
func (g *gen) comparable(t types.Type) bool {
	if isInterface(t) {
		return true
	}
	return types.Comparable(t) && !(g.avoid("ifaceeq") && contains(t, isInterface))
}

// anyType returns a type for a variable.
func (g *gen) anyType() types.Type {
	if g.oneIn(3) {
		return g.compound(1)
	}
	return pick(g, g.types...)
}

func (g *gen) compound(d int) types.Type {
	elem := func() types.Type {
		if d > 0 && g.oneIn(4) {
			return g.compound(d - 1)
		}
		return pick(g, g.types...)
	}
	switch g.upTo(7) {
	case 0, 1:
		return types.NewSlice(elem())
	case 2:
		return types.NewArray(elem(), int64(pick(g, 1, 2, 4)))
	case 3:
		return types.NewMap(g.keyType(), elem())
	case 4:
		return anyT
	case 5:
		return types.NewPointer(elem())
	case 6:
		return g.signature()
	default:
		return g.structType(nil)
	}
}

// keyType returns a type for keys: NaN is no key one finds again.
func (g *gen) keyType() types.Type {
	for range 20 {
		t := pick(g, g.types...)
		if g.comparable(t) && !contains(t, func(t types.Type) bool {
			return is(t, types.IsFloat|types.IsComplex|types.IsBoolean) || isInterface(t)
		}) {
			return t
		}
	}
	return stringT
}

func (g *gen) signature() *types.Signature {
	var params, results []*types.Var
	for range g.upTo(2) {
		params = append(params, types.NewParam(token.NoPos, pkg, "", pick(g, g.types...)))
	}
	results = append(results, types.NewParam(token.NoPos, pkg, "", pick(g, g.types...)))
	return types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), types.NewTuple(results...), false)
}

// structType returns a struct of types without pointers, which may embed one.
func (g *gen) structType(embed *types.Named) *types.Struct {
	var fields []*types.Var
	if embed != nil {
		fields = append(fields, types.NewField(token.NoPos, pkg, embed.Obj().Name(), embed, true))
	}
	for _, name := range []string{"a", "B", "c", "D"}[:1+g.upTo(3)] {
		t := pick(g, g.types...)
		if g.oneIn(5) {
			t = g.compound(0)
		}
		if hasPointer(t) || t == g.iface {
			t = intT
		}
		fields = append(fields, types.NewField(token.NoPos, pkg, name+fmt.Sprint(g.upTo(9)), t, false))
	}
	return types.NewStruct(fields, nil)
}

// declareTypes declares the program's types, and an interface for some of them.
func (g *gen) declareTypes() {
	get := types.NewFunc(token.NoPos, pkg, "Get"+g.opts.Suffix, types.NewSignatureType(nil, nil, nil,
		types.NewTuple(types.NewParam(token.NoPos, pkg, "n", intT)),
		types.NewTuple(types.NewParam(token.NoPos, pkg, "", intT)), false))
	g.iface = types.NewNamed(types.NewTypeName(token.NoPos, pkg, g.global("I"), nil),
		types.NewInterfaceType([]*types.Func{get}, nil).Complete(), nil)
	fmt.Fprintf(&g.top, "type %s %s\n", g.iface.Obj().Name(), typeName(g.iface.Underlying()))
	for range 4 + g.upTo(4) {
		g.declareType(get)
	}
	g.types = append(g.types, g.iface, anyT)
}

func (g *gen) declareType(get *types.Func) {
	var under types.Type
	switch g.upTo(6) {
	case 0, 1:
		under = pick(g, g.types...).Underlying()
	case 2:
		under = g.compound(0)
		if _, ok := under.Underlying().(*types.Pointer); ok || isInterface(under) {
			under = types.NewSlice(intT)
		}
		under = under.Underlying()
	default:
		var embed *types.Named
		if len(g.named) > 0 && g.oneIn(2) {
			if e := pick(g, g.named...); !hasPointer(e) {
				embed = e
			}
		}
		under = g.structType(embed)
	}
	if _, ok := under.(*types.Signature); ok && g.avoid("funcmethod") {
		under = intT
	}
	name := types.NewTypeName(token.NoPos, pkg, g.global("T"), nil)
	t := types.NewNamed(name, under, nil)
	fmt.Fprintf(&g.top, "type %s %s\n", name.Name(), typeName(under))
	for i, stem := range []string{"Get", "m", "String", "set"} {
		if !g.oneIn(2) {
			continue
		}
		recv := types.Type(t)
		if i == 3 || i != 2 && g.oneIn(3) {
			recv = types.NewPointer(t)
		}
		fn := &function{name: stem + g.opts.Suffix}
		switch stem {
		case "Get":
			fn.sig = get.Signature()
		case "String":
			fn.name = stem
			fn.sig = types.NewSignatureType(nil, nil, nil, nil,
				types.NewTuple(types.NewParam(token.NoPos, pkg, "", stringT)), false)
		default:
			fn.sig = g.signature()
		}
		// A type's methods are written before the type is used elsewhere, so
		// that none calls itself by way of a value.
		fn.recv = recv
		g.making = t
		g.define(fn)
		g.making = nil
		r := types.NewParam(token.NoPos, pkg, "", recv)
		sig := types.NewSignatureType(r, nil, nil, fn.sig.Params(), fn.sig.Results(), false)
		t.AddMethod(types.NewFunc(token.NoPos, pkg, fn.name, sig))
	}
	g.named = append(g.named, t)
	g.types = append(g.types, t)
}

// implementers lists the types that can be in the interface.
func (g *gen) implementers() (list []types.Type) {
	in := g.iface.Underlying().(*types.Interface)
	for _, t := range g.named {
		switch {
		case types.Implements(t, in):
			list = append(list, t)
		case types.Implements(types.NewPointer(t), in):
			list = append(list, types.NewPointer(t))
		}
	}
	return list
}

func paramList(sig *types.Signature, names []string) string {
	var list []string
	for i, name := range names {
		list = append(list, name+" "+typeName(sig.Params().At(i).Type()))
	}
	return strings.Join(list, ", ")
}
