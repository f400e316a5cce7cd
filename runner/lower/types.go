package lower

import (
	"fmt"
	"go/types"
	"strconv"
	"strings"

	"ioworkbook/runner/lower/rt"
)

func under(t types.Type) types.Type { return types.Unalias(t).Underlying() }

func isInterface(t types.Type) bool { return types.IsInterface(t) }

// isError reports the predeclared type error.
func isError(t types.Type) bool { return types.Unalias(t) == types.Universe.Lookup("error").Type() }

func basic(t types.Type) *types.Basic {
	b, _ := under(t).(*types.Basic)
	return b
}

func has(t types.Type, info types.BasicInfo) bool {
	b := basic(t)
	return b != nil && b.Info()&info != 0
}

func isPlain(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.Basic)
	return ok
}

// pointee is the type that a pointer points to.
func pointee(t types.Type) types.Type { return under(t).(*types.Pointer).Elem() }

// isOwn reports whether a defined type is declared in lowered text: one of the
// program's, or an instance of a generic one, which no compiled table has.
func (l *Lowering) isOwn(t *types.Named) bool { return l.own[t.Obj().Pkg()] || t.TypeArgs().Len() > 0 }

func (l *Lowering) ownNamed(t types.Type) *types.Named {
	if n, ok := types.Unalias(t).(*types.Named); ok && l.isOwn(n) {
		return n
	}
	return nil
}

// isCompiledInterface reports an interface type of which the interpreter has the
// compiled form: error and the defined ones of other packages.
func (l *Lowering) isCompiledInterface(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || l.isOwn(n) {
		return false
	}
	i, ok := n.Underlying().(*types.Interface)
	return ok && i.NumMethods() > 0
}

// isDeferStack reports ssa's type of the list of what a function has deferred.
func isDeferStack(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && n.Obj().Name() == "deferStack" && (n.Obj().Pkg() == nil || n.Obj().Pkg().Path() != "main")
}

// stored writes a type as parts of other values have it: interfaces that the
// interpreter does not have compiled are empty ones, embedded fields are fields,
// variadic functions take a slice, and what would make a type recursive is opaque.
func (l *Lowering) stored(t types.Type) string {
	if form := l.opaque(t); form != "" {
		return form
	}
	return l.typ(t)
}

// typ is the type of a variable, a parameter or a result of type t.
func (l *Lowering) typ(t types.Type) string {
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
		return "*" + l.stored(t.Elem())
	case *types.Slice:
		return "[]" + l.stored(t.Elem())
	case *types.Array:
		return fmt.Sprintf("[%d]%s", t.Len(), l.stored(t.Elem()))
	case *types.Map:
		return "map[" + l.stored(t.Key()) + "]" + l.stored(t.Elem())
	case *types.Chan:
		elem := l.stored(t.Elem())
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
			fields[i] = fieldName(t, i) + " " + l.stored(t.Field(i).Type())
			if tag := t.Tag(i); tag != "" {
				fields[i] += " " + strconv.Quote(tag)
			}
		}
		return "struct{" + strings.Join(fields, ";") + "}"
	case *types.Named:
		switch {
		case isDeferStack(t):
			return "*" + l.rt() + ".Frame"
		case t.Obj().Pkg() == nil: // error, comparable
			return t.Obj().Name()
		case isInterface(t) && !l.isCompiledInterface(t):
			return "interface{}"
		case l.isRecursiveFunc(t):
			return l.typ(t.Underlying())
		case l.isOwn(t):
			return l.typeName(t)
		}
		l.checkSymbol(t.Obj())
		return l.pkg(t.Obj().Pkg().Path()) + "." + t.Obj().Name()
	}
	return "interface{}"
}

// signature writes parameters and results without names, as function values have
// them.
func (l *Lowering) signature(t *types.Signature) string {
	params := make([]string, t.Params().Len())
	for i := range params {
		params[i] = l.stored(t.Params().At(i).Type())
	}
	return "(" + strings.Join(params, ", ") + ")" + results(t, l.stored)
}

// results writes the results of a function, its types as form has them.
func results(t *types.Signature, form func(types.Type) string) string {
	list := make([]string, t.Results().Len())
	for i := range list {
		list[i] = form(t.Results().At(i).Type())
	}
	switch len(list) {
	case 0:
		return ""
	case 1:
		return " " + list[0]
	}
	return " (" + strings.Join(list, ", ") + ")"
}

// fieldName is the name of a struct's field i.
func fieldName(t *types.Struct, i int) string {
	if n := t.Field(i).Name(); n != "_" {
		return n
	}
	return fmt.Sprintf("b__%d", i)
}

// typeName is the name of a defined type; it has its declaration written.
func (l *Lowering) typeName(t *types.Named) string {
	name := l.names.named(t)
	if !l.written.types[name] {
		l.written.types[name] = true
		l.unit.types = append(l.unit.types, t)
	}
	return name
}

// pkg returns the name under which the unit imports a package.
func (l *Lowering) pkg(path string) string {
	if a, ok := l.unit.imports[path]; ok {
		return a
	}
	base := path[strings.LastIndexByte(path, '/')+1:]
	a := strings.Map(func(r rune) rune {
		if r == '-' || r == '.' {
			return '_'
		}
		return r
	}, base) + "_p"
	for i := 2; l.unit.aliases[a]; i++ {
		a = fmt.Sprintf("%s_p%d", base, i)
	}
	l.unit.aliases[a] = true
	l.unit.imports[path] = a
	l.unit.importOrder = append(l.unit.importOrder, path)
	return a
}

// rt is the name of the runtime package.
func (l *Lowering) rt() string { return l.pkg(rt.Path) }

// conv writes a conversion, without parentheses where it can: they take time.
func conv(typ, s string) string {
	if strings.ContainsAny(typ, "*<( ") {
		typ = "(" + typ + ")"
	}
	return typ + "(" + s + ")"
}
