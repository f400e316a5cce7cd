package kernel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"sync"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/program"
	"ioworkbook/runner/trace"
)

// PlayConfig says which server to play. Chapter and Out are required.
type PlayConfig struct {
	Chapter *chapter.Chapter
	Server  string // name of a cell with play=; empty as for [Server]
	Port    int    // on 127.0.0.1; 0 for any that is free
	Engine  string // Yaegi if empty
	Trace   bool   // print system calls as they happen; Yaegi only
	// Out gets what the server prints, and the system calls. Writes do not
	// overlap.
	Out io.Writer
	// Listening is told once clients can connect, and which process serves them.
	Listening func(server *chapter.Cell, addr netip.AddrPort, pid int)
	Memory    int64 // as in Config
}

// ErrReturned ends a Play whose server returned nil although nobody stopped it.
var ErrReturned = errors.New("the server returned")

// Play runs a chapter's server until ctx is cancelled, and then returns nil.
// The server's function gets a descriptor that listens on 127.0.0.1 only; of the
// chapter, it has the declarations above it and those of its own cell, nothing
// of what statements do. An error of the server's is told with its line.
func Play(ctx context.Context, cfg PlayConfig) error {
	cell, err := Server(cfg.Chapter, cfg.Server)
	if err != nil {
		return err
	}
	if why := missing(cell.Attr.Needs); why != "" {
		return errors.New(message(cell, 0, why))
	}
	if cfg.Trace && cfg.Engine == Go {
		return errors.New("a compiled server is not traced; leave out either TRACE or ENGINE=go")
	}
	listener, addr, err := listen(cfg.Port)
	if err != nil {
		return err
	}
	defer listener.Close()
	p := &play{cfg: cfg, cell: cell, addr: addr, waiting: map[int]bool{}}
	if cfg.Engine == Go {
		err = p.compiled(ctx, listener)
	} else {
		err = p.interpreted(ctx, listener)
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// play is a server in the foreground.
type play struct {
	cfg  PlayConfig
	cell *chapter.Cell
	addr netip.AddrPort

	mu      sync.Mutex // of Out
	waiting map[int]bool
}

// print passes on what the server prints.
func (p *play) print(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = p.cfg.Out.Write(b)
}

// trace tells of calls that have returned, and once of one that is waiting.
func (p *play) trace(events []trace.Event) {
	if !p.cfg.Trace {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, ev := range events {
		if p.waiting[ev.Seq] && !ev.Returned() {
			continue
		}
		if ev.Returned() {
			delete(p.waiting, ev.Seq)
		} else {
			p.waiting[ev.Seq] = true
		}
		fmt.Fprintln(p.cfg.Out, eventLine(ev))
	}
}

// eventLine is one call in a line: when it began, who made it where, how long
// it took.
//
//	1.204s  main:57        accept4(3) = 7  1.20 s
func eventLine(ev trace.Event) string {
	line := fmt.Sprintf("%8.3fs  %-14s %s(%s) ", ev.Enter.Seconds(), fmt.Sprintf("%s:%d", ev.Actor, ev.Line),
		ev.Call, strings.Join(ev.Args, ", "))
	if !ev.Returned() {
		return line + "..."
	}
	if n := ev.Calls(); n > 1 {
		line += fmt.Sprintf("× %d ", n)
	}
	return line + trace.Outcome(ev) + "  " + trace.Duration(ev.Duration())
}

// start starts the server's process. When ctx ends, so does the process.
func (p *play) start(ctx context.Context, l launch) (*host, error) {
	return newHost(ctx, Config{Chapter: p.cfg.Chapter, Memory: p.cfg.Memory}.withDefaults(), l, p)
}

func (p *play) interpreted(ctx context.Context, listener *os.File) error {
	prog, err := p.program(3)
	if err != nil {
		return err
	}
	h, err := p.start(ctx, launch{listener: listener})
	if err != nil {
		return err
	}
	defer h.proc.kill()
	units := newUnits(prog)
	for _, name := range append(prog.Needs(p.callName()), p.callName()) {
		cell := p.cfg.Chapter.Cell(name)
		serves := cell == nil
		if serves {
			cell = p.cell
			p.listening(h)
		}
		u, err := units.of(name)
		if err != nil {
			return errors.New(refusal(cell, err).Message)
		}
		if how, _ := h.interpret(ctx, cell, u); how.How != "ok" || serves {
			return p.failure(cell, how)
		}
	}
	return p.failure(p.cell, ending{How: "ok"})
}

func (p *play) listening(h *host) {
	if p.cfg.Listening != nil {
		p.cfg.Listening(p.cell, p.addr, h.proc.pid)
	}
}

// failure is the error of a server that has ended.
func (p *play) failure(cell *chapter.Cell, how ending) error {
	if how.How == "ok" || how.How == "exit" && how.Text == "exited with status 0" {
		return fmt.Errorf("%s: cell %q: %s: %w", p.cell.Pos(), cell.Name, p.cell.Attr.Play, ErrReturned)
	}
	return errors.New(message(cell, how.Line, how.story()))
}

// compiled runs the server as a program: every declaration of the chapter, and a
// main that calls it.
func (p *play) compiled(ctx context.Context, listener *os.File) error {
	b, err := p.build(ctx)
	if err != nil {
		return err
	}
	defer b.remove()
	h, err := p.start(ctx, launch{program: b, listener: listener})
	if err != nil {
		return err
	}
	defer h.proc.kill()
	p.listening(h)
	how, _ := h.follow(ctx, p.cell, forever, forever)
	return p.failure(p.cell, how)
}

func (p *play) build(ctx context.Context) (*binary, error) {
	prog, err := p.program(listenerInCompiled)
	if err != nil {
		return nil, err
	}
	return compile(ctx, prog.Text(program.TextOptions{Bracket: true}))
}

// program is every declaration of the chapter, and a cell that hands the server its
// listening descriptor.
func (p *play) program(listener int) (*program.Program, error) {
	return program.Standalone(p.cfg.Chapter, &chapter.Cell{
		Path:     p.cell.Path,
		Name:     p.callName(),
		Attr:     chapter.Attributes{Run: true},
		Line:     p.cell.Line,
		CodeLine: p.cell.Line,
		Code: fmt.Sprintf(
			"import lab__ %q\nlab__.Must(%s(%d))\n",
			"ioworkbook/runner/lab",
			p.cell.Attr.Play,
			listener,
		),
	})
}

// callName is no name of a cell.
func (p *play) callName() string { return p.cell.Name + " (play)" }
