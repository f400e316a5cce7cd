package site

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/trace"
)

// A lane of a timeline, from its top: the call's name, the bar, its duration.
//
//	recvfrom(4)
//	▨▨▨▨▨▨▨▨█
//	50.3 ms, 5 B
const (
	laneHeight = 72.0
	nameLine   = 18.0 // baseline of the call's name
	barTop     = 26.0
	barHeight  = 14.0
	underLine  = barTop + barHeight + 14
	padX       = 8.0
	printLane  = 30.0
)

// svgDefs are the hatching and the arrow head, once per page.
const svgDefs = `<svg class="defs" aria-hidden="true" focusable="false"><defs>` +
	`<pattern id="tl-wait" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="h-bg" d="M0 0h6v6H0z"/><path class="h-line" d="M0 0v6"/></pattern>` +
	`<marker id="tl-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0L8 4L0 8z"/></marker>` +
	`</defs></svg>`

const timelineKey = `<ul class=tl-key><li><span class="swatch mine"></span> in your code</li><li><span class="swatch work"></span> the kernel works</li><li><span class="swatch wait"></span> waiting in the kernel</li><li>→ bytes, <span class=dashed>⇢</span> connection or its end</li><li>✕ failed</li></ul>`

// traceHTML is what the reader sees of a cell's calls: the drawing with the
// table folded below it, or the table alone.
func traceHTML(id string, c *chapter.Cell, r *notebook.CellRecord) string {
	t := trace.Build(r.Events)
	var w strings.Builder
	if c.Attr.Trace == chapter.TraceTable {
		fmt.Fprintf(&w, "<div class=data>%s</div>\n", callTable(t, id))
		return w.String()
	}
	w.WriteString("<div class=tl>\n")
	drawTimeline(&w, id, c.Name, t, r.Duration)
	w.WriteString(timelineKey)
	if r.Dropped > 0 {
		fmt.Fprintf(&w, "<p class=ran>%s in the middle of it are not kept in the recording.</p>", plural(r.Dropped, "call"))
	}
	fmt.Fprintf(&w, "\n<details class=data><summary>The same as a table</summary>%s</details>\n</div>\n", callTable(t, id))
	return w.String()
}

// drawTimeline writes the scrolling box with the lanes' names, which stay in
// place, and the drawing.
func drawTimeline(w *strings.Builder, id, name string, t trace.Timeline, least time.Duration) {
	f := layOut(t, least)
	top := 0.0
	if len(f.prints) > 0 {
		top = printLane
	}
	strip := top + float64(len(f.lanes))*laneHeight + 8
	height := strip + float64(len(f.lanes))*9 + 30
	names := 24.0
	for _, l := range f.lanes {
		names = max(names, textWidth(l.name, 7.4)+16)
	}
	names = max(names, 76)

	fmt.Fprintf(w, "<div class=tl-scroll tabindex=0 role=group aria-label=\"Timeline of %s\">", attr(name))
	fmt.Fprintf(w, "<svg class=tl-names width=%s height=%s aria-hidden=true>", px(names), px(height))
	if top > 0 {
		w.WriteString("<text class=t x=4 y=20>printed</text>")
	}
	for i, l := range f.lanes {
		fmt.Fprintf(w, "<text class=lane x=4 y=%s>%s</text>", px(top+float64(i)*laneHeight+barTop+11), esc(l.name))
	}
	fmt.Fprintf(w, "<text class=t x=4 y=%s>true scale</text></svg>", px(strip+float64(len(f.lanes))*4.5+4))

	width := f.width + 2*padX
	fmt.Fprintf(w, "<svg class=tl-draw width=%s height=%s viewBox=\"0 0 %[1]s %[2]s\" role=img aria-labelledby=\"%[3]s-tt %[3]s-td\">",
		px(width), px(height), id)
	fmt.Fprintf(w, "<title id=%s-tt>Timeline of %s</title><desc id=%[1]s-td>%[3]s</desc>\n", id, esc(name), esc(describeTimeline(f, t)))
	drawLanes(w, f, top)
	drawFlows(w, f, top)
	drawBars(w, f, top)
	drawPrints(w, f)
	drawBreaks(w, f, top)
	drawStrip(w, f, t, strip)
	w.WriteString("</svg></div>\n")
}

func drawLanes(w *strings.Builder, f figure, top float64) {
	for i, l := range f.lanes {
		if l.x0 < 0 {
			continue
		}
		y := top + float64(i)*laneHeight + barTop + barHeight/2
		fmt.Fprintf(w, "<path class=code d=\"M%s %sH%s\"/>", px(l.x0+padX), px(y), px(l.x1+padX))
	}
}

