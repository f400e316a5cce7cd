package lower

import (
	"fmt"
	"go/types"
	"sort"
	"strconv"
	"strings"
)

// rt is the name of the runtime package.
func (l *lowerer) rt() string { return l.pkg(rtPath) }

const rtPath = "ioworkbook/runner/lower/rt"

// needsBox reports whether a value of the type must be boxed to become an
// interface value: its type has a part that the interpreter does not keep.
func (l *lowerer) needsBox(t types.Type) bool { return l.boxes(t, 0) }

func (l *lowerer) boxes(t types.Type, depth int) bool {
	if depth > 30 {
		return true
	}
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return l.isOwn(t)
	case *types.Pointer:
		return l.boxes(t.Elem(), depth+1)
	case *types.Slice:
		return l.boxes(t.Elem(), depth+1)
	case *types.Array:
		return l.boxes(t.Elem(), depth+1)
	case *types.Chan:
		return l.boxes(t.Elem(), depth+1)
	case *types.Map:
		return l.boxes(t.Key(), depth+1) || l.boxes(t.Elem(), depth+1)
	case *types.Struct:
		return t.NumFields() > 0
	case *types.Interface:
		return t.NumMethods() > 0
	case *types.Signature:
		return t.Variadic() || l.boxes(t.Params(), depth+1) || l.boxes(t.Results(), depth+1)
	case *types.Tuple:
		for i := range t.Len() {
			if l.boxes(t.At(i).Type(), depth+1) {
				return true
			}
		}
	}
	return false
}

// desc returns the variable that holds the rt.Type of t.
func (l *lowerer) desc(t types.Type) string {
	t = l.sub(t)
	d := l.describe(t)
	if name := l.descs[d]; name != "" {
		return name
	}
	name := l.temp("t" + l.unit)
	l.descs[d] = name
	l.descOrder = append(l.descOrder, d)
	return name
}

// boxDesc is desc for a type whose values are boxed: with its methods.
func (l *lowerer) boxDesc(t types.Type) string {
	t = l.sub(t)
	l.methods(t, true)
	l.reach(t, 0, map[types.Type]bool{})
	return l.desc(t)
}

// reach registers the methods of what a value contains: printing calls them.
func (l *lowerer) reach(t types.Type, depth int, seen map[types.Type]bool) {
	if depth > 20 || seen[t] {
		return
	}
	seen[t] = true
	if isInterface(t) {
		return // what is in it has been boxed with its own methods
	}
	if depth > 0 && l.needsBox(t) {
		l.methods(t, false)
	}
	switch u := under(t).(type) {
	case *types.Pointer:
		l.reach(u.Elem(), depth+1, seen)
	case *types.Slice:
		l.reach(u.Elem(), depth+1, seen)
	case *types.Array:
		l.reach(u.Elem(), depth+1, seen)
	case *types.Map:
		l.reach(u.Key(), depth+1, seen)
		l.reach(u.Elem(), depth+1, seen)
	case *types.Struct:
		for i := range u.NumFields() {
			l.reach(l.sub(u.Field(i).Type()), depth+1, seen)
		}
	}
}

// describe writes a type in the notation of rt.TypeOf.
func (l *lowerer) describe(t types.Type) string {
	t = types.Unalias(t)
	if isInterface(t) {
		return l.describeInterface(t)
	}
	if !l.needsBox(t) {
		return "r" + strconv.Quote(l.reflectText(t))
	}
	switch t := t.(type) {
	case *types.Named:
		l.define(t)
		return "n" + strconv.Quote(l.named(t))
	case *types.Pointer:
		return "p" + l.describe(t.Elem())
	case *types.Slice:
		return "s" + l.describe(t.Elem())
	case *types.Array:
		return fmt.Sprintf("a%d%s", t.Len(), l.describe(t.Elem()))
	case *types.Chan:
		dir := map[types.ChanDir]string{types.SendRecv: "chan", types.SendOnly: "chan<-", types.RecvOnly: "<-chan"}[t.Dir()]
		return "c" + strconv.Quote(dir) + l.describe(t.Elem())
	case *types.Map:
		return "m" + l.describe(t.Key()) + l.describe(t.Elem())
	case *types.Signature:
		return "f" + strconv.Quote(l.reflectText(t))
	case *types.Struct:
		var b strings.Builder
		b.WriteByte('{')
		for i := range t.NumFields() {
			f := t.Field(i)
			sign := "-"
			if f.Exported() {
				sign = "+"
			}
			fmt.Fprintf(&b, "%q%s%s%q", f.Name(), sign, l.describe(l.sub(f.Type())), t.Tag(i))
		}
		b.WriteByte('}')
		return b.String()
	}
	return "r" + strconv.Quote(l.reflectText(t))
}

