package kernel

import (
	"context"
	"fmt"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/lab"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/program"
)

// Run runs one cell and says how it went; a Result is all there is, failures of
// every kind included. The cell sees what the cells run before it left behind.
//
// A session survives a cell that panics, exits by os.Exit or runs into its
// limit; the goroutines of such a cell may live on. It ends with a cell that
// takes the process with it, see Ended. When ctx is cancelled the session ends.
func (s *Session) Run(ctx context.Context, cell *chapter.Cell) notebook.Result {
	s.running.Lock()
	defer s.running.Unlock()
	s.cfg.tell(Update{Kind: CellStarted, Cell: cell})
	res := s.run(ctx, cell)
	s.cfg.tell(Update{Kind: CellEnded, Cell: cell, Result: &res})
	return res
}

func (s *Session) run(ctx context.Context, cell *chapter.Cell) notebook.Result {
	if why := missing(cell.Attr.Needs); why != "" {
		return result(cell, notebook.Skipped, 0, why)
	}
	if cell.Attr.Expect.Kind == chapter.ExpectCompile {
		return s.mustNotCompile(cell)
	}
	if cell.Attr.Engine == Go {
		return s.measure(ctx, cell)
	}
	if s.Ended() {
		return result(cell, notebook.NotRun, 0, "the session has ended")
	}
	if s.units == nil {
		p, err := program.New(s.cfg.Chapter)
		if err != nil {
			return refusal(cell, err)
		}
		s.units = newUnits(p)
	}
	u, err := s.units.of(cell.Name)
	switch {
	case err != nil:
		return refusal(cell, err)
	case u.call == "":
		return result(cell, notebook.OK, 0, "")
	}
	return s.host.runCell(ctx, cell, u)
}

// missing says which of the capabilities is absent and why, "" if none is.
func missing(needs []string) string {
	for _, n := range needs {
		if ok, why := lab.Has(n); !ok {
			return fmt.Sprintf("needs %s: %s", n, why)
		}
	}
	return ""
}
