package site

import (
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ioworkbook/runner/trace"
)

// The axis of a timeline. On a linear one the calls vanish beside the waits,
// in a table the waits vanish among the calls. So the axis is stretched by the
// order of events: every gap between two instants gets a minimum width plus
// its logarithm, and every bar at least the width of its words. Words stay
// within their own bar's extent, and the bars of one lane follow each other,
// so no two labels can meet.
const (
	gapMin  = 9.0  // px between two instants
	gapLog  = 13.0 // px per decade above a microsecond
	charPx  = 6.7  // mean advance of the 12 px sans face, on the wide side
	smallPx = 6.2  // of the 11 px face
	capsPx  = 8.0  // of its bold capitals
	monoPx  = 6.8  // of the 11 px mono face
	endPx   = 5.0  // the least a bar's working end shows
	leastPx = 800.0

	maxBars = 90 // beyond, the middle of a timeline is left out
)

// A figure is a timeline laid out: everything in pixels, ready to be drawn.
type figure struct {
	lanes  []lane
	bars   []bar
	flows  []flow
	prints []printMark
	breaks []gapMark
	width  float64
	begin  time.Duration // session time at the left edge
	end    time.Duration // and at the right
}

type lane struct {
	name   string
	x0, x1 float64 // from the actor's first instant to its last
}

type bar struct {
	lane   int
	row    int // of the table below
	ev     trace.Event
	x0, x1 float64
	solid  float64 // the working end starts here
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

type gapMark struct {
	x     float64
	calls int
}

// axis assigns x to instants.
type axis struct {
	at []time.Duration
	x  []float64
}

func (a axis) pos(t time.Duration) float64 {
	i := sort.Search(len(a.at), func(i int) bool { return a.at[i] >= t })
	return a.x[min(i, len(a.x)-1)]
}

// span is a stretch of one lane that needs a least width.
type span struct {
	from, to time.Duration
	need     float64
}

// newAxis places the instants left to right: each as far from its predecessor
// as the gap asks, and far enough from the start of every span that ends there.
func newAxis(spans []span) axis {
	var a axis
	seen := map[time.Duration]bool{}
	for _, s := range spans {
		for _, t := range []time.Duration{s.from, s.to} {
			if !seen[t] {
				seen[t] = true
				a.at = append(a.at, t)
			}
		}
	}
	sort.Slice(a.at, func(i, j int) bool { return a.at[i] < a.at[j] })
	index := make(map[time.Duration]int, len(a.at))
	for i, t := range a.at {
		index[t] = i
	}
	ending := make([][]span, len(a.at))
	for _, s := range spans {
		ending[index[s.to]] = append(ending[index[s.to]], s)
	}
	a.x = make([]float64, len(a.at))
	for i, t := range a.at {
		if i > 0 {
			a.x[i] = a.x[i-1] + gapWidth(t-a.at[i-1])
		}
		for _, s := range ending[i] {
			a.x[i] = math.Max(a.x[i], a.x[index[s.from]]+s.need)
		}
	}
	stretch := 1.0
	if w := a.width(); w > 0 {
		stretch = math.Max(1, leastPx/w)
	}
	for i := range a.x {
		a.x[i] = math.Round(a.x[i] * stretch)
	}
	return a
}

func (a axis) width() float64 {
	if len(a.x) == 0 {
		return 0
	}
	return a.x[len(a.x)-1]
}

func gapWidth(d time.Duration) float64 {
	return gapMin + gapLog*math.Log10(1+float64(d)/float64(time.Microsecond))
}

func textWidth(s string, px float64) float64 {
	return float64(utf8.RuneCountInString(s)) * px
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
	f.width = a.width()
	for i := range f.bars {
		b := &f.bars[i]
		b.x0, b.x1 = a.pos(spans[i].from), a.pos(spans[i].to)
		b.solid = b.x1 - solidWidth(b.ev, b.x1-b.x0)
		l := &f.lanes[b.lane]
		if l.x0 < 0 {
			l.x0 = b.x0
		}
		l.x1 = math.Max(l.x1, b.x1)
	}
	for _, p := range prints {
		f.prints = append(f.prints, printMark{x: a.pos(p.from), text: p.text})
	}
	if left > 0 {
		f.breaks = append(f.breaks, gapMark{x: f.bars[gapAfter].x1, calls: left})
	}
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
	return math.Min(width, math.Max(endPx, math.Round(width*float64(e.CPU)/float64(d))))
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
