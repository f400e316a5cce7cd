package notebook

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"ioworkbook/runner/chapter"
)

// Compare returns what differs between a recording and a later run of the
// chapter, "" if nothing does. Each cell that differs has a header with its
// place and a unified diff, recorded lines first:
//
//	chapters/02-blocking.md:57: cell "accept" differs from its recording
//	--- recorded
//	+++ run
//	@@ -1,3 +1,3 @@
//	 ends: ok
//	 stdout:
//	-HELLO
//	+hello
//
// How a cell ends, its message and its checks are always compared; what it
// prints only with output=exact, standard output and standard error each as
// one text. Volatile values (see volatiles) are aliased on both sides, and line
// numbers are those of the chapter as it is now. Renderings, system calls and
// times are not compared. A cell that was skipped in the run, for want of a
// capability, is not compared at all.
func Compare(recorded *Notebook, run *Run) string {
	c := run.Chapter
	now := FromRun(run)
	recordedCells, runCells := recorded.moves(c), now.moves(c)
	was, is := newNormaliser(), newNormaliser()
	var out strings.Builder
	for _, cell := range c.Cells() {
		then, stored := recorded.Cell(cell.Name)
		this, ran := now.Cell(cell.Name)
		switch {
		case !stored && !ran, ran && this.Outcome == Skipped:
		case !stored:
			fmt.Fprintf(&out, "%s: cell %q is not in the recording\n", cell.Pos(), cell.Name)
		case !ran, this.Outcome == NotRun && then.Outcome != NotRun:
			fmt.Fprintf(&out, "%s: cell %q is recorded but was not run\n", cell.Pos(), cell.Name)
		default:
			a := was.text(cell.Name, recordedCells.apply(then).compared(cell))
			b := is.text(cell.Name, runCells.apply(this).compared(cell))
			if d := unified(a, b); d != "" {
				fmt.Fprintf(&out, "%s: cell %q differs from its recording\n%s", cell.Pos(), cell.Name, d)
			}
		}
	}
	for _, cell := range recorded.Cells {
		if cell.Record != nil && c.Cell(cell.ID) == nil {
			fmt.Fprintf(&out, "%s: cell %q is recorded; the chapter has no such cell\n", Path(c.Path), cell.ID)
		}
	}
	leaks := func(n *normaliser, m moves, list []string) string {
		list = slices.Clone(list)
		slices.Sort(list)
		return n.text("end", m.text(joinLines(list)))
	}
	if d := unified(leaks(was, recordedCells, recorded.Leaks), leaks(is, runCells, run.Leaks)); d != "" {
		fmt.Fprintf(&out, "%s: what the chapter leaves behind differs from its recording\n%s", c.Path, d)
	}
	return out.String()
}

// compared is the part of a record that has to come out the same.
func (r *CellRecord) compared(cell *chapter.Cell) string {
	var b strings.Builder
	section := func(name, text string) {
		switch {
		case text == "":
		case strings.HasSuffix(text, "\n"):
			fmt.Fprintf(&b, "%s:\n%s", name, text)
		default:
			fmt.Fprintf(&b, "%s, without a final newline:\n%s\n", name, text)
		}
	}
	fmt.Fprintf(&b, "ends: %s\n", r.Outcome)
	if r.Message != "" {
		section("message", r.Message+"\n")
	}
	if r.Skipped != "" {
		section("skipped", r.Skipped+"\n")
	}
	for _, c := range r.Checks {
		mark := "✗"
		if c.OK {
			mark = "✓"
		}
		fmt.Fprintf(&b, "check: %s %s\n", mark, c.Claim)
	}
	if cell.Attr.Varies {
		return b.String()
	}
	for _, stream := range []string{"stdout", "stderr"} {
		var text strings.Builder
		for _, o := range r.Outputs {
			if o.Stream == stream {
				text.WriteString(o.Text)
			}
		}
		section(stream, text.String())
	}
	return b.String()
}

// unified returns a unified diff with the sides named, "" for equal texts.
func unified(recorded, run string) string {
	d := string(diff.Diff("recorded", []byte(recorded), "run", []byte(run)))
	_, d, _ = strings.Cut(d, "\n") // the line "diff recorded run"
	return d
}

func joinLines(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return strings.Join(list, "\n") + "\n"
}
