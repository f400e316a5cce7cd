package kernel

import (
	"context"
	"fmt"
	"strings"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/program"
)

// Variant says which declarations an exercise is run with.
type Variant int

const (
	Stub     Variant = iota // the exercise cell: what the reader edits
	Solution                // the book's own
)

// RunExercise runs the check of an exercise: the declarations of the chapter
// above it, the stub or the solution, and the statements of the check. It is
// interpreted unless cfg.Engine is Go. The Result is the check's; that of a stub
// in its first state is a failure, and so is an edited stub's that is not right
// yet. An error names the exercises there are, or is one of this machine.
func RunExercise(ctx context.Context, cfg Config, id string, v Variant) (notebook.Result, error) {
	cfg = cfg.withDefaults()
	answer, check, err := exercise(cfg.Chapter, id, v)
	if err != nil {
		return notebook.Result{}, err
	}
	if why := missing(append(check.Attr.Needs, answer.Attr.Needs...)); why != "" {
		return result(check, notebook.Skipped, 0, why), nil
	}
	prog, err := program.Standalone(cfg.Chapter, check, answer)
	if err != nil {
		return refusal(check, err), nil
	}
	if cfg.Engine == Go || check.Attr.Engine == Go || answer.Attr.Engine == Go {
		b, err := compile(ctx, prog.Text(program.TextOptions{Bracket: true}))
		if err != nil {
			return notebook.Result{}, err
		}
		defer b.remove()
		results, err := execute(ctx, cfg, b, []*chapter.Cell{check})
		return results[check.Name], err
	}
	s, err := Start(ctx, cfg)
	if err != nil {
		return notebook.Result{}, err
	}
	defer s.Close()
	s.units = newUnits(prog)
	// What a check needs besides the answer runs as cells of its own, so that a
	// panic in the set-up is not taken for one of the answer.
	var res notebook.Result
	for _, name := range append(prog.Needs(check.Name), check.Name) {
		cell := *cfg.Chapter.Cell(name)
		cell.Attr.Engine, cell.Attr.Expect = "", chapter.Expect{}
		res = s.Run(ctx, &cell)
		if stops(&cell, res) {
			res.Cell, res.Line = check.Name, check.Line
			return res, ctx.Err()
		}
	}
	return res, ctx.Err()
}

// exercise finds the cells of an exercise.
func exercise(c *chapter.Chapter, id string, v Variant) (answer, check *chapter.Cell, err error) {
	var ids []string
	for _, cell := range c.Cells() {
		a := cell.Attr
		if a.Exercise != "" {
			ids = append(ids, a.Exercise)
		}
		switch {
		case a.Check == id:
			check = cell
		case v == Stub && a.Exercise == id, v == Solution && a.Solution == id:
			answer = cell
		}
	}
	if answer == nil || check == nil {
		if len(ids) == 0 {
			return nil, nil, fmt.Errorf("%s has no exercises", c.Path)
		}
		return nil, nil, fmt.Errorf("%s has no exercise %q; there are: %s", c.Path, id, strings.Join(ids, ", "))
	}
	return answer, check, nil
}
