package lower

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"
)

// typ writes a type as the interpreter is to see it: interfaces that it does not
// have compiled are empty ones, embedded fields are fields, variadic functions
// take a slice.
func (l *lowerer) typ(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		switch t.Kind() {
		case types.UnsafePointer:
			return l.pkg("unsafe") + ".Pointer"
		case types.UntypedNil, types.Invalid:
			return "interface{}"
		}
		return types.Default(t).String()
	case *types.Pointer:
		if l.recPointer(t) != nil {
			return l.pkg("unsafe") + ".Pointer"
		}
		return "*" + l.typ(t.Elem())
	case *types.Slice:
		return "[]" + l.typ(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), l.typ(t.Elem()))
	case *types.Map:
		return "map[" + l.typ(t.Key()) + "]" + l.typ(t.Elem())
	case *types.Chan:
		elem := l.typ(t.Elem())
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
		return "func" + l.signature(t)
	case *types.Struct:
		fields := make([]string, t.NumFields())
		for i := range fields {
			fields[i] = l.fieldName(t, i) + " " + l.typ(t.Field(i).Type())
			if tag := t.Tag(i); tag != "" {
				fields[i] += " " + strconv.Quote(tag)
			}
		}
		return "struct{" + strings.Join(fields, ";") + "}"
	case *types.Interface:
		return "interface{}"
	case *types.TypeParam:
		if a, ok := l.subst[t]; ok {
			return l.typ(a)
		}
		return "interface{}"
	case *types.Tuple:
		return ""
	case *types.Named:
		if t.Obj().Pkg() == nil { // error, comparable
			return t.Obj().Name()
		}
		if isInterface(t) && !l.isCompiledInterface(t) {
			return "interface{}"
		}
		if l.isRecFunc(l.sub(t)) {
			return "interface{}"
		}
		if l.isOwn(t) {
			return l.named(l.sub(t).(*types.Named))
		}
		return l.pkg(t.Obj().Pkg().Path()) + "." + t.Obj().Name()
	}
	return "interface{}"
}

// signature writes parameters and results without names.
func (l *lowerer) signature(t *types.Signature) string {
	params := make([]string, t.Params().Len())
	for i := range params {
		params[i] = l.typ(t.Params().At(i).Type())
	}
	return "(" + strings.Join(params, ", ") + ")" + l.results(t)
}

func (l *lowerer) results(t *types.Signature) string {
	switch n := t.Results().Len(); n {
	case 0:
		return ""
	case 1:
		return " " + l.typ(t.Results().At(0).Type())
	default:
		list := make([]string, n)
		for i := range list {
			list[i] = l.typ(t.Results().At(i).Type())
		}
		return " (" + strings.Join(list, ", ") + ")"
	}
}

// fieldName is the name of a struct's field i.
func (l *lowerer) fieldName(t *types.Struct, i int) string {
	if n := t.Field(i).Name(); n != "_" {
		return n
	}
	return fmt.Sprintf("b__%d", i)
}

// named is the name of a defined type of the file.
func (l *lowerer) named(t *types.Named) string {
	o := t.Origin().Obj()
	name := ""
	if o.Parent() == l.f.Pkg.Scope() {
		name = globalName(o.Name())
	} else {
		// A type that a function declares goes to the top level.
		name = fmt.Sprintf("%s__%d_%d", o.Name(), l.physical(o.Pos()), l.f.Fset.PositionFor(o.Pos(), false).Column)
	}
	args := t.TypeArgs()
	if args.Len() == 0 {
		if o.Parent() != l.f.Pkg.Scope() && l.inst[name] == nil {
			in := &instance{name: name, named: t, decl: l.decls[o]}
			if hasTypeParam(t.Underlying(), 0) {
				l.refuse(in.decl, "a type that depends on the type parameters of the function that declares it", "declare the type outside, with type parameters")
			}
			l.enqueue(in.decl, in)
		}
		return name
	}
	name += "__" + l.argsName(typeList(args))
	if l.inst[name] == nil && !l.inContext[name] {
		in := &instance{name: name, named: t, decl: l.decls[o], args: map[*types.TypeParam]types.Type{}}
		params := t.Origin().TypeParams()
		for i := range params.Len() {
			in.args[params.At(i)] = args.At(i)
		}
		if in.decl == nil {
			in.decl = l.f.Syntax
		}
		l.enqueue(in.decl, in)
	}
	return name
}

// pkg returns the name under which the lowered text imports a package.
func (l *lowerer) pkg(path string) string {
	if a, ok := l.imports[path]; ok {
		return a
	}
	base := path[strings.LastIndexByte(path, '/')+1:]
	base = strings.Map(func(r rune) rune {
		if r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
			return r
		}
		return '_'
	}, base)
	a := base + "__"
	for n := 2; l.taken[a]; n++ {
		a = fmt.Sprintf("%s__%d", base, n)
	}
	l.taken[a] = true
	l.imports[path] = a
	l.order = append(l.order, path)
	return a
}

// hasTypeParam reports a type parameter in a type.
func hasTypeParam(t types.Type, depth int) bool {
	if depth > 20 {
		return false
	}
	switch t := types.Unalias(t).(type) {
	case *types.TypeParam:
		return true
	case *types.Pointer:
		return hasTypeParam(t.Elem(), depth+1)
	case *types.Slice:
		return hasTypeParam(t.Elem(), depth+1)
	case *types.Array:
		return hasTypeParam(t.Elem(), depth+1)
	case *types.Chan:
		return hasTypeParam(t.Elem(), depth+1)
	case *types.Map:
		return hasTypeParam(t.Key(), depth+1) || hasTypeParam(t.Elem(), depth+1)
	case *types.Struct:
		for i := range t.NumFields() {
			if hasTypeParam(t.Field(i).Type(), depth+1) {
				return true
			}
		}
	case *types.Signature:
		return hasTypeParam(t.Params(), depth+1) || hasTypeParam(t.Results(), depth+1)
	case *types.Tuple:
		for i := range t.Len() {
			if hasTypeParam(t.At(i).Type(), depth+1) {
				return true
			}
		}
	case *types.Named:
		for i := range t.TypeArgs().Len() {
			if hasTypeParam(t.TypeArgs().At(i), depth+1) {
				return true
			}
		}
	}
	return false
}
