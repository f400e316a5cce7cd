package trace

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// columns is the width of a table.
const columns = 80

// Table writes events one per line the way strace does: milliseconds since the
// first, actor, source line, call, result, and in angle brackets the time spent
// in the call and how much of it was waiting. Long lines go on indented.
//
//	   ms actor  line call
//	0.000 main     12 accept4(3, 127.0.0.1:40312, 0) = 5 <50.1 ms, 99% waiting>
func Table(w io.Writer, events []Event) {
	if len(events) == 0 {
		return
	}
	start, name, times := events[0].Enter, len("actor"), len("ms")
	for _, e := range events {
		start = min(start, e.Enter)
	}
	for _, e := range events {
		name = max(name, min(utf8.RuneCountInString(e.Actor), 14))
		times = max(times, len(milliseconds(e.Enter-start)))
	}
	fmt.Fprintf(w, "%*s %-*s line call\n", times, "ms", name, "actor")
	for _, e := range events {
		line := ""
		if e.Line > 0 {
			line = strconv.Itoa(e.Line)
		}
		prefix := fmt.Sprintf("%*s %-*s %4s ", times, milliseconds(e.Enter-start), name, cut(e.Actor, 14), line)
		fmt.Fprintln(w, wrap(prefix, words(e), columns))
	}
}

// words are the parts of a table line that are not broken.
func words(e Event) []string {
	var parts []string
	if len(e.Args) == 0 {
		parts = append(parts, e.Call+"()")
	}
	for i, a := range e.Args {
		open, end := "", ","
		if i == 0 {
			open = e.Call + "("
		}
		if i == len(e.Args)-1 {
			end = ")"
		}
		for _, piece := range strings.SplitAfter(open+a+end, "}, ") {
			parts = append(parts, strings.TrimSpace(piece))
		}
	}
	if e.Count > 1 {
		parts = append(parts, "× "+strconv.Itoa(e.Count))
	}
	return append(append(parts, Outcome(e)), "<"+spent(e)+">")
}

// Outcome is what a call returned, as strace writes it: "= 5", "= -1 EAGAIN",
// "= 0 (timeout)", "= ?" for a call that has not returned.
func Outcome(e Event) string {
	switch {
	case !e.Returned():
		return "= ?"
	case e.Result == "" && e.Errno == "":
		return "= various"
	case e.Result == "":
		return "= -1 " + e.Errno
	case e.Errno != "":
		return "= " + e.Result + " " + e.Errno
	case strings.HasPrefix(e.Note, "flags "):
		n, _ := strconv.Atoi(e.Result)
		return fmt.Sprintf("= %#x (%s)", n, e.Note)
	case e.Note != "":
		return "= " + e.Result + " (" + e.Note + ")"
	}
	return "= " + e.Result
}

// spent says how long a call took and how much of that was waiting.
func spent(e Event) string {
	if !e.Returned() {
		return "has not returned"
	}
	d := Duration(e.Duration())
	if e.Count > 1 {
		d += " in all"
	}
	if share := waitShare(e); share >= 10 {
		d += fmt.Sprintf(", %d%% waiting", share)
	}
	return d
}

// waitShare is the percentage of a call's time that was waiting; 0 where the
// clocks are too coarse to tell.
func waitShare(e Event) int {
	if !e.Returned() || e.CPU < 0 || e.Wait() < 2*time.Microsecond {
		return 0
	}
	return int(100 * e.Wait() / e.Duration())
}

// Duration writes a time with three digits: 92.0 µs, 1.79 ms, 12.0 s.
func Duration(d time.Duration) string {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{time.Second, " s"}, {time.Millisecond, " ms"}, {time.Microsecond, " µs"}} {
		x := float64(d) / float64(u.size)
		switch {
		case x < 0.9995 && u.size > time.Microsecond:
			continue
		case x < 0.9995:
			return strconv.FormatInt(int64(d), 10) + " ns"
		case x < 9.995:
			return strconv.FormatFloat(x, 'f', 2, 64) + u.name
		case x < 99.95:
			return strconv.FormatFloat(x, 'f', 1, 64) + u.name
		}
		return strconv.FormatFloat(x, 'f', 0, 64) + u.name
	}
	return "0 ns"
}

func milliseconds(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/1e6, 'f', 3, 64)
}

// wrap sets words after a prefix; lines after the first are indented by the
// prefix and two more. A word longer than a line is cut.
func wrap(prefix string, words []string, width int) string {
	indent := utf8.RuneCountInString(prefix)
	var b strings.Builder
	b.WriteString(prefix)
	at, first := indent, true
	for _, word := range words {
		room := width - indent - 2
		word = cut(word, room)
		n := utf8.RuneCountInString(word)
		switch {
		case first:
		case at+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", indent+2))
			at = indent + 2
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
		first = false
	}
	return b.String()
}

// cut shortens s to n runes, the last of them an ellipsis.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	runes := []rune(s)
	return string(runes[:max(n-1, 0)]) + "…"
}