func (l *lowerer) describeInterface(t types.Type) string {
	u := under(t).(*types.Interface)
	var b strings.Builder
	fmt.Fprintf(&b, "i%q[", l.reflectText(t))
	for i := range u.NumMethods() {
		m := u.Method(i)
		fmt.Fprintf(&b, "%q%q", m.Name(), l.reflectText(l.sub(m.Type())))
	}
	b.WriteByte(']')
	return b.String()
}

// define registers a defined type.
func (l *lowerer) define(t *types.Named) {
	name := l.named(t)
	if l.defines[name] {
		return
	}
	l.defines[name] = true
	d := l.describe(l.sub(t.Underlying()))
	witness := "nil"
	if l.isRecursive(t) {
		witness = "(*" + name + ")(nil)"
	}
	fmt.Fprintf(&l.defs, "%s.Define(%s, %s, %s, %s); ", l.rt(), quote(name), quote(l.reflectText(t)), quote(d), witness)
}

// reflectText writes a type as reflect's Type.String does.
func (l *lowerer) reflectText(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		switch t.Kind() {
		case types.UnsafePointer:
			return "unsafe.Pointer"
		case types.Byte:
			return "uint8"
		case types.Rune:
			return "int32"
		}
		return types.Default(t).String()
	case *types.Pointer:
		return "*" + l.reflectText(t.Elem())
	case *types.Slice:
		return "[]" + l.reflectText(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), l.reflectText(t.Elem()))
	case *types.Map:
		return "map[" + l.reflectText(t.Key()) + "]" + l.reflectText(t.Elem())
	case *types.Chan:
		elem := l.reflectText(t.Elem())
		switch t.Dir() {
		case types.SendOnly:
			return "chan<- " + elem
		case types.RecvOnly:
			return "<-chan " + elem
		}
		if strings.HasPrefix(elem, "<-") {
			elem = "(" + elem + ")"
		}
		return "chan " + elem
	case *types.Signature:
		params := make([]string, t.Params().Len())
		for i := range params {
			p := l.sub(t.Params().At(i).Type())
			if t.Variadic() && i == len(params)-1 {
				params[i] = "..." + l.reflectText(p.(*types.Slice).Elem())
			} else {
				params[i] = l.reflectText(p)
			}
		}
		s := "func(" + strings.Join(params, ", ") + ")"
		results := make([]string, t.Results().Len())
		for i := range results {
			results[i] = l.reflectText(l.sub(t.Results().At(i).Type()))
		}
		switch len(results) {
		case 0:
			return s
		case 1:
			return s + " " + results[0]
		}
		return s + " (" + strings.Join(results, ", ") + ")"
	case *types.Struct:
		if t.NumFields() == 0 {
			return "struct {}"
		}
		fields := make([]string, t.NumFields())
		for i := range fields {
			f := t.Field(i)
			fields[i] = " " + f.Name() + " " + l.reflectText(l.sub(f.Type()))
			if f.Embedded() {
				fields[i] = " " + l.reflectText(l.sub(f.Type()))
			}
			if tag := t.Tag(i); tag != "" {
				fields[i] += " " + strconv.Quote(tag)
			}
		}
		return "struct {" + strings.Join(fields, ";") + " }"
	case *types.Interface:
		if t.NumMethods() == 0 {
			return "interface {}"
		}
		list := make([]string, t.NumMethods())
		for i := range list {
			m := t.Method(i)
			list[i] = m.Name() + strings.TrimPrefix(l.reflectText(l.sub(m.Type())), "func")
		}
		sort.Strings(list)
		return "interface { " + strings.Join(list, "; ") + " }"
	case *types.TypeParam:
		if a, ok := l.subst[t]; ok {
			return l.reflectText(a)
		}
	case *types.Named:
		o := t.Obj()
		if o.Pkg() == nil {
			return o.Name()
		}
		s := o.Pkg().Name() + "." + o.Name()
		if args := t.TypeArgs(); args.Len() > 0 {
			list := make([]string, args.Len())
			for i := range list {
				list[i] = l.reflectText(l.sub(args.At(i)))
			}
			s += "[" + strings.Join(list, ",") + "]"
		}
		return s
	}
	return t.String()
}
