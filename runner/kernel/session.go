// Package kernel runs the cells of a chapter.
//
//	Chapter ──program──▶ typed Go ──lower──▶ text for yaegi ──pipe──▶ child: eval, run
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
	"sync"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/program"
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
	// Cell, if not empty, has only this cell run, and those that it needs.
	Cell string
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
	if progress := cfg.Progress; progress != nil {
		var says sync.Mutex
		cfg.Progress = func(u Update) {
			says.Lock()
			defer says.Unlock()
			progress(u)
		}
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
	cells  []*chapter.Cell // of the run
	units  *units          // of the chapter's program, made when it is first needed
	host   *host
	builds builds

	running sync.Mutex // held while a cell runs
}

// Start starts a session for the chapter. The child starts at once and prepares
// itself while the caller goes on. When ctx ends, so does the child, with all
// it started. An error is one of this machine or of the toolchain: no cell has
// been looked at yet.
func Start(ctx context.Context, cfg Config) (*Session, error) {
	s := &Session{cfg: cfg.withDefaults()}
	var err error
	s.host, err = newHost(ctx, s.cfg, launch{}, nil)
	return s, err
}

// Ended reports whether the child has ended. A session does not outlive its
// child: start another.
func (s *Session) Ended() bool { return s.host.ended() }

// Close ends the session, with every process it started, and says what it had
// left behind.
func (s *Session) Close() Leaks {
	s.running.Lock()
	defer s.running.Unlock()
	defer s.builds.close()
	return s.host.close()
}

// ahead prepares the cells of a program that are going to be run, in their order.
func (s *Session) ahead(ctx context.Context, p *program.Program) {
	var interpreted []string
	for _, cell := range s.cells {
		if runsWithOthers(cell) {
			interpreted = append(interpreted, cell.Name)
		}
	}
	s.units = newUnits(p)
	s.units.ahead(interpreted)
	s.builds.start(ctx, s.cfg.Chapter, s.cells)
}
