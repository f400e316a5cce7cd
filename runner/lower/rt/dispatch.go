package rt

import (
	"reflect"
	"sync"

	"github.com/traefik/yaegi/stdlib"
)

// Find sets *dst, a func(receiver any, arguments...) results, to the method of
// x's dynamic type.
func Find(dst, x any, name string) {
	x = Norm(x)
	d := reflect.ValueOf(dst).Elem()
	switch b, ok := x.(boxed); {
	case x == nil:
		panic(nilDereference())
	case ok:
		d.Set(reflect.ValueOf(b.box().T.method(name).fn))
	default:
		d.Set(adapter(reflect.TypeOf(x), name, d.Type()))
	}
}

type adapterKey struct {
	t    reflect.Type
	name string
	as   reflect.Type
}

var adapters sync.Map // adapterKey -> reflect.Value

// adapter calls a method of a compiled type with its receiver as first argument.
func adapter(t reflect.Type, name string, as reflect.Type) reflect.Value {
	key := adapterKey{t, name, as}
	if f, ok := adapters.Load(key); ok {
		return f.(reflect.Value)
	}
	f := reflect.MakeFunc(as, func(in []reflect.Value) []reflect.Value {
		m := in[0].Elem().MethodByName(name)
		if m.Type().IsVariadic() {
			return m.CallSlice(in[1:])
		}
		return m.Call(in[1:])
	})
	adapters.Store(key, f)
	return f
}

// Wrap sets *dst, an interface variable of a compiled type, to v of type t.
func Wrap(dst any, t *Type, v any) {
	into(reflect.ValueOf(dst).Elem(), MakeBox(t, v), probed)
}

// WrapOnly is Wrap for a function that looks for no other methods.
func WrapOnly(dst any, t *Type, v any) {
	into(reflect.ValueOf(dst).Elem(), MakeBox(t, v), nil)
}

// wrappers are the interpreter's types that implement compiled interfaces: a
// field IValue, and a field W<Method> for every method.
var wrappers = sync.OnceValue(func() map[reflect.Type]reflect.Type {
	m := make(map[reflect.Type]reflect.Type)
	for _, names := range stdlib.Symbols {
		for name, v := range names {
			w, ok := names["_"+name]
			if !ok || v.Kind() != reflect.Pointer || w.Kind() != reflect.Pointer {
				continue
			}
			if i := v.Type().Elem(); i.Kind() == reflect.Interface && w.Type().Elem().Implements(i) {
				m[i] = w.Type().Elem()
			}
		}
	}
	return m
})

// probed are methods that compiled packages look for in values that they take
// as an interface without them.
var probed = map[string]bool{
	"WriteTo": true, "ReadFrom": true, "WriteString": true, "Flush": true, "Hijack": true,
	"Push": true, "ReadByte": true, "UnreadByte": true, "ReadRune": true, "Seek": true,
	"ReadAt": true, "WriteAt": true, "FlushError": true, "SyscallConn": true, "CloseWrite": true,
}

// wrapper implements interface i by the methods of b. Of the types that do, it
// takes the one with the most methods: what i's user may look for besides, of the probed ones.
func wrapper(b Box, i reflect.Type, probed map[string]bool) reflect.Value {
	var best reflect.Type
	for iface, w := range wrappers() {
		if !iface.Implements(i) || !satisfies(b.T, iface) {
			continue
		}
		if best == nil || w.NumMethod() > best.NumMethod() ||
			w.NumMethod() == best.NumMethod() && w.String() < best.String() {
			best = w
		}
	}
	if best == nil {
		panic(
			Stop(
				"the interpreter has no form of " + i.String() + " that " + b.T.text + " could take; add engine=go to the cell",
			),
		)
	}
	w := reflect.New(best).Elem()
	w.Field(0).Set(reflect.ValueOf(MakeBox(b.T, b.V)))
	b.T.mu.RLock()
	methods := b.T.methods
	b.T.mu.RUnlock()
	for name, m := range methods {
		f := w.FieldByName("W" + name)
		if !f.IsValid() {
			if probed[name] {
				panic(
					Stop(
						"compiled packages may call " + name + " of a " + i.String() + ", which the interpreter cannot pass on from " + b.T.text + "; add engine=go to the cell",
					),
				)
			}
			continue
		}
		f.Set(bind(b.V, m, f.Type()))
	}
	return w
}

// bind is a method value.
func bind(receiver any, m *method, as reflect.Type) reflect.Value {
	fn := reflect.ValueOf(m.fn)
	recv := reflect.New(fn.Type().In(0)).Elem()
	if receiver != nil {
		recv.Set(reflect.ValueOf(receiver))
	}
	return reflect.MakeFunc(as, func(in []reflect.Value) []reflect.Value {
		all := append([]reflect.Value{recv}, in...)
		if fn.Type().IsVariadic() {
			return fn.CallSlice(all)
		}
		return fn.Call(all)
	})
}

// satisfies reports whether t's method set has every method of a compiled interface.
func satisfies(t *Type, iface reflect.Type) bool {
	for i := range iface.NumMethod() {
		want := iface.Method(i)
		m := t.method(want.Name)
		if want.PkgPath != "" || m == nil || m.signature != signatureOf(want, false) {
			return false
		}
	}
	return true
}
