package kernel

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/trace"
)

// result is a Result of a cell that printed nothing. line is where it went
// wrong, 0 for the cell as a whole.
func result(cell *chapter.Cell, outcome notebook.Outcome, line int, text string) notebook.Result {
	res := notebook.Result{Cell: cell.Name, Line: cell.Line, Outcome: outcome}
	switch {
	case outcome == notebook.Skipped:
		res.Skipped = text
	case text != "":
		res.Message = message(cell, line, text)
	}
	return res
}

// message tells of a cell: chapters/04-nonblocking.md:57: cell "accept": text.
func message(cell *chapter.Cell, line int, text string) string {
	if line == 0 {
		line = cell.Line
	}
	return fmt.Sprintf("%s:%d: cell %q: %s", cell.Path, line, cell.Name, text)
}

// judge turns how a cell ended into its Result, by what it declares.
func judge(cell *chapter.Cell, e ending, out *output) notebook.Result {
	res := notebook.Result{Cell: cell.Name, Line: cell.Line, Duration: time.Duration(e.Nanoseconds)}
	out.take(&res)
	outcome, line, text := verdict(cell, e)
	if outcome == notebook.OK {
		if failed := failedChecks(res.Checks); len(failed) > 0 {
			outcome, line, text = notebook.CheckFailed, 0, failed
		}
	}
	res.Outcome = outcome
	if text != "" {
		res.Message = message(cell, line, text)
	}
	return res
}

// verdict compares an ending with the declared one. The text of an ending as
// declared is the same from both engines, which know different things about it,
// so it names no line within the cell.
func verdict(cell *chapter.Cell, e ending) (outcome notebook.Outcome, line int, text string) {
	want := cell.Attr.Expect
	switch want.Kind {
	case chapter.ExpectNone:
		return undeclared(cell, e)
	case chapter.ExpectPanic:
		if e.How == "panic" && strings.Contains(e.Text, want.Text) {
			return notebook.OK, 0, "panic: " + e.Text
		}
	case chapter.ExpectError:
		if e.How == "error" && strings.Contains(e.Text, want.Text) {
			return notebook.OK, 0, "error: " + e.Text
		}
	case chapter.ExpectTimeout:
		if e.How == "timeout" {
			return notebook.OK, 0, fmt.Sprintf("did not return within %v", cell.Attr.Timeout)
		}
	}
	declared := map[chapter.ExpectKind]string{
		chapter.ExpectPanic:   fmt.Sprintf("a panic with %q", want.Text),
		chapter.ExpectError:   fmt.Sprintf("an error with %q", want.Text),
		chapter.ExpectTimeout: "running into its limit",
	}[want.Kind]
	if e.How == "ok" {
		return notebook.Unexpected, 0, "returned; it declares " + declared
	}
	outcome, line, text = undeclared(cell, e)
	if outcome != notebook.Died && outcome != notebook.Refused {
		outcome = notebook.Unexpected
	}
	return outcome, line, text + "; it declares " + declared
}

// undeclared is the verdict for a cell that should just return.
func undeclared(cell *chapter.Cell, e ending) (notebook.Outcome, int, string) {
	switch e.How {
	case "ok":
		return notebook.OK, 0, ""
	case "panic", "error":
		return notebook.Panic, e.Line, e.story()
	case "timeout":
		text := fmt.Sprintf("still running after %v", cell.Attr.Timeout)
		if e.Text != "" {
			text += ": " + e.Text
		}
		return notebook.Timeout, e.Line, text
	case "exit":
		return notebook.Exit, e.Line, e.story()
	case "refused":
		return notebook.Refused, e.Line, e.Text
	case "lost":
		return notebook.Unexpected, e.Line, e.Text
	}
	return notebook.Died, e.Line, e.by(e.Text)
}

// story tells of a panic, an error or an exit, and of the actor that had it.
func (e ending) story() string {
	text := e.Text
	if e.How != "exit" {
		text = e.How + ": " + text
	}
	return e.by(text)
}

// by puts the actor before what it did, unless that is the cell itself.
func (e ending) by(text string) string {
	if e.Actor == "" || isMain(e.Actor) {
		return text
	}
	return fmt.Sprintf("actor %q: %s", e.Actor, text)
}

// isMain tells the actor that runs a cell. It is "main#2" while an earlier one
// is still blocked in its cell.
func isMain(actor string) bool {
	return actor == "main" || strings.HasPrefix(actor, "main#")
}

func failedChecks(checks []notebook.Check) string {
	var failed []string
	for _, c := range checks {
		if !c.OK {
			failed = append(failed, c.Claim)
		}
	}
	switch len(failed) {
	case 0:
		return ""
	case 1:
		return "check failed: " + failed[0]
	}
	return fmt.Sprintf("%d of %d checks failed: %s", len(failed), len(checks), strings.Join(failed, "; "))
}

// whereabouts says where the actors are: main first, those at one place
// together. states is what the runtime says of them; a system call that was
// traced has its own name.
//
//	main is in accept4 at line 57; 3000 actors (client#1 ...) are in chan receive at line 40
func whereabouts(actors []trace.ActorState, states map[string]string, events []trace.Event) string {
	type spot struct {
		line  int
		doing string
	}
	blocked := map[string]trace.Event{}
	for _, ev := range events {
		if !ev.Returned() {
			blocked[ev.Actor] = ev
		}
	}
	var order []spot
	names := map[spot][]string{}
	for _, a := range actors {
		at := spot{line: a.Line, doing: doing(states[a.Name])}
		if ev, ok := blocked[a.Name]; ok {
			at.doing = "in " + ev.Call
			if ev.Line > 0 {
				at.line = ev.Line
			}
		}
		if names[at] == nil {
			order = append(order, at)
		}
		names[at] = append(names[at], a.Name)
	}
	slices.SortStableFunc(order, func(a, b spot) int {
		switch am, bm := slices.ContainsFunc(names[a], isMain), slices.ContainsFunc(names[b], isMain); {
		case am && !bm:
			return -1
		case bm && !am:
			return 1
		}
		return a.line - b.line
	})
	const most = 6
	var parts []string
	for i, at := range order {
		if i == most {
			parts = append(parts, fmt.Sprintf("and others at %d more places", len(order)-most))
			break
		}
		who := names[at][0] + " is"
		if n := len(names[at]); n > 1 {
			who = fmt.Sprintf("%d actors (%s ...) are", n, names[at][0])
		}
		where := ""
		if at.line > 0 {
			where = fmt.Sprintf(" at line %d", at.line)
		}
		if at.doing != "" {
			who += " " + at.doing
		}
		parts = append(parts, who+where)
	}
	return strings.Join(parts, "; ")
}

// doing words a goroutine's state.
func doing(state string) string {
	switch state {
	case "":
		return ""
	case "running", "runnable", "preempted", "copystack":
		return "running"
	case "syscall":
		return "in a system call"
	}
	return "in " + state
}

func quoted(s string) string { return strconv.Quote(s) }
