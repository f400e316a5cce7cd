package lower

import (
	"go/types"
	"strings"
)

// name is what an object is called in the lowered text. Package-level names are
// the same in every call of Lower. A local name stands for one variable in all
// of the text, so that none hides another.
func (l *lowerer) name(o types.Object) string {
	if n, ok := l.names[o]; ok {
		return n
	}
	n := o.Name()
	switch {
	case o.Parent() == l.f.Pkg.Scope():
		n = globalName(n)
	case n == "_" || l.locals[n] || types.Universe.Lookup(n) != nil || l.f.Pkg.Scope().Lookup(n) != nil:
		stem := strings.Trim(n, "_")
		if stem == "" {
			stem = "b"
		}
		n = l.temp(stem)
	default:
		l.locals[n] = true
	}
	l.names[o] = n
	return n
}

// globalName keeps package-level names apart from the predeclared ones, which
// lowered text uses.
func globalName(n string) string {
	if types.Universe.Lookup(n) != nil {
		return n + "__g"
	}
	return n
}

// methodName is the function that a method becomes.
func methodName(typ, method string) string { return typ + "__" + method }
