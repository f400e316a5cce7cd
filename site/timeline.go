package site

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"ioworkbook/runner/trace"
)

const (
	staveWidth = 800.0 // px; a shorter timeline is stretched to it, a longer one cut into staves
	endPx      = 5.0   // the least a bar's working end shows
	maxBars    = 60    // beyond, the middle of a timeline is left out
)

// A figure is a timeline laid out on one long axis and cut into staves that
// stand below each other, as music is. Everything is in pixels of the axis.
type figure struct {
	lanes   []lane
	bars    []bar
	flows   []flow
	prints  []printMark
	staves  []stave
	nextRow int // of the table, after the mark that was drawn last

	begin time.Duration // session time at the left edge
	end   time.Duration // and at the right
}

type lane struct {
	name   string
	x0, x1 float64 // from the actor's first instant to its last; x0 < 0: none is drawn
}

type bar struct {
	lane   int
	row    int // of the table below
	ev     trace.Event
	x0, x1 float64
	label  string
	under  string // duration, bytes
	errno  string
}

// A flow is what went from one bar to another, by index.
type flow struct {
	from, to int
	kind     trace.ArrowKind
}

// A printMark is text with a line down to the actor's lane, -1 if it has none.
type printMark struct {
	lane, row int
	x, need   float64
	text      string
}

func (p printMark) within(s stave) bool { return p.x >= s.from && p.x < s.to }

// layOut turns the calls of one cell into a figure. Rows are the rows of the
// table that stands below it, in the same order; a sum of like calls is one.
//
// A call that has not returned ends with the cell, which lasted least.
func layOut(t trace.Timeline, least time.Duration) figure {
	var f figure
	steps := stepsOf(t)
	if len(t.Lanes) == 0 {
		return f
	}
	laneOf := map[string]int{}
	for _, l := range t.Lanes {
		laneOf[l.Actor] = len(f.lanes)
		f.lanes = append(f.lanes, lane{name: l.Actor, x0: -1})
	}
	f.begin, f.end = steps[0].Enter, 0
	calls := 0
	for _, s := range steps {
		f.end = max(f.end, s.Enter, s.Exit)
		if !s.Returned() {
			f.end = max(f.end, f.begin+least)
		}
		if s.printed == "" {
			calls++
		}
	}

	head, tail := leaveOut(calls)
	var spans, said []span
	call := 0
	for row, s := range steps {
		drawn := call < head || call >= tail
		switch {
		case s.printed == "":
			call++
			if !drawn {
				continue
			}
			b := newBar(s.Event, laneOf[s.Actor], row)
			to := b.ev.Exit
			if to < 0 {
				to = f.end + 1 // past the right edge of everything that returned
			}
			spans = append(spans, span{b.ev.Enter, to, b.need()})
			f.bars = append(f.bars, b)
		case drawn:
			p := printMark{lane: -1, row: row, text: clip(s.printed, 36)}
			if i, ok := laneOf[s.Actor]; ok {
				p.lane = i
			} else {
				p.text = s.Actor + ": " + p.text
			}
			p.need = textWidth(p.text, monoPx) + 12
			if n := len(said); n > 0 {
				said[n-1].to = s.Enter
			}
			said = append(said, span{s.Enter, f.end + 1, p.need})
			f.prints = append(f.prints, p)
		}
	}
	f.flows = flowsOf(t.Arrows, f.bars)
	a := newAxis(slices.Concat(spans, said))
	for i := range f.bars {
		b := &f.bars[i]
		b.x0, b.x1 = a.pos(spans[i].from), a.pos(spans[i].to)
		f.lanes[b.lane].reach(b.x0, b.x1)
	}
	for i := range f.prints {
		p := &f.prints[i]
		p.x = a.pos(said[i].from)
		if p.lane >= 0 {
			f.lanes[p.lane].reach(p.x, p.x)
		}
	}
	f.cut(a, head-1, tail-head)
	return f
}

func (l *lane) reach(x0, x1 float64) {
	if l.x0 < 0 || x0 < l.x0 {
		l.x0 = x0
	}
	l.x1 = math.Max(l.x1, x1)
}

// A step is a row of the table: a call, or what an actor printed while no call
// began or ended. Of that only Actor, Line and times mean something.
type step struct {
	trace.Event
	printed string
}

