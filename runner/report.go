//go:build linux

package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/trace"
)

// width is how many columns a report uses.
const width = 80

// rules tell what a cell wrote from what the runner says about it.
const (
	stdoutRule = "  │ "
	stderrRule = "  stderr │ "
)

// cell writes what one cell gave: a heading with its place and time, its
// output, its system calls where the chapter shows them, how it ended.
func (s *screen) cell(c *chapter.Cell, r notebook.Result) {
	aside := took(r.Duration)
	if r.Outcome == notebook.Skipped {
		aside = "skipped"
	}
	s.heading(c.Name, c.Pos(), aside)
	for _, o := range r.Outputs {
		s.output(o)
	}
	if r.Outcome == notebook.Skipped {
		s.say("  ", r.Skipped+"; its recorded output stands")
	}
	s.systemCalls(c.Attr.Trace, r)
	switch {
	case failed(r):
		s.say("  "+s.paint(inkBad, "✗")+" ", r.Message)
		if limit := c.Attr.Timeout; r.Outcome == notebook.Timeout && limit < chapter.MaxTimeout {
			s.say("    ", fmt.Sprintf("It had %v; timeout=%v in its braces gives it longer.", limit, min(4*limit, chapter.MaxTimeout)))
		}
	case r.Outcome == notebook.OK && r.Message != "":
		s.say("  "+s.paint(inkGood, "✓")+" ", "as declared: "+r.Message)
	}
}

// heading writes a line like
//
//	── accept ───────────────────────────────── chapters/02-blocking.md:57 · 1.3 ms
func (s *screen) heading(name, place, aside string) {
	right := " " + place
	if aside != "" {
		right += " · " + aside
	}
	fill := max(width-columns("── "+name+" "+right), 2)
	s.printf("%s %s %s%s\n", s.paint(inkFaint, "──"), s.paint(inkName, name),
		s.paint(inkFaint, strings.Repeat("─", fill)), right)
}

func (s *screen) output(o notebook.Output) {
	switch o.Stream {
	case "stderr":
		s.printf("%s", ruled(stderrRule, o.Text))
	default: // standard output, or a rendering as text
		var b strings.Builder
		for line := range strings.Lines(o.Text) {
			text := strings.TrimSuffix(line, "\n")
			switch {
			case strings.HasPrefix(text, "✓ "):
				text = s.paint(inkGood, "✓") + strings.TrimPrefix(text, "✓")
			case strings.HasPrefix(text, "✗ "):
				text = s.paint(inkBad, "✗") + strings.TrimPrefix(text, "✗")
			}
			b.WriteString(stdoutRule + text + "\n")
		}
		s.printf("%s", b.String())
	}
}

func (s *screen) systemCalls(shown chapter.Trace, r notebook.Result) {
	if shown == chapter.TraceOff || len(r.Events) == 0 {
		return
	}
	s.printf("%s\n", s.paint(inkFaint, "  system calls:"))
	var b strings.Builder
	if shown == chapter.TraceTable {
		trace.Table(&b, r.Events)
	} else {
		trace.ASCII(&b, trace.Build(r.Events, r.Prints...), width)
	}
	s.printf("%s", b.String())
}

// failed reports whether a cell ended otherwise than declared. A cell that was
// not run is the consequence of another that did.
func failed(r notebook.Result) bool {
	return !slices.Contains([]notebook.Outcome{notebook.OK, notebook.Skipped, notebook.NotRun}, r.Outcome)
}

// stopped reports whether a cell ended a run before its end.
func stopped(r notebook.Result) bool { return failed(r) && r.Outcome != notebook.CheckFailed }

// tally counts results by what a reader asks first.
type tally struct {
	cells, failed, skipped, notRun int
	checks, checksFailed           int
	stopped                        bool
	took                           time.Duration
}

func (t *tally) add(r notebook.Result) {
	t.cells++
	t.took += r.Duration
	t.stopped = t.stopped || stopped(r)
	switch {
	case r.Outcome == notebook.Skipped:
		t.skipped++
	case r.Outcome == notebook.NotRun:
		t.notRun++
	case failed(r):
		t.failed++
	}
	for _, c := range r.Checks {
		t.checks++
		if !c.OK {
			t.checksFailed++
		}
	}
}

// String is like "12 cells, 31 checks" or "12 cells, 31 checks; 1 cell failed, 2 not run".
func (t tally) String() string {
	text := plural(t.cells, "cell")
	if t.checks > 0 {
		text += ", " + plural(t.checks, "check")
	}
	var but []string
	if t.failed > 0 {
		but = append(but, plural(t.failed, "cell")+" failed")
	}
	if t.checksFailed > 0 {
		but = append(but, plural(t.checksFailed, "check")+" failed")
	}
	if t.notRun > 0 {
		but = append(but, fmt.Sprintf("%d not run", t.notRun))
	}
	if t.skipped > 0 {
		but = append(but, fmt.Sprintf("%d skipped", t.skipped))
	}
	if len(but) > 0 {
		text += "; " + strings.Join(but, ", ")
	}
	return text
}

func plural(n int, noun string) string {
	return fmt.Sprintf("%d %s", n, pluralWord(n, noun))
}

func pluralWord(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// took writes a duration with two or three significant digits.
func took(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", d.Seconds()*1000)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}
