// Package lower rewrites legal Go so that yaegi, an interpreter, prints what
// compiled Go prints.
//
// yaegi v0.16.1 runs much of Go wrongly, and mostly without saying so. Named
// results keep their values from the call before; of "case a, b:" without a tag
// only a is tried; "v, ok := m[k]" leaves v as it was when k is missing; a :=
// that declares one variable and assigns another makes both anew; closures and
// deferred calls see later values; defined types lose their names in interfaces,
// and their methods where compiled code looks for them. What it runs right is a
// small part of the language: plain functions, variables of known types, one
// assignment at a time, if, for and goto, and calls of compiled functions.
//
// So Lower translates into that part, from the types that go/types found:
//
//	functions   methods, variadic and generic functions become plain ones (decls.go, generics.go)
//	results     are locals, returned by name; functions that defer run in rt.Call (funcs.go)
//	closures    of a loop are made in a call of their own (funcs.go)
//	statements  of several steps are written as these steps, in Go's order of
//	            evaluation (assign.go, loops.go, switches.go, selects.go)
//	constants   are written as their values (consts.go)
//	interfaces  hold compiled values and rt.Box; calls, conversions, assertions and
//	            comparisons are calls of package rt (convert.go, dispatch.go)
//
// What cannot be translated is refused, by construct and position. In addition,
// calls of package unix get their source line (they are traced), a go statement
// names its actor, and each statement that can fail or block stores its line.
package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"sort"
	"strings"

	"ioworkbook/runner/lower/rt"
	"ioworkbook/runner/trace"
)

// File is a parsed and type-checked Go file. Info must have Types, Defs, Uses,
// Selections, Instances, Implicits and InitOrder.
type File struct {
	Fset    *token.FileSet
	Syntax  *ast.File
	Info    *types.Info
	Pkg     *types.Package
	Src     []byte
	Qualify types.Qualifier // how messages name packages; nil: by package name
}

// Checker parses and type-checks a file. It reports only what makes the file
// illegal: not unused variables and imports, nor functions without a body.
type Checker func(src []byte) (*File, error)

// Refusal is a construct that the interpreter would get wrong.
type Refusal struct {
	Pos     token.Position
	What    string // "range over a function"
	Instead string // "call it with a function literal"; empty: nothing but the compiler
}

func (r Refusal) Error() string {
	instead := ""
	if r.Instead != "" {
		instead = r.Instead + ", or "
	}
	return fmt.Sprintf("%s: the interpreter does not run %s as Go does; %sadd engine=go to the cell", r.Pos, r.What, instead)
}

// Refusals is every refusal of a text, in its order. It is never empty.
type Refusals []Refusal

func (r Refusals) Error() string {
	lines := make([]string, len(r))
	for i, one := range r {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}

// Lower rewrites the declarations of src that begin at or after the offset from;
// what is before is context, in its original form, and comes back as it is. The
// result has as many lines as src, and functions begin on their lines.
//
// The rewritten part begins with the import declarations it needs: with from
// greater than 0 it is to be evaluated without the context, after a package
// clause. Functions called cell__N, main and init keep their signatures. All
// others change theirs, alike in every call of Lower, and so do types.
//
// The error is a Refusals if src is legal.
func Lower(check Checker, src []byte, from int) ([]byte, error) {
	f, err := check(src)
	if err != nil {
		return nil, err
	}
	l := newLowerer(f, from)
	out := l.file()
	if len(l.refused) > 0 {
		sort.SliceStable(l.refused, func(i, j int) bool {
			a, b := l.refused[i].Pos, l.refused[j].Pos
			return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
		})
		return nil, l.refused
	}
	return out, nil
}

// Hooks is what the owner of an interpreter learns about goroutines of a cell.
type Hooks = rt.Hooks

// Exports returns the symbol table of the package that lowered text calls.
func Exports(tr *trace.Recorder) map[string]map[string]reflect.Value { return ExportsTo(tr, nil) }

// ExportsTo is Exports with hooks.
func ExportsTo(tr *trace.Recorder, hooks *Hooks) map[string]map[string]reflect.Value {
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

// Panic is a panic that ended a goroutine of a cell.
type Panic = rt.Panic
