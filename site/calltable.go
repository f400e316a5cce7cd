package site

import (
	"fmt"
	"strings"
	"time"

	"ioworkbook/runner/trace"
)

// maxRows bounds the table below a timeline.
const maxRows = 120

// callTable lists the calls. Each row carries the line of its call and says in
// words what happened: the stepper reads both from here.
func callTable(t trace.Timeline, id string) string {
	events := inOrder(t)
	if len(events) == 0 {
		return ""
	}
	begin := events[0].Enter
	var w strings.Builder
	fmt.Fprintf(&w, "<div class=scroll tabindex=0 role=group aria-label=\"System calls of %s\"><table><thead><tr><th scope=col>at<th scope=col>call<th scope=col>what happened</thead><tbody>\n", attr(id))
	for i, e := range events {
		if i == maxRows && len(events) > maxRows+10 {
			fmt.Fprintf(&w, "<tr><td colspan=3>%s more rows are in the recorded notebook</tr>\n", count(len(events)-maxRows))
			break
		}
		fmt.Fprintf(&w, "<tr data-line=%d><td>%s<td><code>%s</code><td>%s\n",
			e.Line, offsetText(e.Enter-begin), esc(callText(e)), esc(trace.Explain(e)))
	}
	w.WriteString("</tbody></table></div>")
	return w.String()
}

func offsetText(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	return shortDuration(d)
}

// callText is a call as strace writes it.
func callText(e trace.Event) string {
	s := e.Call + "(" + strings.Join(e.Args, ", ") + ")"
	if e.Returned() {
		s += " = " + e.Result
	}
	if e.Errno != "" {
		s += " " + e.Errno
	}
	if e.Calls() > 1 {
		s += " × " + count(e.Calls())
	}
	return s
}
