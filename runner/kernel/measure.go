package kernel

import (
	"context"
	"fmt"
	"sync"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/program"
)

// measure runs a cell with engine=go: a program of its own in a process of its
// own, with the declarations of the cells above.
func (s *Session) measure(ctx context.Context, cell *chapter.Cell) notebook.Result {
	b, err := s.builds.take(ctx, s.cfg.Chapter, cell)
	if err != nil {
		return refusal(cell, err)
	}
	defer b.remove()
	cfg := s.cfg
	cfg.Progress = func(u Update) {
		if u.Kind == CellOutput { // that the cell starts and ends is told by Run
			s.cfg.tell(u)
		}
	}
	results, err := execute(ctx, cfg, b, []*chapter.Cell{cell})
	if err != nil {
		return refusal(cell, err)
	}
	return results[cell.Name]
}

// measured returns the chapter's cells that run as programs of their own here.
func measured(c *chapter.Chapter) []*chapter.Cell {
	var cells []*chapter.Cell
	for _, cell := range cellsOfRun(c) {
		if cell.Attr.Engine == Go && cell.Attr.Expect.Kind != chapter.ExpectCompile && missing(cell.Attr.Needs) == "" {
			cells = append(cells, cell)
		}
	}
	return cells
}

// builds are the programs of a chapter's measurements, compiled one after the
// other ahead of their use.
type builds struct {
	mu    sync.Mutex
	ready map[*chapter.Cell]chan built
	stop  context.CancelFunc
	all   sync.WaitGroup
}

type built struct {
	*binary
	err error
}

// start compiles the programs of cells in the background.
func (b *builds) start(ctx context.Context, c *chapter.Chapter, cells []*chapter.Cell) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ctx, b.stop = context.WithCancel(ctx)
	b.ready = map[*chapter.Cell]chan built{}
	for _, cell := range cells {
		b.ready[cell] = make(chan built, 1)
	}
	b.all.Add(1)
	go func(ready map[*chapter.Cell]chan built) {
		defer b.all.Done()
		for _, cell := range cells {
			bin, err := compileAlone(ctx, c, cell)
			ready[cell] <- built{bin, err}
		}
	}(b.ready)
}

// take returns the program of a cell, which the caller then owns. It waits until
// nothing is being compiled any more: a measurement has the machine to itself.
func (b *builds) take(ctx context.Context, c *chapter.Chapter, cell *chapter.Cell) (*binary, error) {
	b.all.Wait()
	b.mu.Lock()
	ready := b.ready[cell]
	delete(b.ready, cell)
	b.mu.Unlock()
	if ready == nil {
		return compileAlone(ctx, c, cell)
	}
	r := <-ready
	return r.binary, r.err
}

// close ends what is being compiled and removes what was not taken.
func (b *builds) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stop != nil {
		b.stop()
	}
	b.all.Wait()
	for _, ready := range b.ready {
		if r := <-ready; r.binary != nil {
			r.remove()
		}
	}
	b.ready = nil
}

func compileAlone(ctx context.Context, c *chapter.Chapter, cell *chapter.Cell) (*binary, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	p, err := program.Standalone(c, cell)
	if err != nil {
		return nil, err
	}
	b, err := compile(ctx, p.Text(program.TextOptions{Bracket: true}))
	if err != nil {
		return nil, fmt.Errorf("cell %q: %w", cell.Name, err)
	}
	return b, nil
}
