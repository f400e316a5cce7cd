package lower

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"
)

// How compiled functions use values that they get in an interface without
// methods decides what a value of a cell's own type is given as.

// printing are the functions that format their operands, by types.Func.FullName:
// those with a format, and those that put spaces between operands that are no
// strings.
var (
	formatting = map[string]int{ // -> index of the format
		"fmt.Printf": 0, "fmt.Sprintf": 0, "fmt.Errorf": 0, "fmt.Fprintf": 1, "fmt.Appendf": 1,
		"log.Printf": 0, "log.Fatalf": 0, "log.Panicf": 0,
		"(*log.Logger).Printf": 0, "(*log.Logger).Fatalf": 0, "(*log.Logger).Panicf": 0,
	}
	spacing = map[string]int{ // -> index of the first operand
		"fmt.Print": 0, "fmt.Sprint": 0, "fmt.Fprint": 1, "fmt.Append": 1,
		"log.Print": 0, "log.Fatal": 0, "log.Panic": 0,
		"(*log.Logger).Print": 0, "(*log.Logger).Fatal": 0, "(*log.Logger).Panic": 0,
	}
)

// keeping are packages whose functions keep, compare or print such values.
var keeping = map[string]bool{
	"fmt": true, "log": true, "log/slog": true, "errors": true, "context": true, "sync": true,
	"sync/atomic": true, "container/list": true, "container/heap": true, "container/ring": true,
	"testing": true, "ioworkbook/runner/lab": true, "net": true,
}

// encoding are functions that read or write the memory of such values by
// reflection, with the fields' names and types, and not the type's.
var encoding = map[string]bool{
	"encoding/json.Marshal": true, "encoding/json.MarshalIndent": true, "encoding/json.Unmarshal": true,
	"(*encoding/json.Encoder).Encode": true, "(*encoding/json.Decoder).Decode": true,
	"encoding/binary.Read": true, "encoding/binary.Write": true, "encoding/binary.Size": true,
	"encoding/binary.Encode": true, "encoding/binary.Decode": true, "encoding/binary.Append": true,
	"(*text/template.Template).Execute": true,
}

// modest are functions that call the methods of a reader or writer that its type in
// their signature has, and look for no others. Those of package bufio look for
// others only to do the same at once, of which a type with its own method would know.
var modest = map[string]string{ // -> the method that must not be the cell's own
	"io.ReadFull": "", "io.ReadAtLeast": "", "io.ReadAll": "", "bufio.NewScanner": "",
	"fmt.Fprint": "", "fmt.Fprintf": "", "fmt.Fprintln": "", "log.New": "", "log.SetOutput": "",
	"encoding/json.NewDecoder": "", "encoding/json.NewEncoder": "",
	"encoding/binary.Read": "", "encoding/binary.Write": "",
	"bufio.NewReader": "Read", "bufio.NewReaderSize": "Read",
	"bufio.NewWriter": "Write", "bufio.NewWriterSize": "Write",
}

// asksNoMore reports an argument of a cell's own type for such a function.
func (l *lowerer) asksNoMore(e *ast.CallExpr, a ast.Expr, t types.Type) bool {
	fn := l.compiledFunc(e)
	from := l.typeOf(a)
	if fn == nil || !l.isCompiledInterface(t) || isInterface(from) || l.isNil(a) || !l.needsBox(from) {
		return false
	}
	method, ok := modest[fn.FullName()]
	if !ok || method == "" {
		return ok
	}
	for _, name := range []string{method, "WriteTo", "ReadFrom"} {
		if m, _, _ := types.LookupFieldOrMethod(from, true, l.f.Pkg, name); m != nil && m.Pkg() == l.f.Pkg {
			return false
		}
	}
	return true
}

// sorting are functions that swap the elements of a slice.
var sorting = map[string]bool{"sort.Slice": true, "sort.SliceStable": true, "sort.SliceIsSorted": true}

// compiledFunc is the compiled function or method that a call calls, nil if it
// calls something else.
func (l *lowerer) compiledFunc(e *ast.CallExpr) *types.Func {
	id := identOf(ast.Unparen(e.Fun))
	if id == nil {
		return nil
	}
	fn, ok := l.info.Uses[id].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg() == l.f.Pkg {
		return nil
	}
	return fn
}

