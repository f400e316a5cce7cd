package trace

import (
	"fmt"
	"io"
	"strings"
)

// Table writes events the way strace does.
func Table(w io.Writer, events []Event) {
	for _, e := range events {
		fmt.Fprintf(w, "%12s %-8s %s(%s) = %s %s\n", e.Enter, e.Actor, e.Call, strings.Join(e.Args, ", "), e.Result, e.Errno)
	}
}

// ASCII draws a timeline within width columns.
func ASCII(w io.Writer, t Timeline, width int) {
	for _, l := range t.Lanes {
		fmt.Fprintln(w, l.Actor)
		Table(w, l.Bars)
	}
}
