package lower

import (
	"go/ast"
	"go/types"
)

// A val is the text of an expression and what evaluating it involves.
type val struct {
	s string
	k order
}

// order says when compiled Go evaluates an operand, among those of a statement:
// calls first and in order, the rest when the operation is done.
type order int

const (
	pure    order = iota // nothing can change it meanwhile
	reads                // memory that a call may write
	either               // reads or ordered: it depends on what the compiler inlines
	ordered              // a copy made in its place among the calls
	effects              // a call or a receive
)

// inPlace is k for an operation that compiled Go makes in its place among the calls.
func inPlace(k order) order {
	if k == reads {
		return ordered
	}
	return k
}

func most(list ...val) order {
	k := pure
	for _, v := range list {
		k = max(k, v.k)
	}
	return k
}

// An operand is one of several expressions that are evaluated together.
type operand struct {
	lower func() val
	t     types.Type // of the variable it is put in, if it is
}

// operands lowers expressions that one operation uses. What must be evaluated
// before the operation's text is goes to variables.
func (l *lowerer) operands(list []operand) []val {
	if len(list) == 1 {
		return []val{list[0].lower()}
	}
	vals := make([]val, len(list))
	before := make([]string, len(list))
	last, read, hoist := -1, false, false
	var open ast.Expr
	for i, o := range list {
		calls := l.calls
		before[i] = l.capture(func() { vals[i] = o.lower() })
		if open != nil && l.calls > calls {
			l.refuse(open, "a list with "+l.source(open)+" and a call after it that may change it (Go leaves their order open)",
				"put "+l.source(open)+" into a new variable before")
		}
		if vals[i].k == either {
			open = l.either
		}
		if before[i] != "" && i > 0 || vals[i].k == effects && read {
			hoist = true
		}
		if before[i] != "" || vals[i].k == effects {
			last = i
		}
		if vals[i].k != pure && vals[i].k != effects {
			read = true
		}
	}
	for i := range vals {
		l.put("%s", before[i])
		if hoist && i <= last && vals[i].k >= ordered {
			vals[i] = l.variable(vals[i], list[i].t)
		}
	}
	return vals
}

// variable puts a value in a new variable.
func (l *lowerer) variable(v val, t types.Type) val {
	name := l.temp("t")
	l.newVar(name, l.vtyp(t), v.s, t)
	return val{name, pure}
}

// steady makes a value that may be written more than once, and keeps.
func (l *lowerer) steady(v val, t types.Type, e ast.Expr) val {
	if v.k == pure && (e == nil || l.isConst(e)) {
		return v
	}
	if id, ok := ast.Unparen(e).(*ast.Ident); ok && v.k == pure {
		if o, ok := l.info.ObjectOf(id).(*types.Var); ok && !l.about(o).assigned {
			return v
		}
	}
	return l.variable(v, t)
}

func (l *lowerer) isConst(e ast.Expr) bool {
	tv, ok := l.info.Types[e]
	return ok && (tv.Value != nil || tv.IsNil())
}

func (l *lowerer) isNil(e ast.Expr) bool {
	tv, ok := l.info.Types[ast.Unparen(e)]
	return ok && tv.IsNil()
}

// copied says when a value is read that becomes an interface value: compiled Go
// copies those that it passes on by their address, in their place among the calls,
// unless they have an address already.
func (l *lowerer) copied(v val, e ast.Expr) val {
	if v.k != reads || passedAsWord(l.typeOf(e)) {
		return v
	}
	if !l.info.Types[e].Addressable() {
		v.k = ordered
		return v
	}
	x := l.root(e)
	if x == nil {
		return v
	}
	if a := l.about(x); !a.captured || !a.assigned || a.addressed || !inRegisters(l.sub(x.Type())) {
		return v
	}
	v.k, l.either = either, e
	return v
}

var sizes = types.SizesFor("gc", "amd64")

// passedAsWord reports types whose values the compiler copies when it converts
// them to an interface: integers of a machine's sizes and the like, strings, slices.
func passedAsWord(t types.Type) bool {
	switch u := under(t).(type) {
	case *types.Interface, *types.Slice:
		return true
	case *types.Basic:
		return sizes.Sizeof(u) > 1 && u.Info()&types.IsComplex == 0 && u.Kind() != types.UnsafePointer
	case *types.Struct:
		if u.NumFields() == 1 {
			return passedAsWord(u.Field(0).Type())
		}
		n := sizes.Sizeof(u)
		return (n == 2 || n == 4 || n == 8) && sizes.Alignof(u) == n && !hasPointers(u)
	case *types.Array:
		return u.Len() == 1 && passedAsWord(u.Elem())
	}
	return false
}

func hasPointers(t types.Type) bool {
	switch u := under(t).(type) {
	case *types.Basic:
		return u.Info()&types.IsString != 0 || u.Kind() == types.UnsafePointer
	case *types.Struct:
		for i := range u.NumFields() {
			if hasPointers(u.Field(i).Type()) {
				return true
			}
		}
		return false
	case *types.Array:
		return hasPointers(u.Elem())
	}
	return true
}

// inRegisters reports types whose variables the compiler may keep in registers.
func inRegisters(t types.Type) bool {
	if sizes.Sizeof(t) > 4*8 {
		return false
	}
	switch u := under(t).(type) {
	case *types.Struct:
		if u.NumFields() > 4 {
			return false
		}
		for i := range u.NumFields() {
			if !inRegisters(u.Field(i).Type()) {
				return false
			}
		}
	case *types.Array:
		return u.Len() == 0 || u.Len() == 1 && inRegisters(u.Elem())
	}
	return true
}

// source is the text of an expression.
func (l *lowerer) source(e ast.Expr) string { return types.ExprString(e) }