// special lowers calls of compiled functions that look into interface values in
// ways that boxes do not answer.
func (l *lowerer) special(e *ast.CallExpr) (val, bool) {
	fn := l.compiledFunc(e)
	if fn == nil {
		return val{}, false
	}
	name := fn.FullName()
	if at, ok := formatting[name]; ok {
		return l.formatted(e, at)
	}
	if at, ok := spacing[name]; ok {
		return l.spaced(e, at)
	}
	switch name {
	case "errors.As":
		return l.errorsAs(e)
	case "encoding/json.Unmarshal", "(*encoding/json.Decoder).Decode":
		if l.needsBox(l.typeOf(e.Args[len(e.Args)-1])) {
			return val{l.rt() + ".Decoded(" + l.callText(e, l.callee(e)) + ")", effects}, true
		}
	case "reflect.DeepEqual":
		empty := types.NewInterfaceType(nil, nil)
		for _, a := range e.Args {
			if l.needsBox(l.typeOf(a)) {
				l.refuse(a, "reflect.DeepEqual of a cell's own type", "compare the fields")
			}
		}
		v := l.operands([]operand{
			{func() val { return l.exprTo(e.Args[0], empty) }, empty},
			{func() val { return l.exprTo(e.Args[1], empty) }, empty},
		})
		return val{l.rt() + ".Deep(" + v[0].s + ", " + v[1].s + ")", effects}, true
	}
	return val{}, false
}

// specialSeveral is special for calls with several results.
func (l *lowerer) specialSeveral(e *ast.CallExpr) ([]val, []types.Type, bool) {
	fn := l.compiledFunc(e)
	if fn == nil {
		return nil, nil, false
	}
	name := fn.FullName()
	_, isFormat := formatting[name]
	_, isSpaced := spacing[name]
	if !isFormat && !isSpaced {
		return nil, nil, false
	}
	v, ok := l.special(e)
	if !ok {
		return nil, nil, false
	}
	tuple := l.typeOf(e).(*types.Tuple)
	names := make([]string, tuple.Len())
	vals := make([]val, tuple.Len())
	typs := make([]types.Type, tuple.Len())
	for i := range names {
		names[i] = l.temp("t")
		vals[i] = val{names[i], pure}
		typs[i] = tuple.At(i).Type()
	}
	l.put("%s := %s; ", strings.Join(names, ", "), v.s)
	return vals, typs, true
}

// formatted lowers fmt.Printf and its like, whose %T and %p do not ask the operand,
// nor does it for the type of one too many.
func (l *lowerer) formatted(e *ast.CallExpr, at int) (val, bool) {
	if at >= len(e.Args) {
		return val{}, false
	}
	if tv := l.info.Types[e.Args[at]]; tv.Value != nil {
		f := constant.StringVal(tv.Value)
		verbs := strings.Count(f, "%") - 2*strings.Count(f, "%%") + strings.Count(f, "*")
		if !strings.ContainsAny(f, "Tp") && verbs >= len(e.Args)-at-1 {
			return val{}, false
		}
	}
	if !l.anyBox(e, at+1) {
		return val{}, false
	}
	v, fun, all := l.packed(e, at+1)
	f, operands := l.temp("t"), l.temp("t")
	l.put("%s, %s := %s.Format(%s, %s); ", f, operands, l.rt(), v[at].s, l.operandSlice(e, v[at+1:]))
	all[len(all)-1] = f
	return val{fun + "(" + strings.Join(all, ", ") + ", " + operands + "...)", effects}, true
}

// spaced lowers fmt.Print and its like.
func (l *lowerer) spaced(e *ast.CallExpr, at int) (val, bool) {
	if !l.anyBox(e, at) {
		return val{}, false
	}
	v, fun, all := l.packed(e, at)
	all = append(all, l.rt()+".Args("+l.operandSlice(e, v[at:])+")...")
	return val{fun + "(" + strings.Join(all, ", ") + ")", effects}, true
}

// anyBox reports whether one of the operands from index at on may be a box.
func (l *lowerer) anyBox(e *ast.CallExpr, at int) bool {
	for _, a := range e.Args[min(at, len(e.Args)):] {
		t := l.typeOf(a)
		if e.Ellipsis.IsValid() || isInterface(t) || l.needsBox(t) {
			return true
		}
		if _, ok := t.(*types.Tuple); ok {
			return false
		}
	}
	return false
}

// packed lowers the function and the arguments of a call of which those from
// index at on are to go into a slice, and writes all but these.
func (l *lowerer) packed(e *ast.CallExpr, at int) (args []val, fun string, before []string) {
	c := l.callee(e)
	var list []operand
	if c.recv != nil {
		list = append(list, *c.recv)
	}
	operands, spread := l.arguments(e, c)
	v := l.operands(append(list, operands...))
	recv := ""
	if c.recv != nil {
		recv, v = v[0].s, v[1:]
	}
	for i := range v[:at] {
		if v[i].k != pure {
			v[i] = l.variable(v[i], l.paramType(c.sig, i, spread))
		}
	}
	fun, before = c.text(recv)
	for _, a := range v[:at] {
		before = append(before, a.s)
	}
	return v, fun, before
}

