package site

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/trace"
)

// timelineDefs are the hatching and the arrow head, once per page. Bars are strokes
// around y = 0, which takes a third of the bytes of rectangles; the hatching is
// as high as a bar and has its edges.
const timelineDefs = `<svg class="defs" aria-hidden="true" focusable="false"><defs>` +
	`<pattern id="tl-wait" y="-7" width="7" height="14" patternUnits="userSpaceOnUse"><path class="h-bg" d="M0 0h7v14H0z"/><path class="h-line" d="M-1 1L1-1M-1 8L8-1M-1 15L8 6M6 15L8 13"/><path class="h-edge" d="M0 .5h7M0 13.5h7"/></pattern>` +
	`<marker id="tl-head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="head" d="M0 0L8 4L0 8z"/></marker>` +
	`</defs></svg>`

// timelineBox opens what the stepper looks for.
const timelineBox = "<div class=tl>"

const timelineKey = `<ul class=tl-key><li><span class="swatch mine"></span> in your code</li><li><span class="swatch work"></span> the kernel works</li><li><span class="swatch wait"></span> waiting in the kernel</li><li>→ bytes, <span class=dashed>⇢</span> connection or its end</li><li>✕ failed</li></ul>`

// traceHTML is what the reader sees of a cell's calls: the drawing with the
// table folded below it, or the table alone.
func traceHTML(p *chapterPage, c *chapter.Cell, r *notebook.CellRecord) string {
	t := trace.Build(r.Events, r.Prints...)
	var w strings.Builder
	if c.Attr.Trace == chapter.TraceTable {
		fmt.Fprintf(&w, "<div class=data>%s</div>\n", callTable(p, c, t))
		return w.String()
	}
	w.WriteString(timelineBox + "\n")
	drawTimeline(&w, p.prefix+c.Name, c.Name, t, r.Duration)
	w.WriteString(timelineKey)
	if r.Dropped > 0 {
		fmt.Fprintf(&w, "<p class=ran>%s in the middle of it are not kept in the recording.</p>", plural(r.Dropped, "call"))
	}
	fmt.Fprintf(&w, "\n<details class=data><summary>The same as a table</summary>%s</details>\n</div>\n", callTable(p, c, t))
	return w.String()
}

// A lane of a timeline, from its top: the call's name, the bar, its duration.
//
//	recvfrom(4)
//	▨▨▨▨▨▨▨▨█
//	50.3 ms, 5 B
const (
	laneHeight = 66.0
	barTop     = 22.0
	barHeight  = 14.0
	padX       = 8.0
	rowHeight  = 26.0 // of a line of printed text, or of what was left out
	staveGap   = 18.0
	stripLane  = 9.0
)

// drawTimeline writes the scrolling box with the lanes' names, which stay in
// place, and the drawing.
func drawTimeline(w *strings.Builder, id, name string, t trace.Timeline, least time.Duration) {
	f := layOut(t, least)
	var names, draw strings.Builder
	y, width := 0.0, 0.0
	for i, s := range f.staves {
		if i > 0 && s.left == 0 {
			fmt.Fprintf(&draw, "<path class=rule d=\"M0 %sH%s\"/>", px(y-staveGap/2), px(padX+staveWidth))
		}
		y = f.drawStave(&draw, &names, s, y) + staveGap
		width = max(width, f.widthOf(s))
	}
	fmt.Fprintf(&names, "<text class=t x=4 y=%s>true scale</text>", px(y+float64(len(f.lanes))*stripLane/2+4))
	y = drawStrip(&draw, f, t, y, width)

	nameWidth := 76.0
	for _, l := range f.lanes {
		nameWidth = max(nameWidth, textWidth(l.name, 7.4)+16)
	}
	width += 2 * padX
	fmt.Fprintf(w, "<div class=tl-scroll tabindex=0 role=group aria-label=%s>", attr("Timeline of "+name))
	fmt.Fprintf(w, "<svg class=tl-names width=%s height=%s aria-hidden=true>%s</svg>", px(nameWidth), px(y), names.String())
	fmt.Fprintf(w, "<svg class=tl-draw width=%s height=%s viewBox=\"0 0 %[1]s %[2]s\" role=img aria-labelledby=\"%[3]s-tt %[3]s-td\">",
		px(width), px(y), id)
	fmt.Fprintf(w, "<title id=%s-tt>Timeline of %s</title><desc id=%[1]s-td>%[3]s</desc>\n", id, esc(name), esc(describeTimeline(f, t)))
	w.WriteString(draw.String() + "</svg></div>\n")
}

