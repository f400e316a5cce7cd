package lab

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// Failure is the panic value of Must: it stops the cell, which ends in the error.
type Failure struct {
	Err  error
	Pos  string // "chapters/03-threads.md:57", "" when interpreted: the runner knows the line
	From string // the actor that failed, "" outside Go
}

func (f *Failure) Error() string {
	if f.Pos == "" {
		return f.Err.Error()
	}
	return f.Pos + ": " + f.Err.Error()
}

func (f *Failure) Unwrap() error { return f.Err }

// Must stops the cell if err is not nil; the message names the line and the error.
func Must(err error) {
	if err == nil {
		return
	}
	panic(&Failure{Err: err, Pos: caller()})
}

// caller is the line that called the exported function which called caller. An
// interpreted caller has no line of its own in the Go stack: it shows as a
// package of the interpreter or of reflect.
func caller() string {
	pc, file, line, ok := runtime.Caller(2)
	if !ok {
		return ""
	}
	if f := runtime.FuncForPC(pc); f != nil && (strings.HasPrefix(f.Name(), "reflect.") || strings.Contains(f.Name(), "/yaegi/")) {
		return ""
	}
	if dir := filepath.Base(filepath.Dir(file)); dir == "chapters" {
		file = "chapters/" + filepath.Base(file)
	} else {
		file = filepath.Base(file)
	}
	return fmt.Sprintf("%s:%d", file, line)
}
