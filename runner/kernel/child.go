package kernel

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"ioworkbook/runner/trace"
)

// childVerb is the hidden command of a re-executed binary.
const childVerb = "kernel-child"

// controlVariable names the descriptor on which runner/lab reports.
const controlVariable = "IOWORKBOOK_CONTROL"

// orphaned is the signal a child is sent when its session's process dies
// (PR_SET_PDEATHSIG(2const)). The child then kills its descendants and itself,
// which SIGKILL would not do. Of the signals that Go ignores unless asked for, it is the one
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
	for _, pid := range descendants(os.Getpid()) {
		_ = unix.Kill(pid, unix.SIGKILL)
	}
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
	lines    lineCells

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

	// Without it a cell that dies is told of by its first line.
	c.lines, _ = mapLineCells(6)
	makeRoom()

	c.recorder = trace.NewRecorder()
	c.recorder.Activate() // also for the clients that runner/lab plays
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
