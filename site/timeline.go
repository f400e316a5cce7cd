package site

import (
	"math"
	"slices"
	"sort"
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
	nextRow int // of the table, after the bar that was drawn last

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

type printMark struct {
	x    float64
	text string
}

// layOut turns the calls of one cell into a figure. Rows are the rows of the
// table that stands below it, in the same order; a sum of like calls is one.
//
// A call that has not returned ends with the cell, which lasted least.
func layOut(t trace.Timeline, least time.Duration) figure {
	var f figure
	events := inOrder(t)
	if len(events) == 0 {
		return f
	}
	laneOf := map[string]int{}
	for _, l := range t.Lanes {
		laneOf[l.Actor] = len(f.lanes)
		f.lanes = append(f.lanes, lane{name: l.Actor, x0: -1})
	}
	f.begin, f.end = events[0].Enter, 0
	for _, e := range events {
		f.end = max(f.end, e.Enter, e.Exit)
		if !e.Returned() {
			f.end = max(f.end, f.begin+least)
		}
	}

	shown, gapAfter, left := leaveOut(len(events))
	var spans []span
	for _, i := range shown {
		b := newBar(events[i], laneOf[events[i].Actor], i)
		to := b.ev.Exit
		if to < 0 {
			to = f.end + 1 // past the right edge of everything that returned
		}
		spans = append(spans, span{b.ev.Enter, to, b.need()})
		f.bars = append(f.bars, b)
	}
	f.flows = flowsOf(t.Arrows, f.bars)
	prints := groupPrints(t.Prints, spans, f.end)
	for _, p := range prints {
		spans = append(spans, p.span)
	}
	a := newAxis(spans)
	for i := range f.bars {
		b := &f.bars[i]
		b.x0, b.x1 = a.pos(spans[i].from), a.pos(spans[i].to)
		l := &f.lanes[b.lane]
		if l.x0 < 0 {
			l.x0 = b.x0
		}
		l.x1 = math.Max(l.x1, b.x1)
	}
	for _, p := range prints {
		f.prints = append(f.prints, printMark{x: a.pos(p.from), text: p.text})
	}
	f.cut(a, gapAfter, left)
	return f
}

// inOrder is every event of a timeline in the order of entry.
func inOrder(t trace.Timeline) []trace.Event {
	var all []trace.Event
	for _, l := range t.Lanes {
		all = append(all, l.Bars...)
	}
	sort.SliceStable(all, func(i, j int) bool {
		if all[i].Enter != all[j].Enter {
			return all[i].Enter < all[j].Enter
		}
		return all[i].Seq < all[j].Seq
	})
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

// leaveOut picks the bars that are drawn: all, or the first and last of many.
func leaveOut(n int) (shown []int, gapAfter, left int) {
	head, tail := n, 0
	if n > maxBars {
		head, tail = maxBars*2/3, maxBars/3
	}
	for i := range n {
		if i < head || i >= n-tail {
			shown = append(shown, i)
		}
	}
	return shown, head - 1, n - len(shown)
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

// printGroup is what was printed between two instants of the axis.
type printGroup struct {
	span
	text string
}

// groupPrints gives printed text a place of its own on the axis, wide enough
// to be read. What was printed within one gap between calls stands together.
func groupPrints(prints []trace.Print, spans []span, end time.Duration) []printGroup {
	var instants []time.Duration
	for _, s := range spans {
		instants = append(instants, s.from, s.to)
	}
	slices.Sort(instants)
	gap := func(t time.Duration) int { i, _ := slices.BinarySearch(instants, t); return i }
	var groups []printGroup
	for _, p := range prints {
		text := strings.Join(strings.Fields(p.Text), " ")
		if text == "" {
			continue
		}
		if n := len(groups); n > 0 && gap(groups[n-1].from) == gap(p.At) {
			groups[n-1].text += " ⏎ " + text
			continue
		}
		groups = append(groups, printGroup{span{from: p.At}, text})
	}
	for i := range groups {
		g := &groups[i]
		g.to = end + 1
		if i+1 < len(groups) {
			g.to = groups[i+1].from
		}
		g.text = clip(g.text, 36)
		g.need = textWidth(g.text, monoPx) + 12
	}
	return groups
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