// drawFlows draws where bytes went, from the end of the call that gave them to
// the end of the call that took them. When the taker returned first, as it may
// on two processors, the arrow leaves from the giver's beginning.
func drawFlows(w *strings.Builder, f figure, top float64) {
	for _, fl := range f.flows {
		from, to := f.bars[fl.from], f.bars[fl.to]
		x0, x1 := from.x1-3, to.x1-3
		if to.x1 < from.x1 {
			x0 = from.x0 + 3
		}
		y0 := top + float64(from.lane)*laneHeight + barTop
		y1 := top + float64(to.lane)*laneHeight + barTop
		if from.lane < to.lane {
			y0 += barHeight
		} else {
			y1 += barHeight
		}
		fmt.Fprintf(w, "<path class=\"flow %s\" marker-end=\"url(#tl-head)\" d=\"M%s %sL%s %s\"/>", fl.kind, px(x0+padX), px(y0), px(x1+padX), px(y1))
	}
	w.WriteByte('\n')
}

func drawBars(w *strings.Builder, f figure, top float64) {
	w.WriteString("<g fill=\"url(#tl-wait)\">\n") // what is not waiting has a fill of its own
	for _, b := range f.bars {
		wd, solid := b.x1-b.x0, b.x1-b.solid
		fmt.Fprintf(w, "<g class=ev data-row=%d transform=\"translate(%s %s)\">", b.row, px(b.x0+padX), px(top+float64(b.lane)*laneHeight+barTop))
		if solid < wd {
			fmt.Fprintf(w, "<path class=wait d=\"M0 0h%sv14H0z\"/>", px(wd-solid))
		}
		if solid > 0 {
			fmt.Fprintf(w, "<path class=work d=\"M%s 0h%sv14H%[1]sz\"/>", px(wd-solid), px(solid))
		}
		if !b.ev.Returned() {
			fmt.Fprintf(w, "<path class=open d=\"M%s 0l6 7l-6 7\"/>", px(wd-6))
		}
		fmt.Fprintf(w, "<text y=%s>%s</text><text class=t y=%s>%s", px(nameLine-barTop), esc(b.label), px(underLine-barTop), esc(b.under))
		if b.errno != "" {
			fmt.Fprintf(w, " <tspan class=err>✕ %s</tspan>", esc(b.errno))
		}
		w.WriteString("</text></g>\n")
	}
	w.WriteString("</g>\n")
}

func drawPrints(w *strings.Builder, f figure) {
	for _, p := range f.prints {
		fmt.Fprintf(w, "<path class=axis d=\"M%s 8v16\"/><text class=out x=%s y=20>%s</text>", px(p.x+padX), px(p.x+padX+4), esc(p.text))
	}
}

func drawBreaks(w *strings.Builder, f figure, top float64) {
	for _, g := range f.breaks {
		x := g.x + padX + 2
		fmt.Fprintf(w, "<path class=brk d=\"M%s %sv%s\"/><text class=t x=%s y=%s>%s calls left out: see the table</text>",
			px(x), px(top), px(float64(len(f.lanes))*laneHeight), px(x+4), px(top+laneHeight-4), count(g.calls))
	}
}

