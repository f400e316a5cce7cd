package kernel

import (
	"context"
	"fmt"
	"slices"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/program"
)

// RunChapter runs a chapter's cells in order, each once; with cfg.Cell, that one and
// those that it needs. Exercises, with their solutions and checks, are not run; see
// RunExercise.
//
// The chapter's program and those of its measurements are checked before anything
// runs: an error of type program.Errors lists what the compiler would refuse, and
// then there is no Run. After a cell that ended in a way it does not declare, the
// later ones are not run. A failed check does not stop a chapter.
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

// cells are those that a run includes.
func (cfg Config) cells(p *program.Program) []*chapter.Cell {
	only := append(p.Needs(cfg.Cell), cfg.Cell)
	var cells []*chapter.Cell
	for _, cell := range cfg.Chapter.Cells() {
		if cell.InRun() && (cfg.Cell == "" || slices.Contains(only, cell.Name)) {
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
	defer s.Close()
	p, err := program.New(cfg.Chapter)
	if err != nil {
		return nil, err
	}
	s.cells = cfg.cells(p)
	s.ahead(ctx, p)
	run, whole := s.runAll(ctx, nil)
	if leaks := s.Close(); whole { // the chapter had the chance to clean up
		run.Leaks = leaks.Lines(cfg.Chapter.Path)
	}
	return run, ctx.Err()
}

// runCompiled runs the chapter's program, and its measurements each in a
// program of its own, after it: nothing else shall run beside those.
func runCompiled(ctx context.Context, cfg Config) (*notebook.Run, error) {
	p, err := program.New(cfg.Chapter)
	if err != nil {
		return nil, err
	}
	s := &Session{cfg: cfg, cells: cfg.cells(p)} // without a child
	defer s.builds.close()
	var ran map[string]notebook.Result
	skip := map[string]bool{}
	for _, cell := range cfg.Chapter.Cells() {
		skip[cell.Name] = true
	}
	var inProgram []*chapter.Cell
	for _, cell := range s.cells {
		if runsWithOthers(cell) {
			inProgram = append(inProgram, cell)
			delete(skip, cell.Name)
		}
	}
	if len(inProgram) > 0 {
		b, err := compile(ctx, p.Text(program.TextOptions{Bracket: true, Skip: skip}))
		if err != nil {
			return nil, err
		}
		defer b.remove()
		if ran, err = execute(ctx, cfg, b, inProgram); err != nil {
			return nil, err
		}
	}
	s.builds.start(ctx, cfg.Chapter, s.cells)
	run, _ := s.runAll(ctx, ran)
	return run, ctx.Err()
}

// runsWithOthers reports whether a cell shares its process with others, here.
func runsWithOthers(cell *chapter.Cell) bool {
	return cell.Attr.Engine == "" && cell.Attr.Expect.Kind != chapter.ExpectCompile && missing(cell.Attr.Needs) == ""
}

// runAll runs the cells of a run but for those that ran already, as far as that
// goes, and reports whether that was to the end.
func (s *Session) runAll(ctx context.Context, ran map[string]notebook.Result) (run *notebook.Run, whole bool) {
	run = &notebook.Run{Chapter: s.cfg.Chapter, Machine: notebook.ThisMachine()}
	last := ""
	for _, cell := range s.cells {
		if ctx.Err() != nil {
			break
		}
		res, ok := ran[cell.Name]
		switch {
		case ok:
		case last != "":
			res = result(cell, notebook.NotRun, 0, fmt.Sprintf("not run: cell %q ended the run", last))
			s.cfg.tell(Update{Kind: CellEnded, Cell: cell, Result: &res})
		default:
			res = s.Run(ctx, cell)
		}
		run.Results = append(run.Results, res)
		if stops(cell, res) {
			last = cell.Name
		}
	}
	return run, last == "" && ctx.Err() == nil
}
