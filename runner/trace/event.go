// Package trace records the system calls that Go code makes through
// golang.org/x/sys/unix and turns them into what a reader looks at: a table like
// strace's, a timeline with one lane per actor, a sentence per call.
//
//	unix.X ──Wrap──▶ traced X ──▶ Recorder ──Drain──▶ []Event ──Build──▶ Timeline
//
// A Recorder wraps the functions of a symbol table, so the code under study is
// not changed. Entering and leaving a call are recorded separately: a call that
// blocks is visible while it blocks. An Actor is a named goroutine; the calls of
// one actor form one lane.
package trace

import "time"

// Event is one system call seen, or a sum of like calls when Count > 1.
type Event struct {
	// Seq orders events by entry and identifies one: an event that was drained
	// while its call was still blocked is drained again, with the same Seq, when
	// the call has returned.
	Seq   int    `json:"i"`
	Actor string `json:"a"`
	// Call is the system call's own name, accept4; Func the function of package
	// unix that made it, Accept.
	Call string `json:"c"`
	Func string `json:"f"`
	// Args are decoded as strace would. What the kernel writes (buffers,
	// addresses, event lists) is shown as it was after the call.
	Args []string `json:"g,omitempty"`
	// Result is the value returned, "-1" for an error, "" while Exit < 0.
	Result string `json:"r,omitempty"`
	// Errno is the error's name, "EAGAIN", or "".
	Errno string `json:"e,omitempty"`
	// Note says what the result means where the number does not: "timeout" for a
	// wait that nothing ended, the flags that F_GETFL returned.
	Note string `json:"x,omitempty"`
	// Enter and Exit are nanoseconds since the recorder was made. Exit < 0: the
	// call has not returned.
	Enter time.Duration `json:"t0"`
	Exit  time.Duration `json:"t1"`
	// CPU is the time the calling thread was running inside the call, from
	// CLOCK_THREAD_CPUTIME_ID; -1 when it was not measured. See Wait for the rest,
	// and Recorder for its error.
	CPU time.Duration `json:"u,omitempty"`
	// Line is the source line of the call, 0 when unknown.
	Line int `json:"l,omitempty"`
	// FD is the descriptor the call works on, -1 when there is none.
	FD int `json:"d"`
	// Bytes is how many bytes the call moved.
	Bytes int `json:"b,omitempty"`
	// Local and Remote are the socket's addresses, learnt when accept and connect
	// return. They let the two ends of one connection be matched.
	Local  string `json:"la,omitempty"`
	Remote string `json:"ra,omitempty"`
	// Count > 1: this event stands for that many calls from one line by one actor
	// with one outcome, the first entered at Enter, the last left at Exit. Other
	// calls may lie between. Args are the first one's; CPU, Bytes and Total are
	// sums.
	Count int `json:"n,omitempty"`
	// Total is the time spent inside the calls of a sum; 0 for a single call.
	Total time.Duration `json:"w,omitempty"`
}

// Returned reports whether the call has returned.
func (e Event) Returned() bool { return e.Exit >= 0 }

// Calls is the number of system calls the event stands for, at least 1.
func (e Event) Calls() int { return max(e.Count, 1) }

// Duration is the time spent inside the call, or inside all calls of a sum. It
// is 0 for a call that has not returned.
func (e Event) Duration() time.Duration {
	switch {
	case e.Exit < 0:
		return 0
	case e.Count > 1:
		return e.Total
	}
	return e.Exit - e.Enter
}

// Wait is the part of Duration in which the calling thread was on no CPU: it
// slept in the kernel, or was runnable and queued for a CPU. What is left,
// e.CPU, was work: checking, copying, protocol processing. It is 0 when CPU was
// not measured.
func (e Event) Wait() time.Duration {
	if e.CPU < 0 {
		return 0
	}
	return max(e.Duration()-e.CPU, 0)
}
