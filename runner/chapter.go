//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/kernel"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/program"
)

// runChapter runs a chapter and shows each cell as it ends.
func runChapter(ctx context.Context, a *app, args []string) error {
	flags := a.flags("chapter")
	only := flags.String("cell", "", "show only the cell of this `NAME`")
	engine := flags.String("engine", kernel.Yaegi, "`ENGINE` to run it with: yaegi or go")
	ch, err := a.parseChapter(flags, args)
	if err != nil {
		return err
	}
	if err := knownEngine(*engine); err != nil {
		return err
	}
	cfg := kernel.Config{Chapter: ch, Engine: *engine}
	if *only != "" {
		cell, err := cellToRun(ch, *only)
		if err != nil {
			return err
		}
		return a.runCell(ctx, cfg, cell)
	}
	return a.runCells(ctx, cfg)
}

func knownEngine(engine string) error {
	if engine != kernel.Yaegi && engine != kernel.Go {
		return usagef("no engine %q; the engines: %s, %s", engine, kernel.Yaegi, kernel.Go)
	}
	return nil
}

// cellToRun finds a cell that a run of the chapter includes.
func cellToRun(ch *chapter.Chapter, name string) (*chapter.Cell, error) {
	cell := ch.Cell(name)
	switch {
	case cell == nil:
		var names []string
		for _, c := range ch.Cells() {
			if c.Attr.Run && exerciseOf(c) == "" {
				names = append(names, c.Name)
			}
		}
		return nil, usagef("%s has no cell %q; its cells: %s", ch.Path, name, strings.Join(names, ", "))
	case exerciseOf(cell) != "":
		return nil, usagef("%s: cell %q belongs to an exercise; run it with make exercise %d %s",
			cell.Pos(), name, ch.Number, exerciseOf(cell))
	}
	return cell, nil
}

// exerciseOf returns the exercise that a cell is a part of, or "".
func exerciseOf(c *chapter.Cell) string {
	return c.Attr.Exercise + c.Attr.Solution + c.Attr.Check
}

// runCell shows one cell. Those that it needs run silently.
func (a *app) runCell(ctx context.Context, cfg kernel.Config, target *chapter.Cell) error {
	a.out.setStatus("starting")
	stopWaiting := func() {}
	cfg.Cell = target.Name
	cfg.Progress = func(u kernel.Update) {
		switch u.Kind {
		case kernel.CellStarted:
			stopWaiting = a.out.waiting("running " + u.Cell.Name)
		case kernel.CellEnded:
			stopWaiting()
		}
	}
	run, err := kernel.RunChapter(ctx, cfg)
	stopWaiting()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return a.cannotRun(cfg.Chapter, err)
	}
	shown := run.Results[len(run.Results)-1]
	if shown.Outcome == notebook.NotRun {
		ended := slices.IndexFunc(run.Results, func(r notebook.Result) bool { return r.Outcome == notebook.NotRun }) - 1
		a.out.cell(cfg.Chapter.Cell(run.Results[ended].Cell), run.Results[ended])
		a.out.printf("Not run: %s.\n", target.Name)
		return errDiffers
	}
	a.out.cell(target, shown)
	if shown.Outcome != notebook.OK && shown.Outcome != notebook.Skipped {
		return errDiffers
	}
	return nil
}

