package rt

import (
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"strings"
)

// Frame is one call of a function that has deferred calls.
type Frame struct {
	defers  []deferred
	p       *panicking // what is being unwound, nil in a normal return
	returns bool       // the body returned normally
}

type deferred struct {
	f   func()
	may recovers
}

// recovers says whether the function that a deferred call calls may itself call
// recover with effect. A literal that is deferred as it stands names its Frame.
type recovers int

const (
	recoversNot     recovers = iota // it does not, or names its Frame
	recoversDirect                  // a function known to call recover
	recoversUnknown                 // a function value
)

type panicking struct {
	value     any
	line      int32
	recovered bool
}

// Token is left for a function that calls recover and is about to be called by
// a deferred call.
type Token struct {
	frame     *Frame
	uncertain bool // whether it is called directly cannot be known
}

// Call runs body, then what it deferred, last first. A panic that is not
// recovered goes on with its value.
func Call(body func(*Frame)) {
	f := new(Frame)
	defer f.unwind()
	body(f)
	f.returns = true
}

// Defer puts a call on the frame's list.
func (f *Frame) Defer(may int, call func()) {
	f.defers = append(f.defers, deferred{call, recovers(may)})
}

// unwind is deferred by Call: only so can it recover.
func (f *Frame) unwind() {
	if !f.returns {
		// nil means runtime.Goexit, which goes on by itself afterwards.
		if v := recover(); v != nil {
			f.p = &panicking{value: faithful(v), line: *Line()}
		}
	}
	f.runDefers()
	if f.p != nil {
		// What was deferred has stored lines of its own since.
		*Line() = f.p.line
		panic(f.p.value)
	}
}

func (f *Frame) runDefers() {
	all := false
	defer func() {
		if !all { // runtime.Goexit in a deferred call: the others still run
			f.runDefers()
		}
	}()
	for n := len(f.defers); n > 0; n = len(f.defers) {
		d := f.defers[n-1]
		f.defers = f.defers[:n-1]
		f.runOne(d)
	}
	all = true
}

func (f *Frame) runOne(d deferred) {
	returns := false
	g := current()
	before := g.pending
	defer func() {
		g.pending = before
		if returns {
			if f.p != nil && f.p.recovered {
				f.p = nil
			}
			return
		}
		v := recover()
		if v == nil {
			return // runtime.Goexit
		}
		if f.p != nil {
			if _, ok := f.p.value.(*Stopped); ok {
				return // what the cell's code makes of it does not count
			}
		}
		f.p = &panicking{value: faithful(v), line: *g.line} // replaces the one before
	}()
	g.pending = nil
	if d.may != recoversNot {
		g.pending = &Token{f, d.may == recoversUnknown}
	}
	if d.f == nil {
		panic(nilDereference())
	}
	d.f()
	returns = true
}

// Recover is recover called in a literal that the frame's function defers.
func (f *Frame) Recover() any { return Recover(&Token{frame: f}) }

// Catch is called on entry of every other function that calls recover: it takes
// what the deferred call left for it, nil if it was not called by one.
func Catch() *Token {
	g := current()
	t := g.pending
	g.pending = nil
	return t
}

// Recover is recover in a function whose entry got t from Catch.
func Recover(t *Token) any {
	if t == nil || t.frame.p == nil || t.frame.p.recovered {
		return nil
	}
	p := t.frame.p
	if t.uncertain {
		panic(
			Stop(
				"recover in a function that is deferred through a variable: the interpreter cannot tell whether it is called directly; defer the function by its name, or add engine=go to the cell",
			),
		)
	}
	switch v := p.value.(type) {
	case *Stopped:
		return nil
	case *Inexact:
		panic(Stop("the interpreter cannot reproduce Go's run-time error value (" + v.text + ") for recover; test the condition before, or add engine=go to the cell"))
	}
	p.recovered = true
	return p.value
}

// panicWith is panic.
func panicWith(v any) { panic(v) }

// Stopped is the panic value that ends a cell where going on would give a wrong
// result. No recover of the cell gets it.
type Stopped struct {
	Text string
	Line int
}

func (s *Stopped) Error() string { return s.Text }

