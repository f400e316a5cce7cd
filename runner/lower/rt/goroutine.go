package rt

import (
	"runtime/debug"
	"strconv"
	"sync"

	"ioworkbook/runner/trace"
)

// goroutine is what the runtime keeps per goroutine that runs lowered code.
//
// Goroutines have no public identity and trace's actors are inherited by
// goroutines that compiled code starts (an HTTP server's, a timer's), so they are
// told apart by the address of the scheduler's g. An address is used again after
// a goroutine has ended; all that is then left over is a line number.
type goroutine struct {
	actor   *trace.Actor // nil: none, or another goroutine of that actor came first
	inherit *trace.Actor // what trace.Current said when actor was decided
	line    *int32
	own     int32 // the cell when actor is nil
	pending *Token
}

var (
	goroutines sync.Map // uintptr -> *goroutine
	owners     sync.Map // *trace.Actor -> *goroutine
)

func current() *goroutine {
	id := gaddr()
	a := trace.Current()
	if g, ok := goroutines.Load(id); ok {
		g := g.(*goroutine)
		if g.inherit != a {
			g.attach(a)
		}
		return g
	}
	g := new(goroutine)
	g.attach(a)
	goroutines.Store(id, g)
	return g
}

// attach decides whose line cell the goroutine writes: the actor's own if it is
// the actor's first goroutine to run lowered code.
func (g *goroutine) attach(a *trace.Actor) {
	if g.actor != nil {
		owners.CompareAndDelete(g.actor, g)
	}
	g.inherit, g.actor, g.pending = a, nil, nil
	g.line = &g.own
	if a == nil {
		return
	}
	if owner, taken := owners.LoadOrStore(a, g); !taken || owner == g {
		g.actor, g.line = a, a.LineCell()
	}
}

// Line is the cell into which the calling goroutine stores the source line it
// is about to run.
func Line() *int32 { return current().line }

// goActor runs f as the actor "go:LINE" on a goroutine of its own.
func (h *Hooks) goActor(line int, f func(*int32)) {
	if f == nil {
		panic(goNil{})
	}
	trace.Go("go:"+strconv.Itoa(line), func() {
		g := current()
		*g.line = int32(line)
		defer func() {
			owners.CompareAndDelete(g.actor, g)
			goroutines.CompareAndDelete(gaddr(), g)
		}()
		if h.OnPanic == nil {
			f(g.line)
			return
		}
		normal := false
		defer func() {
			if normal {
				return
			}
			// nil is runtime.Goexit: panic(nil) has a value since Go 1.21.
			if v := recover(); v != nil {
				name := ""
				if g.actor != nil {
					name = g.actor.Name
				}
				h.OnPanic(Panic{Actor: name, Line: int(*g.line), Value: faithful(v), Stack: debug.Stack()})
			}
		}()
		f(g.line)
		normal = true
	})
}

// goNil is the runtime's own words for a go statement with a nil function. In
// compiled Go it is fatal, so that no cell can recover from it.
type goNil struct{}

func (goNil) Error() string { return "go of nil func value" }
func (goNil) RuntimeError() {}
