package kernel

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/lab"
	"ioworkbook/runner/notebook"
)

// Run runs one cell and says how it went; a Result is all there is, failures of
// every kind included. The cell sees what the cells run before it left behind.
// It need not be one of the chapter's: a reader may have edited it.
//
// A session survives a cell that panics, exits by os.Exit or runs into its
// limit; the goroutines of such a cell may live on. It ends with a cell that
// takes the process with it, see Ended. When ctx is cancelled the session ends.
func (s *Session) Run(ctx context.Context, cell *chapter.Cell) notebook.Result {
	s.running.Lock()
	defer s.running.Unlock()
	s.tell(Update{Kind: CellStarted, Cell: cell})
	res := s.run(ctx, cell)
	s.tell(Update{Kind: CellEnded, Cell: cell, Result: &res})
	return res
}

func (s *Session) run(ctx context.Context, cell *chapter.Cell) notebook.Result {
	if why := missing(cell.Attr.Needs); why != "" {
		return result(cell, notebook.Skipped, 0, why)
	}
	if cell.Attr.Expect.Kind == chapter.ExpectCompile {
		return s.front.mustNotCompile(cell)
	}
	if cell.Attr.Engine == Go {
		return s.measure(ctx, cell)
	}
	if s.Ended() {
		return result(cell, notebook.NotRun, 0, "the session has ended")
	}
	u, err := s.front.add(cell)
	if err != nil {
		return refusal(cell, err)
	}
	return s.interpret(ctx, cell, u)
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

// interpret has the child run a cell and waits for its end.
func (s *Session) interpret(ctx context.Context, cell *chapter.Cell, u unit) notebook.Result {
	if e := s.begin(cell); e != nil {
		out := s.abandon()
		e.Text = fmt.Sprintf("after the cell above had ended, %s", e.story())
		return judge(cell, *e, out)
	}
	limit := cell.Attr.Timeout
	s.runs++
	s.proc.command(command{Op: "run", Text: u.text, Call: u.call, TimeoutMS: limit.Milliseconds(), Slot: s.runs})

	hung := time.NewTimer(limit + grace + compiling)
	defer hung.Stop()
	select {
	case f := <-s.finished:
		return s.judge(cell, f.ending, f.out)
	case <-ctx.Done():
		s.proc.kill()
	case <-hung.C:
		s.proc.kill()
	case <-s.proc.gone:
	}
	<-s.proc.gone
	if ctx.Err() != nil {
		return judge(cell, ending{How: "died", Text: "interrupted"}, s.abandon())
	}
	select {
	case f := <-s.finished: // its last word
		return s.judge(cell, f.ending, f.out)
	default:
	}
	out := s.abandon()
	e := s.death(out)
	if e.Text == "killed by SIGKILL" && !hung.Stop() {
		e = ending{How: "timeout", Line: e.Line}
	}
	return s.judge(cell, e, out)
}

// begin makes cell the running one. The ending is of a goroutine that panicked
// or exited since the last cell.
func (s *Session) begin(cell *chapter.Cell) *ending {
	s.mu.Lock()
	s.cell = cell
	early, stray := s.out, s.stray
	s.stray = nil
	s.mu.Unlock()
	early.replay()
	return stray
}

// abandon takes the output of a cell of which no end will be reported.
func (s *Session) abandon() *output {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.out
	s.out, s.cell = s.newOutput(), nil
	return out
}

// death says how the child ended by itself.
func (s *Session) death(out *output) ending {
	e := s.proc.ending(out)
	if e.Actor == "" || isMain(e.Actor) {
		s.proc.mu.Lock()
		e.Line = int(*s.proc.lines.cell(s.runs))
		s.proc.mu.Unlock()
		return e
	}
	if n, ok := strings.CutPrefix(e.Actor, "go:"); ok {
		// Where it began, if it has not lived long enough to say where it is.
		n, _, _ = strings.Cut(n, "#")
		e.Line, _ = strconv.Atoi(n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.actors {
		if a.Name == e.Actor && a.Line > 0 {
			e.Line = a.Line
		}
	}
	return e
}

// ending says how a dead process ended: by a crash of the Go runtime, whose
// dump is taken out of what it printed, by a signal or by exiting.
func (p *process) ending(out *output) ending {
	p.mu.Lock()
	large, deaf, state := p.large, p.deaf, p.state
	p.mu.Unlock()
	switch {
	case large:
		return ending{How: "died", Text: "used more memory than a session may; its process was killed"}
	case deaf:
		return ending{How: "died", Text: fmt.Sprintf("closed descriptors that are not its own (those from %d up are the runner's); its process was killed", descriptorBase)}
	}
	if c := out.crash(); c != nil {
		e := ending{How: "died", Text: c.String(), Line: c.line(), Actor: c.actor()}
		if c.what == "panic" {
			e.How, e.Text = "panic", c.text
		}
		return e
	}
	if state == nil {
		return ending{How: "died", Text: "the process is gone"}
	}
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return ending{How: "died", Text: "killed by " + unix.SignalName(ws.Signal())}
	}
	return ending{How: "exit", Text: fmt.Sprintf("exited with status %d", state.ExitCode())}
}

// judge is the function of that name with what only a session knows: where the
// actors are, and which of them a declared timeout leaves behind.
func (s *Session) judge(cell *chapter.Cell, e ending, out *output) notebook.Result {
	s.mu.Lock()
	actors := s.actors
	s.mu.Unlock()
	if e.How == "timeout" && cell.Attr.Expect.Kind != chapter.ExpectTimeout {
		e.Text = whereabouts(actors, e.States, out.events.list)
		for _, a := range actors {
			if e.Line == 0 && strings.HasPrefix(a.Name, "main") {
				e.Line = a.Line
			}
		}
	}
	res := judge(cell, e, out)
	s.mu.Lock()
	defer s.mu.Unlock()
	if cell.Attr.Expect.Kind != chapter.ExpectNone && res.Outcome == notebook.OK {
		for _, a := range actors {
			s.abandoned[a.Name] = true
		}
	}
	for _, ev := range res.Events {
		for _, fd := range made(ev) {
			s.makers[fd] = ev.Line
		}
	}
	return res
}
