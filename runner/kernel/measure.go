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

// builds are the programs of a run's measurements, compiled one after the other
// ahead of their use.
type builds struct {
	all  sync.WaitGroup // what is being compiled
	stop context.CancelFunc
	made map[*chapter.Cell]built
}

type built struct {
	*binary
	err error
}

// start compiles the programs of the measurements among cells in the background.
func (b *builds) start(ctx context.Context, c *chapter.Chapter, cells []*chapter.Cell) {
	ctx, b.stop = context.WithCancel(ctx)
	b.made = map[*chapter.Cell]built{}
	b.all.Go(func() {
		for _, cell := range cells {
			if cell.Attr.Engine == Go && cell.Attr.Expect.Kind != chapter.ExpectCompile &&
				missing(cell.Attr.Needs) == "" {
				bin, err := compileAlone(ctx, c, cell)
				b.made[cell] = built{bin, err}
			}
		}
	})
}

// take returns the program of a cell, which the caller then owns. It waits until
// nothing is being compiled any more: a measurement has the machine to itself.
func (b *builds) take(ctx context.Context, c *chapter.Chapter, cell *chapter.Cell) (*binary, error) {
	b.all.Wait()
	if r, ok := b.made[cell]; ok {
		delete(b.made, cell)
		return r.binary, r.err
	}
	return compileAlone(ctx, c, cell)
}

// close ends what is being compiled and removes what was not taken.
func (b *builds) close() {
	if b.stop != nil {
		b.stop()
	}
	b.all.Wait()
	for _, r := range b.made {
		if r.binary != nil {
			r.remove()
		}
	}
	b.made = nil
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
