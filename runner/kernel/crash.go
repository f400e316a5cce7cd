package kernel

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"ioworkbook/runner/trace"
)

// crash is a dump that the Go runtime wrote to standard error before it ended
// the process, or on SIGQUIT:
//
//	panic: runtime error: index out of range [5] with length 3
//
//	goroutine 1 [running]:
//	main.main()
//		chapters/04-nonblocking.md:57 +0x1d
type crash struct {
	head string // its first line
	what string // "panic", "fatal error", "quit"
	text string // of the panic or the error
	// places are where the goroutines were in the chapter, in the dump's order;
	// the first is the one that crashed.
	places []place
}

// place is where a goroutine was. Its name is in the dump because children run
// with GODEBUG=tracebacklabels=1.
type place struct {
	goroutine string // "1"
	actor     string // "main", "" for a goroutine that is no actor
	state     string // "running", "syscall", "chan receive"
	line      int    // in the chapter, 0 if it is nowhere in it
}

var (
	crashStart = regexp.MustCompile(`(?m)^(panic: |fatal error: |runtime: goroutine stack exceeds|SIGQUIT: quit|` +
		`SIGSEGV: |SIGBUS: |SIGABRT: |unexpected fault address|runtime: out of memory)`)
	goroutineAt = regexp.MustCompile(`(?m)^goroutine (\d+)(?: gp=\S+ m=\S+(?: mp=\S+)?)? \[(.*)\]:$`)
	stateOf     = regexp.MustCompile(`^[^,({\[]*[^ ,({\[]`)
	recovered   = regexp.MustCompile(` \[recovered(, repanicked)?\]$`)
	actorOf     = regexp.MustCompile(` labels:\{"actor": "([^"]*)"\}`)
	frameAt     = regexp.MustCompile(`(?m)^\t(\S.*\.md):(\d+)(?: \+0x[0-9a-f]+)?(?: fp=.*)?$`)
)

// findCrash finds the dump at the end of what a process wrote to standard
// error, or nil. A line of a cell's own that looks like the start of one has
// no goroutines after it.
func findCrash(stderr []byte) *crash {
	at := goroutineAt.FindIndex(stderr)
	if at == nil {
		return nil
	}
	starts := crashStart.FindAllIndex(stderr[:at[0]], -1)
	if starts == nil {
		return nil
	}
	// The first line that can begin this dump: only blank lines, notes in
	// brackets and other beginnings lie between it and the goroutines.
	start := starts[len(starts)-1][0]
	for i := len(starts) - 2; i >= 0; i-- {
		if between := stderr[starts[i][0]:start]; bytes.Count(between, []byte("\n")) > 8 {
			break
		}
		if !bytes.HasPrefix(stderr[starts[i][0]:], []byte("runtime: goroutine stack")) &&
			!bytes.HasPrefix(stderr[starts[i][0]:], []byte("runtime: out of memory")) &&
			!bytes.HasPrefix(stderr[starts[i][0]:], []byte("unexpected fault")) {
			break
		}
		start = starts[i][0]
	}
	dump := string(stderr[start:])
	c := &crash{}
	c.head, _, _ = strings.Cut(dump, "\n")
	c.describe(dump)
	c.places = placesIn(dump)
	return c
}

func (c *crash) describe(dump string) {
	before := dump[:goroutineAt.FindStringIndex(dump)[0]]
	switch {
	case strings.Contains(before, "goroutine stack exceeds"):
		c.what, c.text = "fatal error", "stack overflow"
	case strings.HasPrefix(c.head, "SIGQUIT"):
		c.what = "quit"
	case strings.HasPrefix(c.head, "panic: "):
		c.what = "panic"
		text := strings.TrimPrefix(before, "panic: ")
		if i := strings.Index(text, "\n[signal "); i >= 0 {
			text = text[:i]
		}
		text = strings.TrimSpace(text)
		text = recovered.ReplaceAllString(text, "")
		// The runtime names the type of a value that prints nothing by itself,
		// and indents the lines of a long text.
		c.text = strings.ReplaceAll(text, "\n\t", "\n")
	default:
		c.what, c.text = "fatal error", strings.TrimSpace(strings.TrimPrefix(c.head, "fatal error: "))
		if i := strings.Index(before, "fatal error: "); i >= 0 {
			c.text, _, _ = strings.Cut(before[i+len("fatal error: "):], "\n")
		}
	}
}

func placesIn(dump string) []place {
	var list []place
	heads := goroutineAt.FindAllStringSubmatchIndex(dump, -1)
	for i, h := range heads {
		end := len(dump)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		p := place{goroutine: dump[h[2]:h[3]]}
		state := dump[h[4]:h[5]]
		if m := actorOf.FindStringSubmatchIndex(state); m != nil {
			p.actor, state = state[m[2]:m[3]], state[:m[0]]
		}
		p.state = stateOf.FindString(state)
		if m := frameAt.FindStringSubmatch(dump[h[1]:end]); m != nil {
			p.line, _ = strconv.Atoi(m[2])
		}
		list = append(list, p)
	}
	return list
}

// line is the chapter's line where it crashed, 0 if unknown.
func (c *crash) line() int {
	if len(c.places) == 0 {
		return 0
	}
	return c.places[0].line
}

// String tells the crash in one line.
func (c *crash) String() string {
	switch {
	case c.text == "stack overflow":
		return "infinite recursion: the stack of a goroutine passed its limit"
	case c.what == "panic":
		return "panic: " + c.text
	case strings.HasPrefix(c.text, "SIG"):
		return "killed by " + c.text
	}
	return c.what + ": " + c.text
}

// actor is the one that crashed.
func (c *crash) actor() string {
	if len(c.places) == 0 {
		return ""
	}
	return c.places[0].name()
}

func (p place) name() string {
	if p.actor == "" && p.goroutine == "1" {
		return "main"
	}
	return p.actor
}

// actors are the goroutines that are somewhere in the chapter, and what each is
// doing.
func (c *crash) actors() ([]trace.ActorState, map[string]string) {
	var actors []trace.ActorState
	states := map[string]string{}
	told := map[string]bool{}
	for _, p := range c.places {
		if p.line == 0 || told[p.goroutine] {
			continue
		}
		told[p.goroutine] = true
		name := p.name()
		if name == "" {
			name = "goroutine " + p.goroutine
		}
		actors = append(actors, trace.ActorState{Name: name, Line: p.line})
		states[name] = p.state
	}
	return actors, states
}

// mainLine is where the main goroutine is. It is told of twice, first without its
// stack, if it runs on another thread than the one that wrote the dump.
func (c *crash) mainLine() int {
	for _, p := range c.places {
		if p.goroutine == "1" && p.line > 0 {
			return p.line
		}
	}
	return 0
}
