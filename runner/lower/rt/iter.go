package rt

import "reflect"

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
