package lower

import (
	"go/ast"
	"go/types"
	"reflect"
	"strconv"
	"strings"

	"github.com/traefik/yaegi/stdlib"
	"github.com/traefik/yaegi/stdlib/syscall"
	"github.com/traefik/yaegi/stdlib/unrestricted"
	"github.com/traefik/yaegi/stdlib/unsafe"
)

func itoa(n int) string { return strconv.Itoa(n) }

// tables are the interpreter's symbols of the standard library.
var tables = []map[string]map[string]reflect.Value{stdlib.Symbols, syscall.Symbols, unsafe.Symbols, unrestricted.Symbols}

// has reports whether the interpreter knows a name of a package. The tables of
// packages that are not of the standard library are the kernel's own, and complete.
func has(o types.Object) bool {
	path := o.Pkg().Path()
	if strings.Contains(strings.SplitN(path, "/", 2)[0], ".") || strings.HasPrefix(path, "ioworkbook/") {
		return true
	}
	for _, table := range tables {
		if _, ok := table[path+"/"+o.Pkg().Name()][o.Name()]; ok {
			return true
		}
	}
	return false
}

// nameable reports whether the interpreter knows the types of a method's parameters
// and results. Those of compiled types that are newer than the tables it does not.
func nameable(sig *types.Signature) bool {
	for _, tuple := range []*types.Tuple{sig.Params(), sig.Results()} {
		for v := range tuple.Variables() {
			t := types.Unalias(v.Type())
			if p, ok := t.(*types.Pointer); ok {
				t = types.Unalias(p.Elem())
			}
			if n, ok := t.(*types.Named); ok && n.Obj().Pkg() != nil && n.TypeArgs().Len() == 0 && !has(n.Obj()) {
				return false
			}
		}
	}
	return true
}

// symbols refuses what the interpreter's tables lack, wherever it is named.
func (l *lowerer) symbols(d ast.Decl) {
	ast.Inspect(d, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		o := l.info.Uses[id]
		if o == nil || o.Pkg() == nil || o.Pkg() == l.f.Pkg || o.Parent() != o.Pkg().Scope() {
			return true
		}
		name := o.Pkg().Name() + "." + o.Name()
		switch o := o.(type) {
		case *types.PkgName, *types.Const, *types.Builtin:
			return true
		case *types.Func:
			if o.Signature().TypeParams().Len() > 0 {
				l.refuse(id, name+", a generic function of a compiled package,", instead[name])
				return true
			}
		case *types.TypeName:
			if t, ok := types.Unalias(o.Type()).(*types.Named); ok && t.TypeParams().Len() > 0 {
				l.refuse(id, name+", a generic type of a compiled package,", instead[name])
				return true
			}
		}
		if why, no := misleading[o.Pkg().Path()+"."+o.Name()]; no {
			l.refuse(id, name+", which sees the interpreter and not the cell,", why)
			return true
		}
		if !has(o) {
			l.refuse(id, name+", which it does not have,", instead[name])
		}
		return true
	})
}

// misleading are functions whose results are about the running program itself.
var misleading = map[string]string{
	"runtime.Caller": "", "runtime.Callers": "", "runtime.CallersFrames": "", "runtime.FuncForPC": "",
	"runtime.Stack": "", "runtime.SetFinalizer": "", "runtime.MemProfile": "", "runtime.MemProfileRate": "",
	"runtime.GoroutineProfile": "", "runtime/debug.Stack": "", "runtime/debug.PrintStack": "",
	"runtime/debug.SetPanicOnFault": "", "runtime/debug.ReadBuildInfo": "",
	"testing.AllocsPerRun": "", "testing.Benchmark": "",
}

// instead says what to write in place of what the tables lack.
var instead = map[string]string{
	"sync.OnceValue":   "use sync.Once and a variable",
	"sync.OnceFunc":    "use sync.Once",
	"atomic.Pointer":   "use atomic.Value",
	"errors.AsType":    "use errors.As",
	"iter.Seq":         "write the function type",
	"iter.Seq2":        "write the function type",
	"slices.Sort":      "write sort.Slice, sort.Ints or sort.Strings",
	"slices.SortFunc":  "write sort.Slice",
	"slices.Contains":  "write a loop",
	"slices.Sorted":    "collect the values and sort them with package sort",
	"maps.Keys":        "write a loop",
	"rand.N":           "write rand.IntN",
	"strings.SplitSeq": "write strings.Split",
}

// builtinOf is the name of the predeclared function that a call calls, with
// unsafe's as "unsafe.Name"; "" if it calls none.
func (l *lowerer) builtinOf(e *ast.CallExpr) string {
	switch f := ast.Unparen(e.Fun).(type) {
	case *ast.Ident:
		if b, ok := l.info.Uses[f].(*types.Builtin); ok {
			return b.Name()
		}
	case *ast.SelectorExpr:
		if b, ok := l.info.Uses[f.Sel].(*types.Builtin); ok {
			return "unsafe." + b.Name()
		}
	}
	return ""
}
