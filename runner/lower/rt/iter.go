package rt

import (
	"iter"
	"reflect"
)

// Iter is a range over a map.
type Iter struct{ m *reflect.MapIter }

// Range begins to iterate over a map.
func Range(m any) *Iter { return &Iter{reflect.ValueOf(m).MapRange()} }

// Next moves on to an entry, sets *key and *value to it, and reports whether there
// was one.
func Next(it *Iter, key, value any) bool {
	if !it.m.Next() {
		return false
	}
	reflect.ValueOf(key).Elem().SetIterKey(it.m)
	reflect.ValueOf(value).Elem().SetIterValue(it.m)
	return true
}

// Pull runs a sequence as iter.Pull does, on a coroutine. The values are left where
// both sides find them.
func Pull(seq func(yield func() bool)) (next func() bool, stop func()) {
	step, stop := iter.Pull(func(yield func(struct{}) bool) {
		seq(func() bool { return yield(struct{}{}) })
	})
	return func() bool { _, ok := step(); return ok }, stop
}
