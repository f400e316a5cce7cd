package lower

// A fault is something that yaegi v0.16.1 gets wrong and that lowered text avoids.
// testdata/faults/NAME.go is a program that shows it. What lowering replaces as a
// whole, by package rt or by compiled forms of values, is no row: there is no plain
// text to go back to.
type fault struct {
	name string
	what string // it does; and what is written instead
}

// avoids is false only for a test that wants to see the fault.
func (l *Lowering) avoids(f fault) bool { return !l.allowed[f.name] }

var (
	negativeZero = fault{name: "negative-zero",
		what: "a call passes -0 as 0: a parameter with a float in it is an interface{}"}
	shiftCount = fault{name: "shift-count",
		what: "a shift's count that is an expression gets the type of what is shifted: it goes into a variable"}
	elementSelector = fault{name: "element-selector",
		what: "an element of a slice's literal cannot be a field selected of a pointer's value: it goes into a variable"}
	calledCondition = fault{name: "called-condition",
		what: "the call of a function value is no condition, it counts as true: it goes into a variable"}
	increment = fault{name: "increment",
		what: "x++ of a uintptr ends the function: it is x = x + 1"}
	missingEntry = fault{name: "missing-entry",
		what: "v, ok = m[k] leaves v alone where m has no entry: v is set to zero before"}
	directedChan = fault{name: "directed-chan",
		what: "make ends the program for a channel type with a direction: the channel is made with both and converted"}
	unusedLoad = fault{name: "unused-load",
		what: "_ = *p does not read *p, which may be nil: it goes into a variable"}
	indexPanic = fault{name: "index-panic",
		what: "an index out of range panics with a string of package reflect: it is tested before"}
	noClear = fault{name: "no-clear",
		what: "clear is not known: package rt has it"}
	noExtremes = fault{name: "no-min-max",
		what: "min and max are not known: they are comparisons, and calls of package rt for floats"}
)
