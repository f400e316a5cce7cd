package rt

import (
	"fmt"
	"reflect"
	"sort"
	"strings"
	"unicode/utf8"
)

// Format prints the value in the box as fmt prints a value of its type.
func (b Box) Format(s fmt.State, verb rune) {
	p := printer{s, verb}
	p.value(b.T, reflect.ValueOf(b.V), 0, true)
}

// printer writes one operand. It follows the order of package fmt: methods
// first, then the kind of the value.
type printer struct {
	fmt.State
	verb rune
}

func (p printer) put(s string) { _, _ = p.State.Write([]byte(s)) }

// sharpV is %#v, plusV is %+v.
func (p printer) sharpV() bool { return p.verb == 'v' && p.Flag('#') }
func (p printer) plusV() bool  { return p.verb == 'v' && p.Flag('+') && !p.Flag('#') }

// leaf prints a value that fmt gets right, with the flags in force.
func (p printer) leaf(v any) {
	_, _ = fmt.Fprintf(p.State, fmt.FormatString(p.State, p.verb), v)
}

// value prints v of type t. open says that v was reached by exported fields
// only: fmt calls methods of no other.
func (p printer) value(t *Type, v reflect.Value, depth int, open bool) {
	if t.kind == native {
		p.native(v, depth, open)
		return
	}
	v = t.itself(v)
	if v.Kind() == reflect.Interface && t.def != nil && t.under().kind == function {
		if v = v.Elem(); !v.IsValid() {
			v = reflect.ValueOf((func())(nil))
		}
	}
	if v.Kind() == reflect.UnsafePointer && t.kind == pointer && t.elem.def != nil && t.elem.def.pointer != nil {
		v = reflect.NewAt(t.elem.def.pointer.Elem(), v.UnsafePointer())
	}
	if open && p.methods(t, v) {
		return
	}
	u := t.under()
	if u.kind == native {
		p.basic(t, v, depth)
		return
	}
	switch u.kind {
	case structure:
		p.structure(t, u, v, depth, open)
	case slice, array:
		p.list(t, u, v, depth, open)
	case mapping:
		p.mapping(t, u, v, depth, open)
	case interfacing:
		switch {
		case !v.IsValid() || v.IsNil():
			if p.sharpV() {
				p.put(t.text + "(nil)")
			} else {
				p.put("<nil>")
			}
		default:
			p.dynamic(v.Elem(), depth+1, open)
		}
	case pointer:
		if depth == 0 && !v.IsNil() {
			switch v.Elem().Kind() {
			case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
				p.put("&")
				p.value(u.elem, v.Elem(), depth+1, open)
				return
			}
		}
		p.pointer(t, v)
	case channel, function:
		p.pointer(t, v)
	}
}

// dynamic prints what an interface value holds.
func (p printer) dynamic(v reflect.Value, depth int, open bool) {
	if v.CanInterface() {
		if b, ok := Norm(v.Interface()).(boxed); ok {
			p.value(b.box().T, reflect.ValueOf(b.box().V), depth, open)
			return
		}
	}
	p.native(v, depth, open)
}

// native prints a value that holds nothing of a cell's: by fmt, in a struct's
// field, because fmt prints the operand itself differently from what is in it.
func (p printer) native(v reflect.Value, depth int, open bool) {
	if !v.IsValid() {
		p.put("<nil>")
		return
	}
	if !open && p.closed(v, depth) {
		return
	}
	if depth == 0 {
		p.leaf(v.Interface())
		return
	}
	f := reflect.StructField{Name: "F", Type: v.Type()}
	if !open {
		f.Name, f.PkgPath = "f", "main"
	}
	s := reflect.New(reflect.StructOf([]reflect.StructField{f}))
	reflect.NewAt(v.Type(), s.UnsafePointer()).Elem().Set(v)
	text := fmt.Sprintf(fmt.FormatString(p.State, p.verb), s.Elem().Interface())
	switch {
	case p.sharpV():
		_, text, _ = strings.Cut(text, "}{"+f.Name+":")
	case p.plusV():
		text = strings.TrimPrefix(text, "{"+f.Name+":")
	default:
		text = strings.TrimPrefix(text, "{")
	}
	p.put(strings.TrimSuffix(text, "}"))
}

