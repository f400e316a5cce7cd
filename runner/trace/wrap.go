package trace

import (
	"reflect"
	"strings"

	"golang.org/x/sys/unix"
)

// function is one function of package unix, with what is needed to record it.
type function struct {
	name  string // Accept
	call  string // accept4
	args  []arg  // as shown
	fdIn  int    // parameter that is the descriptor worked on, -1: none
	ret   int    // result that is the call's return value, -1: none
	err   int    // result that is the error, -1: none
	bytes bool   // the return value counts bytes moved
	does  effect // on what is known of descriptors

	params []kind // by parameter, as captured before the call
}

// arg is one shown argument: a parameter, or a result that the system call
// returns through a pointer.
type arg struct {
	kind   kind
	index  int
	result bool
}

var (
	intType   = reflect.TypeFor[int]()
	errorType = reflect.TypeFor[error]()
	errnoType = reflect.TypeFor[unix.Errno]()
)

// Wrap returns a table in which every function of pkg that makes a system call
// is replaced by a traced twin. The twin takes the source line of the call as an
// extra first argument of type int; 0 stands for the line that the actor stored
// last. Everything else, errors included, passes through unchanged. Functions
// that make no system call, and values that are no functions, are left as they are.
//
// pkg is the symbol table of golang.org/x/sys/unix, name to value. Its SYS_
// constants (integers, or go/constant values) give Syscall its names.
func (r *Recorder) Wrap(pkg map[string]reflect.Value) map[string]reflect.Value {
	return r.wrap(pkg, true)
}

// WrapPlain is Wrap with the functions' own signatures, for functions used as
// values. The line recorded is the one the actor stored last.
func (r *Recorder) WrapPlain(pkg map[string]reflect.Value) map[string]reflect.Value {
	return r.wrap(pkg, false)
}

func (r *Recorder) wrap(pkg map[string]reflect.Value, line bool) map[string]reflect.Value {
	out := make(map[string]reflect.Value, len(pkg))
	names := systemCalls(pkg)
	r.mu.Lock()
	if len(names.byNumber) > len(r.names.byNumber) {
		r.names = names
	}
	r.mu.Unlock()
	for name, v := range pkg {
		if v.IsValid() && v.Kind() == reflect.Func && !v.IsNil() && !Pure(name) {
			v = r.traced(name, v, names, line)
		}
		out[name] = v
	}
	return out
}

func (r *Recorder) traced(name string, v reflect.Value, names sysnames, line bool) reflect.Value {
	fn := describe(name, v.Type(), names)
	t := v.Type()
	if fast := r.fast(fn, v.Interface()); fast.IsValid() {
		if line {
			return fast
		}
		return reflect.MakeFunc(t, func(in []reflect.Value) []reflect.Value {
			return fast.Call(append([]reflect.Value{reflect.ValueOf(0)}, in...))
		})
	}
	variadic := t.IsVariadic()
	record := func(line int, in []reflect.Value) []reflect.Value {
		c := r.prepare(fn, line)
		for i, k := range fn.params {
			c.in[i] = k.before(in[i], c)
		}
		r.enter(c)
		var out []reflect.Value
		if variadic {
			out = v.CallSlice(in)
		} else {
			out = v.Call(in)
		}
		r.leave(c)
		fn.results(c, in, out)
		r.finish(c)
		return out
	}
	if !line {
		return reflect.MakeFunc(t, func(in []reflect.Value) []reflect.Value { return record(0, in) })
	}
	params := []reflect.Type{intType}
	for i := range t.NumIn() {
		params = append(params, t.In(i))
	}
	results := make([]reflect.Type, t.NumOut())
	for i := range results {
		results[i] = t.Out(i)
	}
	return reflect.MakeFunc(reflect.FuncOf(params, results, variadic), func(in []reflect.Value) []reflect.Value {
		return record(int(in[0].Int()), in[1:])
	})
}

// results captures what the call returned and what it wrote.
func (fn *function) results(c *call, in, out []reflect.Value) {
	if fn.ret >= 0 {
		c.res = integer(out[fn.ret])
	}
	if fn.err >= 0 {
		if err, _ := out[fn.err].Interface().(error); err != nil && err != unix.Errno(0) {
			c.fail(err)
		}
	}
	for i, a := range fn.args {
		switch {
		case a.result:
			c.out[i] = a.kind.after(out[a.index], c)
		case a.kind.writes():
			c.out[i] = a.kind.after(in[a.index], c)
		}
	}
}

func integer(v reflect.Value) int64 {
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return int64(v.Uint())
	}
	return 0
}

// describe reads a function's form, or makes one up from its type.
func describe(name string, t reflect.Type, names sysnames) *function {
	fn := &function{name: name, call: names.of(name), fdIn: -1, ret: -1, err: -1, does: effects[name]}
	fn.params = make([]kind, min(t.NumIn(), maxArgs))
	shown := make(map[int]bool)
	next := 0
	for word := range strings.FieldsSeq(forms[name]) {
		if word == "bytes" {
			fn.bytes = true
			continue
		}
		a := arg{index: next}
		if rest, ok := strings.CutPrefix(word, ">"); ok { // ">1:addr"
			a.result, a.index = true, int(rest[0]-'0')
			word = rest[2:]
			shown[a.index] = true
		} else {
			next++
		}
		a.kind = kindNamed(word)
		fn.args = append(fn.args, a)
	}
	for ; next < len(fn.params) && len(fn.args) < maxArgs; next++ {
		fn.args = append(fn.args, arg{kind: kindOf(t.In(next)), index: next})
	}
	for _, a := range fn.args {
		if a.result {
			continue
		}
		fn.params[a.index] = a.kind
		if a.kind == fdArg && fn.fdIn < 0 {
			fn.fdIn = a.index
		}
	}
	for i := range t.NumOut() {
		switch out := t.Out(i); {
		case out == errorType || out == errnoType:
			fn.err = i
		case fn.ret < 0 && !shown[i] && (reflect.Zero(out).CanInt() || reflect.Zero(out).CanUint()):
			fn.ret = i
		}
	}
	return fn
}
