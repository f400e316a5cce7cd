// Package lower translates type-checked Go to text that yaegi, an interpreter,
// runs as compiled Go does.
//
// yaegi v0.16.1 runs much of Go wrongly, and mostly without saying so; faults.go
// lists how. What it runs right is a small part of the language: plain functions,
// variables of known types, one assignment at a time, if and for, and calls of
// compiled functions. Lowering writes that part, from the SSA form that
// golang.org/x/tools/go/ssa makes of a program:
//
//	build.go      types and syntax -> ssa.Program, with the bodies of generic library code
//	unit.go       what a cell needs and the interpreter does not have yet -> text
//	function.go   one ssa.Function -> one Go function
//	control.go    the dominator tree -> for, if, break and continue
//	fold.go       values used once -> written inside the expression that uses them
//	registers.go  values never live at once -> one variable
//	instr.go      one ssa.Instruction -> one statement; call.go, convert.go, bounds.go likewise
//	value.go      one ssa.Value -> an expression
//	types.go      a type as the interpreter has it; recursion.go where it cannot
//	describe.go   a type as package rt describes it; methods.go its methods
//
// An interface holds compiled values, and for the program's own types boxes of
// package rt. Calls, conversions, assertions and comparisons of interface values
// are calls of rt. Calls of package unix get their source line, since they are
// recorded; a go statement names its actor; a statement that can fail or block
// stores its line first, in *l.
//
// What cannot be translated is refused, by construct and position.
package lower

import (
	"cmp"
	"fmt"
	"go/token"
	"reflect"
	"slices"
	"strings"

	"ioworkbook/runner/lower/rt"
	"ioworkbook/runner/trace"
)

// Refusal is a construct that the interpreter would get wrong.
type Refusal struct {
	Pos     token.Position
	What    string // "complex numbers"
	Instead string // "use two variables"; empty: nothing but the compiler
}

func (r Refusal) Error() string {
	instead := ""
	if r.Instead != "" {
		instead = r.Instead + ", or "
	}
	return fmt.Sprintf(
		"%s: the interpreter does not run %s as Go does; %sadd engine=go to the cell",
		r.Pos,
		r.What,
		instead,
	)
}

// Refusals is every refusal of a unit, in the order of the source. It is never
// empty.
type Refusals []Refusal

func (r Refusals) Error() string {
	lines := make([]string, len(r))
	for i, one := range r {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

func (r Refusals) sorted() Refusals {
	slices.SortStableFunc(r, func(a, b Refusal) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	return slices.Compact(r)
}

// Hooks is what the owner of an interpreter learns about goroutines of a cell.
type Hooks = rt.Hooks

// Panic is a panic that ended a goroutine of a cell.
type Panic = rt.Panic

// Exports returns the symbol table of the package that lowered text calls.
func Exports(tr *trace.Recorder, hooks *Hooks) map[string]map[string]reflect.Value {
	return map[string]map[string]reflect.Value{rt.Path + "/rt": rt.Symbols(tr, hooks)}
}

// PanicText is what Go prints after "panic: " for the value of a panic that left
// lowered text.
func PanicText(v any) string { return rt.Text(v) }

// Stopped reports whether a panic value is the runtime's own end of a cell that
// could only have gone on wrongly, and why.
func Stopped(v any) (why string, ok bool) {
	s, ok := v.(*rt.Stopped)
	if !ok {
		return "", false
	}
	return s.Text, true
}
