// Package kernel runs the cells of a chapter.
//
//	Cell ──program──▶ Go text ──lower──▶ text for yaegi ──pipe──▶ child: eval, run
//	                                                                │
//	Result ◀── output, checks, events, how it ended ◀── pipes ──────┘
//
// A [Session] is one chapter's live state. Its cells run in a child process, so
// that a cell may block, spin, panic in a goroutine, exit, print without end or
// eat memory: the session says which cell did and where, and lives. The child
// is this binary, executed again; see [ChildMain].
//
// The type checker and the rewriting are done on this side. What the child gets
// is text that is legal Go.
package kernel

import (
	"context"
	"encoding/json"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/trace"
)

// Engines are the values of Config.Engine.
const (
	Yaegi = "yaegi" // interpreted: live state, traced; the default
	Go    = "go"    // compiled by the Go toolchain; not traced
)

// Config says what to run and how. Only Chapter is required.
type Config struct {
	Chapter *chapter.Chapter
	Engine  string // Yaegi if empty
	// Progress is told what happens as it happens. Calls do not overlap, and the
	// run waits for them.
	Progress  func(Update)
	OutputCap int   // bytes of text kept per cell; DefaultOutputCap if 0
	Memory    int64 // resident bytes allowed to a child; DefaultMemory if 0
}

func (cfg Config) withDefaults() Config {
	if cfg.Engine == "" {
		cfg.Engine = Yaegi
	}
	if cfg.OutputCap == 0 {
		cfg.OutputCap = DefaultOutputCap
	}
	if cfg.Memory == 0 {
		cfg.Memory = DefaultMemory
	}
	return cfg
}

func (cfg Config) tell(u Update) {
	if cfg.Progress != nil {
		cfg.Progress(u)
	}
}

// UpdateKind is what an Update tells.
type UpdateKind int

const (
	CellStarted UpdateKind = iota
	CellOutput             // text or a rendering, as it comes; Output is set
	CellEnded              // Result is set
)

// An Update is one step of a run.
type Update struct {
	Kind   UpdateKind
	Cell   *chapter.Cell
	Output notebook.Output
	Result *notebook.Result
}

// A Session is the live state of one chapter: variables, descriptors and
// goroutines of the cells run so far. Its methods may be called from any
// goroutine; cells run one at a time.
type Session struct {
	cfg    Config
	front  *front
	proc   *process
	builds builds

	running sync.Mutex // held while a cell runs
	runs    int        // of cells, by this child
	says    sync.Mutex // held while Progress is called

	mu        sync.Mutex
	out       *output       // of the running cell; between cells, of the next
	cell      *chapter.Cell // running, nil between cells
	actors    []trace.ActorState
	stray     *ending         // a panic or exit between cells
	abandoned map[string]bool // actors given up in a cell declared to time out
	makers    map[int]int     // descriptor -> line of the call that made it

	finished chan finished // at most one: the running cell's
	leaks    chan report
}

// finished is a cell that has ended in a child that lives.
type finished struct {
	ending
	out *output
}

// Start starts a session for the chapter. The child starts at once and prepares
// itself while the caller goes on. When ctx ends, so does the child, with all
// it started. An error is one of this machine or of the toolchain: no cell has
// been looked at yet.
func Start(ctx context.Context, cfg Config) (*Session, error) {
	cfg = cfg.withDefaults()
	s := &Session{
		cfg:       cfg,
		abandoned: map[string]bool{},
		makers:    map[int]int{},
		finished:  make(chan finished, 1),
		leaks:     make(chan report, 1),
	}
	s.out = s.newOutput()
	var err error
	s.proc, err = start(launch{
		path:     "/proc/self/exe",
		args:     []string{os.Args[0], childVerb},
		env:      childEnvironment("GOGC=off"),
		commands: true,
		memory:   cfg.Memory,
		death:    orphaned,
		taps:     taps{s.takeText, s.takeControl, s.takeReport},
	})
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { s.proc.signal(unix.SIGKILL) })
	go func() {
		<-s.proc.gone
		stop()
	}()
	s.front, err = newFront(cfg.Chapter)
	if err != nil {
		s.proc.kill()
		return nil, err
	}
	return s, nil
}

