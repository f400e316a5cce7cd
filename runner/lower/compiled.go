package lower

import (
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// How a compiled function uses what it gets in an interface decides in which form
// it is given a value of one of the program's own types. Functions are named as
// types.Func.FullName has them.

var (
	// formatting functions format their operands by a format, at this index.
	formatting = map[string]int{
		"fmt.Printf": 0, "fmt.Sprintf": 0, "fmt.Errorf": 0, "fmt.Fprintf": 1, "fmt.Appendf": 1,
		"log.Printf": 0, "log.Fatalf": 0, "log.Panicf": 0,
		"(*log.Logger).Printf": 1, "(*log.Logger).Fatalf": 1, "(*log.Logger).Panicf": 1,
	}
	// spacing functions put spaces between operands that are no strings, from this
	// index on.
	spacing = map[string]int{
		"fmt.Print": 0, "fmt.Sprint": 0, "fmt.Fprint": 1, "fmt.Append": 1,
		"log.Print": 0, "log.Fatal": 0, "log.Panic": 0,
		"(*log.Logger).Print": 1, "(*log.Logger).Fatal": 1, "(*log.Logger).Panic": 1,
	}
	// decoding functions tell the name of a type of the program's in their errors.
	decoding = map[string]bool{"encoding/json.Unmarshal": true, "(*encoding/json.Decoder).Decode": true}

	// keeping are packages whose functions keep, compare or print such values.
	keeping = map[string]bool{
		"fmt": true, "log": true, "log/slog": true, "errors": true, "context": true, "sync": true,
		"sync/atomic": true, "container/list": true, "container/heap": true, "container/ring": true,
		"testing": true, "ioworkbook/runner/lab": true, "net": true,
	}
	// encoding functions read or write the memory of such values by reflection, with
	// the fields' names and types, and not the type's.
	encoding = map[string]bool{
		"encoding/json.Marshal": true, "encoding/json.MarshalIndent": true, "encoding/json.Unmarshal": true,
		"(*encoding/json.Encoder).Encode": true, "(*encoding/json.Decoder).Decode": true,
		"encoding/binary.Read": true, "encoding/binary.Write": true, "encoding/binary.Size": true,
		"encoding/binary.Encode": true, "encoding/binary.Decode": true, "encoding/binary.Append": true,
		"(*text/template.Template).Execute": true,
	}
	// sorting functions swap the elements of a slice.
	sorting = map[string]bool{"sort.Slice": true, "sort.SliceStable": true, "sort.SliceIsSorted": true}

	// modest functions call the methods of a reader or writer that its type in their
	// signature has, and look for no others. Those of package bufio look for others
	// only to do the same at once, of which a type with its own method would know.
	modest = map[string]string{ // -> the method that must not be the program's own
		"io.ReadFull": "", "io.ReadAtLeast": "", "io.ReadAll": "", "bufio.NewScanner": "",
		"fmt.Fprint": "", "fmt.Fprintf": "", "fmt.Fprintln": "", "log.New": "", "log.SetOutput": "",
		"encoding/json.NewDecoder": "", "encoding/json.NewEncoder": "",
		"encoding/binary.Read": "", "encoding/binary.Write": "",
		"bufio.NewReader": "Read", "bufio.NewReaderSize": "Read",
		"bufio.NewWriter": "Write", "bufio.NewWriterSize": "Write",
	}
)

// onlyUser is the compiled function that alone gets a value, as an argument.
func (f *function) onlyUser(v ssa.Value) *types.Func {
	refs := v.Referrers()
	if refs == nil || len(*refs) != 1 {
		return nil
	}
	c, ok := (*refs)[0].(ssa.CallInstruction)
	if !ok || c.Common().IsInvoke() {
		return nil
	}
	fn := c.Common().StaticCallee()
	if fn == nil || isOwnFunc(fn) {
		return nil
	}
	o, _ := fn.Object().(*types.Func)
	return o
}

// looksInside reports a function that gets a value as it is, because it looks at it
// by reflection; it refuses what that would show wrongly.
func (f *function) looksInside(in *ssa.MakeInterface, user *types.Func) bool {
	name := user.FullName()
	switch {
	case keeping[user.Pkg().Path()], name == "runtime.KeepAlive", name == "reflect.DeepEqual":
		return false
	case sorting[name]:
	case encoding[name]:
		if why := f.notPlain(in.X.Type(), strings.Contains(name, "json"), map[types.Type]bool{}); why != "" {
			f.refuse(f.pos, user.Name()+" of a type "+why, "")
		}
	default:
		f.refuse(
			f.pos,
			"a cell's own type in "+user.Pkg().Name()+"."+user.Name()+", which looks at it by reflection,",
			"",
		)
	}
	return true
}

// asksNoMore reports a function that calls no methods of a value but those of the
// type in its signature.
func (f *function) asksNoMore(from types.Type, user *types.Func) bool {
	method, ok := modest[user.FullName()]
	if !ok || method == "" {
		return ok
	}
	for _, name := range []string{method, "WriteTo", "ReadFrom"} {
		if m, _, _ := types.LookupFieldOrMethod(from, true, f.main.Pkg, name); m != nil && f.own[m.Pkg()] {
			return false
		}
	}
	return true
}

// checkArguments looks at interface values that go into a compiled function which
// may look into them by reflection: they must not hold boxes.
func (f *function) checkArguments(in *ssa.Call, fn *ssa.Function, list []ssa.Value, args []string) {
	o, ok := fn.Object().(*types.Func)
	if !ok {
		return
	}
	for i, v := range list {
		if s, ok := under(v.Type()).(*types.Signature); ok && s.Variadic() && !isNilConst(v) {
			f.refuse(f.pos, "a variadic function as an argument of a compiled function", "")
		}
		iface, ok := under(v.Type()).(*types.Interface)
		if !ok || iface.NumMethods() > 0 || keeping[o.Pkg().Path()] || o.FullName() == "runtime.KeepAlive" ||
			isNilConst(v) {
			continue
		}
		if m, ok := v.(*ssa.MakeInterface); ok && (!f.needsBox(m.X.Type()) || f.onlyUser(m) != nil) {
			continue
		}
		if strings.Contains(o.FullName(), "template") {
			f.refuse(f.pos, "a template with an interface value as its data", "give it a struct or a map of strings")
		}
		args[i] = f.rt() + ".NoBox(" + args[i] + ", " + quote(o.Pkg().Name()+"."+o.Name()) + ")"
	}
}

// isSpecial reports calls of compiled functions that look into interface values in
// ways that boxes do not answer.
func (f *function) isSpecial(in *ssa.Call) bool {
	fn := in.Call.StaticCallee()
	if fn == nil || isOwnFunc(fn) {
		return false
	}
	o, ok := fn.Object().(*types.Func)
	if !ok {
		return false
	}
	name := o.FullName()
	format, formats := formatting[name]
	_, spaces := spacing[name]
	switch {
	case formats:
		return f.mayBox(in) && f.asksForTypes(in.Call.Args[format], in)
	case spaces:
		return f.mayBox(in)
	case name == "reflect.DeepEqual":
		return true
	case name == "errors.As":
		m, ok := in.Call.Args[1].(*ssa.MakeInterface)
		if !ok {
			return true
		}
		p, ok := under(m.X.Type()).(*types.Pointer)
		return ok && (f.needsBox(p.Elem()) || isInterface(p.Elem()))
	case decoding[name]:
		m, ok := in.Call.Args[len(in.Call.Args)-1].(*ssa.MakeInterface)
		return ok && f.needsBox(m.X.Type())
	}
	return false
}

// mayBox reports whether one of a call's variadic arguments may be a box.
func (f *function) mayBox(in *ssa.Call) bool {
	list, ok := variadic(in)
	return !ok || slices.ContainsFunc(list, func(v ssa.Value) bool {
		m, ok := v.(*ssa.MakeInterface)
		return !ok && !isConst(v) || ok && f.needsBox(m.X.Type())
	})
}

// variadic returns the variadic arguments of a call, if they are not given as a slice.
func variadic(in *ssa.Call) (list []ssa.Value, ok bool) {
	last := in.Call.Args[len(in.Call.Args)-1]
	if isNilConst(last) {
		return nil, true
	}
	s, ok := last.(*ssa.Slice)
	if !ok {
		return nil, false
	}
	a, ok := s.X.(*ssa.Alloc)
	if !ok || a.Comment != "varargs" {
		return nil, false
	}
	for _, r := range *a.Referrers() {
		if addr, ok := r.(*ssa.IndexAddr); ok {
			list = append(list, single(addr).(*ssa.Store).Val)
		}
	}
	return list, true
}

// asksForTypes reports a format that prints the type of an operand, or its address, or
// that has too few verbs: package fmt does not ask the operand then.
func (f *function) asksForTypes(format ssa.Value, in *ssa.Call) bool {
	c, ok := format.(*ssa.Const)
	if !ok || c.Value == nil {
		return true
	}
	s := constant.StringVal(c.Value)
	list, _ := variadic(in)
	verbs := strings.Count(s, "%") - 2*strings.Count(s, "%%") + strings.Count(s, "*")
	return strings.ContainsAny(s, "Tp") || verbs < len(list)
}

// special writes such a call.
func (f *function) special(in *ssa.Call) {
	fn := in.Call.StaticCallee()
	name := fn.Object().(*types.Func).FullName()
	if name == "errors.As" {
		f.errorsAs(in)
		return
	}
	args := f.arguments(in)
	f.stale = true
	if name == "reflect.DeepEqual" {
		for _, a := range in.Call.Args {
			if m, ok := a.(*ssa.MakeInterface); ok && f.needsBox(m.X.Type()) {
				f.refuse(f.pos, "reflect.DeepEqual of a cell's own type", "compare the fields")
			}
		}
		f.results(in, f.rt()+".Deep("+args[0]+", "+args[1]+")")
		return
	}
	if at, ok := formatting[name]; ok {
		x, y := f.temp("u"), f.temp("u")
		f.put("%s, %s := %s.Format(%s, %s); ", x, y, f.rt(), args[at], args[at+1])
		args[at], args[at+1] = x, y
	} else if at, ok := spacing[name]; ok {
		args[at] = f.rt() + ".Args(" + args[at] + ")"
	}
	text := f.invocation(&in.Call, args, "l", f.spread[in])
	if decoding[name] {
		text = f.rt() + ".Decoded(" + text + ")"
	}
	f.results(in, text)
}

// errorsAs writes errors.As for a target of a type that boxes hold or implement.
func (f *function) errorsAs(in *ssa.Call) {
	m, ok := in.Call.Args[1].(*ssa.MakeInterface)
	if !ok {
		f.refuse(f.pos, "errors.As with this target", "")
		return
	}
	t := pointee(m.X.Type())
	desc := f.desc(t)
	if !isInterface(t) {
		desc = f.boxDesc(t)
	}
	f.stale = true
	f.results(in, f.rt()+".As("+f.operand(in.Call.Args[0])+", "+f.operand(m.X)+", "+desc+")")
}

// notPlain says what of a type the interpreter's form of it does not have, "" if
// nothing that fields' names and types do not say.
func (l *Lowering) notPlain(t types.Type, isJSON bool, seen map[types.Type]bool) string {
	if seen[t] {
		return ""
	}
	seen[t] = true
	if n := l.ownNamed(t); n != nil {
		if n.NumMethods() > 0 || types.NewMethodSet(types.NewPointer(n)).Len() > 0 {
			return "with methods"
		}
		if l.isRecursive(n) || l.isLoop(n) {
			return "that contains pointers to itself"
		}
	}
	switch u := under(t).(type) {
	case *types.Pointer:
		return l.notPlain(u.Elem(), isJSON, seen)
	case *types.Slice:
		return l.notPlain(u.Elem(), isJSON, seen)
	case *types.Array:
		return l.notPlain(u.Elem(), isJSON, seen)
	case *types.Map:
		if why := l.notPlain(u.Key(), isJSON, seen); why != "" {
			return why
		}
		return l.notPlain(u.Elem(), isJSON, seen)
	case *types.Struct:
		if n, ok := types.Unalias(t).(*types.Named); ok && !l.isOwn(n) {
			return ""
		}
		for i := range u.NumFields() {
			field := u.Field(i)
			switch {
			case field.Embedded():
				return "with embedded fields"
			case !field.Exported() && !(isJSON && u.Tag(i) == `json:"-"`):
				return "with unexported fields"
			}
			if why := l.notPlain(field.Type(), isJSON, seen); why != "" {
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
