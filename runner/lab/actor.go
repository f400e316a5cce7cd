package lab

import (
	"fmt"
	"os"
	"sync"

	"ioworkbook/runner/trace"
)

// started are the actors that Wait waits for.
var started struct {
	all    sync.WaitGroup
	mu     sync.Mutex
	failed []*ActorPanic
}

// ActorPanic is a panic in a function given to Go.
type ActorPanic struct {
	Actor string
	Line  int // the line it was at, 0 when unknown
	Value any
}

func (p *ActorPanic) Error() string {
	return fmt.Sprintf("panic in actor %s: %v", p.Actor, p.Value)
}

// Go runs f in a goroutine with a name and a lane in the timeline. A panic in f
// is reported at once and raised again by Wait.
func Go(name string, f func()) {
	started.all.Add(1)
	trace.Start(name, func() {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			p := &ActorPanic{Actor: name, Value: v}
			if a := trace.Current(); a != nil {
				p.Actor, p.Line = a.Name, a.Line()
			}
			started.mu.Lock()
			started.failed = append(started.failed, p)
			started.mu.Unlock()
			if !send(message{Type: "panic", Actor: p.Actor, Line: p.Line, Message: fmt.Sprint(v)}) {
				fmt.Fprintln(os.Stderr, p.Error())
			}
		}()
		f()
	}, started.all.Done)
}

// Wait returns when every function given to Go has returned. If one panicked,
// Wait panics with the first *ActorPanic.
func Wait() {
	started.all.Wait()
	raise()
}

// raise panics with the first actor's panic that nobody has seen.
func raise() {
	started.mu.Lock()
	failed := started.failed
	started.failed = nil
	started.mu.Unlock()
	if len(failed) > 0 {
		panic(failed[0])
	}
}
