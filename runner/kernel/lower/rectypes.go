package lower

import (
	"go/ast"
	"go/types"
)

// The interpreter cannot build most recursive types. Wherever a pointer to a
// recursive struct is part of another type it is an unsafe.Pointer, and a function
// that takes or returns functions of its own type is an interface{}; a variable of
// exactly such a type has its own type, and values are converted when they are
// loaded and stored.

// isRecursive reports whether a defined struct type can reach itself.
func (l *lowerer) isRecursive(t *types.Named) bool {
	if !l.isOwn(t) {
		return false
	}
	if _, ok := t.Underlying().(*types.Struct); !ok {
		return false
	}
	if r, ok := l.recursive[t]; ok {
		return r
	}
	seen := map[types.Type]bool{}
	var reach func(u types.Type) bool
	reach = func(u types.Type) bool {
		switch u := types.Unalias(u).(type) {
		case *types.Named:
			if types.Identical(u, t) {
				return true
			}
			if !l.isOwn(u) || seen[u] || isInterface(u) {
				return false
			}
			for s := range seen {
				if types.Identical(s, u) {
					return false
				}
			}
			if len(seen) > 200 {
				return true
			}
			seen[u] = true
			return reach(u.Underlying())
		case *types.Pointer:
			return reach(u.Elem())
		case *types.Slice:
			return reach(u.Elem())
		case *types.Array:
			return reach(u.Elem())
		case *types.Chan:
			return reach(u.Elem())
		case *types.Map:
			return reach(u.Key()) || reach(u.Elem())
		case *types.Struct:
			for i := range u.NumFields() {
				if reach(u.Field(i).Type()) {
					return true
				}
			}
		case *types.Signature:
			return reach(u.Params()) || reach(u.Results())
		case *types.Tuple:
			for i := range u.Len() {
				if reach(u.At(i).Type()) {
					return true
				}
			}
		}
		return false
	}
	r := reach(t.Underlying())
	l.recursive[t] = r
	return r
}

// recPointer returns T if t is a pointer to the recursive struct T.
func (l *lowerer) recPointer(t types.Type) *types.Named {
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return nil
	}
	n, ok := types.Unalias(p.Elem()).(*types.Named)
	if !ok || !l.isRecursive(n) {
		return nil
	}
	return n
}

// vtyp is the type of a variable, a parameter or a result of type t.
func (l *lowerer) vtyp(t types.Type) string {
	t = l.sub(t)
	if n := l.recPointer(t); n != nil {
		return "*" + l.named(n)
	}
	if l.isRecFunc(t) {
		return l.typ(t.Underlying())
	}
	return l.typ(t)
}

// isRecFunc reports a defined function type that contains itself.
func (l *lowerer) isRecFunc(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || !l.isOwn(n) {
		return false
	}
	if _, ok := n.Underlying().(*types.Signature); !ok {
		return false
	}
	r, ok := l.recursive[n]
	if !ok {
		r = l.recurs(n)
		l.recursive[n] = r
	}
	return r
}

// converted reports types of which variables and parts of values have two forms.
func (l *lowerer) converted(t types.Type) bool { return l.recPointer(t) != nil || l.isRecFunc(t) }

// paramTyp is the type of a parameter of a lowered function. The interpreter does
// not pass a value that reflect holds for zero, as it does a negative zero.
func (l *lowerer) paramTyp(t types.Type) string {
	if hasFloat(l.sub(t), 0) {
		return "interface{}"
	}
	return l.vtyp(t)
}

// hasFloat reports a floating-point number in a value's memory.
func hasFloat(t types.Type, depth int) bool {
	if depth > 20 {
		return false
	}
	switch u := under(t).(type) {
	case *types.Basic:
		return u.Info()&(types.IsFloat|types.IsComplex) != 0
	case *types.Struct:
		for i := range u.NumFields() {
			if hasFloat(u.Field(i).Type(), depth+1) {
				return true
			}
		}
	case *types.Array:
		return hasFloat(u.Elem(), depth+1)
	}
	return false
}

// load converts what is stored in a part of another value.
func (l *lowerer) load(s string, t types.Type) string {
	if n := l.recPointer(t); n != nil {
		return "(*" + l.named(n) + ")(" + s + ")"
	}
	if l.isRecFunc(t) {
		return l.loader(t) + "(" + s + ")"
	}
	return s
}

// loader is the function that loads functions of a recursive type.
func (l *lowerer) loader(t types.Type) string {
	key := "load " + l.named(types.Unalias(t).(*types.Named))
	name := l.dispatchers[key]
	if name == "" {
		name = l.temp("load" + l.unit)
		l.dispatchers[key] = name
		f := l.vtyp(t)
		l.top.WriteString("func " + name + "(x__ interface{}) " + f + " { if x__ == nil { return nil }; return x__.(" + f + ") }; ")
	}
	return name
}

// store is the opposite of load.
func (l *lowerer) store(s string, t types.Type) string {
	if !l.converted(t) || s == "nil" {
		return s
	}
	if l.isRecFunc(t) {
		return "interface{}(" + s + ")"
	}
	return l.pkg("unsafe") + ".Pointer(" + s + ")"
}

// isStored reports whether a variable has its type as parts of values do: its
// address is a pointer to such a part.
func (l *lowerer) isStored(v *types.Var) bool {
	return l.about(v).addressed && l.converted(l.sub(v.Type()))
}

// varType is the type of a variable's declaration.
func (l *lowerer) varType(v *types.Var) string {
	if l.isStored(v) {
		return l.typ(l.sub(v.Type()))
	}
	return l.vtyp(v.Type())
}

// checkRecursion refuses types that recur other than through a pointer to a struct.
func (l *lowerer) checkRecursion(at ast.Node, t *types.Named) {
	if l.recurs(t) {
		l.refuse(at, "the type "+t.Obj().Name()+", which contains itself other than through a pointer to a struct,", "use a struct and a pointer to it")
	}
}

// recurs reports a type that contains itself other than through a pointer to a
// recursive struct.
func (l *lowerer) recurs(t *types.Named) bool {
	seen := map[types.Type]bool{}
	var visit func(u types.Type) bool
	visit = func(u types.Type) bool {
		switch u := types.Unalias(u).(type) {
		case *types.Named:
			if types.Identical(u, t) {
				return true
			}
			if !l.isOwn(u) || isInterface(u) || seen[u] || len(seen) > 200 {
				return false
			}
			seen[u] = true
			return visit(u.Underlying())
		case *types.Pointer:
			if l.recPointer(u) != nil {
				return false
			}
			return visit(u.Elem())
		case *types.Slice:
			return visit(u.Elem())
		case *types.Array:
			return visit(u.Elem())
		case *types.Chan:
			return visit(u.Elem())
		case *types.Map:
			return visit(u.Key()) || visit(u.Elem())
		case *types.Struct:
			for i := range u.NumFields() {
				if visit(u.Field(i).Type()) {
					return true
				}
			}
		case *types.Signature:
			return visit(u.Params()) || visit(u.Results())
		case *types.Tuple:
			for i := range u.Len() {
				if visit(u.At(i).Type()) {
					return true
				}
			}
		}
		return false
	}
	return visit(t.Underlying())
}
