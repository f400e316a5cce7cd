package rt

import (
	"fmt"
	"reflect"
	"runtime"
)

// Box is an interface value's dynamic type and value. Two boxes are equal, and
// hash alike, when both are.
type Box struct {
	T *Type
	V any
}

// boxed is every flavor of Box.
type boxed interface{ box() Box }

func (b Box) box() Box { return b }

// String is what package context prints of a key: the rest asks Format.
func (b Box) String() string {
	if m := b.T.method("String"); m != nil {
		if f, ok := m.fn.(func(any) string); ok {
			return f(b.V)
		}
	}
	return b.T.text
}

// MarshalJSON stops the cell: package json would need the type itself.
func (b Box) MarshalJSON() ([]byte, error) {
	panic(
		Stop(
			"json of a " + b.T.text + " in an interface value: the interpreter does not run it as Go does; add engine=go to the cell",
		),
	)
}

// Flavors of the boxes of errors: what compiled code may look for in an error.
// A method that returns nothing found is as good as none, so Unwrap and Is are
// there always; Timeout, Temporary and the other Unwrap are not.
type (
	errBase struct{ Box }
	// errOne has Unwrap() error.
	errOne struct{ errBase }
	// errMany has Unwrap() []error.
	errMany struct{ errBase }
	// errTimeout has Timeout() bool.
	errTimeout struct{ errOne }
	// errNet has Timeout() bool and Temporary() bool.
	errNet struct{ errTimeout }
	// errLoose cannot be compared, as the value in it cannot.
	errLoose struct {
		errOne
		_ [0]func()
	}
)

func (b errBase) Error() string { return b.T.method("Error").fn.(func(any) string)(b.V) }

func (b errBase) Is(target error) bool {
	if m := b.T.method("Is"); m != nil {
		if f, ok := m.fn.(func(any, error) bool); ok {
			return f(b.V, target)
		}
	}
	return false
}

func (b errOne) Unwrap() error {
	if m := b.T.method("Unwrap"); m != nil {
		if f, ok := m.fn.(func(any) error); ok {
			return f(b.V)
		}
	}
	return nil
}

func (b errMany) Unwrap() []error { return b.T.method("Unwrap").fn.(func(any) []error)(b.V) }

func (b errTimeout) Timeout() bool { return b.T.method("Timeout").fn.(func(any) bool)(b.V) }
func (b errNet) Temporary() bool   { return b.T.method("Temporary").fn.(func(any) bool)(b.V) }

const (
	flavorPlain = 1 + iota
	flavorOne
	flavorMany
	flavorTimeout
	flavorNet
	flavorLoose
)

// flavor is the kind of box that t's method set asks for.
func (t *Type) flavor(v any) int {
	t.mu.RLock()
	as, set := t.as, t.methods
	t.mu.RUnlock()
	if as != 0 {
		return as
	}
	has := func(name, signature string) bool {
		m := set[name]
		return m != nil && m.signature == signature
	}
	switch {
	case !has("Error", "func() string"):
		as = flavorPlain
	case has("Unwrap", "func() []error"):
		as = flavorMany
	case has("Timeout", "func() bool") && has("Temporary", "func() bool"):
		as = flavorNet
	case has("Timeout", "func() bool"):
		as = flavorTimeout
	case v != nil && !reflect.TypeOf(v).Comparable():
		as = flavorLoose
	default:
		as = flavorOne
	}
	t.mu.Lock()
	t.as = as
	t.mu.Unlock()
	return as
}

// MakeBox is the conversion of v, of type t, to an interface without methods or
// to one of a cell's own.
func MakeBox(t *Type, v any) any {
	b := Box{t, v}
	base := errBase{b}
	switch t.flavor(v) {
	case flavorOne:
		return errOne{base}
	case flavorMany:
		return errMany{base}
	case flavorTimeout:
		return errTimeout{errOne{base}}
	case flavorNet:
		return errNet{errTimeout{errOne{base}}}
	case flavorLoose:
		return errLoose{errOne: errOne{base}}
	}
	return b
}

// MakeErr is the conversion of v, of type t, to error.
func MakeErr(t *Type, v any) error { return MakeBox(t, v).(error) }

// Value is what a method of x's dynamic type gets as its receiver.
func Value(x any) any {
	if b, ok := x.(boxed); ok {
		return b.box().V
	}
	return x
}

// Norm undoes Wrap: the box, if x is an interface value made by Wrap.
func Norm(x any) any {
	if x == nil {
		return nil
	}
	if _, ok := x.(boxed); ok {
		return x
	}
	v := reflect.ValueOf(x)
	if v.Kind() == reflect.Struct && v.NumField() > 1 && v.Type().Field(0).Name == "IValue" {
		if b, ok := v.Field(0).Interface().(boxed); ok {
			return b
		}
	}
	return x
}

