package lab

import (
	"fmt"
	"os"
	"strings"
	"time"

	"ioworkbook/runner/trace"
)

// The functions of this file are written into tangled chapters. Authors do not
// call them.

// current is the cell begun last; cells run one after the other.
var current string

// BeginCell says that what is printed from now on belongs to the cell.
func BeginCell(name string) {
	current = name
	send(message{Type: "begin", Cell: name})
}

// EndCell ends the cell. A panic in an actor that Wait has not raised is raised.
func EndCell() {
	raise()
	send(message{Type: "end", Cell: current})
}

// ExpectPanic runs f, which must panic with a text that contains text.
func ExpectPanic(text string, f func()) {
	v, panicked := caught(f)
	got := "returned"
	if panicked {
		got = fmt.Sprint(v)
	}
	expected("panic", panicked && strings.Contains(got, text), got)
}

// ExpectError runs f, which must end in Must of an error that contains text.
func ExpectError(text string, f func()) {
	v, _ := caught(f)
	failure, ok := v.(*Failure)
	got := "returned"
	if ok {
		got = failure.Err.Error()
	} else if v != nil {
		got = fmt.Sprint(v)
	}
	expected("error", ok && strings.Contains(got, text), got)
}

// ExpectTimeout runs f, which must not return within limit. It is left behind,
// blocked or spinning.
func ExpectTimeout(limit time.Duration, f func()) {
	done := make(chan string, 1)
	trace.Go("cell", func() {
		if v, panicked := caught(f); panicked {
			done <- fmt.Sprint(v)
		} else {
			done <- "returned"
		}
	})
	select {
	case got := <-done:
		expected("timeout", false, got)
	case <-time.After(limit):
		expected("timeout", true, fmt.Sprintf("did not return within %v", limit))
	}
}

func caught(f func()) (v any, panicked bool) {
	panicked = true
	defer func() {
		if panicked {
			v = recover()
		}
	}()
	f()
	return nil, false
}

// expected reports how a cell with an expectation ended. By itself the program
// prints the message on standard error, and stops if it is not as declared.
func expected(kind string, ok bool, got string) {
	if send(message{Type: "expect", Kind: kind, OK: &ok, Message: got}) {
		return
	}
	if !ok {
		fmt.Fprintf(os.Stderr, "expected %s, but: %s\n", kind, got)
		os.Exit(1)
	}
	fmt.Fprintf(os.Stderr, "%s, as expected: %s\n", kind, got)
}
