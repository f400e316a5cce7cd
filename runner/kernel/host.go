package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/trace"
)

// A host is our side of one child, of either engine: it sorts what the child
// writes by the cell that runs, and says how each cell ended. A compiled program
// goes from cell to cell by itself, an interpreting child by command.
type host struct {
	cfg  Config
	proc *process
	play *play // of whose server this is the child; nil for cells

	runs     int       // of cells, by command
	since    time.Time // the beginning of a compiled program's cell; for control only
	begun    chan struct{}
	finished chan finished
	leaks    chan report

	mu        sync.Mutex
	out       *output // of the running cell; between cells, of the next
	actors    []trace.ActorState
	stray     *ending         // a panic or exit between cells
	abandoned map[string]bool // actors given up in a cell declared to time out
	makers    map[int]int     // descriptor -> line of the call that made it
}

// finished is a cell that has ended in a child that lives. The name is that of a
// cell of a compiled program.
type finished struct {
	cell string
	ending
	out *output
}

// newHost starts a child. When ctx ends, so does the child, with all it started.
func newHost(ctx context.Context, cfg Config, l launch, p *play) (*host, error) {
	cells := len(cfg.Chapter.Cells()) + 1
	h := &host{
		cfg:       cfg,
		play:      p,
		begun:     make(chan struct{}, cells),
		finished:  make(chan finished, cells),
		leaks:     make(chan report, 1),
		abandoned: map[string]bool{},
		makers:    map[int]int{},
	}
	h.out = h.newOutput()
	var err error
	if h.proc, err = start(h, l); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, h.stop)
	go func() {
		<-h.proc.gone
		stop()
	}()
	return h, nil
}

// stop ends the child because nobody wants more of it.
func (h *host) stop() {
	if h.play != nil && h.play.cfg.Trace {
		// The calls of the last moments are still with the child.
		h.proc.giveUp()
		select {
		case <-h.proc.gone:
		case <-time.After(settle):
		}
	}
	h.proc.signal(unix.SIGKILL)
}

// newOutput keeps what a cell prints; what a server does is passed on.
func (h *host) newOutput() *output {
	if h.play != nil {
		return &output{through: h.play.print}
	}
	return &output{cap: h.cfg.OutputCap}
}

// ended reports whether the child has ended.
func (h *host) ended() bool {
	select {
	case <-h.proc.gone:
		return true
	default:
		return false
	}
}

func (h *host) output() *output {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.out
}

// next returns the output so far, and begins that of the next cell.
func (h *host) next() *output {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := h.out
	h.out = h.newOutput()
	return out
}

// control takes a line from runner/lab.
func (h *host) control(line []byte) {
	var c control
	if json.Unmarshal(line, &c) != nil {
		return // a cell wrote to the descriptor itself
	}
	switch c.T {
	case "begin":
		h.since = time.Now()
		offer(h.begun, struct{}{})
		return
	case "end":
		how := ending{How: "ok", Nanoseconds: int64(time.Since(h.since))}
		offer(h.finished, finished{c.Cell, how, h.next()})
		return
	}
	out := h.output()
	out.control(c)
	if c.T == "panic" {
		// Where nothing waits for the actor the cell would run to its limit. A
		// program would have ended; lab.Wait gets a moment to raise the panic.
		time.AfterFunc(settle, func() {
			if h.output() == out {
				h.proc.giveUp()
			}
		})
	}
}

// report takes a line from the child itself.
func (h *host) report(line []byte) {
	var r report
	if json.Unmarshal(line, &r) != nil {
		return
	}
	switch r.T {
	case "events":
		if h.play != nil {
			h.play.trace(r.Events)
			return
		}
		h.output().record(r.Events, r.Prints)
	case "leaks":
		offer(h.leaks, r)
	case "actors":
		h.mu.Lock()
		h.actors = r.Actors
		h.mu.Unlock()
	case "stray":
		h.mu.Lock()
		h.stray = r.Result
		h.mu.Unlock()
	case "result":
		h.mu.Lock()
		h.actors = r.Actors
		h.mu.Unlock()
		offer(h.finished, finished{"", *r.Result, h.next()})
	}
}

// begin makes cell the one whose output is told. The ending is of a goroutine
// that panicked or exited since the last cell.
func (h *host) begin(cell *chapter.Cell) *ending {
	h.mu.Lock()
	out, stray := h.out, h.stray
	h.stray = nil
	h.mu.Unlock()
	out.listen(func(o notebook.Output) {
		h.cfg.tell(Update{Kind: CellOutput, Cell: cell, Output: o})
	})
	return stray
}

