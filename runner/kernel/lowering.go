package kernel

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"runtime"
	"strings"

	"ioworkbook/runner/kernel/lower"
	"ioworkbook/runner/kernel/symbols"
	"ioworkbook/runner/lower/rt"
	"ioworkbook/runner/program"
)

// lower returns a unit's text as the interpreter gets it.
func (f *front) lower(u *program.Unit) (string, error) {
	src, from := u.Source()
	lowered, err := lower.Lower(f.check, src, from)
	if err != nil {
		return "", err
	}
	return u.Header + string(lowered[from:]), nil
}

// check type-checks a unit for its rewriting. The unit has been checked for the
// reader already, so an error is a mistake in how it was put together.
func (f *front) check(src []byte) (*lower.File, error) {
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return nil, err
	}
	info := &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
		Instances:  map[*ast.Ident]types.Instance{},
		Implicits:  map[ast.Node]types.Object{},
		Scopes:     map[ast.Node]*types.Scope{},
	}
	var first error
	conf := types.Config{
		Importer: f.imp,
		Sizes:    types.SizesFor("gc", runtime.GOARCH),
		Error: func(err error) {
			var te types.Error
			if first == nil && errors.As(err, &te) && !te.Soft {
				first = err
			}
		},
	}
	pkg, _ := conf.Check("main", fset, []*ast.File{syntax}, info)
	if first != nil {
		return nil, first
	}
	return &lower.File{Fset: fset, Syntax: syntax, Info: info, Pkg: pkg, Src: src}, nil
}

// refusedByLower is the text of an error of lower's own, "" for any other.
func refusedByLower(err error) string {
	var refused lower.Refusals
	if !errors.As(err, &refused) {
		return ""
	}
	lines := make([]string, len(refused))
	for i, r := range refused {
		// A unit's positions name the file and the number of the unit.
		r.Pos.Filename, _, _ = strings.Cut(r.Pos.Filename, "?")
		lines[i] = r.Error()
	}
	return strings.Join(lines, "\n")
}

// lowerTables are the packages that lowered text imports.
func lowerTables(c *child) symbols.Table {
	return lower.ExportsTo(c.recorder, &lower.Hooks{OnPanic: func(p rt.Panic) {
		c.astray(failed(p.Actor, p.Line, p.Value))
	}})
}

// panicText is what Go prints after "panic: " for a recovered value.
func panicText(v any) string { return lower.PanicText(v) }

// stopped reports whether a cell was stopped by the runtime of lowered text,
// because going on would have given a wrong result, and why.
func stopped(v any) (why string, ok bool) { return lower.Stopped(v) }
