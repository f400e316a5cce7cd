package kernel

import (
	"encoding/json"
	"fmt"
	"slices"
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
	cap     int
	through func([]byte) // gets all text; may be nil

	mu      sync.Mutex
	live    func(notebook.Output) // told of text and renderings as they come; may be nil
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
	defer o.mu.Unlock()
	if o.through != nil {
		o.through(b)
	}
	t := &o.stdout
	if stream == "stderr" {
		t = &o.stderr
		t.remember(b)
	}
	kept := b[:min(len(b), max(0, o.cap-o.size))]
	t.Write(kept)
	o.size += len(kept)
	o.dropped += int64(len(b) - len(kept))
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
			"a rendering of %s bytes was dropped: the limit is %s\n",
			grouped(int64(len(data)+len(text))), grouped(maxRendering))}
	}
	o.flush()
	o.done = append(o.done, out)
	if o.live != nil {
		o.live(out)
	}
}

// control takes a line from runner/lab.
func (o *output) control(c control) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch c.T {
	case "check":
		o.checks = append(o.checks, notebook.Check{Claim: c.Claim, OK: c.OK})
	case "display":
		o.display(c.MIME, c.Data, c.Text)
	case "panic":
		if o.fault == nil {
			o.fault = &ending{How: "panic", Text: c.Message, Actor: c.Actor, Line: c.Line}
		}
	case "expect":
		o.expect = &c
	}
}

// settled is the ending of a cell that returned, with what was said before.
func (o *output) settled(e ending) ending {
	o.mu.Lock()
	defer o.mu.Unlock()
	if e.How == "ok" && o.expect != nil {
		e = o.expect.ending(e)
	}
	if e.How == "ok" && o.fault != nil {
		took := e.Nanoseconds
		e = *o.fault
		e.Nanoseconds = took
	}
	return e
}

func (o *output) record(list []trace.Event, prints []trace.Print) {
	o.mu.Lock()
	o.events.merge(list)
	o.prints = append(o.prints, prints...)
	o.mu.Unlock()
}

// flush ends the text before a rendering.
func (o *output) flush() {
	o.done = append(o.done, o.unfinished()...)
	o.stdout.Reset()
	o.stderr.Reset()
}

// unfinished is the text since the last rendering.
func (o *output) unfinished() []notebook.Output {
	var outs []notebook.Output
	if o.stdout.Len() > 0 {
		outs = append(outs, notebook.Output{Stream: "stdout", Text: o.stdout.String()})
	}
	if o.stderr.Len() > 0 {
		outs = append(outs, notebook.Output{Stream: "stderr", Text: o.stderr.String()})
	}
	return outs
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

// listen has live told of all that is printed: at once of what was gathered
// before anyone listened.
func (o *output) listen(live func(notebook.Output)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.live = live
	for _, out := range append(slices.Clone(o.done), o.unfinished()...) {
		live(out)
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
