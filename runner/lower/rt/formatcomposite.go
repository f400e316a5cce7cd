package rt

import (
	"fmt"
	"reflect"
	"sort"
	"strings"
)

// composite prints a defined slice, array or map type of native elements.
func (p printer) composite(t *Type, v reflect.Value, depth int) {
	if !p.sharpV() {
		p.leaf(v.Interface())
		return
	}
	text := fmt.Sprintf(fmt.FormatString(p.State, p.verb), v.Interface())
	own := v.Type().String()
	if own == "[]uint8" { // fmt's name for this one
		own = "[]byte"
	}
	p.put(t.text + strings.TrimPrefix(text, own))
}

func (p printer) structure(t, u *Type, v reflect.Value, depth int, open bool) {
	if p.sharpV() {
		p.put(t.text)
	}
	p.put("{")
	for i, f := range u.fields {
		if i > 0 {
			if p.sharpV() {
				p.put(", ")
			} else {
				p.put(" ")
			}
		}
		if p.plusV() || p.sharpV() {
			p.put(f.name + ":")
		}
		p.value(f.typ, v.Field(i), depth+1, open && f.exported)
	}
	p.put("}")
}

func (p printer) list(t, u *Type, v reflect.Value, depth int, open bool) {
	switch p.verb {
	case 's', 'q', 'x', 'X':
		if v.Type().Elem().Kind() == reflect.Uint8 {
			b := make([]byte, v.Len())
			reflect.Copy(reflect.ValueOf(b), v)
			p.leaf(b)
			return
		}
	}
	first, last, sep := "[", "]", " "
	if p.sharpV() {
		p.put(t.text)
		if v.Kind() == reflect.Slice && v.IsNil() {
			p.put("(nil)")
			return
		}
		first, last, sep = "{", "}", ", "
	}
	p.put(first)
	for i := range v.Len() {
		if i > 0 {
			p.put(sep)
		}
		p.value(u.elem, v.Index(i), depth+1, open)
	}
	p.put(last)
}

func (p printer) mapping(t, u *Type, v reflect.Value, depth int, open bool) {
	first, last, sep := "map[", "]", " "
	if p.sharpV() {
		p.put(t.text)
		if v.IsNil() {
			p.put("(nil)")
			return
		}
		first, last, sep = "{", "}", ", "
	}
	p.put(first)
	keys := v.MapKeys()
	sort.SliceStable(keys, func(i, j int) bool { return less(keys[i], keys[j]) < 0 })
	for i, k := range keys {
		if i > 0 {
			p.put(sep)
		}
		p.value(u.mkey, k, depth+1, open)
		p.put(":")
		p.value(u.elem, v.MapIndex(k), depth+1, open)
	}
	p.put(last)
}

// pointer prints an address.
func (p printer) pointer(t *Type, v reflect.Value) {
	if !v.IsValid() {
		p.put("<nil>")
		return
	}
	switch p.verb {
	case 'v', 'p', 'b', 'o', 'd', 'x', 'X':
	default:
		p.put("%!" + string(p.verb) + "(" + t.text + "=")
		printer{p.State, 'v'}.pointer(t, v)
		p.put(")")
		return
	}
	if p.sharpV() {
		p.put("(" + t.text + ")(")
		if v.IsNil() {
			p.put("nil")
		} else {
			p.put(fmt.Sprintf("%#x", v.Pointer()))
		}
		p.put(")")
		return
	}
	switch p.verb {
	case 'v', 'p':
		p.leaf(v.UnsafePointer())
	default:
		p.leaf(v.Pointer())
	}
}
