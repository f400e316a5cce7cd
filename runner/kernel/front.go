package kernel

import (
	"errors"
	"strings"
	"sync"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/program"
)

// front prepares cells for the child: type-checked, their variables made the
// session's, rewritten where yaegi would get them wrong.
type front struct {
	chapter *chapter.Chapter

	queue []*prepared // cells to come; only the goroutine that runs cells uses it

	imp *program.Importer

	mu      sync.Mutex
	session *program.Session
}

// unit is what the child evaluates for one cell, and the function it then
// calls.
type unit struct{ text, call string }

// prepared is a unit made before its cell is run.
type prepared struct {
	cell *chapter.Cell
	done chan struct{}
	unit unit
	err  error
}

func newFront(c *chapter.Chapter) (*front, error) {
	imp, err := program.NewImporter()
	if err != nil {
		return nil, err
	}
	return &front{chapter: c, imp: imp, session: program.NewSession(imp)}, nil
}

// ahead prepares cells in the background. What a cell is translated to depends
// on the cells before it, not on how they run, so cells that are then added in
// this order find their unit ready. It is called before the first add.
func (f *front) ahead(cells []*chapter.Cell) {
	for _, cell := range cells {
		f.queue = append(f.queue, &prepared{cell: cell, done: make(chan struct{})})
	}
	go func(queue []*prepared) {
		f.mu.Lock()
		defer f.mu.Unlock()
		for _, p := range queue {
			p.unit, p.err = f.translate(sourceOf(p.cell))
			close(p.done)
		}
	}(f.queue)
}

// add returns the unit of a cell that is about to run.
func (f *front) add(cell *chapter.Cell) (unit, error) {
	if len(f.queue) > 0 && f.queue[0].cell == cell {
		p := f.queue[0]
		f.queue = f.queue[1:]
		<-p.done
		return p.unit, p.err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.translate(sourceOf(cell))
}

func sourceOf(cell *chapter.Cell) program.Source {
	return program.Source{
		Path:  cell.Path,
		Line:  cell.CodeLine,
		Code:  cell.Code,
		Name:  cell.Name,
		Local: cell.Attr.Expect.Kind != chapter.ExpectNone,
	}
}

func (f *front) translate(src program.Source) (unit, error) {
	u, err := f.session.Add(src)
	if err != nil {
		return unit{}, err
	}
	text, err := f.lower(u)
	if err != nil {
		f.session.Undo()
		return unit{}, err
	}
	return unit{text, u.Call}, nil
}

// mustNotCompile is the result of a cell with expect=compile.
func (f *front) mustNotCompile(cell *chapter.Cell) notebook.Result {
	errs, err := program.CompileErrors(f.chapter, cell)
	switch {
	case err != nil:
		return refusal(cell, err)
	case len(errs) == 0:
		return result(cell, notebook.Unexpected, 0, "compiles; it declares a compile error with "+quoted(cell.Attr.Expect.Text))
	case !strings.Contains(errs.Error(), cell.Attr.Expect.Text):
		res := result(cell, notebook.Unexpected, 0, "")
		res.Message = errs.Error() + "\n" + message(cell, 0, "declares a compile error with "+quoted(cell.Attr.Expect.Text))
		return res
	}
	res := result(cell, notebook.OK, 0, "")
	res.Message = errs.Error()
	return res
}

// refusal is the result of a cell that was not run for an error of the front
// end or of the toolchain.
func refusal(cell *chapter.Cell, err error) notebook.Result {
	var errs program.Errors
	if errors.As(err, &errs) {
		res := result(cell, notebook.CompileError, 0, "")
		res.Message = errs.Error()
		return res
	}
	if text := refusedByLower(err); text != "" {
		res := result(cell, notebook.Refused, 0, "")
		res.Message = text
		return res
	}
	return result(cell, notebook.Refused, 0, err.Error())
}