// closed prints a native value that was reached by an unexported field and may
// hold boxes, which fmt would not ask there. It reports false if it holds none.
func (p printer) closed(v reflect.Value, depth int) bool {
	if !holdsInterface(v.Type(), 0) {
		return false
	}
	t := &Type{kind: native, text: v.Type().String()}
	elem := func(e reflect.Value) {
		if e.Kind() == reflect.Interface {
			if e.IsNil() {
				p.put("<nil>")
				return
			}
			p.dynamic(e.Elem(), depth+1, false)
			return
		}
		p.native(e, depth+1, false)
	}
	list := func(first, last string, n int, one func(int)) {
		p.put(first)
		for i := range n {
			if i > 0 {
				p.put(" ")
			}
			one(i)
		}
		p.put(last)
	}
	if p.sharpV() {
		panic(Stop("%#v of a value with a cell's own types in unexported fields; add engine=go to the cell"))
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array:
		list("[", "]", v.Len(), func(i int) { elem(v.Index(i)) })
	case reflect.Map:
		keys := v.MapKeys()
		sort.SliceStable(keys, func(i, j int) bool { return less(keys[i], keys[j]) < 0 })
		list("map[", "]", len(keys), func(i int) {
			elem(keys[i])
			p.put(":")
			elem(v.MapIndex(keys[i]))
		})
	case reflect.Struct:
		list("{", "}", v.NumField(), func(i int) {
			if p.plusV() {
				p.put(v.Type().Field(i).Name + ":")
			}
			elem(v.Field(i))
		})
	case reflect.Pointer:
		if depth == 0 {
			return false
		}
		p.pointer(t, v)
	default:
		return false
	}
	return true
}

func holdsInterface(t reflect.Type, depth int) bool {
	if depth > 10 {
		return false
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Slice, reflect.Array, reflect.Pointer:
		return holdsInterface(t.Elem(), depth+1)
	case reflect.Map:
		return holdsInterface(t.Key(), depth+1) || holdsInterface(t.Elem(), depth+1)
	case reflect.Struct:
		if t.PkgPath() != "" {
			return false // no cell's values get into the unexported fields of others
		}
		for i := range t.NumField() {
			if holdsInterface(t.Field(i).Type, depth+1) {
				return true
			}
		}
	}
	return false
}

var validVerbs = map[reflect.Kind]string{
	reflect.Bool: "tv", reflect.String: "vsxXq",
	reflect.Float32: "vbgGxXfFeE", reflect.Float64: "vbgGxXfFeE",
	reflect.Complex64: "vbgGxXfFeE", reflect.Complex128: "vbgGxXfFeE",
	reflect.Int: "vdboOxXcqU", reflect.Uint: "vdboOxXcqU",
}

// basic prints a value whose type is defined as a native one.
func (p printer) basic(t *Type, v reflect.Value, depth int) {
	k := v.Kind()
	switch k {
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		k = reflect.Int
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		k = reflect.Uint
	}
	verbs, ok := validVerbs[k]
	switch {
	case ok && !strings.ContainsRune(verbs, p.verb):
		p.bad(t, v)
	case ok:
		p.leaf(v.Interface())
	case k == reflect.Slice || k == reflect.Array || k == reflect.Map || k == reflect.Struct:
		p.composite(t, v, depth)
	default:
		p.pointer(t, v)
	}
}

// bad is fmt's complaint about a verb that does not fit.
func (p printer) bad(t *Type, v reflect.Value) {
	p.put("%!" + string(p.verb) + "(" + t.text + "=")
	printer{p.State, 'v'}.leaf(v.Interface())
	p.put(")")
}

// methods prints by the value's own methods and reports whether it has any that count.
func (p printer) methods(t *Type, v reflect.Value) (done bool) {
	name := ""
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		done = true
		if _, ok := r.(*Stopped); ok {
			panic(r)
		}
		if v.Kind() == reflect.Pointer && v.IsNil() {
			p.put("<nil>")
			return
		}
		p.put(fmt.Sprintf("%%!%c(PANIC=%s method: %v)", p.verb, name, faithful(r)))
	}()
	recv := func() any {
		if v.IsValid() {
			return v.Interface()
		}
		return nil
	}
	if m := t.method("Format"); m != nil {
		if f, ok := m.fn.(func(any, fmt.State, rune)); ok {
			name = "Format"
			f(recv(), p.State, p.verb)
			return true
		}
	}
	text := func(method string) (string, bool) {
		if m := t.method(method); m != nil {
			if f, ok := m.fn.(func(any) string); ok {
				name = method
				return f(recv()), true
			}
		}
		return "", false
	}
	if p.sharpV() {
		s, ok := text("GoString")
		if ok {
			p.put(pad(p, s))
		}
		return ok
	}
	switch p.verb {
	case 'v', 's', 'x', 'X', 'q':
		s, ok := text("Error")
		if !ok {
			s, ok = text("String")
		}
		if ok {
			p.leaf(s)
		}
		return ok
	}
	return false
}

// pad is fmt's fmtS: %#v of a GoStringer obeys width and precision.
func pad(p printer, s string) string {
	if prec, ok := p.Precision(); ok {
		for i := range s {
			if prec--; prec < 0 {
				s = s[:i]
				break
			}
		}
	}
	if width, ok := p.Width(); ok {
		if n := width - utf8.RuneCountInString(s); n > 0 {
			if p.Flag('-') {
				return s + strings.Repeat(" ", n)
			}
			return strings.Repeat(" ", n) + s
		}
	}
	return s
}