// runCells shows every cell, and at the end what the chapter left behind and
// how the run compares with its recording.
func (a *app) runCells(ctx context.Context, cfg kernel.Config) error {
	ch := cfg.Chapter
	a.out.printf("%s\n", a.out.paint(inkName, fmt.Sprintf("Chapter %d: %s", ch.Number, ch.Title)))
	a.out.setStatus("starting")
	stopWaiting := func() {}
	var sum tally
	var notRun []string
	cells, next := ch.Cells(), 0 // the first that is not shown
	cfg.Progress = func(u kernel.Update) {
		switch u.Kind {
		case kernel.CellStarted:
			stopWaiting = a.out.waiting("running " + u.Cell.Name)
		case kernel.CellEnded:
			stopWaiting()
			sum.add(*u.Result)
			if u.Result.Outcome == notebook.NotRun {
				notRun = append(notRun, u.Cell.Name)
			} else if ctx.Err() == nil {
				next = a.yourTurn(ch, cells, next, u.Cell)
				a.out.cell(u.Cell, *u.Result)
			}
		}
	}
	run, err := kernel.RunChapter(ctx, cfg)
	stopWaiting()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return a.cannotRun(ch, err)
	}
	if len(notRun) == 0 {
		a.yourTurn(ch, cells, next, nil)
	}
	a.out.printf("\n")
	if len(notRun) > 0 {
		a.out.say("", "Not run: "+strings.Join(notRun, ", ")+".")
	}
	differs := false
	if !sum.stopped { // what a broken run left or lacks is told already
		for _, leak := range run.Leaks {
			a.out.printf("%s left behind: %s\n", a.out.paint(inkBad, "✗"), leak)
		}
		differs, err = a.compareWithRecording(run)
		if err != nil {
			return err
		}
	}
	a.out.printf("%s · %s\n", sum, took(sum.took))
	if sum.failed > 0 || len(run.Leaks) > 0 || differs {
		return errDiffers
	}
	return nil
}

// yourTurn shows the exercises between the cells from index next on and cell,
// and returns the index after cell.
func (a *app) yourTurn(ch *chapter.Chapter, cells []*chapter.Cell, next int, cell *chapter.Cell) int {
	for ; next < len(cells); next++ {
		c := cells[next]
		if c == cell {
			return next + 1
		}
		if c.Attr.Exercise != "" {
			a.out.heading(c.Attr.Exercise, c.Pos(), "")
			a.out.printf("  your turn: make exercise %d %s\n", ch.Number, c.Attr.Exercise)
		}
	}
	return next
}

// cannotRun tells why nothing of a chapter ran.
func (a *app) cannotRun(ch *chapter.Chapter, err error) error {
	var refused program.Errors
	if !errors.As(err, &refused) {
		return err
	}
	a.err.printf("%v\n", refused)
	a.err.printf("Nothing ran: chapter %d is checked as one Go program first. Mend the %s above, then make chapter %d.\n",
		ch.Number, pluralWord(len(refused), "line"), ch.Number)
	return errDiffers
}

// compareWithRecording tells in a line or two where a run departs from the
// chapter's recording. The departure of a cell that was edited since is what
// its editor wanted to see; that of any other is reported as true.
func (a *app) compareWithRecording(run *notebook.Run) (differs bool, err error) {
	ch := run.Chapter
	recorded, err := notebook.Read(notebook.Path(ch.Path))
	if errors.Is(err, fs.ErrNotExist) {
		a.out.printf("There is no recording of this chapter yet; make record %d stores one.\n", ch.Number)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	stale := notebook.Stale(ch, recorded)
	var edited, other []string
	for _, name := range differing(recorded, run) {
		if stale[name] {
			edited = append(edited, name)
		} else {
			other = append(other, name)
		}
	}
	if len(other) > 0 {
		a.out.printf("%s differs from the recording: %s; make check %d shows how\n",
			a.out.paint(inkBad, "✗"), strings.Join(other, ", "), ch.Number)
	}
	if len(edited) > 0 {
		a.out.printf("Differs from the recording, as edited since: %s.\nmake check %d shows how, make record %d stores the new run.\n",
			strings.Join(edited, ", "), ch.Number, ch.Number)
	}
	return len(other) > 0, nil
}

// headed matches the line above a cell's diff in what notebook.Compare returns.
// Lines of a diff begin with a space, a sign or @.
var headed = regexp.MustCompile(`(?m)^[^ +@-].*:[0-9]+: cell "([^"]+)" `)

// differing lists the cells whose result is not the recorded one, in order.
func differing(recorded *notebook.Notebook, run *notebook.Run) []string {
	var names []string
	for _, m := range headed.FindAllStringSubmatch(notebook.Compare(recorded, run), -1) {
		names = append(names, m[1])
	}
	return names
}
