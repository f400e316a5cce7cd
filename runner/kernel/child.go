package kernel

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"ioworkbook/runner/lab"
	"ioworkbook/runner/trace"
)

// childVerb is the hidden command of a re-executed binary.
const childVerb = "kernel-child"

// controlVariable names the descriptor on which runner/lab reports.
const controlVariable = "IOWORKBOOK_CONTROL"

// orphaned is the signal a child is sent when its session's process dies
// (PR_SET_PDEATHSIG(2const)). The child then kills its own group, which SIGKILL
// would not do. Of the signals that Go ignores unless asked for, it is the one
// a cell about signals is least likely to use.
const orphaned = unix.SIGPWR

// ChildMain turns this process into a session's child if it was started as one,
// and does not return then. Otherwise it returns at once. It must be the first
// thing that main, or TestMain in a test binary, does.
func ChildMain() {
	if len(os.Args) != 2 || os.Args[1] != childVerb {
		return
	}
	c := newChild()
	c.serve()
	// The session is gone, or has closed the commands to end us.
	die()
}

// die ends the child with everything it started.
func die() {
	_ = unix.Kill(0, unix.SIGKILL)
	os.Exit(1)
}

// child runs one session's cells.
type child struct {
	commands io.Reader
	recorder *trace.Recorder
	engine   *interpreter
	first    map[int]string // what was open before any cell ran
	standard map[int]int    // copies of descriptors 1 and 2

	write sync.Mutex // one report at a time on the pipe
	fd    int

	mu      sync.Mutex
	current *execution // nil between cells
}

func newChild() *child {
	control := high(3)
	c := &child{
		commands: descriptor(high(4)),
		fd:       high(5),
		standard: map[int]int{1: high(1), 2: high(2)},
	}
	os.Setenv(controlVariable, strconv.Itoa(control))

	// Descendants whose own parent has ended become ours, so that they are found.
	_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	debug.SetMaxStack(maxStack)
	debug.SetTraceback("single")

	died := make(chan os.Signal, 1)
	signal.Notify(died, orphaned)
	go func() {
		<-died
		die()
	}()

	makeRoom()

	c.recorder = trace.NewRecorder()
	c.engine = newInterpreter(c)
	// The tables that were just made are kept: collecting garbage among them
	// takes a third of the start, so that is off until here (GOGC=off).
	debug.SetGCPercent(100)
	os.Unsetenv("GOGC")

	c.first = map[int]string{}
	for _, d := range openDescriptors() {
		c.first[d.FD] = d.Is
	}
	return c
}

// makeRoom closes what kept small numbers for cells, and takes those that the
// runtime left free of its own.
func makeRoom() {
	// The runtime opens its epoll instance for the first file that it can poll.
	if r, w, err := os.Pipe(); err == nil {
		r.Close()
		w.Close()
	}
	for {
		fd, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, runtimeBase)
		if err != nil {
			break
		}
		if fd >= runtimeEnd {
			unix.Close(fd)
			break
		}
	}
	var st unix.Stat_t
	if unix.Fstat(listenerInChild, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFSOCK {
		_ = unix.Dup3(listenerInChild, 3, unix.O_CLOEXEC)
		unix.Close(listenerInChild)
	} else {
		unix.Close(3)
	}
	_ = unix.CloseRange(4, runtimeBase-1, 0)
}

// high returns a descriptor of the same file from descriptorBase up.
func high(fd int) int {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, descriptorBase)
	if err != nil {
		fmt.Fprintf(os.Stderr, "the limit on open files is too low: cells need numbers up to %d (ulimit -n)\n", descriptorBase+64)
		os.Exit(1)
	}
	return n
}

// restore undoes what a cell did to standard output and standard error, so that
// later cells are heard, and says what that was.
func (c *child) restore() (what string) {
	names := []string{1: "standard output", 2: "standard error"}
	for fd := 2; fd >= 1; fd-- {
		var now, was unix.Stat_t
		if unix.Fstat(c.standard[fd], &was) != nil {
			continue
		}
		err := unix.Fstat(fd, &now)
		if err == nil && now.Dev == was.Dev && now.Ino == was.Ino {
			continue
		}
		what = fmt.Sprintf("closed %s (descriptor %d) or put something else in its place; what was printed there since is lost", names[fd], fd)
		_ = unix.Dup3(c.standard[fd], fd, 0)
	}
	return what
}

// descriptor reads and writes without the runtime's poller, which is the cells'.
type descriptor int

func (d descriptor) Read(b []byte) (int, error) {
	for {
		n, err := unix.Read(int(d), b)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

func (d descriptor) Write(b []byte) (int, error) {
	written := 0
	for written < len(b) {
		n, err := unix.Write(int(d), b[written:])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return written, err
		}
		written += n
	}
	return written, nil
}

// send reports. An error means that the session is gone: so are we soon.
func (c *child) send(r report) {
	c.write.Lock()
	defer c.write.Unlock()
	c.put(r)
}

// put is send for a caller that holds c.write.
func (c *child) put(r report) {
	if line, err := json.Marshal(r); err == nil {
		_, _ = descriptor(c.fd).Write(append(line, '\n'))
	}
}

// serve follows commands until their pipe is closed.
func (c *child) serve() {
	in := bufio.NewReaderSize(c.commands, 1<<16)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var cmd command
		if json.Unmarshal(line, &cmd) != nil {
			return
		}
		switch cmd.Op {
		case "run":
			c.run(cmd)
		case "give up":
			c.giveUp()
		case "leaks":
			c.send(report{T: "leaks", Leaks: c.leaked(), Actors: trace.Live()})
		}
	}
}

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
		c.end(e, call.asMain())
	}()
}

// asMain calls a cell's function as the actor "main" and says how it ended.
func (call cellFunc) asMain() (how ending) {
	main, leave := trace.Enter("main")
	defer leave()
	returned := false
	defer func() {
		if r := recover(); r != nil {
			how = failed("main", main.Line(), r)
		} else if !returned {
			how = ending{How: "panic", Text: "runtime.Goexit called by the cell", Line: main.Line()}
		}
	}()
	call()
	returned = true
	return ending{How: "ok"}
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
// its actors panicked, which runner/lab has reported.
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
	if why, ok := stopped(r); ok {
		return ending{How: "refused", Text: why, Actor: actor, Line: line}
	}
	return ending{How: "panic", Text: panicText(r), Actor: actor, Line: line}
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
		live := trace.Live()
		if time.Since(linesAt) >= lineInterval*time.Duration(1+len(live)/16) && !slices.Equal(live, lines) {
			lines, linesAt = live, time.Now()
			c.send(report{T: "actors", Actors: lines})
		}
		if time.Since(eventsAt) >= eventInterval {
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
	events := c.recorder.Drain()
	if len(events) > 0 {
		c.put(report{T: "events", Events: events})
	}
	return len(events)
}
