package generate_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"

	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib/unrestricted"

	"ioworkbook/runner/kernel/lower"
	"ioworkbook/runner/kernel/symbols"
	"ioworkbook/runner/trace"
)

// What this file holds is all that the comparison knows of the lowering.

// lowerProgram translates a program. It returns what the lowering refuses, if it
// does.
var lowerProgram = func(src string) (text string, refused []string, err error) {
	out, err := lower.Lower(checkFile, []byte(src), 0)
	var r lower.Refusals
	if errors.As(err, &r) {
		for _, one := range r {
			refused = append(refused, one.What)
		}
		return "", refused, nil
	}
	if err == nil {
		_, err = checkFile(out)
	}
	return string(out), nil, err
}

// lowering is the package whose statements are counted and broken.
const lowering = "ioworkbook/runner/kernel/lower"

// avoided lists what the lowering is known to refuse, and what it is known to get
// wrong where that would hide the rest.
var avoided = []string{
	"complex", "ifaceeq", "funcmethod", "libgeneric", "rangefunc", "recursive", "newexpr", "convert",
	"shift", "headerliteral", "dereference", "delayedcopy", "slicearray", "rangepointer",
}

// interpret runs a translated program and calls a function of it, after ready.
// What ends it early is printed.
func interpret(text, entry string, ready func()) {
	y := interp.New(interp.Options{Unrestricted: true, Stderr: io.Discard})
	recorder := trace.NewRecorder()
	failed := func(v any) { fmt.Println("panic:", lower.PanicText(v)) }
	onPanic := func(p lower.Panic) {
		failed(p.Value)
		os.Exit(2)
	}
	for _, table := range []symbols.Table{
		symbols.Standard(), {"log/log": unrestricted.Symbols["log/log"]},
		lower.ExportsTo(recorder, &lower.Hooks{OnPanic: onPanic}),
	} {
		if err := y.Use(table); err != nil {
			panic(err)
		}
	}
	_, leave := trace.Enter("main")
	defer leave()
	defer func() {
		if v := recover(); v != nil {
			failed(v)
		}
	}()
	if _, err := y.Eval(text); err != nil {
		fmt.Println("interpreter:", err)
		return
	}
	f, err := y.Eval(entry)
	if err != nil {
		fmt.Println("interpreter:", err)
		return
	}
	ready()
	f.Interface().(func())()
}

func checkFile(src []byte) (*lower.File, error) {
	checking.Lock()
	defer checking.Unlock()
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, "cell.go", src, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return nil, err
	}
	info := newInfo()
	var errs []error
	conf := types.Config{
		Importer: lower.Importer(compiledPackages()),
		Sizes:    types.SizesFor("gc", runtime.GOARCH),
		Error: func(err error) {
			var te types.Error
			if !errors.As(err, &te) || !te.Soft {
				errs = append(errs, err)
			}
		},
	}
	pkg, _ := conf.Check("main", fset, []*ast.File{syntax}, info)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return &lower.File{Fset: fset, Syntax: syntax, Info: info, Pkg: pkg, Src: src}, nil
}

func newInfo() *types.Info {
	return &types.Info{
		Types:      map[ast.Expr]types.TypeAndValue{},
		Defs:       map[*ast.Ident]types.Object{},
		Uses:       map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
		Instances:  map[*ast.Ident]types.Instance{},
		Implicits:  map[ast.Node]types.Object{},
		Scopes:     map[ast.Node]*types.Scope{},

		FileVersions: map[*ast.File]string{},
	}
}

var checking sync.Mutex // importers are not for concurrent use

// compiledPackages finds the types of the standard library, which the go command
// keeps compiled.
var compiledPackages = sync.OnceValue(func() types.Importer {
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}",
		"bufio", "bytes", "cmp", "container/heap", "container/list", "context", "encoding/json", "errors", "fmt", "io",
		"iter", "maps", "math", "os", "runtime", "slices", "sort", "strconv", "strings", "sync", "sync/atomic", "time",
		"unicode/utf8", "unsafe", "reflect", "golang.org/x/sys/unix").Output()
	if err != nil {
		panic(fmt.Sprintf("go list: %v", err))
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if path, file, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			exports[path] = file
		}
	}
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		file, ok := exports[path]
		if !ok {
			return nil, fmt.Errorf("no export data for %q", path)
		}
		return os.Open(file)
	})
})
