package lower

// A fault is something that yaegi v0.16.1 gets wrong and that lowered text avoids.
// The file testdata/faults/NAME.go is a program that shows it.
type fault struct {
	name string
	what string // it does, and what is written instead

	allowed bool // by a test that wants to see it
}

func (f *fault) avoided() bool { return !f.allowed }

var (
	negativeZero = fault{name: "negative-zero",
		what: "a call passes -0 as 0: a parameter with a float in it is an interface{}"}
	constantCondition = fault{name: "constant-condition",
		what: "the branch that a constant condition excludes is not compiled: the constant goes into a variable"}
	shiftCount = fault{name: "shift-count",
		what: "a shift's count that is an expression gets the type of what is shifted: it goes into a variable"}
	elementSelector = fault{name: "element-selector",
		what: "a field of what a pointer points to cannot be an element of a slice's literal: it goes into a variable"}
	calledCondition = fault{name: "called-condition",
		what: "the call of a function value is no condition, it counts as true: it goes into a variable"}
	increment = fault{name: "increment",
		what: "x++ of a uintptr ends the function: it is x = x + 1"}
)
