package lower

import (
	"fmt"
	"go/types"
	"slices"
	"strconv"
	"strings"
)

// needsBox reports whether a value of the type must be boxed to become an
// interface value: its type has a part that the interpreter does not keep.
func (l *Lowering) needsBox(t types.Type) bool {
	seen := map[types.Type]bool{}
	var boxes func(types.Type) bool
	boxes = func(t types.Type) bool {
		t = types.Unalias(t)
		if seen[t] {
			return false
		}
		seen[t] = true
		switch t := t.(type) {
		case *types.Named:
			return l.isOwn(t)
		case *types.Pointer:
			return boxes(t.Elem())
		case *types.Slice:
			return boxes(t.Elem())
		case *types.Array:
			return boxes(t.Elem())
		case *types.Chan:
			return boxes(t.Elem())
		case *types.Map:
			return boxes(t.Key()) || boxes(t.Elem())
		case *types.Struct:
			return t.NumFields() > 0
		case *types.Interface:
			return t.NumMethods() > 0
		case *types.Signature:
			return t.Variadic() || boxes(t.Params()) || boxes(t.Results())
		case *types.Tuple:
			for v := range t.Variables() {
				if boxes(v.Type()) {
					return true
				}
			}
		}
		return false
	}
	return boxes(t)
}

// desc returns the variable that holds the rt.Type of t.
func (l *Lowering) desc(t types.Type) string {
	d := l.describe(t)
	name := l.written.descs[d]
	if name == "" {
		name = l.names.fresh("t")
		l.written.descs[d] = name
		l.unit.descs = append(l.unit.descs, d)
	}
	return name
}

// boxDesc is desc for a type whose values are boxed: with its methods, and those
// of what its values contain, which printing calls.
func (l *Lowering) boxDesc(t types.Type) string {
	l.methods(t, allMethods)
	l.reach(t, map[types.Type]bool{})
	return l.desc(t)
}

func (l *Lowering) reach(t types.Type, seen map[types.Type]bool) {
	if seen[t] || isInterface(t) { // what is in an interface has been boxed with its own methods
		return
	}
	if len(seen) > 0 && l.needsBox(t) {
		l.methods(t, printingMethods)
	}
	seen[t] = true
	switch u := under(t).(type) {
	case *types.Pointer:
		l.reach(u.Elem(), seen)
	case *types.Slice:
		l.reach(u.Elem(), seen)
	case *types.Array:
		l.reach(u.Elem(), seen)
	case *types.Map:
		l.reach(u.Key(), seen)
		l.reach(u.Elem(), seen)
	case *types.Struct:
		for f := range u.Fields() {
			l.reach(f.Type(), seen)
		}
	}
}

// describe writes a type in the notation of rt.TypeOf.
func (l *Lowering) describe(t types.Type) string {
	t = types.Unalias(t)
	if d, ok := l.written.described[t]; ok {
		return d
	}
	d := l.description(t)
	l.written.described[t] = d
	if l.opaque(t) != "" && l.ownNamed(t) == nil {
		switch t.(type) {
		case *types.Slice, *types.Map, *types.Chan:
			fmt.Fprintf(&l.unit.define, "%s.Opaque(%s, (*%s)(nil)); ", l.rt(), quote(d), l.typ(t))
		}
	}
	return d
}

func (l *Lowering) description(t types.Type) string {
	if isInterface(t) {
		u := under(t).(*types.Interface)
		var b strings.Builder
		fmt.Fprintf(&b, "i%q[", l.reflectText(t))
		for m := range u.Methods() {
			fmt.Fprintf(&b, "%q%q", m.Name(), l.reflectText(m.Type()))
		}
		b.WriteByte(']')
		return b.String()
	}
	if !l.needsBox(t) {
		return "r" + strconv.Quote(l.reflectText(t))
	}
	switch t := t.(type) {
	case *types.Named:
		l.define(t)
		return "n" + strconv.Quote(l.names.named(t))
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
			fmt.Fprintf(&b, "%q%s%s%q", f.Name(), sign, l.describe(f.Type()), t.Tag(i))
		}
		b.WriteByte('}')
		return b.String()
	}
	return "r" + strconv.Quote(l.reflectText(t))
}

// define tells package rt of a defined type. A type whose values have another form
// where they are part of others comes with a nil pointer to it.
func (l *Lowering) define(t *types.Named) {
	name := l.names.named(t)
	if l.written.defined[name] {
		return
	}
	l.written.defined[name] = true
	d := l.describe(t.Underlying())
	witness := "nil"
	if l.isRecursive(t) || l.isLoop(t) && !l.isRecursiveFunc(t) {
		witness = "(*" + l.typ(t) + ")(nil)"
	}
	fmt.Fprintf(
		&l.unit.define,
		"%s.Define(%s, %s, %s, %s); ",
		l.rt(),
		quote(name),
		quote(l.reflectText(t)),
		quote(d),
		witness,
	)
}

// reflectText writes a type as reflect's Type.String does.
func (l *Lowering) reflectText(t types.Type) string {
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
			p := t.Params().At(i).Type()
			if s, ok := p.(*types.Slice); ok && t.Variadic() && i == len(params)-1 {
				params[i] = "..." + l.reflectText(s.Elem())
			} else {
				params[i] = l.reflectText(p)
			}
		}
		return "func(" + strings.Join(params, ", ") + ")" + results(t, l.reflectText)
	case *types.Struct:
		if t.NumFields() == 0 {
			return "struct {}"
		}
		fields := make([]string, t.NumFields())
		for i := range fields {
			f := t.Field(i)
			fields[i] = " " + f.Name() + " " + l.reflectText(f.Type())
			if f.Embedded() {
				fields[i] = " " + l.reflectText(f.Type())
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
			list[i] = m.Name() + strings.TrimPrefix(l.reflectText(m.Type()), "func")
		}
		slices.Sort(list)
		return "interface { " + strings.Join(list, "; ") + " }"
	case *types.Named:
		o := t.Obj()
		if o.Pkg() == nil {
			return o.Name()
		}
		s := o.Pkg().Name() + "." + o.Name()
		if args := t.TypeArgs(); args.Len() > 0 {
			list := make([]string, args.Len())
			for i := range list {
				list[i] = l.reflectText(args.At(i))
			}
			s += "[" + strings.Join(list, ",") + "]"
		}
		return s
	}
	return t.String()
}