// Eq is a == b for interface values.
func Eq(a, b any) bool {
	a, b = Norm(a), Norm(b)
	x, ok := a.(boxed)
	if !ok {
		return a == b
	}
	y, ok := b.(boxed)
	if !ok {
		return false
	}
	p, q := x.box(), y.box()
	if p.T != q.T {
		return false
	}
	if !comparable(reflect.ValueOf(p.V)) {
		panic(runtimeError("comparing uncomparable type " + p.T.text))
	}
	return p.V == q.V
}

func comparable(v reflect.Value) bool { return !v.IsValid() || v.Type().Comparable() }

// runtimeError is a run-time error with Go's text for a type that Go's own
// value could not name.
type runtimeError string

func (e runtimeError) Error() string { return "runtime error: " + string(e) }
func (e runtimeError) RuntimeError() {}

// boundsError is a runtimeError about an index or a length.
type boundsError string

func (e boundsError) Error() string { return "runtime error: " + string(e) }
func (e boundsError) RuntimeError() {}

// assertionError is what a failed type assertion panics with.
type assertionError string

func (e assertionError) Error() string { return string(e) }
func (e assertionError) RuntimeError() {}

var (
	_ runtime.Error = runtimeError("")
	_ runtime.Error = assertionError("")
)

// Assert is v, ok := x.(T) for *dst of type T, which t describes. It reports ok
// and sets *dst only then.
func Assert(dst, x any, t *Type) bool {
	x = Norm(x)
	if x == nil {
		return false
	}
	d := reflect.ValueOf(dst).Elem()
	if t.under().kind == interfacing {
		return assertInterface(d, x, t.under())
	}
	b, ok := x.(boxed)
	if !ok {
		v := reflect.ValueOf(x)
		if t.kind != native && t.kind != function || v.Type() != d.Type() {
			return false
		}
		d.Set(v)
		return true
	}
	if b.box().T != t {
		return false
	}
	setSame(d, reflect.ValueOf(b.box().V))
	return true
}

// setSame assigns a value of the same type. The interpreter may have built that
// type twice, when it is part of a recursive one.
func setSame(d, v reflect.Value) {
	switch {
	case !v.IsValid():
		d.SetZero()
	case v.Type().AssignableTo(d.Type()):
		d.Set(v)
	case d.Kind() == reflect.UnsafePointer && v.Kind() == reflect.Pointer:
		d.SetPointer(v.UnsafePointer())
	case v.Type().Size() == d.Type().Size() && v.Kind() == d.Kind():
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		d.Set(reflect.NewAt(d.Type(), p.UnsafePointer()).Elem())
	default:
		panic(
			Stop(
				fmt.Sprintf(
					"the interpreter has two forms of a type: %s and %s; add engine=go to the cell",
					v.Type(),
					d.Type(),
				),
			),
		)
	}
}

func assertInterface(d reflect.Value, x any, t *Type) bool {
	if missing(x, t) != "" {
		return false
	}
	into(d, x, probed)
	return true
}

// into assigns x, whose type has the methods, to an interface variable.
func into(d reflect.Value, x any, probed map[string]bool) {
	v := reflect.ValueOf(x)
	if v.Type().AssignableTo(d.Type()) {
		d.Set(v)
		return
	}
	d.Set(wrapper(x.(boxed).box(), d.Type(), probed))
}

// missing is the first method of interface t that x's type lacks, "" if none.
func missing(x any, t *Type) string {
	if b, ok := x.(boxed); ok {
		for _, s := range t.needs {
			if m := b.box().T.method(s.name); m == nil || m.signature != s.signature {
				return s.name
			}
		}
		return ""
	}
	rt := reflect.TypeOf(x)
	for _, s := range t.needs {
		m, ok := rt.MethodByName(s.name)
		if !ok || signatureOf(m, true) != s.signature {
			return s.name
		}
	}
	return ""
}

// MustAssert is x.(T). from is the name of x's interface type, as panics name it.
func MustAssert(dst, x any, t *Type, from string) {
	if Assert(dst, x, t) {
		return
	}
	x = Norm(x)
	if t.under().kind == interfacing {
		if x == nil {
			panic(assertionError("interface conversion: interface is nil, not " + t.text))
		}
		panic(
			assertionError(
				"interface conversion: " + typeText(
					x,
				) + " is not " + t.text + ": missing method " + missing(
					x,
					t.under(),
				),
			),
		)
	}
	if x == nil {
		panic(assertionError("interface conversion: " + from + " is nil, not " + t.text))
	}
	text := "interface conversion: " + from + " is " + typeText(x) + ", not " + t.text
	if typeText(x) == t.text {
		text += " (types from different scopes)"
	}
	panic(assertionError(text))
}

// typeText is what %T prints.
func typeText(x any) string {
	switch x := x.(type) {
	case nil:
		return "<nil>"
	case boxed:
		return x.box().T.text
	case assertionError:
		return "*runtime.TypeAssertionError"
	case runtimeError:
		return "runtime.errorString"
	case boundsError:
		return "runtime.boundsError"
	}
	return reflect.TypeOf(x).String()
}
