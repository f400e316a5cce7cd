package kernel

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"reflect"
	"regexp"
	"strings"

	"github.com/traefik/yaegi/interp"

	"ioworkbook/runner/kernel/symbols"
	"ioworkbook/runner/lower"
	"ioworkbook/runner/trace"
)

// interpreter is yaegi with the tables that cells and lowered code import.
type interpreter struct {
	yaegi    *interp.Interpreter
	recorder *trace.Recorder
	unix     map[string]reflect.Value // what of package unix yaegi has not been given
	calls    map[string]reflect.Value // its SYS_ constants
}

func newInterpreter(c *child) *interpreter {
	in := &interpreter{
		yaegi: interp.New(interp.Options{
			// yaegi prints a line per frame of every panic here, recovered ones
			// included, with positions that are often wrong. Cells do not write
			// to it: see overrides.
			Stderr: io.Discard,
			Stdout: printer{c.recorder},
			// The environment is the child's own, not a copy.
			Unrestricted: true,
		}),
		recorder: c.recorder,
		unix:     symbols.Unix(),
		calls:    map[string]reflect.Value{},
	}
	for name, v := range in.unix {
		if strings.HasPrefix(name, "SYS_") {
			in.calls[name] = v
		}
	}
	in.use(symbols.Standard())
	in.use(overrides(c.exit))
	in.use(symbols.Table{"ioworkbook/runner/lab/lab": symbols.Lab()})
	in.use(lower.Exports(c.recorder, &lower.Hooks{OnPanic: func(p lower.Panic) {
		c.astray(failed(p.Actor, p.Line, p.Value))
	}}))
	// yaegi looks for an interface's wrapper under its name with an underscore.
	in.useUnix("._Sockaddr ._TIPCAddr")
	log.SetOutput(cellLog{})
	return in
}

func (in *interpreter) use(t symbols.Table) {
	if err := in.yaegi.Use(t); err != nil {
		// The tables are the program's own: a mistake in them is found by the
		// first test.
		panic(fmt.Sprintf("symbol table: %v", err))
	}
}

// useUnix gives yaegi the names of package unix, and their traced twins, that a
// text may refer to. The package has more than ten thousand, of which a chapter
// uses some dozens; to copy and wrap all of them takes as long as everything else
// at the start of a child.
func (in *interpreter) useUnix(text string) {
	names := map[string]reflect.Value{}
	for _, m := range selector.FindAllStringSubmatch(text, -1) {
		if v, ok := in.unix[m[1]]; ok {
			names[m[1]] = v
			delete(in.unix, m[1])
		}
	}
	if len(names) == 0 {
		return
	}
	in.use(symbols.Table{"golang.org/x/sys/unix/unix": names})
	// The numbers of system calls are for calls by number.
	for name, v := range in.calls {
		names[name] = v
	}
	in.use(symbols.Table{"ioworkbook/runner/trace/sys/sys": in.recorder.Wrap(names)})
}

var selector = regexp.MustCompile(`\.(_?[A-Z]\w*)`)

// cellLog is where package log writes: standard error, but for what yaegi logs
// itself when it cannot compile something. That is told in the cell's Result.
type cellLog struct{}

func (cellLog) Write(b []byte) (int, error) {
	if trace.Current() == nil {
		return len(b), nil
	}
	return os.Stderr.Write(b)
}

// printer is where fmt.Println and its like write: standard output, and the
// recorder is told when.
type printer struct{ recorder *trace.Recorder }

func (p printer) Write(b []byte) (int, error) {
	p.recorder.Print(b)
	return os.Stdout.Write(b)
}

// overrides undo what Use puts in place of the standard library's log, and end
// a cell, not the child, where a program would end itself.
func overrides(exit func(int)) symbols.Table {
	fatal := func(s string) {
		_ = log.Output(3, s)
		exit(1)
	}
	return symbols.Table{
		"os/os": {
			"Exit": reflect.ValueOf(exit),
		},
		"syscall/syscall": {"Exit": reflect.ValueOf(exit)},
		"log/log": {
			"Fatal":     reflect.ValueOf(func(v ...any) { fatal(fmt.Sprint(v...)) }),
			"Fatalf":    reflect.ValueOf(func(format string, v ...any) { fatal(fmt.Sprintf(format, v...)) }),
			"Fatalln":   reflect.ValueOf(func(v ...any) { fatal(fmt.Sprintln(v...)) }),
			"Flags":     reflect.ValueOf(log.Flags),
			"Logger":    reflect.ValueOf((*log.Logger)(nil)),
			"New":       reflect.ValueOf(log.New),
			"Output":    reflect.ValueOf(log.Output),
			"Panic":     reflect.ValueOf(log.Panic),
			"Panicf":    reflect.ValueOf(log.Panicf),
			"Panicln":   reflect.ValueOf(log.Panicln),
			"Prefix":    reflect.ValueOf(log.Prefix),
			"Print":     reflect.ValueOf(log.Print),
			"Printf":    reflect.ValueOf(log.Printf),
			"Println":   reflect.ValueOf(log.Println),
			"SetFlags":  reflect.ValueOf(log.SetFlags),
			"SetOutput": reflect.ValueOf(log.SetOutput),
			"SetPrefix": reflect.ValueOf(log.SetPrefix),
			"Writer":    reflect.ValueOf(log.Writer),
		},
	}
}

// prepare evaluates a cell's text and returns the function that runs it. The
// type checker has accepted the text, so an error is a gap of the interpreter's
// and no mistake of the cell's.
func (in *interpreter) prepare(cmd command) (call cellFunc, err error) {
	defer func() {
		// yaegi reports some of what it cannot compile by panicking.
		if r := recover(); r != nil {
			err = errors.New(lower.PanicText(r))
		}
		if err != nil {
			call, err = nil, fmt.Errorf("the interpreter cannot run this (%w); add engine=go to the cell", err)
		}
	}()
	in.useUnix(cmd.Text)
	if _, err := in.yaegi.Eval(cmd.Text); err != nil {
		return nil, withoutPosition(err)
	}
	if cmd.Call == "" {
		return func() {}, nil
	}
	v, err := in.yaegi.Eval(cmd.Call)
	if err != nil {
		return nil, withoutPosition(err)
	}
	f, ok := v.Interface().(func())
	if !ok {
		return nil, fmt.Errorf("%s is a %s, not a function of a cell", cmd.Call, v.Type())
	}
	return f, nil
}

func withoutPosition(err error) error {
	var p interp.Panic
	if errors.As(err, &p) {
		return errors.New(lower.PanicText(p.Value))
	}
	return errors.New(position.ReplaceAllString(err.Error(), ""))
}

var position = regexp.MustCompile(`^\S+\.md(\?\d+)?:\d+(:\d+)?: `)
