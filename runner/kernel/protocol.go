package kernel

import (
	"encoding/json"

	"ioworkbook/runner/trace"
)

// A session and its child share seven descriptors:
//
//	0  /dev/null
//	1  pipe  child → session  what cells write to standard output
//	2  pipe  child → session  what they write to standard error, crash dumps
//	3  pipe  child → session  control: one JSON object per line from runner/lab
//	4  pipe  session → child  command: one JSON object per line
//	5  pipe  child → session  report: one JSON object per line from the kernel
//	6  memory of both: the line that each cell run is at, see lineCells
//
// A child that plays has a listening socket as 7. What follows up to
// runtimeBase is open too, and means nothing.
//
// The child moves 3 to 5 to descriptorBase and above at once, and closes the
// rest when the Go runtime has opened what it opens for itself. So a cell's first
// socket is 3, the next 4, as in the textbooks and on every machine; and one that
// closes 3 closes nothing of ours.
//
// A compiled program has 0 to 3 only, and one that plays 4.
const (
	// descriptorBase is the lowest of the kernel's own numbers: out of the way of
	// a cell that counts on small ones, and below 1024, the usual limit.
	descriptorBase = 960
	// runtimeBase to runtimeEnd-1 are what the Go runtime has: its epoll instance
	// and eventfd, and the control files of its cgroup if it is in one.
	runtimeBase = 200
	runtimeEnd  = 208

	listenerInChild    = 7 // at first; moved to 3
	listenerInCompiled = 4
)

// command is what the session asks of the child.
type command struct {
	Op string `json:"op"` // "run", "give up", "leaks"

	// Of "run": evaluate Text, then call the function that Call names, as actor
	// "main". TimeoutMS is the cell's limit in milliseconds, 0 for none.
	Text      string `json:"text,omitempty"`
	Call      string `json:"call,omitempty"`
	TimeoutMS int64  `json:"timeout,omitempty"`
	// Slot is the run's place among the line cells.
	Slot int `json:"slot,omitempty"`
	// Every asks for each call as an event of its own, however long it goes on.
	Every bool `json:"every,omitempty"`
}

// report is what the child says on its own account.
type report struct {
	T string `json:"t"` // "ready", "events", "actors", "result", "stray", "leaks"

	Events []trace.Event      `json:"events,omitempty"`
	Prints []trace.Print      `json:"prints,omitempty"`
	Actors []trace.ActorState `json:"actors,omitempty"`
	Result *ending            `json:"result,omitempty"`
	Leaks  []Descriptor       `json:"leaks,omitempty"`
}

// ending is how a cell ended, as the child saw it.
type ending struct {
	How   string `json:"how"` // "ok", "panic", "error", "exit", "timeout", "refused", "lost", "died"
	Text  string `json:"text,omitempty"`
	Actor string `json:"actor,omitempty"`
	Line  int    `json:"line,omitempty"`
	// States are what the runtime says each actor is doing, of a timeout:
	// "chan receive", "sleep", "running", "syscall".
	States map[string]string `json:"states,omitempty"`
	// Nanoseconds from the call of the cell's function to its end.
	Nanoseconds int64 `json:"ns,omitempty"`
}

// control is a line from runner/lab. T is "check", "display", "panic" (of an
// actor), "begin" and "end" (of a cell of a compiled program), "expect" (how a
// cell met its declaration).
type control struct {
	T       string          `json:"t"`
	Cell    string          `json:"cell"`
	Claim   string          `json:"claim"`
	OK      bool            `json:"ok"`
	MIME    string          `json:"mime"`
	Data    json.RawMessage `json:"data"`
	Text    string          `json:"text"` // what stands for the data on a terminal
	Kind    string          `json:"kind"`
	Actor   string          `json:"actor"`
	Line    int             `json:"line"`
	Message string          `json:"message"`
}

// ending is what lab said of a cell that has to end in another way than by
// returning.
func (c *control) ending(e ending) ending {
	switch {
	case c.OK:
		e.How, e.Text = c.Kind, c.Message
	case c.Message != "returned":
		e.How, e.Text = "panic", c.Message
	}
	return e
}
