package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

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
	if cfg.Memory == 0 {
		cfg.Memory = DefaultMemory
	}
	listener, addr, err := listen(cfg.Port)
	if err != nil {
		return err
	}
	defer listener.Close()
	p := &play{cfg: cfg, cell: cell, addr: addr, results: make(chan ending, 1), waiting: map[int]bool{}}
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
	cfg     PlayConfig
	cell    *chapter.Cell
	addr    netip.AddrPort
	results chan ending
	crash   output // standard error's end, for a crash dump

	mu      sync.Mutex // of Out
	waiting map[int]bool
}

func (p *play) takeText(stream string, b []byte) {
	if stream == "stderr" {
		p.crash.text(stream, b)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = p.cfg.Out.Write(b)
}

func (p *play) takeControl(line []byte) {
	var c control
	if json.Unmarshal(line, &c) != nil {
		return
	}
	if c.T == "panic" {
		offer(p.results, ending{How: "panic", Text: c.Message, Actor: c.Actor, Line: c.Line})
	}
}

func (p *play) takeReport(line []byte) {
	var r report
	if json.Unmarshal(line, &r) != nil {
		return
	}
	switch r.T {
	case "events":
		if p.cfg.Trace {
			p.print(r.Events)
		}
	case "result", "stray":
		offer(p.results, *r.Result)
	}
}

// print tells of calls that have returned, and once of one that is waiting.
func (p *play) print(events []trace.Event) {
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

func (p *play) interpreted(ctx context.Context, listener *os.File) error {
	prog, err := program.Standalone(p.cfg.Chapter, p.cell)
	if err != nil {
		return err
	}
	proc, err := start(launch{
		path:     "/proc/self/exe",
		args:     []string{os.Args[0], childVerb},
		env:      childEnvironment("GOGC=off"),
		commands: true,
		extra:    []*os.File{listener},
		memory:   p.cfg.Memory,
		death:    orphaned,
		taps:     taps{p.takeText, p.takeControl, p.takeReport},
	})
	if err != nil {
		return err
	}
	defer proc.kill()
	f, err := newFront(p.cfg.Chapter)
	if err != nil {
		return err
	}
	for _, src := range prog.Declarations() {
		u, err := f.translate(src)
		if err != nil {
			return errors.New(refusal(p.cfg.Chapter.Cell(src.Name), err).Message)
		}
		proc.command(command{Op: "run", Text: u.text, Call: u.call})
		if how := p.wait(ctx, proc); how.How != "ok" {
			return p.failure(src.Name, how)
		}
	}
	u, err := f.translate(p.call(3))
	if err != nil {
		return err
	}
	p.listening(proc)
	proc.command(command{Op: "run", Text: u.text, Call: u.call, Every: p.cfg.Trace})
	return p.failure(p.cell.Name, p.wait(ctx, proc))
}

func (p *play) listening(proc *process) {
	if p.cfg.Listening != nil {
		p.cfg.Listening(p.cell, p.addr, proc.pid)
	}
}

// wait returns how what the child runs ended, or the child itself.
func (p *play) wait(ctx context.Context, proc *process) ending {
	select {
	case e := <-p.results:
		return e
	case <-ctx.Done():
		if p.cfg.Trace {
			// The calls of the last moments are still with the child.
			proc.command(command{Op: "give up"})
			select {
			case <-p.results:
			case <-proc.gone:
			case <-time.After(settle):
			}
		}
		return ending{}
	case <-proc.gone:
	}
	select {
	case e := <-p.results:
		return e
	default:
		return mustFailed(proc.ending(&p.crash))
	}
}

// failure is the error of a server that has ended.
func (p *play) failure(cell string, how ending) error {
	if how.How == "ok" || how.How == "exit" && how.Text == "exited with status 0" {
		return fmt.Errorf("%s: cell %q: %s: %w", p.cell.Pos(), cell, p.cell.Attr.Play, ErrReturned)
	}
	return errors.New(message(p.cfg.Chapter.Cell(cell), how.Line, how.story()))
}

// compiled runs the server as a program: every declaration of the chapter, and a
// main that calls it.
func (p *play) compiled(ctx context.Context, listener *os.File) error {
	b, err := p.build(ctx)
	if err != nil {
		return err
	}
	defer b.remove()
	proc, err := start(launch{
		path:   b.path(),
		args:   []string{b.path()},
		env:    childEnvironment(controlVariable + "=3"),
		extra:  []*os.File{listener},
		memory: p.cfg.Memory,
		death:  unix.SIGKILL,
		taps:   taps{text: p.takeText, control: p.takeControl},
	})
	if err != nil {
		return err
	}
	defer proc.kill()
	p.listening(proc)
	return p.failure(p.cell.Name, p.wait(ctx, proc))
}

func (p *play) build(ctx context.Context) (*binary, error) {
	call := p.call(listenerInCompiled)
	caller := &chapter.Cell{
		Path:     call.Path,
		Name:     call.Name,
		Attr:     chapter.Attributes{Name: call.Name, Run: true, Engine: Go},
		Line:     call.Line,
		CodeLine: call.Line,
		Code:     call.Code,
	}
	prog, err := program.Standalone(p.cfg.Chapter, caller)
	if err != nil {
		return nil, err
	}
	return compile(ctx, prog.Text(program.TextOptions{Bracket: true}))
}

// call is the code that hands the listening descriptor to the server.
func (p *play) call(listener int) program.Source {
	return program.Source{
		Path: p.cell.Path,
		Line: p.cell.Line,
		Name: p.cell.Name,
		Code: fmt.Sprintf("import lab__ %q\nlab__.Must(%s(%d))\n", "ioworkbook/runner/lab", p.cell.Attr.Play, listener),
	}
}
