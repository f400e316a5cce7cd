package kernel

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"ioworkbook/runner/trace"
)

// A Descriptor is an open file descriptor of a session's child.
type Descriptor struct {
	FD   int    `json:"fd"`
	Is   string `json:"is"`             // as /proc/self/fd says: socket:[4711], anon_inode:[eventpoll]
	Line int    `json:"line,omitempty"` // of the call that made it, 0 when it was not seen
}

// Leaks is what a session left behind at its end.
type Leaks struct {
	Descriptors []Descriptor       // open, and not so when the session began
	Actors      []trace.ActorState // that have not returned
	Abandoned   []trace.ActorState // not returned, in cells that declare to end so; no leak
}

// Lines tells each leak in a sentence with its place in the chapter at path.
func (l Leaks) Lines(path string) []string {
	var out []string
	at := func(line int) string {
		if line == 0 {
			return path
		}
		return fmt.Sprintf("%s:%d", path, line)
	}
	for _, d := range l.Descriptors {
		out = append(out, fmt.Sprintf("%s: descriptor %d (%s) was never closed", at(d.Line), d.FD, d.kind()))
	}
	for _, a := range l.Actors {
		out = append(out, fmt.Sprintf("%s: actor %q never returned", at(a.Line), a.Name))
	}
	return out
}

// kind is what the descriptor is without the number that differs on every run.
func (d Descriptor) kind() string {
	kind, _, _ := strings.Cut(d.Is, ":[")
	if kind == "anon_inode" {
		return strings.Trim(strings.TrimPrefix(d.Is, "anon_inode:"), "[]")
	}
	return kind
}

// leaked lists what is open now and was not before the first cell.
func (c *child) leaked() []Descriptor {
	var list []Descriptor
	for _, d := range openDescriptors() {
		if c.first[d.FD] != d.Is {
			list = append(list, d)
		}
	}
	return list
}

// leftBehind completes the child's list with what the host saw: the lines of
// the calls that made the descriptors. Actors that a cell declared to leave are
// none.
func (h *host) leftBehind(r report) Leaks {
	h.mu.Lock()
	defer h.mu.Unlock()
	leaks := Leaks{Descriptors: r.Leaks}
	for i, d := range leaks.Descriptors {
		leaks.Descriptors[i].Line = h.makers[d.FD]
	}
	for _, a := range r.Actors {
		if h.abandoned[a.Name] {
			leaks.Abandoned = append(leaks.Abandoned, a)
		} else {
			leaks.Actors = append(leaks.Actors, a)
		}
	}
	return leaks
}

// made returns the descriptors that a recorded call has made. They are its
// value, or in brackets where the kernel fills in an array.
func made(ev trace.Event) []int {
	switch ev.Call {
	case "socket", "accept", "accept4", "dup", "dup2", "dup3", "open", "openat", "openat2", "creat",
		"epoll_create", "epoll_create1", "eventfd", "eventfd2", "timerfd_create", "signalfd", "signalfd4",
		"inotify_init", "inotify_init1", "memfd_create", "pidfd_open", "io_uring_setup":
		if fd, err := strconv.Atoi(ev.Result); err == nil && fd >= 0 && ev.Count <= 1 {
			return []int{fd}
		}
	case "fcntl":
		if len(ev.Args) > 1 && strings.HasPrefix(ev.Args[1], "F_DUPFD") {
			ev.Call = "dup"
			return made(ev)
		}
	case "pipe", "pipe2", "socketpair":
		for _, arg := range ev.Args {
			if m := pair.FindStringSubmatch(arg); m != nil {
				a, _ := strconv.Atoi(m[1])
				b, _ := strconv.Atoi(m[2])
				return []int{a, b}
			}
		}
	}
	return nil
}

var pair = regexp.MustCompile(`^\[(\d+),? (\d+)\]$`)
