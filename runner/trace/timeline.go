package trace

import (
	"cmp"
	"slices"
	"time"
)

// Timeline is what a picture of a run needs: events sorted into lanes, loops
// folded, and what moved between the lanes.
type Timeline struct {
	// Start and End are the first and the last instant, counted like Event.Enter.
	Start  time.Duration `json:"start"`
	End    time.Duration `json:"end"`
	Lanes  []Lane        `json:"lanes"`
	Arrows []Arrow       `json:"arrows,omitempty"`
	Prints []Print       `json:"prints,omitempty"`
}

// Lane is one actor's events, in order of time and without overlap. Lanes are in
// the order in which their actors first made a call.
type Lane struct {
	Actor string  `json:"actor"`
	Bars  []Event `json:"events"`
}

// Arrow is what went from one call to another: bytes, or a connection, or its end.
type Arrow struct {
	Kind  ArrowKind `json:"kind"`
	From  int       `json:"from"` // Seq of the bar that sent
	To    int       `json:"to"`   // Seq of the bar that received
	Bytes int       `json:"bytes,omitempty"`
}

// ArrowKind says what an arrow carries.
type ArrowKind string

const (
	Data    ArrowKind = "data"
	Connect ArrowKind = "connect" // connect to the accept that returned the connection
	End     ArrowKind = "end"     // close or shutdown to the read that returned end of file
	Reset   ArrowKind = "reset"   // close to the call that failed with ECONNRESET
)

// Print is text that an actor printed, or its beginning.
type Print struct {
	At    time.Duration `json:"at"` // like Event.Enter
	Actor string        `json:"actor"`
	Line  int           `json:"line,omitempty"`
	Text  string        `json:"text"`
}

// Build sorts events into a timeline.
func Build(events []Event, prints ...Print) Timeline {
	events = slices.Clone(events)
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.Seq, b.Seq) })
	t := Timeline{Prints: prints}
	if len(events) == 0 {
		return t
	}
	t.Start = events[0].Enter
	index := make(map[string]int)
	for _, e := range events {
		i, ok := index[e.Actor]
		if !ok {
			i = len(t.Lanes)
			index[e.Actor] = i
			t.Lanes = append(t.Lanes, Lane{Actor: e.Actor})
		}
		t.Lanes[i].Bars = append(t.Lanes[i].Bars, e)
		t.Start = min(t.Start, e.Enter)
		t.End = max(t.End, e.Exit, e.Enter)
	}
	for _, p := range prints {
		t.Start = min(t.Start, p.At)
		t.End = max(t.End, p.At)
	}
	bar := make(map[int]int) // Seq of an event -> Seq of the bar it is part of
	for i := range t.Lanes {
		t.Lanes[i].Bars = fold(t.Lanes[i].Bars, bar)
	}
	t.Arrows = arrows(events, bar)
	return t
}