// forever is the limit of what has none.
const forever = time.Duration(math.MaxInt64)

// interpret has the child run a unit of a cell.
func (h *host) interpret(ctx context.Context, cell *chapter.Cell, u unit) (ending, *output) {
	h.runs++
	cmd := command{Op: "run", Text: u.text, Call: u.call, Slot: h.runs}
	limit := forever
	if h.play == nil {
		cmd.TimeoutMS = cell.Attr.Timeout.Milliseconds()
		limit = cell.Attr.Timeout + grace + compiling
	} else {
		cmd.Every = h.play.cfg.Trace
	}
	h.proc.command(cmd)
	return h.follow(ctx, cell, limit, limit)
}

// follow waits for the end of a cell, or of the child. The limit counts from
// when a compiled program says that the cell begins, for which it has until first.
func (h *host) follow(ctx context.Context, cell *chapter.Cell, first, limit time.Duration) (ending, *output) {
	timer := time.NewTimer(first)
	defer timer.Stop()
	late := false
	for {
		select {
		case <-h.begun:
			timer.Reset(limit)
			continue
		case <-timer.C:
			late = true
			h.proc.quit()
			continue
		case f := <-h.finished:
			if f.cell == "" || f.cell == cell.Name {
				return f.out.settled(f.ending), f.out
			}
			h.begin(cell) // now, after one that is skipped
			continue
		case <-h.proc.gone:
		}
		if ctx.Err() != nil {
			return ending{How: "died", Text: "interrupted"}, h.next()
		}
		for len(h.finished) > 0 { // its last word
			if f := <-h.finished; f.cell == "" || f.cell == cell.Name {
				return f.out.settled(f.ending), f.out
			}
		}
		out := h.next()
		return h.death(out, late), out
	}
}

// judge is the function of that name with what only a host knows: where the
// actors are, and which of them a declared timeout leaves behind.
func (h *host) judge(cell *chapter.Cell, e ending, out *output) notebook.Result {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e.How == "timeout" && e.Text == "" && cell.Attr.Expect.Kind != chapter.ExpectTimeout {
		e.Text = whereabouts(h.actors, e.States, out.events.list)
		for _, a := range h.actors {
			if e.Line == 0 && strings.HasPrefix(a.Name, "main") {
				e.Line = a.Line
			}
		}
	}
	res := judge(cell, e, out)
	if cell.Attr.Expect.Kind != chapter.ExpectNone && res.Outcome == notebook.OK {
		for _, a := range h.actors {
			h.abandoned[a.Name] = true
		}
	}
	for _, ev := range res.Events {
		for _, fd := range made(ev) {
			h.makers[fd] = ev.Line
		}
	}
	return res
}

// runCell runs a cell by command.
func (h *host) runCell(ctx context.Context, cell *chapter.Cell, u unit) notebook.Result {
	if e := h.begin(cell); e != nil {
		e.Text = fmt.Sprintf("after the cell above had ended, %s", e.story())
		return judge(cell, *e, h.next())
	}
	e, out := h.interpret(ctx, cell, u)
	return h.judge(cell, e, out)
}

// followCell is the next cell that a compiled program runs.
func (h *host) followCell(ctx context.Context, cell *chapter.Cell) notebook.Result {
	h.begin(cell)
	limit := cell.Attr.Timeout
	if cell.Attr.Expect.Kind == chapter.ExpectTimeout {
		limit += grace // it ends itself at its limit
	}
	e, out := h.follow(ctx, cell, limit+loading, limit)
	return h.judge(cell, e, out)
}

// close ends the child with every process it started, and says what an
// interpreting one had left behind.
func (h *host) close() Leaks {
	var leaks Leaks
	if !h.ended() && h.proc.commands != nil {
		h.proc.command(command{Op: "leaks"})
		select {
		case r := <-h.leaks:
			leaks = h.leftBehind(r)
		case <-h.proc.gone:
		case <-time.After(grace):
		}
	}
	h.proc.kill()
	return leaks
}

// offer never blocks: the goroutine that polls a child must not. Who no longer
// waits for v has killed the child.
func offer[T any](to chan T, v T) {
	select {
	case to <- v:
	default:
	}
}