func (l *lowerer) operandSlice(e *ast.CallExpr, v []val) string {
	if e.Ellipsis.IsValid() {
		return v[0].s
	}
	texts := make([]string, len(v))
	for i := range v {
		texts[i] = v[i].s
	}
	return "[]interface{}{" + strings.Join(texts, ", ") + "}"
}

// errorsAs lowers errors.As for a target type that boxes hold or implement.
func (l *lowerer) errorsAs(e *ast.CallExpr) (val, bool) {
	p, ok := under(l.typeOf(e.Args[1])).(*types.Pointer)
	if !ok {
		l.refuse(e, "errors.As with this target", "")
		return val{"false", pure}, true
	}
	t := p.Elem()
	if !l.needsBox(t) && !isInterface(t) {
		return val{}, false
	}
	desc := l.desc(t)
	if !isInterface(t) {
		desc = l.boxDesc(t)
	}
	errType := types.Universe.Lookup("error").Type()
	v := l.operands([]operand{
		{func() val { return l.exprTo(e.Args[0], errType) }, errType},
		{func() val { return l.expr(e.Args[1]) }, l.typeOf(e.Args[1])},
	})
	return val{l.rt() + ".As(" + v[0].s + ", " + v[1].s + ", " + desc + ")", effects}, true
}

// opaque lowers an argument that a compiled function takes as an interface
// without methods.
func (l *lowerer) opaque(e *ast.CallExpr, a ast.Expr, t types.Type) val {
	fn := l.compiledFunc(e)
	from := l.typeOf(a)
	if fn == nil || l.isNil(a) || !isInterface(from) && !l.needsBox(from) {
		return l.exprTo(a, t)
	}
	name := fn.FullName()
	switch {
	case keeping[fn.Pkg().Path()], name == "runtime.KeepAlive", isError(from):
		return l.exprTo(a, t)
	case isInterface(from):
		if strings.Contains(name, "template") {
			l.refuse(a, "a template with an interface value as its data", "give it a struct or a map of strings")
		}
		v := l.exprTo(a, t)
		return val{l.rt() + ".NoBox(" + v.s + ", " + quote(fn.Pkg().Name()+"."+fn.Name()) + ")", v.k}
	case sorting[name]:
		return l.expr(a)
	case encoding[name]:
		if why := l.plainData(from, name, map[types.Type]bool{}); why != "" {
			l.refuse(a, fn.Name()+" of a type "+why, "")
		}
		return l.expr(a)
	}
	l.refuse(a, "a cell's own type in "+fn.Pkg().Name()+"."+fn.Name()+", which looks at it by reflection,", "")
	return val{"nil", pure}
}

// plainData says what of a type the interpreter's form of it does not have, ""
// if nothing that fields' names and types do not say.
func (l *lowerer) plainData(t types.Type, user string, seen map[types.Type]bool) string {
	t = l.sub(t)
	if seen[t] {
		return ""
	}
	seen[t] = true
	if n, ok := types.Unalias(t).(*types.Named); ok && l.isOwn(n) {
		if n.NumMethods() > 0 || types.NewMethodSet(types.NewPointer(n)).Len() > 0 {
			return "with methods"
		}
		if l.isRecursive(n) {
			return "that contains pointers to itself"
		}
	}
	isJSON := strings.Contains(user, "json")
	switch u := under(t).(type) {
	case *types.Pointer:
		return l.plainData(u.Elem(), user, seen)
	case *types.Slice:
		return l.plainData(u.Elem(), user, seen)
	case *types.Array:
		return l.plainData(u.Elem(), user, seen)
	case *types.Map:
		if why := l.plainData(u.Key(), user, seen); why != "" {
			return why
		}
		return l.plainData(u.Elem(), user, seen)
	case *types.Struct:
		if n, ok := types.Unalias(t).(*types.Named); ok && !l.isOwn(n) {
			return ""
		}
		for i := range u.NumFields() {
			f := u.Field(i)
			switch {
			case f.Embedded():
				return "with embedded fields"
			case !f.Exported() && !(isJSON && u.Tag(i) == `json:"-"`):
				return "with unexported fields"
			}
			if why := l.plainData(f.Type(), user, seen); why != "" {
				return why
			}
		}
	case *types.Interface:
		if !isJSON {
			return "with interface values in it"
		}
	case *types.Signature, *types.Chan:
		return "with functions or channels in it"
	}
	return ""
}