// Stop makes the value with which to stop the calling goroutine's cell.
func Stop(text string) *Stopped { return &Stopped{text, int(*Line())} }

// Inexact is a run-time panic of which only the kind is known: the interpreter
// found it by reflection, which says less than Go's own check.
type Inexact struct{ text string }

func (e *Inexact) Error() string { return e.text }
func (e *Inexact) RuntimeError() {}

// faithful is the value compiled Go would have panicked with.
func faithful(v any) any {
	if r, ok := v.(reflect.Value); ok {
		if !r.IsValid() {
			return new(runtime.PanicNilError)
		}
		v = r.Interface()
	}
	text := ""
	switch e := v.(type) {
	case *reflect.ValueError:
		if e.Kind == reflect.Invalid {
			return nilDereference()
		}
		return &Inexact{e.Error()}
	case string:
		text = e
	case runtime.Error:
		// reflect's own panics on a nil map and a closed channel are Go's. Only a
		// type of a cell's has another name there, and assigning to a map has another
		// wording.
		t, unhashable := strings.CutPrefix(e.Error(), "hash of unhashable type: ")
		switch {
		case strings.Contains(e.Error(), "hashable type") && strings.Contains(e.Error(), "struct {"):
			return &Inexact{"runtime error: hash of unhashable type"}
		case unhashable:
			return runtimeError("hash of unhashable type " + t)
		}
		return v
	default:
		if t := reflect.TypeOf(v); t != nil && strings.HasPrefix(t.String(), "*interp.") {
			return &Inexact{fmt.Sprint(v)}
		}
		return v
	}
	if !strings.HasPrefix(text, "reflect") {
		return v
	}
	switch {
	case strings.Contains(text, "call of nil function"), strings.Contains(text, "nil pointer"),
		strings.Contains(text, "on zero Value"), strings.Contains(text, "zero Value argument"), strings.Contains(text, "nil interface value"):
		return nilDereference()
	case strings.Contains(text, "negative len"), strings.Contains(text, "len larger"):
		return caught(func(n int) { _ = make([]byte, n) })
	case strings.Contains(text, "negative cap"), strings.Contains(text, "len > cap"):
		return caught(func(n int) { _ = make([]byte, 0, n) })
	case strings.Contains(text, "negative buffer size"):
		return caught(func(n int) { _ = make(chan byte, n) })
	}
	return &Inexact{text}
}

// caught is what f panics with for a negative number.
func caught(f func(int)) (v any) {
	defer func() { v = recover() }()
	f(-1)
	return nil
}

// nilDereference is the run-time's own error value.
func nilDereference() (v any) {
	defer func() { v = recover() }()
	var p *int
	*p = 1
	return nil
}

// Text is what Go prints after "panic: " for a panic value.
func Text(v any) string {
	v = faithful(v)
	switch e := v.(type) {
	case *Stopped:
		return e.Text
	case error:
		return e.Error()
	case interface{ box() Box }:
		return boxPanicText(e.box())
	case fmt.Stringer:
		return e.String()
	}
	rv := reflect.ValueOf(v)
	if text, ok := basicText(rv); ok {
		if rv.Type().PkgPath() == "" {
			if rv.Kind() == reflect.String {
				return rv.String()
			}
			return text
		}
		return fmt.Sprintf("%s(%s)", rv.Type(), text)
	}
	return fmt.Sprintf("(%T) %v", v, v)
}

// basicText is how print writes a basic value, strings quoted.
func basicText(v reflect.Value) (string, bool) {
	switch v.Kind() {
	case reflect.String:
		return strconv.Quote(v.String()), true
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr,
		reflect.Float32, reflect.Float64:
		return printed(v), true
	}
	return "", false
}

// boxPanicText is Text of a value of a cell's own type.
func boxPanicText(b Box) string {
	if m := b.T.method("Error"); m != nil {
		return m.fn.(func(any) string)(b.V)
	}
	if m := b.T.method("String"); m != nil {
		if f, ok := m.fn.(func(any) string); ok {
			return f(b.V)
		}
	}
	if text, ok := basicText(reflect.ValueOf(b.V)); ok {
		return fmt.Sprintf("%s(%s)", b.T, text)
	}
	return fmt.Sprintf("(%s) %v", b.T, b)
}