// stepsOf is all of a timeline in the order of time.
func stepsOf(t trace.Timeline) []step {
	var all []step
	var instants []time.Duration
	for _, l := range t.Lanes {
		for _, e := range l.Bars {
			all = append(all, step{Event: e})
			instants = append(instants, e.Enter, e.Exit)
		}
	}
	slices.Sort(instants)
	gap := func(t time.Duration) int { i, _ := slices.BinarySearch(instants, t); return i }
	calls := len(all)
	for _, p := range t.Prints {
		text := strings.Join(strings.Fields(p.Text), " ")
		if text == "" {
			continue
		}
		if n := len(all) - 1; n >= calls && all[n].Actor == p.Actor && gap(all[n].Enter) == gap(p.At) {
			all[n].printed += " ⏎ " + text
			continue
		}
		all = append(all, step{trace.Event{Actor: p.Actor, Line: p.Line, Enter: p.At, Exit: p.At}, text})
	}
	slices.SortStableFunc(all, func(a, b step) int { return cmp.Or(cmp.Compare(a.Enter, b.Enter), a.Seq-b.Seq) })
	return all
}

func newBar(e trace.Event, lane, row int) bar {
	b := bar{lane: lane, row: row, ev: e, label: e.Call, under: "still waiting", errno: e.Errno}
	if e.FD >= 0 {
		b.label += "(" + itoa(e.FD) + ")"
	}
	if e.Calls() > 1 {
		b.label += " × " + count(e.Calls())
	}
	if e.Returned() {
		b.under = shortDuration(e.Duration())
	}
	switch {
	case e.Errno != "":
	case e.Bytes > 0:
		b.under += ", " + sizeText(e.Bytes)
	case e.Note != "":
		b.under += ", " + clip(e.Note, 24)
	}
	return b
}

// need is the least width in which the words of a bar stand.
func (b bar) need() float64 {
	under := textWidth(b.under, smallPx)
	if b.errno != "" {
		under += 16 + textWidth(b.errno, capsPx)
	}
	return 10 + math.Max(textWidth(b.label, charPx), under)
}

// leaveOut says which of n calls are drawn: those before head, and from tail on.
func leaveOut(n int) (head, tail int) {
	if n > maxBars {
		return maxBars * 2 / 3, n - maxBars/3
	}
	return n, n
}

// A piece is a stretch of a bar: waiting, or work.
type piece struct {
	x0, x1 float64
	work   bool
}

// pieces are what a bar between x0 and x1 is drawn of: a wait with its working
// end. A sum of calls is many of those, with the program's own time between
// them in true proportion.
func pieces(e trace.Event, x0, x1 float64) []piece {
	if e.Calls() == 1 || !e.Returned() || e.Exit <= e.Enter {
		solid := x1 - solidWidth(e, x1-x0)
		return trimmed(piece{x0, solid, false}, piece{solid, x1, true})
	}
	slots := min(e.Calls(), int((x1-x0)/9)+1, 24)
	slot := (x1 - x0) / float64(slots)
	used := math.Max(2.5, slot*math.Min(1, float64(e.Total)/float64(e.Exit-e.Enter)))
	var all []piece
	for i := range slots {
		from := x0 + float64(i)*slot
		to := math.Min(from+used, x1)
		solid := to - solidWidth(e, to-from)
		all = append(all, trimmed(piece{from, solid, false}, piece{solid, to, true})...)
	}
	return all
}

// trimmed drops pieces too thin to be seen.
func trimmed(all ...piece) []piece {
	return slices.DeleteFunc(all, func(p piece) bool { return p.x1-p.x0 < .5 })
}

// solidWidth is the part of a bar that stands for work: all of it when the
// call hardly waited, its true share otherwise, but enough to be seen.
func solidWidth(e trace.Event, width float64) float64 {
	d := e.Duration()
	switch {
	case !e.Returned():
		return 0
	case d <= 0 || e.CPU*10 >= d*7:
		return width
	}
	return math.Min(width, math.Max(math.Min(endPx, width/3), math.Round(width*float64(e.CPU)/float64(d))))
}

// clip shortens text to n characters.
func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// flowsOf keeps the arrows whose two ends are drawn. Many arrows between the
// same two bars, sums of calls, are one.
func flowsOf(arrows []trace.Arrow, bars []bar) []flow {
	index := map[int]int{}
	for i, b := range bars {
		index[b.ev.Seq] = i
	}
	var flows []flow
	seen := map[flow]bool{}
	for _, a := range arrows {
		from, ok1 := index[a.From]
		to, ok2 := index[a.To]
		f := flow{from, to, a.Kind}
		if !ok1 || !ok2 || seen[f] || bars[from].lane == bars[to].lane {
			continue
		}
		seen[f] = true
		flows = append(flows, f)
	}
	return flows
}

// count writes a number with thin groups of three: 300,000.
func count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