// childEnvironment is ours, with goroutine labels in crash dumps: they hold the
// actors' names.
func childEnvironment(more ...string) []string {
	debug := "tracebacklabels=1"
	if old := os.Getenv("GODEBUG"); old != "" {
		debug = old + "," + debug
	}
	return append(append(os.Environ(), "GODEBUG="+debug), more...)
}

func (s *Session) newOutput() *output { return &output{cap: s.cfg.OutputCap, live: s.live} }

// live passes on what the running cell prints. What comes between two cells
// belongs to the next one, and is passed on when that starts.
func (s *Session) live(o notebook.Output) {
	s.mu.Lock()
	cell := s.cell
	s.mu.Unlock()
	if cell != nil {
		s.tell(Update{Kind: CellOutput, Cell: cell, Output: o})
	}
}

func (s *Session) tell(u Update) {
	s.says.Lock()
	defer s.says.Unlock()
	s.cfg.tell(u)
}

// Ended reports whether the child has ended. A session does not outlive its
// child: start another.
func (s *Session) Ended() bool {
	select {
	case <-s.proc.gone:
		return true
	default:
		return false
	}
}

func (s *Session) output() *output {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out
}

func (s *Session) takeText(stream string, b []byte) { s.output().text(stream, b) }

func (s *Session) takeControl(line []byte) {
	var c control
	if json.Unmarshal(line, &c) != nil {
		return // a cell wrote to the descriptor itself
	}
	out := s.output()
	out.control(c)
	if c.T == "panic" {
		// Where nothing waits for the actor the cell would run to its limit. A
		// program would have ended; lab.Wait gets a moment to raise the panic.
		time.AfterFunc(settle, func() {
			if s.output() == out {
				s.proc.command(command{Op: "give up"})
			}
		})
	}
}

func (s *Session) takeReport(line []byte) {
	var r report
	if json.Unmarshal(line, &r) != nil {
		return
	}
	switch r.T {
	case "events":
		s.output().record(r.Events, r.Prints)
	case "leaks":
		offer(s.leaks, r)
	case "actors":
		s.mu.Lock()
		s.actors = r.Actors
		s.mu.Unlock()
	case "stray":
		s.mu.Lock()
		s.stray = r.Result
		s.mu.Unlock()
	case "result":
		s.mu.Lock()
		f := finished{*r.Result, s.out}
		s.out, s.cell, s.actors = s.newOutput(), nil, r.Actors
		s.mu.Unlock()
		offer(s.finished, f)
	}
}

// Close ends the session, with every process it started, and says what it had
// left behind.
func (s *Session) Close() Leaks {
	s.running.Lock()
	defer s.running.Unlock()
	var leaks Leaks
	if !s.Ended() {
		s.proc.command(command{Op: "leaks"})
		select {
		case r := <-s.leaks:
			leaks = s.leftBehind(r)
		case <-s.proc.gone:
		case <-time.After(grace):
		}
	}
	s.proc.kill()
	s.builds.close()
	return leaks
}

// ahead prepares cells that are going to be run in this order.
func (s *Session) ahead(ctx context.Context, cells []*chapter.Cell) {
	var interpreted []*chapter.Cell
	for _, cell := range cells {
		if cell.Attr.Engine == "" && cell.Attr.Expect.Kind != chapter.ExpectCompile && missing(cell.Attr.Needs) == "" {
			interpreted = append(interpreted, cell)
		}
	}
	s.front.ahead(interpreted)
	s.builds.start(ctx, s.cfg.Chapter, measured(s.cfg.Chapter))
}

// offer never blocks: the goroutine that polls a child must not. Who no longer
// waits for v has killed the child.
func offer[T any](to chan T, v T) {
	select {
	case to <- v:
	default:
	}
}
