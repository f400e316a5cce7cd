package lower

import (
	"go/types"
	"reflect"
	"strings"

	"github.com/traefik/yaegi/stdlib"
	"github.com/traefik/yaegi/stdlib/syscall"
	"github.com/traefik/yaegi/stdlib/unrestricted"
	"github.com/traefik/yaegi/stdlib/unsafe"
)

// tables are the interpreter's symbols of the standard library.
var tables = []map[string]map[string]reflect.Value{
	stdlib.Symbols,
	syscall.Symbols,
	unsafe.Symbols,
	unrestricted.Symbols,
}

// hasSymbol reports whether the interpreter knows a name of a package. The tables of
// packages that are not of the standard library are the kernel's own, and complete.
func hasSymbol(o types.Object) bool {
	path := o.Pkg().Path()
	if root, _, _ := strings.Cut(path, "/"); strings.Contains(root, ".") || strings.HasPrefix(path, "ioworkbook/") {
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
			if n, ok := t.(*types.Named); ok && n.Obj().Pkg() != nil && n.TypeArgs().Len() == 0 && !hasSymbol(n.Obj()) {
				return false
			}
		}
	}
	return true
}

// checkSymbol refuses a name of a compiled package that the interpreter's tables
// lack, or that would show the interpreter.
func (l *Lowering) checkSymbol(o types.Object) {
	name := o.Pkg().Name() + "." + o.Name()
	switch why, shows := showing[o.Pkg().Path()+"."+o.Name()]; {
	case shows:
		l.refuse(l.pos, name+", which sees the interpreter and not the cell,", why)
	case isGeneric(o):
		l.refuse(l.pos, name+", a generic "+kindOf(o)+" of a compiled package,", instead[name])
	case !hasSymbol(o):
		l.refuse(l.pos, name+", which it does not have,", instead[name])
	}
}

func isGeneric(o types.Object) bool {
	switch o := o.(type) {
	case *types.Func:
		return o.Signature().TypeParams().Len() > 0
	case *types.TypeName:
		n, ok := types.Unalias(o.Type()).(*types.Named)
		return ok && n.TypeParams().Len() > 0
	}
	return false
}

func kindOf(o types.Object) string {
	if _, ok := o.(*types.TypeName); ok {
		return "type"
	}
	return "function"
}

// showing are functions whose results are about the running program itself.
var showing = map[string]string{
	"runtime.Caller": "", "runtime.Callers": "", "runtime.CallersFrames": "", "runtime.FuncForPC": "",
	"runtime.Stack": "", "runtime.SetFinalizer": "", "runtime.MemProfile": "", "runtime.MemProfileRate": "",
	"runtime.GoroutineProfile": "", "runtime/debug.Stack": "", "runtime/debug.PrintStack": "",
	"runtime/debug.SetPanicOnFault": "", "runtime/debug.ReadBuildInfo": "",
	"testing.AllocsPerRun": "", "testing.Benchmark": "",
}

// instead says what to write in place of what the tables lack.
var instead = map[string]string{
	"strings.SplitSeq": "write strings.Split",
	"iter.Pull":        "write a function that takes the values",
	"iter.Pull2":       "write a function that takes the values",
	"sync.OnceFunc":    "use sync.Once",
}
