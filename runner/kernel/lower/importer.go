package lower

import (
	"go/token"
	"go/types"
	"reflect"
	"sort"

	"ioworkbook/runner/lower/rt"
	"ioworkbook/runner/trace"
)

// Importer adds to base the packages that only lowered text imports: the runtime,
// and the traced form of package unix, whose functions take the source line as
// an extra first argument.
func Importer(base types.Importer) types.Importer { return &importer{base: base} }

type importer struct {
	base    types.Importer
	rt, sys *types.Package
}

func (i *importer) Import(path string) (*types.Package, error) {
	switch path {
	case rt.Path:
		if i.rt == nil {
			i.rt = runtimePackage(i.base)
		}
		return i.rt, nil
	case sysPath:
		if i.sys == nil {
			unix, err := i.base.Import(unixPath)
			if err != nil {
				return nil, err
			}
			i.sys = tracedPackage(unix)
		}
		return i.sys, nil
	}
	return i.base.Import(path)
}

func tracedPackage(unix *types.Package) *types.Package {
	p := types.NewPackage(sysPath, "sys")
	for _, name := range unix.Scope().Names() {
		fn, ok := unix.Scope().Lookup(name).(*types.Func)
		if !ok || !fn.Exported() {
			continue
		}
		sig := fn.Signature()
		if !trace.Pure(name) {
			params := []*types.Var{types.NewParam(token.NoPos, p, "line", types.Typ[types.Int])}
			for j := range sig.Params().Len() {
				params = append(params, sig.Params().At(j))
			}
			sig = types.NewSignatureType(nil, nil, nil, types.NewTuple(params...), sig.Results(), sig.Variadic())
		}
		p.Scope().Insert(types.NewFunc(token.NoPos, p, name, sig))
	}
	p.MarkComplete()
	return p
}

// runtimePackage describes the runtime's symbol table to the type checker.
func runtimePackage(base types.Importer) *types.Package {
	b := &reflected{base: base, pkg: types.NewPackage(rt.Path, "rt"), named: map[reflect.Type]*types.Named{}}
	table := rt.Symbols(nil, nil)
	names := make([]string, 0, len(table))
	for name := range table {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		t := table[name].Type()
		if t.Kind() == reflect.Func {
			b.pkg.Scope().Insert(types.NewFunc(token.NoPos, b.pkg, name, b.typ(t).(*types.Signature)))
		} else {
			b.typ(t.Elem())
		}
	}
	b.pkg.MarkComplete()
	return b.pkg
}

type reflected struct {
	base  types.Importer
	pkg   *types.Package
	named map[reflect.Type]*types.Named
}

// typ is the go/types form of a type that the runtime's functions use.
func (b *reflected) typ(t reflect.Type) types.Type {
	if t.PkgPath() == rt.Path {
		if n := b.named[t]; n != nil {
			return n
		}
		o := types.NewTypeName(token.NoPos, b.pkg, t.Name(), nil)
		n := types.NewNamed(o, types.NewStruct(nil, nil), nil)
		b.named[t] = n
		b.pkg.Scope().Insert(o)
		p := reflect.PointerTo(t)
		for i := range p.NumMethod() {
			m := p.Method(i)
			recv := types.NewParam(token.NoPos, b.pkg, "", types.NewPointer(n))
			sig := b.signature(m.Type, 1, recv)
			n.AddMethod(types.NewFunc(token.NoPos, b.pkg, m.Name, sig))
		}
		return n
	}
	if t.PkgPath() != "" {
		if p, err := b.base.Import(t.PkgPath()); err == nil {
			if o := p.Scope().Lookup(t.Name()); o != nil {
				return o.Type()
			}
		}
		return types.Typ[types.Invalid]
	}
	switch t.Kind() {
	case reflect.Pointer:
		return types.NewPointer(b.typ(t.Elem()))
	case reflect.Slice:
		return types.NewSlice(b.typ(t.Elem()))
	case reflect.Func:
		return b.signature(t, 0, nil)
	case reflect.Interface:
		if t.Name() == "error" {
			return types.Universe.Lookup("error").Type()
		}
		return types.NewInterfaceType(nil, nil)
	}
	if o := types.Universe.Lookup(t.Kind().String()); o != nil {
		return o.Type()
	}
	return types.Typ[types.Invalid]
}

func (b *reflected) signature(t reflect.Type, skip int, recv *types.Var) *types.Signature {
	var params, results []*types.Var
	for i := skip; i < t.NumIn(); i++ {
		params = append(params, types.NewParam(token.NoPos, b.pkg, "", b.typ(t.In(i))))
	}
	for i := range t.NumOut() {
		results = append(results, types.NewParam(token.NoPos, b.pkg, "", b.typ(t.Out(i))))
	}
	return types.NewSignatureType(recv, nil, nil, types.NewTuple(params...), types.NewTuple(results...), t.IsVariadic())
}
