package lower_test

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib/unrestricted"

	"ioworkbook/runner/kernel/symbols"
	"ioworkbook/runner/lower"
	"ioworkbook/runner/program"
	"ioworkbook/runner/trace"
)

// lowered is the lowered text of a whole program, and the name of the function that
// runs it.
func lowered(src []byte) (text, call string, err error) {
	p, err := packageOf(src)
	if err != nil {
		return "", "", err
	}
	return lower.New(p).Unit("main__")
}

// packageOf type-checks a program. Its function main is called main__: an interpreter
// would run main by itself.
func packageOf(src []byte) (*program.Package, error) {
	p, errs, err := program.Check(strings.Replace(string(src), "\nfunc main() {", "\nfunc main__() {", 1))
	for _, e := range errs {
		if err == nil && !e.Soft {
			err = e
		}
	}
	return p, err
}

// interpret runs a lowered text, or a whole program if call is empty, as a child
// process, and says how it ended if it did not return: the line of the statement
// comes last.
func interpret(path, call string) {
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
		lower.Exports(recorder, &lower.Hooks{OnPanic: func(p lower.Panic) { failed(p.Value, p.Line) }}),
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
	if call == "" { // a program as it is: the interpreter has run its main
		return
	}
	f, err := y.Eval(call)
	if err != nil {
		die("interpreter", err)
	}
	start := userTime()
	f.Interface().(func())()
	if os.Getenv("LOWER_TIME") != "" {
		fmt.Println((userTime() - start).Seconds() * 1000)
	}
}

// userTime is the processor time that the process has used in its own code.
func userTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano())
}

func TestMain(m *testing.M) {
	if path := os.Getenv("LOWER_RUN"); path != "" {
		interpret(path, os.Getenv("LOWER_CALL"))
		return
	}
	os.Exit(m.Run())
}
