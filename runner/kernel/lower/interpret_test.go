package lower_test

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
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib/unrestricted"

	"ioworkbook/runner/kernel/lower"
	"ioworkbook/runner/kernel/symbols"
	"ioworkbook/runner/trace"
)

// interpret runs the lowered text of a file, as a child process.
func interpret(path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	debug.SetMaxStack(256 << 20)
	y := interp.New(interp.Options{Unrestricted: true, Stderr: io.Discard})
	recorder := trace.NewRecorder()
	unix := symbols.Unix()
	die := func(how string, v any) {
		fmt.Printf("%s: %s\n", how, lower.PanicText(v))
		os.Exit(2)
	}
	failed := func(v any, line int) {
		if why, ok := lower.Stopped(v); ok {
			die("stopped", why)
		}
		fmt.Printf("panic: %s\nline %d\n", lower.PanicText(v), line)
		os.Exit(2)
	}
	for _, table := range []symbols.Table{
		symbols.Standard(), {"log/log": unrestricted.Symbols["log/log"]},
		{"golang.org/x/sys/unix/unix": unix, "ioworkbook/runner/trace/sys/sys": recorder.Wrap(unix)},
		lower.ExportsTo(recorder, &lower.Hooks{OnPanic: func(p lower.Panic) { failed(p.Value, p.Line) }}),
	} {
		if err := y.Use(table); err != nil {
			die("symbols", err)
		}
	}
	_, leave := trace.Enter("main")
	defer leave()
	defer func() {
		if v := recover(); v != nil {
			failed(v, trace.Current().Line())
		}
	}()
	if _, err := y.Eval(string(text)); err != nil {
		die("interpreter", err)
	}
	f, err := y.Eval("cell__1")
	if err != nil {
		die("interpreter", err)
	}
	f.Interface().(func())()
}

// newChecker returns a checker for everything that the programs import.
func newChecker(t *testing.T, list []program) lower.Checker {
	t.Helper()
	paths := map[string]bool{"golang.org/x/sys/unix": true, "unsafe": true}
	for _, p := range list {
		f, err := parser.ParseFile(token.NewFileSet(), p.name, p.src, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			paths[strings.Trim(i.Path.Value, `"`)] = true
		}
	}
	args := []string{"list", "-export", "-deps", "-f", "{{.ImportPath}}\t{{.Export}}"}
	for path := range paths {
		args = append(args, path)
	}
	out, err := exec.Command("go", args...).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	exports := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if path, file, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok {
			exports[path] = file
		}
	}
	fset := token.NewFileSet()
	imp := lower.Importer(importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		file, ok := exports[path]
		if !ok {
			return nil, fmt.Errorf("no export data for %q", path)
		}
		return os.Open(file)
	}))
	var mu sync.Mutex // importers are not for concurrent use
	return func(src []byte) (*lower.File, error) {
		mu.Lock()
		defer mu.Unlock()
		return check(fset, imp, src)
	}
}

func check(fset *token.FileSet, imp types.Importer, src []byte) (*lower.File, error) {
	syntax, err := parser.ParseFile(fset, "cell.go", src, parser.SkipObjectResolution)
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
	}
	var errs []error
	conf := types.Config{
		Importer: imp,
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
