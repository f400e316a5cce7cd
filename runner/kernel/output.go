package kernel

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"ioworkbook/runner/notebook"
	"ioworkbook/runner/trace"
)

// output gathers what one cell gives while it runs. The goroutine that polls
// the child writes to it, the one that runs the cell takes it at the end.
//
// Standard output and standard error are two pipes, and which of two ready
// pipes was written first cannot be known. Between two renderings all of
// standard output is therefore kept together, before all of standard error:
// the same cell gives the same outputs on every run.
type output struct {
	cap  int
	live func(notebook.Output) // told of text and renderings as they come; may be nil

	mu      sync.Mutex
	stdout  text
	stderr  text
	done    []notebook.Output
	size    int // bytes of text and renderings kept
	dropped int64
	checks  []notebook.Check
	events  events
	prints  []trace.Print
	fault   *ending  // an actor's panic that was reported before the cell's end
	expect  *control // how a cell of a compiled program met its declaration
}

// text is what one stream gave since the last rendering.
type text struct {
	strings.Builder
	// tail is the end of the stream whether kept or not: a crash dump that
	// follows a flood is still found.
	tail []byte
}

const tailSize = 256 << 10

func (t *text) remember(b []byte) {
	if len(t.tail)+len(b) > 2*tailSize {
		if len(b) >= tailSize {
			t.tail = append(t.tail[:0], b[len(b)-tailSize:]...)
			return
		}
		keep := t.tail[max(0, len(t.tail)+len(b)-tailSize):]
		t.tail = append(t.tail[:0], keep...)
	}
	t.tail = append(t.tail, b...)
}

func (o *output) text(stream string, b []byte) {
	o.mu.Lock()
	t := &o.stdout
	if stream == "stderr" {
		t = &o.stderr
		t.remember(b)
	}
	kept := b[:min(len(b), max(0, o.cap-o.size))]
	t.Write(kept)
	o.size += len(kept)
	o.dropped += int64(len(b) - len(kept))
	o.mu.Unlock()
	if len(kept) > 0 && o.live != nil {
		o.live(notebook.Output{Stream: stream, Text: string(kept)})
	}
}

// display keeps a rendering. It has a bound of its own, far above any figure's
// size: one that passes it would only fill memory.
func (o *output) display(mime string, data json.RawMessage, text string) {
	out := notebook.Output{MIME: mime, Data: append(json.RawMessage(nil), data...), Text: text}
	if len(data)+len(text) > maxRendering {
		out = notebook.Output{Stream: "stderr", Text: fmt.Sprintf(
			"a rendering of %s bytes was dropped: the limit is %s\n", grouped(int64(len(data)+len(text))), grouped(maxRendering))}
	}
	o.mu.Lock()
	o.flush()
	o.done = append(o.done, out)
	o.mu.Unlock()
	if o.live != nil {
		o.live(out)
	}
}

// control takes a line from runner/lab.
func (o *output) control(c control) {
	switch c.T {
	case "check":
		o.mu.Lock()
		o.checks = append(o.checks, notebook.Check{Claim: c.Claim, OK: c.OK})
		o.mu.Unlock()
	case "display":
		o.display(c.MIME, c.Data, c.Text)
	case "panic":
		o.mu.Lock()
		if o.fault == nil {
			o.fault = &ending{How: "panic", Text: c.Message, Actor: c.Actor, Line: c.Line}
		}
		o.mu.Unlock()
	case "expect":
		o.mu.Lock()
		o.expect = &c
		o.mu.Unlock()
	}
}

func (o *output) record(list []trace.Event, prints []trace.Print) {
	o.mu.Lock()
	o.events.merge(list)
	o.prints = append(o.prints, prints...)
	o.mu.Unlock()
}

// flush ends the text before a rendering.
func (o *output) flush() {
	o.add("stdout", o.stdout.String())
	o.add("stderr", o.stderr.String())
	o.stdout.Reset()
	o.stderr.Reset()
}

func (o *output) add(stream, s string) {
	if s != "" {
		o.done = append(o.done, notebook.Output{Stream: stream, Text: s})
	}
}

// crash removes the runtime's dump from the end of standard error and returns
// it: it is told in one line instead.
func (o *output) crash() *crash {
	o.mu.Lock()
	defer o.mu.Unlock()
	c := findCrash(o.stderr.tail)
	if c == nil {
		return nil
	}
	if kept := o.stderr.String(); len(kept) > 0 {
		o.stderr.Reset()
		if i := strings.Index(kept, c.head); i >= 0 {
			kept = kept[:i]
		}
		o.stderr.WriteString(kept)
	}
	return c
}

// replay tells of what was gathered before anyone listened.
func (o *output) replay() {
	if o.live == nil {
		return
	}
	o.mu.Lock()
	early := append([]notebook.Output(nil), o.done...)
	if s := o.stdout.String(); s != "" {
		early = append(early, notebook.Output{Stream: "stdout", Text: s})
	}
	if s := o.stderr.String(); s != "" {
		early = append(early, notebook.Output{Stream: "stderr", Text: s})
	}
	o.mu.Unlock()
	for _, out := range early {
		o.live(out)
	}
}

// take ends the gathering and fills in res.
func (o *output) take(res *notebook.Result) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.flush()
	if o.dropped > 0 {
		o.done = append(o.done, notebook.Output{Stream: "stderr", Text: o.notice()})
	}
	res.Outputs = o.done
	res.Checks = o.checks
	res.Events = o.events.list
	res.Prints = o.prints
}

// notice says what the cap took away.
func (o *output) notice() string {
	return fmt.Sprintf("output cut: the first %s bytes are kept, %s more were dropped\n",
		grouped(int64(o.cap)), grouped(o.dropped))
}

// events are kept once per call: a call that was blocked when last reported is
// replaced when it returns.
type events struct {
	list []trace.Event
	open map[int]int // Seq of a call that has not returned, or of a sum -> index in list
}

func (e *events) merge(list []trace.Event) {
	for _, ev := range list {
		if i, ok := e.open[ev.Seq]; ok {
			e.list[i] = ev
		} else {
			if e.open == nil {
				e.open = map[int]int{}
			}
			e.open[ev.Seq] = len(e.list)
			e.list = append(e.list, ev)
		}
	}
}

// grouped writes 1234567 as 1,234,567.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
