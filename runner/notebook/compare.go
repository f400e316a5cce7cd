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
	return comparison{recorded, FromRun(run), "recorded", "run", "its recording"}.report(run.Chapter)
}

// CompareEngines does the same for two runs of one chapter by two engines.
func CompareEngines(yaegi, compiled *Run) string {
	return comparison{FromRun(yaegi), FromRun(compiled), "yaegi", "go", "what yaegi gives"}.report(compiled.Chapter)
}

// A comparison is two notebooks of one chapter, and how a report calls them.
type comparison struct {
	old, new         *Notebook
	oldName, newName string
	oldPhrase        string
}

func (cmp comparison) report(c *chapter.Chapter) string {
	oldMoves, newMoves := cmp.old.moves(c), cmp.new.moves(c)
	oldNames, newNames := newNormaliser(), newNormaliser()
	var out strings.Builder
	for _, cell := range c.Cells() {
		then, stored := cmp.old.Cell(cell.Name)
		this, ran := cmp.new.Cell(cell.Name)
		switch {
		case !stored && !ran, ran && this.Outcome == Skipped:
		case !stored:
			fmt.Fprintf(&out, "%s: cell %q is not in %s\n", cell.Pos(), cell.Name, cmp.oldPhrase)
		case !ran, this.Outcome == NotRun && then.Outcome != NotRun:
			fmt.Fprintf(&out, "%s: cell %q is in %s but was not run\n", cell.Pos(), cell.Name, cmp.oldPhrase)
		default:
			a := oldNames.text(cell.Name, oldMoves.apply(then).compared(cell))
			b := newNames.text(cell.Name, newMoves.apply(this).compared(cell))
			if d := cmp.unified(a, b); d != "" {
				fmt.Fprintf(&out, "%s: cell %q differs from %s\n%s", cell.Pos(), cell.Name, cmp.oldPhrase, d)
			}
		}
	}
	for _, cell := range cmp.old.Cells {
		if cell.Record != nil && c.Cell(cell.ID) == nil {
			fmt.Fprintf(&out, "%s: cell %q is in %s; the chapter has no such cell\n", c.Path, cell.ID, cmp.oldPhrase)
		}
	}
	a := leaks(cmp.old.Leaks, oldMoves, oldNames)
	b := leaks(cmp.new.Leaks, newMoves, newNames)
	if d := cmp.unified(a, b); d != "" {
		fmt.Fprintf(&out, "%s: what the chapter leaves behind differs from %s\n%s", c.Path, cmp.oldPhrase, d)
	}
	return out.String()
}

// leaks is one line for each, in an order that does not depend on which was
// found first.
func leaks(list []string, m moves, names *normaliser) string {
	var b strings.Builder
	for _, leak := range slices.Sorted(slices.Values(list)) {
		b.WriteString(names.text("end", m.text(leak)) + "\n")
	}
	return b.String()
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
func (cmp comparison) unified(a, b string) string {
	d := diff.Diff(cmp.oldName, []byte(a), cmp.newName, []byte(b))
	_, hunks, _ := strings.Cut(string(d), "\n") // after the line "diff recorded run"
	return hunks
}
