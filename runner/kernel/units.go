package kernel

import (
	"errors"
	"strings"
	"sync"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/lower"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/program"
)

// units are what the child evaluates for the cells of a program.
type units struct {
	program *program.Program

	mu       sync.Mutex
	lowering *lower.Lowering // made for the first unit
	ready    map[string]*prepared
}

// A unit is text for the interpreter, and the function it then calls; none if a cell
// has nothing to run.
type unit struct{ text, call string }

// prepared is a unit made before its cell is run.
type prepared struct {
	done chan struct{}
	unit unit
	err  error
}

func newUnits(p *program.Program) *units {
	return &units{program: p, ready: map[string]*prepared{}}
}

// ahead makes the units of cells in the background. What a cell is translated to
// depends on the cells before it, not on how they run.
func (u *units) ahead(cells []string) {
	for _, name := range cells {
		u.ready[name] = &prepared{done: make(chan struct{})}
	}
	go func() {
		for _, name := range cells {
			p := u.ready[name]
			p.unit, p.err = u.translate(name)
			close(p.done)
		}
	}()
}

// of returns the unit of a cell that is about to run. A cell is asked for once, in
// the order of the program.
func (u *units) of(cell string) (unit, error) {
	if p := u.ready[cell]; p != nil {
		<-p.done
		return p.unit, p.err
	}
	return u.translate(cell)
}

func (u *units) translate(cell string) (unit, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	root := u.program.Func(cell)
	if root == "" {
		return unit{}, nil
	}
	if u.lowering == nil {
		u.lowering = lower.New(u.program.Package())
	}
	text, call, err := u.lowering.Unit(root)
	return unit{text, call}, err
}

// mustNotCompile is the result of a cell with expect=compile.
func (s *Session) mustNotCompile(cell *chapter.Cell) notebook.Result {
	errs, err := program.CompileErrors(s.cfg.Chapter, cell)
	switch {
	case err != nil:
		return refusal(cell, err)
	case len(errs) == 0:
		return result(
			cell,
			notebook.Unexpected,
			0,
			"compiles; it declares a compile error with "+quoted(cell.Attr.Expect.Text),
		)
	case !strings.Contains(errs.Error(), cell.Attr.Expect.Text):
		res := result(cell, notebook.Unexpected, 0, "")
		res.Message = errs.Error() + "\n" + message(
			cell,
			0,
			"declares a compile error with "+quoted(cell.Attr.Expect.Text),
		)
		return res
	}
	res := result(cell, notebook.OK, 0, "")
	res.Message = errs.Error()
	return res
}

// refusal is the result of a cell that was not run for an error of its program, of
// the lowering or of the toolchain.
func refusal(cell *chapter.Cell, err error) notebook.Result {
	var errs program.Errors
	var refused lower.Refusals
	switch {
	case errors.As(err, &errs):
		res := result(cell, notebook.CompileError, 0, "")
		res.Message = errs.Error()
		return res
	case errors.As(err, &refused):
		res := result(cell, notebook.Refused, 0, "")
		res.Message = refused.Error()
		return res
	}
	return result(cell, notebook.Refused, 0, err.Error())
}