// widthOf is how wide a stave is drawn: words at its end may go beyond it.
func (f figure) widthOf(s stave) float64 {
	width := s.to - s.from
	for _, b := range f.bars {
		if b.x0 >= s.from && b.x0 < s.to {
			width = max(width, b.x0-s.from+b.need())
		}
	}
	for _, p := range f.prints {
		if p.within(s) {
			width = max(width, p.x-s.from+p.need)
		}
	}
	return width
}

// drawStave draws one stave at y and returns where it ends.
func (f *figure) drawStave(w, names *strings.Builder, s stave, y float64) float64 {
	dx := padX - s.from
	if s.left > 0 {
		fmt.Fprintf(w, "<path class=brk d=\"M%s %sH%s\"/><text class=t x=%[1]s y=%[4]s>%[5]s between are left out here</text>",
			px(padX), px(y+2), px(padX+staveWidth), px(y+17), plural(s.left, "call"))
		y += rowHeight
	}
	said := y
	if slices.ContainsFunc(f.prints, func(p printMark) bool { return p.within(s) }) {
		fmt.Fprintf(names, "<text class=t x=4 y=%s>printed</text>", px(y+18))
		y += rowHeight
	}
	top := map[int]float64{} // of each lane's bars
	for i, l := range s.lanes {
		top[l] = y + float64(i)*laneHeight + barTop
		fmt.Fprintf(names, "<text class=lane x=4 y=%s>%s</text>", px(top[l]+11), esc(f.lanes[l].name))
		x0, x1 := max(f.lanes[l].x0, s.from), min(f.lanes[l].x1, s.to)
		fmt.Fprintf(w, "<path class=code d=\"M%s %sH%s\"/>", px(x0+dx), px(top[l]+barHeight/2), px(x1+dx))
	}
	w.WriteByte('\n')
	for _, p := range f.prints {
		if p.within(s) {
			f.drawPrint(w, p, p.x+dx, said, top)
		}
	}
	f.drawFlows(w, s, top)
	w.WriteString("<g stroke=\"url(#tl-wait)\">\n") // what is not waiting has a stroke of its own
	for _, b := range f.bars {
		if b.x0 < s.to && b.x1 > s.from {
			f.drawBar(w, b, s, top[b.lane]+barHeight/2)
		}
	}
	w.WriteString("</g>\n")
	return y + float64(len(s.lanes))*laneHeight
}

// drawPrint draws printed text in its row at y, and a line down to a mark on the
// lane of who printed it.
func (f *figure) drawPrint(w *strings.Builder, p printMark, x, y float64, top map[int]float64) {
	f.openMark(w, p.row, x, y+33) // where the style sheet's place for words is this row
	if lane, ok := top[p.lane]; ok {
		lane -= y + 33
		fmt.Fprintf(w, "<path class=axis d=\"M0-27V%s\"/><path class=code d=\"M0 %[1]sv%s\"/>", px(lane), px(barHeight))
	} else {
		w.WriteString("<path class=axis d=\"M0-27v16\"/>")
	}
	fmt.Fprintf(w, "<text class=out x=4>%s</text></g>\n", esc(p.text))
}

// openMark begins what stands for a row of the table, which is told where it is
// not the one after the last mark's.
func (f *figure) openMark(w *strings.Builder, row int, x, y float64) {
	w.WriteString("<g class=ev")
	if row != f.nextRow {
		fmt.Fprintf(w, " data-r=%d", row)
	}
	f.nextRow = row + 1
	fmt.Fprintf(w, " transform=\"translate(%s %s)\">", px(x), px(y))
}

