package kernel

import (
	"runtime"
	"slices"
	"strconv"
	"time"

	"ioworkbook/runner/lab"
	"ioworkbook/runner/lower"
	"ioworkbook/runner/trace"
)

// cellFunc is the function that holds a cell's statements.
type cellFunc func()

// execution is one run of one cell.
type execution struct {
	cmd   command
	start time.Time
	limit *time.Timer
	over  chan struct{} // closed by end
}

func (c *child) run(cmd command) {
	e := &execution{cmd: cmd, over: make(chan struct{})}
	c.recorder.Reset()
	c.mu.Lock()
	c.current = e
	c.mu.Unlock()
	go c.stream(e)
	go func() {
		call, err := c.engine.prepare(cmd)
		if err != nil {
			c.end(e, ending{How: "refused", Text: err.Error()})
			return
		}
		c.mu.Lock()
		e.start = time.Now()
		if cmd.TimeoutMS > 0 {
			e.limit = time.AfterFunc(time.Duration(cmd.TimeoutMS)*time.Millisecond, func() {
				c.end(e, ending{How: "timeout", States: states()})
			})
		}
		c.mu.Unlock()
		how := ending{How: "panic", Text: "the cell called runtime.Goexit"}
		defer func() { c.end(e, how) }()
		call.asMain(&how, c.lines.cell(cmd.Slot))
	}()
}

// asMain calls a cell's function as the actor "main" and says how it ended. It
// does not return from runtime.Goexit, of which how then tells the line.
func (call cellFunc) asMain(how *ending, line *int32) {
	main, leave := trace.EnterAt("main", line)
	defer leave()
	defer func() {
		if r := recover(); r != nil {
			*how = failed("main", main.Line(), r)
		} else {
			how.Line = main.Line()
		}
	}()
	call()
	*how = ending{How: "ok"}
}

// states asks the runtime what each actor is doing. The dump has the actors'
// names because of GODEBUG=tracebacklabels=1.
func states() map[string]string {
	dump := make([]byte, 1<<20)
	dump = dump[:runtime.Stack(dump, true)]
	list := map[string]string{}
	for _, p := range placesIn(string(dump)) {
		// Goroutines that an actor's compiled code started have its label too;
		// the actor itself was there first.
		if _, known := list[p.actor]; p.actor != "" && !known {
			list[p.actor] = p.state
		}
	}
	return list
}

// giveUp ends the running cell although its function has not returned: one of
// its actors panicked, which runner/lab has reported, or a server is stopped.
func (c *child) giveUp() {
	c.mu.Lock()
	e := c.current
	c.mu.Unlock()
	if e != nil {
		c.end(e, ending{How: "ok"})
	}
}

// lineHere is the line of the calling actor.
func lineHere() int {
	if a := trace.Current(); a != nil {
		return a.Line()
	}
	return 0
}

// end says how a cell ended, the first time it is called for it: a cell that
// was given up at its limit may still return, panic or print.
func (c *child) end(e *execution, how ending) {
	c.mu.Lock()
	if c.current != e {
		c.mu.Unlock()
		return
	}
	c.current = nil
	if e.limit != nil {
		e.limit.Stop()
	}
	if !e.start.IsZero() {
		how.Nanoseconds = int64(time.Since(e.start))
	}
	c.mu.Unlock()
	if lost := c.restore(); lost != "" && how.How == "ok" {
		how = ending{How: "lost", Text: lost, Nanoseconds: how.Nanoseconds}
	}
	close(e.over)
	c.sendEvents(nil)
	c.send(report{T: "result", Result: &how, Actors: trace.Live()})
}

// failed says how an actor that panicked with r ended.
func failed(actor string, line int, r any) ending {
	switch v := r.(type) {
	case *lab.Failure:
		return ending{How: "error", Text: v.Err.Error(), Actor: actor, Line: line}
	case *lab.ActorPanic:
		how := failed(v.Actor, v.Line, v.Value)
		how.Actor = v.Actor
		return how
	}
	if why, ok := lower.Stopped(r); ok {
		return ending{How: "refused", Text: why, Actor: actor, Line: line}
	}
	return ending{How: "panic", Text: lower.PanicText(r), Actor: actor, Line: line}
}

// astray ends the running cell for what happened on another goroutine than its
// own: a program would have ended. Between cells the session is told.
func (c *child) astray(how ending) {
	c.mu.Lock()
	e := c.current
	c.mu.Unlock()
	if e == nil {
		c.send(report{T: "stray", Result: &how})
		return
	}
	c.end(e, how)
}

// exit stands in for os.Exit. Nothing that comes after it in the cell may run,
// deferred calls included, so the goroutine stops here.
func (c *child) exit(code int) {
	how := ending{How: "exit", Text: "called os.Exit(" + strconv.Itoa(code) + ")", Line: lineHere()}
	if a := trace.Current(); a != nil {
		how.Actor = a.Name
	}
	c.astray(how)
	select {}
}

// stream sends a running cell's events and lines as they come: what is known of
// it if it takes the process with it, and what a reader sees meanwhile.
func (c *child) stream(e *execution) {
	tick := time.NewTicker(lineInterval)
	defer tick.Stop()
	var lines []trace.ActorState
	var linesAt, eventsAt time.Time
	total := 0
	for {
		select {
		case <-e.over:
			return
		case <-tick.C:
		}
		// With thousands of actors the report grows, so it comes less often.
		if time.Since(linesAt) >= lineInterval*time.Duration(1+len(lines)/16) {
			linesAt = time.Now()
			if live := trace.Live(); !slices.Equal(live, lines) {
				lines = live
				c.send(report{T: "actors", Actors: lines})
			}
		}
		if e.cmd.Every || time.Since(eventsAt) >= eventInterval {
			eventsAt = time.Now()
			sent := c.sendEvents(e.over)
			if e.cmd.Every && sent == 0 && total > 0 {
				c.recorder.Reset() // or soon it would keep sums only
				total = 0
			}
			total += sent
		}
	}
}

// sendEvents reports what is new since the last time and returns how much that
// was. Once over is closed it does nothing: the result may be on its way, and
// what is new belongs to the next cell.
func (c *child) sendEvents(over <-chan struct{}) int {
	c.write.Lock()
	defer c.write.Unlock()
	select {
	case <-over:
		return 0
	default:
	}
	events, prints := c.recorder.Drain(), c.recorder.Prints()
	if len(events) > 0 || len(prints) > 0 {
		c.put(report{T: "events", Events: events, Prints: prints})
	}
	return len(events)
}
