package generate_test

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib/unrestricted"

	"ioworkbook/runner/kernel/symbols"
	"ioworkbook/runner/lower"
	"ioworkbook/runner/program"
	"ioworkbook/runner/trace"
)

// What this file holds is all that the comparison knows of the lowering.

// lowerProgram translates a program, and adds a function with the name of its entry
// that the interpreter can call. It returns what the lowering refuses, if it does.
func lowerProgram(src, entry string) (text string, refused []string, err error) {
	p, _, err := program.Check(src)
	if err != nil {
		return "", nil, err
	}
	text, call, err := lower.New(p).Unit(entry)
	var r lower.Refusals
	if errors.As(err, &r) {
		for _, one := range r {
			refused = append(refused, one.What)
		}
		return "", refused, nil
	}
	return fmt.Sprintf("%sfunc %s() { %s() }\n", text, entry, call), nil, err
}

// lowering is the package whose statements are counted and broken.
const lowering = "ioworkbook/runner/lower"

// avoided lists what the lowering is known to refuse: nothing now.
var avoided []string

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
		lower.Exports(recorder, &lower.Hooks{OnPanic: onPanic}),
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