// drawBar draws what of a bar lies in a stave, around y. Its words stand where
// it begins; where it only goes on, its name is repeated if there is room.
func (f *figure) drawBar(w *strings.Builder, b bar, s stave, y float64) {
	x0, x1 := max(b.x0, s.from), min(b.x1, s.to)
	f.openMark(w, b.row, x0-s.from+padX, y)
	var wait, work strings.Builder
	for _, p := range pieces(b.ev, b.x0, b.x1) {
		from, to := max(p.x0, x0), min(p.x1, x1)
		if from >= to {
			continue
		}
		d := &wait
		if p.work {
			d = &work
		}
		fmt.Fprintf(d, "M%s 0h%s", px(from-x0), px(to-from))
	}
	if wait.Len() > 0 {
		fmt.Fprintf(w, "<path d=\"%s\"/>", wait.String())
	}
	if work.Len() > 0 {
		fmt.Fprintf(w, "<path class=work d=\"%s\"/>", work.String())
	}
	switch {
	case x1 < b.x1:
		fmt.Fprintf(w, "<path class=torn d=\"M%s-10v20\"/>", px(x1-x0))
	case !b.ev.Returned():
		fmt.Fprintf(w, "<path class=open d=\"M%s-7l6 7-6 7\"/>", px(x1-x0-6))
	}
	switch {
	case x0 == b.x0:
		fmt.Fprintf(w, "<text>%s</text><text>%s", esc(b.label), esc(b.under)) // placed by the style sheet
		if b.errno != "" {
			fmt.Fprintf(w, " <tspan class=err>✕ %s</tspan>", esc(b.errno))
		}
		w.WriteString("</text>")
	case x1-x0 >= textWidth("… "+b.label, charPx):
		fmt.Fprintf(w, "<text class=t>… %s</text>", esc(b.label))
	}
	w.WriteString("</g>\n")
}

// drawFlows draws where bytes went, from the end of the call that gave them to
// the end of the call that took them. When the taker returned first, as it may
// on two processors, the arrow leaves from the giver's beginning. An arrow goes
// upright past the words of the bar it comes to, and of one it leaves there. From
// one stave to another it is a short arrow down from the giver and another down
// to the taker.
func (f figure) drawFlows(w *strings.Builder, s stave, top map[int]float64) {
	const upright = 18.0
	dx := padX - s.from
	for _, fl := range f.flows {
		from, to := f.bars[fl.from], f.bars[fl.to]
		x0, x1 := from.x1-3, to.x1-3
		early := to.x1 < from.x1
		if early {
			x0 = from.x0 + 1
		}
		starts, ends := x0 > s.from && x0 <= s.to, x1 > s.from && x1 <= s.to
		y0, here := top[from.lane]
		y1, there := top[to.lane]
		if !starts && !ends || starts && !here || ends && !there {
			continue
		}
		turn, leave := y1-upright, upright
		if from.lane > to.lane && starts && ends {
			y1 += barHeight
			turn, leave = y1+upright, -upright
		} else {
			y0 += barHeight
		}
		fmt.Fprintf(w, "<path class=\"flow %s\"", fl.kind)
		if ends {
			w.WriteString(" marker-end=\"url(#tl-head)\"")
		}
		switch {
		case !ends:
			fmt.Fprintf(w, " d=\"M%s %sl10 %s\"/>\n", px(x0+dx), px(y0), px(upright))
		case !starts:
			fmt.Fprintf(w, " d=\"M%s %sV%s\"/>\n", px(x1+dx), px(turn), px(y1))
		default:
			fmt.Fprintf(w, " d=\"M%s %s", px(x0+dx), px(y0))
			if early {
				fmt.Fprintf(w, "l-5 %sv%s", px(leave/4), px(leave*3/4))
			}
			fmt.Fprintf(w, "L%s %sV%s\"/>\n", px(x1+dx), px(turn), px(y1))
		}
	}
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

// px writes a coordinate with at most one decimal and no needless zero.
func px(v float64) string {
	s := strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
	switch {
	case s == "-0":
		return "0"
	case strings.HasPrefix(s, "0."):
		return s[1:]
	case strings.HasPrefix(s, "-0."):
		return "-" + s[2:]
	}
	return s
}
