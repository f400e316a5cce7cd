package kernel

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// death says how the child ended by itself, or how a cell that we ended it for.
func (h *host) death(out *output, late bool) ending {
	dump := out.crash()
	e := h.proc.ending(dump)
	if late {
		e = ending{How: "timeout"}
		if dump != nil {
			actors, states := dump.actors()
			e.Text = whereabouts(actors, states, nil)
			e.Line = dump.mainLine()
		}
	}
	if out.fault != nil && e.Text == "killed by SIGKILL" {
		return *out.fault
	}
	if e.Actor == "" || isMain(e.Actor) {
		if lines := h.proc.lines; len(lines) > 0 {
			e.Line = int(*lines.cell(h.runs))
		}
		return e
	}
	if n, ok := strings.CutPrefix(e.Actor, "go:"); ok {
		// Where it began, if it has not lived long enough to say where it is.
		n, _, _ = strings.Cut(n, "#")
		e.Line, _ = strconv.Atoi(n)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.actors {
		if a.Name == e.Actor && a.Line > 0 {
			e.Line = a.Line
		}
	}
	return e
}

// ending says how a dead process ended: by a crash of the Go runtime, whose
// dump is given, by a signal or by exiting.
func (p *process) ending(c *crash) ending {
	p.mu.Lock()
	large, deaf, state := p.large, p.deaf, p.state
	p.mu.Unlock()
	switch {
	case large:
		return ending{How: "died", Text: "used more memory than a session may; its process was killed"}
	case deaf:
		return ending{How: "died", Text: fmt.Sprintf(
			"closed descriptors that are not its own (those from %d up are the runner's); its process was killed",
			descriptorBase)}
	}
	if c != nil {
		e := ending{How: "died", Text: c.String(), Line: c.line(), Actor: c.actor()}
		if c.what == "panic" {
			e.How, e.Text = "panic", c.text
		}
		return mustFailed(e)
	}
	if state == nil {
		return ending{How: "died", Text: "the process is gone"}
	}
	if ws, ok := state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return ending{How: "died", Text: "killed by " + unix.SignalName(ws.Signal())}
	}
	return ending{How: "exit", Text: fmt.Sprintf("exited with status %d", state.ExitCode())}
}

// mustFailed recognises the panic of lab.Must, whose text begins with the line.
func mustFailed(e ending) ending {
	if m := failure.FindStringSubmatch(e.Text); m != nil && e.How == "panic" {
		e.How, e.Text = "error", m[2]
		e.Line, _ = strconv.Atoi(m[1])
	}
	return e
}

var failure = regexp.MustCompile(`(?s)^\S+\.md:(\d+): (.*)$`)
