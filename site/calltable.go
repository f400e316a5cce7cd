package site

import (
	"fmt"
	"strings"
	"time"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/trace"
)

// maxRows bounds the table below a timeline.
const maxRows = 120

// callTable lists the calls of a cell, and what it printed between them. Each row
// says in words what happened and carries the line of code that made the call,
// with the address of its cell when that is another of the chapter's: the
// stepper reads both from here.
func callTable(p *chapterPage, c *chapter.Cell, t trace.Timeline) string {
	steps := stepsOf(t)
	if len(steps) == 0 {
		return ""
	}
	begin := steps[0].Enter
	here, rest := p.url(p.doc.partOf[c.Name]), ""
	var w strings.Builder
	w.WriteString("<div class=scroll tabindex=0 role=group aria-label=\"System calls\"><table><thead><tr><th scope=col>at<th scope=col>call<th scope=col>what happened<tbody>\n")
	for i, e := range steps {
		if i == maxRows && len(steps) > maxRows+10 {
			rest = fmt.Sprintf("<tfoot><tr><td colspan=3>%s more rows are in the recorded notebook", count(len(steps)-maxRows))
			break
		}
		w.WriteString("<tr")
		if from := cellOfLine(p.chapter.Cells(), e.Line); from != nil {
			fmt.Fprintf(&w, " data-line=%d", e.Line-from.CodeLine)
			if from.Name != c.Name {
				w.WriteString(" data-in=" + strings.TrimPrefix(p.at(from.Name), here))
			}
		}
		what, words := callText(e.Event), trace.Explain(e.Event)
		if e.printed != "" {
			what, words = "“"+e.printed+"”", trace.Who(e.Actor)+" printed this."
		}
		fmt.Fprintf(&w, "><td>%s<td>%s<td>%s\n", offsetText(e.Enter-begin), esc(what), esc(words))
	}
	w.WriteString(rest + "</table></div>")
	return w.String()
}

// cellOfLine is the cell, not a hidden one, with the given line of the chapter.
func cellOfLine(all []*chapter.Cell, line int) *chapter.Cell {
	for _, c := range all {
		if !c.Attr.Hide && line >= c.CodeLine && line < c.CodeLine+strings.Count(c.Code, "\n") {
			return c
		}
	}
	return nil
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
