package kernel

import (
	"context"
	"fmt"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/program"
)

// RunChapter runs a chapter's cells in order, each once. Exercises, with their
// solutions and checks, are not run; see RunExercise.
//
// The chapter's program and those of its measurements are checked before anything
// runs: an error of type program.Errors lists what the compiler would refuse, and then there is no
// Run. After a cell that ended in a way it does not declare, the later ones are
// not run. A failed check does not stop a chapter.
//
// With cfg.Engine Go the chapter's program is compiled and run in one process,
// without traces. When ctx is cancelled the Run so far is returned with
// ctx.Err().
func RunChapter(ctx context.Context, cfg Config) (*notebook.Run, error) {
	cfg = cfg.withDefaults()
	switch cfg.Engine {
	case Yaegi:
		return runInterpreted(ctx, cfg)
	case Go:
		return runCompiled(ctx, cfg)
	}
	return nil, fmt.Errorf("unknown engine %q; there are %s and %s", cfg.Engine, Yaegi, Go)
}

func cellsOfRun(c *chapter.Chapter) []*chapter.Cell {
	var cells []*chapter.Cell
	for _, cell := range c.Cells() {
		if cell.InRun() {
			cells = append(cells, cell)
		}
	}
	return cells
}

// stops reports whether nothing more can be run after a cell that ended so.
func stops(cell *chapter.Cell, res notebook.Result) bool {
	switch res.Outcome {
	case notebook.OK, notebook.CheckFailed, notebook.Skipped:
		return false
	}
	return cell.Attr.Expect.Kind != chapter.ExpectCompile // of which nothing ran
}

func runInterpreted(ctx context.Context, cfg Config) (*notebook.Run, error) {
	// The child gets ready while the chapter is checked.
	s, err := Start(ctx, cfg)
	if err != nil {
		return nil, err
	}
	run := &notebook.Run{Chapter: cfg.Chapter, Machine: notebook.ThisMachine()}
	defer s.Close()
	if _, err := program.Whole(cfg.Chapter); err != nil {
		return nil, err
	}
	cells := cellsOfRun(cfg.Chapter)
	s.ahead(ctx, cells)
	last := ""
	for _, cell := range cells {
		if ctx.Err() != nil {
			return run, ctx.Err()
		}
		if last != "" {
			run.Results = append(run.Results, s.skip(cell, last))
			continue
		}
		res := s.Run(ctx, cell)
		run.Results = append(run.Results, res)
		if stops(cell, res) {
			last = cell.Name
		}
	}
	if leaks := s.Close(); last == "" { // the chapter had the chance to clean up
		run.Leaks = leaks.Lines(cfg.Chapter.Path)
	}
	return run, ctx.Err()
}

// skip is Run for a cell that is not run because an earlier one ended the run.
func (s *Session) skip(cell *chapter.Cell, last string) notebook.Result {
	res := notRun(cell, last)
	s.cfg.tell(Update{Kind: CellEnded, Cell: cell, Result: &res})
	return res
}

func notRun(cell *chapter.Cell, last string) notebook.Result {
	return result(cell, notebook.NotRun, 0, fmt.Sprintf("not run: cell %q ended the run", last))
}

// runCompiled runs the chapter's program, and its measurements each in a
// program of its own, after it: nothing else shall run beside those.
func runCompiled(ctx context.Context, cfg Config) (*notebook.Run, error) {
	c := cfg.Chapter
	p, err := program.Whole(c)
	if err != nil {
		return nil, err
	}
	run := &notebook.Run{Chapter: c, Machine: notebook.ThisMachine()}
	s := &Session{cfg: cfg, front: &front{chapter: c}} // without a child
	defer s.builds.close()
	results := map[string]notebook.Result{}
	skip := map[string]bool{}
	var inProgram []*chapter.Cell
	for _, cell := range cellsOfRun(c) {
		if missing(cell.Attr.Needs) != "" {
			skip[cell.Name] = true
		} else if cell.Attr.Engine == "" && cell.Attr.Expect.Kind != chapter.ExpectCompile {
			inProgram = append(inProgram, cell)
		}
	}
	if len(inProgram) > 0 {
		b, err := compile(ctx, p.Text(program.TextOptions{Bracket: true, Skip: skip}))
		if err != nil {
			return nil, err
		}
		defer b.remove()
		results, err = execute(ctx, cfg, b, inProgram)
		if err != nil {
			return nil, err
		}
	}
	s.builds.start(ctx, c, measured(c))
	last := ""
	for _, cell := range cellsOfRun(c) {
		if ctx.Err() != nil {
			return run, ctx.Err()
		}
		res, ran := results[cell.Name]
		switch {
		case ran:
		case last != "":
			res = s.skip(cell, last)
		default:
			res = s.Run(ctx, cell)
		}
		run.Results = append(run.Results, res)
		if stops(cell, res) {
			last = cell.Name
		}
	}
	return run, ctx.Err()
}
