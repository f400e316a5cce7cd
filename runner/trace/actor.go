package trace

import (
	"context"
	"fmt"
	"runtime/pprof"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Actor is a goroutine with a name: one lane of a timeline.
//
// Go gives goroutines no public identity. Profiler labels come nearest: they are
// per goroutine and a read costs about 2 ns (the goroutine's number, taken from
// runtime.Stack, costs microseconds). Labels are inherited, so a goroutine
// started by a plain go statement counts as its parent until Go or Enter names it.
type Actor struct {
	Name string
	line *int32 // atomic for all but the actor's own goroutine
	ctx  context.Context
}

// LineCell is where the actor's own goroutine stores the source line it is about
// to run. Others read it with Line while the actor runs or is stuck.
func (a *Actor) LineCell() *int32 { return a.line }

// Line is the line last stored in the cell, 0 before the first.
func (a *Actor) Line() int { return int(atomic.LoadInt32(a.line)) }

//go:linkname runtime_getProfLabel runtime/pprof.runtime_getProfLabel
func runtime_getProfLabel() unsafe.Pointer

// actors is the registry of live actors: per process, because goroutines are.
var actors struct {
	byLabel sync.Map // unsafe.Pointer -> *Actor; the actor's ctx keeps the label alive
	mu      sync.Mutex
	byName  map[string]*Actor
}

// Current is the actor that the calling goroutine belongs to, nil when none.
func Current() *Actor {
	p := runtime_getProfLabel()
	if p == nil {
		return nil
	}
	if a, ok := actors.byLabel.Load(p); ok {
		return a.(*Actor)
	}
	return nil
}

// Go runs f in a new goroutine as an actor. While an actor of that name is live,
// the next is called "name#2": each has a lane of its own.
func Go(name string, f func()) { Start(name, f, func() {}) }

// Start is Go, and calls ended when f has returned and the actor is no longer
// among the live ones: who waits for f by way of ended does not find it there.
func Start(name string, f, ended func()) {
	a := newActor(name, new(int32))
	go func() {
		defer ended()
		defer a.leave()
		a.become()
		f()
	}()
}

// Enter makes the calling goroutine an actor until leave is called on the same
// goroutine. leave restores what the goroutine was before.
func Enter(name string) (a *Actor, leave func()) { return EnterAt(name, new(int32)) }

// EnterAt is Enter with the actor's line cell given: in memory shared with
// another process it says where the actor was when this one has died.
func EnterAt(name string, line *int32) (a *Actor, leave func()) {
	before := context.Background()
	if old := Current(); old != nil {
		before = old.ctx
	}
	a = newActor(name, line)
	a.become()
	return a, func() {
		a.leave()
		pprof.SetGoroutineLabels(before)
	}
}

func newActor(name string, line *int32) *Actor {
	actors.mu.Lock()
	defer actors.mu.Unlock()
	if actors.byName == nil {
		actors.byName = make(map[string]*Actor)
	}
	unique := name
	for i := 2; actors.byName[unique] != nil; i++ {
		unique = name + "#" + strconv.Itoa(i)
	}
	a := &Actor{Name: unique, line: line}
	a.ctx = pprof.WithLabels(context.Background(), pprof.Labels("actor", unique))
	actors.byName[unique] = a
	return a
}

// become labels the calling goroutine. The pointer read back identifies it.
func (a *Actor) become() {
	pprof.SetGoroutineLabels(a.ctx)
	actors.byLabel.Store(runtime_getProfLabel(), a)
}

// leave must run on the goroutine that became a, while it still has the label.
func (a *Actor) leave() {
	actors.byLabel.Delete(runtime_getProfLabel())
	actors.mu.Lock()
	delete(actors.byName, a.Name)
	actors.mu.Unlock()
}

// ActorState is a live actor and the line it is at.
type ActorState struct {
	Name string
	Line int
}

func (s ActorState) String() string { return fmt.Sprintf("%s (line %d)", s.Name, s.Line) }

// Live lists the actors that have not returned, by name.
func Live() []ActorState {
	actors.mu.Lock()
	defer actors.mu.Unlock()
	list := make([]ActorState, 0, len(actors.byName))
	for _, a := range actors.byName {
		list = append(list, ActorState{a.Name, a.Line()})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}