// drawStrip shows the same calls on a linear axis: there the waits are all
// there is to see.
func drawStrip(w *strings.Builder, f figure, t trace.Timeline, y float64) {
	whole := f.end - f.begin
	if whole <= 0 {
		return
	}
	width := min(f.width, 1000)
	at := func(d time.Duration) float64 { return padX + width*float64(d-f.begin)/float64(whole) }
	for i, l := range t.Lanes {
		ly := y + float64(i)*9
		var wait, work strings.Builder
		waitTo, workTo := -1.0, -1.0
		for _, e := range l.Bars {
			exit := e.Exit
			if exit < 0 {
				exit = f.end
			}
			x0, x1 := at(e.Enter), at(exit)
			cpu := min(width*float64(e.CPU)/float64(whole), x1-x0)
			if !e.Returned() {
				fmt.Fprintf(&wait, "M%s %sH%sv7H%[1]sz", px(max(x0, waitTo)), px(ly), px(x1))
				continue
			}
			// Stretches that would share a pixel are one.
			if x1-cpu-x0 > .4 && x1-cpu > waitTo {
				fmt.Fprintf(&wait, "M%s %sH%sv7H%[1]sz", px(max(x0, waitTo)), px(ly), px(x1-cpu))
				waitTo = x1 - cpu
			}
			if end := max(x1, x1-cpu+.8); end > workTo+.3 {
				fmt.Fprintf(&work, "M%s %sH%sv7H%[1]sz", px(max(end-max(cpu, .8), workTo)), px(ly), px(end))
				workTo = end
			}
		}
		if wait.Len() > 0 {
			fmt.Fprintf(w, "<path fill=\"url(#tl-wait)\" d=\"%s\"/>", wait.String())
		}
		if work.Len() > 0 {
			fmt.Fprintf(w, "<path class=work d=\"%s\"/>", work.String())
		}
	}
	ay := y + float64(len(t.Lanes))*9 + 3
	fmt.Fprintf(w, "<path class=axis d=\"M%s %sH%s", px(padX), px(ay), px(padX+width))
	ticks := linearTicks(whole)
	for _, tick := range ticks {
		fmt.Fprintf(w, "M%s %sv4", px(at(f.begin+tick)), px(ay))
	}
	w.WriteString("\"/>")
	for i, tick := range ticks {
		anchor := "middle"
		switch {
		case i == 0:
			anchor = "start"
		case at(f.begin+tick) > padX+width-20:
			anchor = "end"
		}
		fmt.Fprintf(w, "<text class=tick text-anchor=%s x=%s y=%s>%s</text>", anchor, px(at(f.begin+tick)), px(ay+16), tickText(tick))
	}
}

// linearTicks are some four to eight round instants from 0 to whole.
func linearTicks(whole time.Duration) []time.Duration {
	step := time.Duration(1)
	for whole/step > 8 { // 1, 2, 5, 10, 20, ...
		if strconv.FormatInt(int64(step), 10)[0] == '2' {
			step = step / 2 * 5
		} else {
			step *= 2
		}
	}
	var ticks []time.Duration
	for t := time.Duration(0); t <= whole; t += step {
		ticks = append(ticks, t)
	}
	return ticks
}

func tickText(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	return shortDuration(d)
}

// describeTimeline says in words what the drawing shows.
func describeTimeline(f figure, t trace.Timeline) string {
	var parts []string
	for _, l := range t.Lanes {
		calls, failed := 0, 0
		var wait, work time.Duration
		for _, e := range l.Bars {
			calls += e.Calls()
			wait += e.Wait()
			work += e.CPU
			if e.Errno != "" {
				failed += e.Calls()
			}
		}
		s := fmt.Sprintf("%s made %s, waited %s and the kernel worked %s for it", l.Actor, plural(calls, "system call"), shortDuration(wait), shortDuration(work))
		if failed > 0 {
			s += fmt.Sprintf(" (%s failed)", count(failed))
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, "; ") + ". " + shortDuration(f.end-f.begin) + " in all. The table below lists every call."
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return count(n) + " " + what + "s"
}

// maxRows bounds the table below a timeline.
const maxRows = 120

// callTable lists the calls. Each row carries the line of its call and says in
// words what happened: the stepper reads both from here.
func callTable(t trace.Timeline, id string) string {
	events := inOrder(t)
	if len(events) == 0 {
		return ""
	}
	begin := events[0].Enter
	var w strings.Builder
	fmt.Fprintf(&w, "<div class=scroll tabindex=0 role=group aria-label=\"System calls of %s\"><table><thead><tr><th scope=col>at<th scope=col>call<th scope=col>what happened</thead><tbody>\n", attr(id))
	for i, e := range events {
		if i == maxRows && len(events) > maxRows+10 {
			fmt.Fprintf(&w, "<tr><td colspan=3>%s more rows are in the recorded notebook</tr>\n", count(len(events)-maxRows))
			break
		}
		fmt.Fprintf(&w, "<tr data-line=%d><td class=num>%s<td><code>%s</code><td>%s\n",
			e.Line, offsetText(e.Enter-begin), esc(callText(e)), esc(trace.Explain(e)))
	}
	w.WriteString("</tbody></table></div>")
	return w.String()
}

func offsetText(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	return shortDuration(d)
}

// callText is a call as strace writes it.
func callText(e trace.Event) string {
	s := e.Call + "(" + strings.Join(e.Args, ", ") + ")"
	if e.Returned() {
		s += " = " + e.Result
	}
	if e.Errno != "" {
		s += " " + e.Errno
	}
	if e.Calls() > 1 {
		s += " × " + count(e.Calls())
	}
	return s
}

// px writes a coordinate with at most one decimal.
func px(v float64) string {
	s := strconv.FormatFloat(v, 'f', 1, 64)
	return strings.TrimSuffix(s, ".0")
}
