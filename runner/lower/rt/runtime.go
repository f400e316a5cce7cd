// Package rt is the runtime that lowered text calls: what the interpreter
// cannot do right by itself is done here, compiled.
//
// # Interfaces
//
// The interpreter builds its types with package reflect, which cannot make a
// named type: two types of a cell with the same fields would be one, and their
// methods would be out of reach of compiled code. So a value of such a type
// that becomes an interface value is put into a Box with a Type that knows its
// name and methods. A Box compares, hashes, prints and dispatches as the value
// in it would in compiled Go. All other values are in an interface as they are.
//
// # Panics
//
// Functions with deferred calls run under Call, so that defer, panic and recover
// are Go's own.
package rt

import (
	"reflect"

	"ioworkbook/runner/trace"
)

// Path is the import path under which lowered text finds this package.
const Path = "ioworkbook/runner/lower/rt"

// Panic is a panic that no deferred call of its goroutine recovered.
type Panic struct {
	Actor string
	Line  int // of the statement that panicked, 0 if not known
	Value any // as given to panic; see Text
	Stack []byte
}

// Hooks is what an owner of the runtime may set.
type Hooks struct {
	// OnPanic is called on a goroutine that a cell started and that has
	// panicked, after its deferred calls. Without a hook the panic goes on and
	// ends the process, as in compiled Go.
	OnPanic func(Panic)
}

// Symbols is the table from which the interpreter imports this package.
func Symbols(tr *trace.Recorder, hooks *Hooks) map[string]reflect.Value {
	if hooks == nil {
		hooks = &Hooks{}
	}
	v := reflect.ValueOf
	return map[string]reflect.Value{
		"Line":    v(Line),
		"Go":      v(hooks.goActor),
		"Call":    v(Call),
		"Catch":   v(Catch),
		"Frame":   v((*Frame)(nil)),
		"Token":   v((*Token)(nil)),
		"Recover": v(Recover),
		"Panic":   v(panicWith),

		"Type":    v((*Type)(nil)),
		"TypeOf":  v(TypeOf),
		"Define":  v(Define),
		"Methods": v(Methods),
		"Box":     v(MakeBox),
		"Err":     v(MakeErr),
		"Wrap":    v(Wrap), "WrapOnly": v(WrapOnly),
		"Assert":  v(Assert),
		"Must":    v(MustAssert),
		"Find":    v(Find),
		"Value":   v(Value),
		"Eq":      v(Eq),
		"Norm":    v(Norm),
		"As":      v(ErrorsAs),
		"Args":    v(Args),
		"Format":  v(FormatArgs),
		"Deep":    v(DeepEqual),
		"NoBox":   v(NoBox),
		"Decoded": v(Decoded),

		"Header": v((*Header)(nil)),
		"Opaque": v(Opaque),
		"Iter":   v((*Iter)(nil)),
		"Range":  v(Range),
		"Next":   v(Next),
		"Pull":   v(Pull),

		"Case":   v((*Case)(nil)),
		"Recv":   v(Recv),
		"Send":   v(Send),
		"Select": v(Select),

		"Print":      v(Print),
		"Println":    v(Println),
		"Rune":       v(Rune),
		"Slice":      v(Slice),
		"String":     v(String),
		"StringData": v(StringData),
		"SliceData":  v(SliceData),
		"Clear":      v(Clear),
		"Negative":   v(Negative),
		"NilCall":    v(NilCall),
		"Index":      v(Index), "IndexU": v(IndexU),
		"BoundsSlice": v(BoundsSlice), "BoundsSlice3": v(BoundsSlice3), "BoundsSubstring": v(BoundsSubstring),
		"BoundsSliceArray": v(BoundsSliceArray), "BoundsSliceArray3": v(BoundsSliceArray3),
		"NilReceiver": v(NilReceiver),
		"ShortSlice":  v(ShortSlice),
		"Min":         v(Min),
		"Max":         v(Max),
	}
}
