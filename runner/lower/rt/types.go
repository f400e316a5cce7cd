package rt

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unsafe"
)

// Type describes a type that the interpreter's reflect.Type says too little of.
// There is one Type per type: equal pointers are identical types.
type Type struct {
	key  string
	text string // as reflect's Type.String
	kind kind
	elem *Type // of pointer, slice, array, map, channel
	mkey *Type // of a map
	len  int

	fields []field  // of a struct
	needs  []signed // of an interface
	def    *named   // of a defined type: its name; the rest is in its underlying type

	own reflect.Type // of a type that has another form where it is part of another, see Opaque

	mu      sync.RWMutex
	methods map[string]*method
	as      int // flavor of its boxes, see MakeBox; 0: not decided
}

type kind uint8

const (
	native kind = iota // no type of a cell's is in it: reflect says all
	pointer
	slice
	array
	mapping
	channel
	function
	structure
	interfacing
	defined
)

type field struct {
	name     string
	exported bool
	typ      *Type
	tag      string
}

// signed is a method of an interface.
type signed struct{ name, signature string }

// method is a method of a type; fn is func(receiver any, arguments...) results.
type method struct {
	fn        any
	signature string
}

// named is a defined type.
type named struct {
	name       string // main.conn
	underlying *Type  // set by Define
	pointer    reflect.Type
}

var (
	typesMu sync.Mutex
	types   = map[string]*Type{}
	nameds  = map[string]*named{}
)

func (t *Type) String() string { return t.text }

// under is the type that has the structure.
func (t *Type) under() *Type {
	for t.kind == defined {
		if t.def.underlying == nil {
			panic("type " + t.text + " is not defined") // lowered text defines first
		}
		t = t.def.underlying
	}
	return t
}

// method finds a method in t's method set, nil if it has none of that name.
func (t *Type) method(name string) *method {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.methods[name]
}

// Define says what the defined type called key is: its name and its underlying
// type. pointer is nil, or a nil pointer to the type where parts of values have
// unsafe.Pointers in place of pointers to it. Values of a type that was defined
// otherwise before keep their type, which is another one.
func Define(key, name, underlying string, pointer any) {
	u := TypeOf(underlying)
	typesMu.Lock()
	defer typesMu.Unlock()
	d := nameds[key]
	if d != nil && d.underlying != nil && d.underlying != u {
		quoted := strconv.Quote(key)
		for k := range types {
			if strings.Contains(k, quoted) {
				delete(types, k)
			}
		}
		d = nil
	}
	if d == nil {
		d = &named{}
		nameds[key] = d
	}
	d.name, d.underlying = name, u
	if pointer != nil {
		d.pointer = reflect.TypeOf(pointer)
	}
	for _, t := range types {
		if strings.Contains(t.key, strconv.Quote(key)) {
			t.text = t.spell()
		}
	}
}

// Header is the form of a slice where it is part of its elements' type.
type Header struct {
	Data     unsafe.Pointer
	Len, Cap int
}

// Opaque says that values of a type have another form, with the same memory, where
// they are part of others: pointer is a nil pointer to the type itself.
func Opaque(description string, pointer any) {
	t := TypeOf(description)
	typesMu.Lock()
	defer typesMu.Unlock()
	t.own = reflect.TypeOf(pointer).Elem()
}

