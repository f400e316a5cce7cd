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
	ordered              // a copy made in its place among the calls
	effects              // a call or a receive
)

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
	for i, o := range list {
		before[i] = l.capture(func() { vals[i] = o.lower() })
		if before[i] != "" && i > 0 || vals[i].k == effects && read {
			hoist = true
		}
		if before[i] != "" || vals[i].k == effects {
			last = i
		}
		if vals[i].k == reads || vals[i].k == ordered {
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
