package kernel

import (
	"encoding/json"

	"ioworkbook/runner/trace"
)

// A session and its child share six descriptors:
//
//	0  /dev/null
//	1  pipe  child → session  what cells write to standard output
//	2  pipe  child → session  what they write to standard error, crash dumps
//	3  pipe  child → session  control: one JSON object per line from runner/lab
//	4  pipe  session → child  command: one JSON object per line
//	5  pipe  child → session  report: one JSON object per line from the kernel
//
// The child moves 3 to 5 out of the way at once (see descriptorBase): a cell
// that opens a socket gets a small number, as in a program of its own, and one
// that closes 3 closes nothing of ours.
//
// A compiled program has 0 to 3 only.

// command is what the session asks of the child.
type command struct {
	Op string `json:"op"` // "run", "give up", "leaks"

	// Of "run": evaluate Text, then call the function that Call names, as actor
	// "main". TimeoutMS is the cell's limit in milliseconds, 0 for none.
	Text      string `json:"text,omitempty"`
	Call      string `json:"call,omitempty"`
	TimeoutMS int64  `json:"timeout,omitempty"`
}

// report is what the child says on its own account.
type report struct {
	T string `json:"t"` // "ready", "events", "actors", "result", "stray", "leaks"

	Events []trace.Event      `json:"events,omitempty"`
	Actors []trace.ActorState `json:"actors,omitempty"`
	Result *ending            `json:"result,omitempty"`
	Leaks  []Descriptor       `json:"leaks,omitempty"`
}

// ending is how a cell ended, as the child saw it.
type ending struct {
	How   string `json:"how"` // "ok", "panic", "error", "exit", "timeout", "refused", "died"
	Text  string `json:"text,omitempty"`
	Actor string `json:"actor,omitempty"`
	Line  int    `json:"line,omitempty"`
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
	Kind    string          `json:"kind"`
	Actor   string          `json:"actor"`
	Line    int             `json:"line"`
	Message string          `json:"message"`
}
