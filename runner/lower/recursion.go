package lower

import (
	"fmt"
	"go/types"
)

// The interpreter cannot build a recursive type. So where one type is part of
// another, these are opaque, and values are converted when they are loaded and
// stored; a variable, a parameter or a result of exactly such a type has the type
// itself:
//
//	*T         T a struct that can reach itself         unsafe.Pointer
//	[]T        T that can reach itself another way      rt.Header
//	map, chan  of such a T, or such a T themselves      unsafe.Pointer
//	func       that takes or returns such a T, or is one  interface{}
type recursion struct {
	reaches map[*types.Named]bool // itself, in any way
	loops   map[*types.Named]bool // itself, other than by a pointer to a struct that reaches itself
}

// opaque is the form of a type where it is part of another, "" if it is its own.
func (l *Lowering) opaque(t types.Type) string {
	t = types.Unalias(t)
	own := l.ownNamed(t)
	if _, named := t.(*types.Named); named && (own == nil || !l.isLoop(own)) {
		return ""
	}
	switch u := under(t).(type) {
	case *types.Pointer:
		if own != nil || l.recursivePointer(t) || l.hasLoop(u.Elem()) {
			return l.pkg("unsafe") + ".Pointer"
		}
	case *types.Map:
		if own != nil || l.hasLoop(u.Key()) || l.hasLoop(u.Elem()) {
			return l.pkg("unsafe") + ".Pointer"
		}
	case *types.Chan:
		if own != nil || l.hasLoop(u.Elem()) {
			return l.pkg("unsafe") + ".Pointer"
		}
	case *types.Slice:
		if own != nil || l.hasLoop(u.Elem()) {
			return l.rt() + ".Header"
		}
	case *types.Signature:
		if own != nil || l.takesLoop(u) {
			return "interface{}"
		}
	}
	return ""
}

// isRecursiveFunc reports a defined function type that contains itself.
func (l *Lowering) isRecursiveFunc(t types.Type) bool {
	n := l.ownNamed(t)
	if n == nil {
		return false
	}
	_, ok := n.Underlying().(*types.Signature)
	return ok && l.isLoop(n)
}

// recursivePointer reports a pointer to a struct that reaches itself.
func (l *Lowering) recursivePointer(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return false
	}
	n := l.ownNamed(p.Elem())
	return n != nil && l.isRecursive(n)
}

// isRecursive reports a defined struct type that reaches itself.
func (l *Lowering) isRecursive(n *types.Named) bool {
	if _, ok := n.Underlying().(*types.Struct); !ok {
		return false
	}
	r, ok := l.recursion.reaches[n]
	if !ok {
		r = l.reaches(n, func(types.Type) bool { return false })
		l.recursion.reaches[n] = r
	}
	return r
}

// isLoop reports a type that contains itself other than by a pointer to a
// recursive struct.
func (l *Lowering) isLoop(n *types.Named) bool {
	r, ok := l.recursion.loops[n]
	if !ok {
		r = !isInterface(n) && l.reaches(n, l.recursivePointer)
		l.recursion.loops[n] = r
	}
	return r
}

// hasLoop reports a type of which such a one is the element, or an element's.
func (l *Lowering) hasLoop(t types.Type) bool {
	if n := l.ownNamed(t); n != nil {
		return l.isLoop(n)
	}
	switch t := types.Unalias(t).(type) {
	case *types.Array:
		return l.hasLoop(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if l.hasLoop(f.Type()) {
				return true
			}
		}
	}
	return false
}

func (l *Lowering) takesLoop(sig *types.Signature) bool {
	for _, tuple := range []*types.Tuple{sig.Params(), sig.Results()} {
		for v := range tuple.Variables() {
			if l.hasLoop(v.Type()) {
				return true
			}
		}
	}
	return false
}

// reaches reports whether a type contains itself. It does not look into the types
// for which stop says so.
func (l *Lowering) reaches(n *types.Named, stop func(types.Type) bool) bool {
	seen := map[types.Type]bool{}
	var visit func(types.Type) bool
	visit = func(t types.Type) bool {
		t = types.Unalias(t)
		if stop(t) {
			return false
		}
		switch t := t.(type) {
		case *types.Named:
			if types.Identical(t, n) {
				return true
			}
			if !l.isOwn(t) || isInterface(t) || seen[t] {
				return false
			}
			for s := range seen {
				if types.Identical(s, t) {
					return false
				}
			}
			if len(seen) > 200 { // instances of instances
				return true
			}
			seen[t] = true
			return visit(t.Underlying())
		case *types.Pointer:
			return visit(t.Elem())
		case *types.Slice:
			return visit(t.Elem())
		case *types.Array:
			return visit(t.Elem())
		case *types.Chan:
			return visit(t.Elem())
		case *types.Map:
			return visit(t.Key()) || visit(t.Elem())
		case *types.Struct:
			for f := range t.Fields() {
				if visit(f.Type()) {
					return true
				}
			}
		case *types.Signature:
			return visit(t.Params()) || visit(t.Results())
		case *types.Tuple:
			for v := range t.Variables() {
				if visit(v.Type()) {
					return true
				}
			}
		}
		return false
	}
	return visit(n.Underlying())
}

// load converts what is stored in a part of another value to a value of type t.
func (l *Lowering) load(s string, t types.Type) string {
	if l.opaque(t) == "" {
		return s
	}
	switch under(t).(type) {
	case *types.Pointer:
		return conv(l.typ(t), s)
	case *types.Signature:
		f := l.typ(t)
		return l.helper("load "+f, "(x interface{}) "+f+" { if x == nil { return nil }; return x.("+f+") }") + "(" + s + ")"
	}
	return l.reshape("load ", s, l.opaque(t), l.typ(t))
}

// store is the opposite of load.
func (l *Lowering) store(s string, t types.Type) string {
	form := l.opaque(t)
	if form == "" || s == "nil" {
		return s
	}
	switch under(t).(type) {
	case *types.Pointer:
		return form + "(" + s + ")"
	case *types.Signature:
		return "interface{}(" + s + ")"
	}
	return l.reshape("store ", s, l.typ(t), form)
}

// reshape converts a value to a type with the same memory.
func (l *Lowering) reshape(key, s, from, to string) string {
	body := fmt.Sprintf("(x %s) %s { return *(*%s)(%s.Pointer(&x)) }", from, to, to, l.pkg("unsafe"))
	return l.helper(key+from+" "+to, body) + "(" + s + ")"
}

// helper returns the name of a generated function.
func (l *Lowering) helper(key, body string) string {
	name := l.unit.helpers[key]
	if name == "" {
		name = l.names.fresh("h")
		l.unit.helpers[key] = name
		l.unit.put("func %s%s; ", name, body)
	}
	return name
}

// hasFloat reports a floating-point number in a value's memory.
func hasFloat(t types.Type) bool {
	switch u := under(t).(type) {
	case *types.Basic:
		return u.Info()&(types.IsFloat|types.IsComplex) != 0
	case *types.Struct:
		for f := range u.Fields() {
			if hasFloat(f.Type()) {
				return true
			}
		}
	case *types.Array:
		return hasFloat(u.Elem())
	}
	return false
}

// parameter is the type of a parameter of a lowered function.
func (l *Lowering) parameter(t types.Type) string {
	if l.avoids(negativeZero) && hasFloat(t) {
		return "interface{}"
	}
	return l.typ(t)
}