// itself is a value of type t in the form that variables have.
func (t *Type) itself(v reflect.Value) reflect.Value {
	own := t.own
	if own == nil && t.def != nil && t.def.pointer != nil && v.IsValid() {
		switch v.Kind() {
		case reflect.UnsafePointer, reflect.Struct:
			if v.Type() != t.def.pointer.Elem() && t.def.pointer.Elem().Size() == v.Type().Size() {
				own = t.def.pointer.Elem()
			}
		}
	}
	if own == nil || !v.IsValid() || v.Type() == own {
		return v
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return reflect.NewAt(own, p.UnsafePointer()).Elem()
}

// Methods gives t its method set: name, signature and function, in threes.
func Methods(t *Type, list ...any) {
	set := make(map[string]*method, len(list)/3)
	for i := 0; i+2 < len(list); i += 3 {
		set[list[i].(string)] = &method{fn: list[i+2], signature: list[i+1].(string)}
	}
	t.mu.Lock()
	t.methods, t.as = set, 0
	t.mu.Unlock()
}

// TypeOf returns the type with a description in this notation, in which every
// string is quoted:
//
//	n"key"      defined type            p T      pointer
//	r"text"     native, as reflect has it  s T   slice
//	f"text"     function                a 3 T    array
//	c"<-chan" T channel                 m K T    map
//	{ "name" + T "tag" ... }  struct; + exported, - not
//	i"text"[ "name" "signature" ... ]  interface
func TypeOf(description string) *Type {
	typesMu.Lock()
	defer typesMu.Unlock()
	d := decoder{s: description}
	t := d.typ()
	if d.s != "" {
		panic(fmt.Sprintf("type description %q: %q left over", description, d.s))
	}
	return t
}

type decoder struct{ s string }

func (d *decoder) space() { d.s = strings.TrimLeft(d.s, " ") }

func (d *decoder) byte() byte {
	d.space()
	if d.s == "" {
		return 0
	}
	c := d.s[0]
	d.s = d.s[1:]
	return c
}

func (d *decoder) text() string {
	d.space()
	q, err := strconv.QuotedPrefix(d.s)
	if err != nil {
		panic(fmt.Sprintf("type description: string expected at %q", d.s))
	}
	d.s = d.s[len(q):]
	s, _ := strconv.Unquote(q)
	return s
}

func (d *decoder) number() int {
	d.space()
	i := 0
	for i < len(d.s) && '0' <= d.s[i] && d.s[i] <= '9' {
		i++
	}
	n, _ := strconv.Atoi(d.s[:i])
	d.s = d.s[i:]
	return n
}

// typ reads a type and returns the one Type that is equal to it.
func (d *decoder) typ() *Type {
	d.space()
	start := d.s
	t := new(Type)
	dir := ""
	switch c := d.byte(); c {
	case 'n':
		t.kind = defined
		key := d.text()
		t.def = nameds[key]
		if t.def == nil {
			t.def = &named{name: key}
			nameds[key] = t.def
		}
	case 'r':
		t.kind, t.text = native, d.text()
	case 'f':
		t.kind, t.text = function, d.text()
	case 'p':
		t.kind, t.elem = pointer, d.typ()
	case 's':
		t.kind, t.elem = slice, d.typ()
	case 'a':
		t.kind, t.len = array, d.number()
		t.elem = d.typ()
	case 'c':
		t.kind, dir = channel, d.text()
		t.elem = d.typ()
	case 'm':
		t.kind, t.mkey = mapping, d.typ()
		t.elem = d.typ()
	case '{':
		t.kind = structure
		for {
			d.space()
			if strings.HasPrefix(d.s, "}") {
				d.s = d.s[1:]
				break
			}
			f := field{name: d.text(), exported: d.byte() == '+'}
			f.typ = d.typ()
			f.tag = d.text()
			t.fields = append(t.fields, f)
		}
	case 'i':
		t.kind, t.text = interfacing, d.text()
		if d.byte() != '[' {
			panic(fmt.Sprintf("type description: [ expected at %q", d.s))
		}
		for {
			d.space()
			if strings.HasPrefix(d.s, "]") {
				d.s = d.s[1:]
				break
			}
			name := d.text()
			t.needs = append(t.needs, signed{name, d.text()})
		}
	default:
		panic(fmt.Sprintf("type description: %q unknown in %q", c, start))
	}
	t.key = strings.ReplaceAll(start[:len(start)-len(d.s)], " ", "")
	if known := types[t.key]; known != nil {
		return known
	}
	if t.kind == channel {
		t.text = dir
	}
	types[t.key] = t
	t.text = t.spell()
	return t
}

// spell writes the type as reflect's Type.String does.
func (t *Type) spell() string {
	switch t.kind {
	case defined:
		return t.def.name
	case pointer:
		return "*" + t.elem.spell()
	case slice:
		return "[]" + t.elem.spell()
	case array:
		return fmt.Sprintf("[%d]%s", t.len, t.elem.spell())
	case mapping:
		return "map[" + t.mkey.spell() + "]" + t.elem.spell()
	case channel:
		dir, _, _ := strings.Cut(t.text, " ")
		elem := t.elem.spell()
		if dir != "<-chan" && strings.HasPrefix(elem, "<-") {
			elem = "(" + elem + ")"
		}
		return dir + " " + elem
	case structure:
		if len(t.fields) == 0 {
			return "struct {}"
		}
		var b strings.Builder
		b.WriteString("struct {")
		for i, f := range t.fields {
			if i > 0 {
				b.WriteByte(';')
			}
			b.WriteByte(' ')
			if f.name != "" {
				b.WriteString(f.name + " ")
			}
			b.WriteString(f.typ.spell())
			if f.tag != "" {
				b.WriteString(" " + strconv.Quote(f.tag))
			}
		}
		b.WriteString(" }")
		return b.String()
	}
	return t.text
}

// signatureOf writes a method's signature, without its receiver, as reflect does.
func signatureOf(m reflect.Method, hasReceiver bool) string {
	t := m.Type
	first := 0
	if hasReceiver {
		first = 1
	}
	var in, out []reflect.Type
	for i := first; i < t.NumIn(); i++ {
		in = append(in, t.In(i))
	}
	for i := range t.NumOut() {
		out = append(out, t.Out(i))
	}
	return reflect.FuncOf(in, out, t.IsVariadic()).String()
}
