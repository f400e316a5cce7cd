package site

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ioworkbook/runner/trace"
)

// drawStrip shows the same calls on a linear axis: there the waits are all
// there is to see. It returns where it ends.
func drawStrip(w *strings.Builder, f figure, t trace.Timeline, y, width float64) float64 {
	whole := f.end - f.begin
	if whole <= 0 {
		return y
	}
	width = min(width, staveWidth)
	at := func(d time.Duration) float64 { return width * float64(d-f.begin) / float64(whole) }
	for i, l := range t.Lanes {
		var wait, work stretches
		for _, e := range l.Bars {
			exit := e.Exit
			if !e.Returned() {
				exit = f.end
			}
			for _, p := range truePieces(e, at(e.Enter), at(exit), whole, width) {
				if p.work {
					work.add(p.x0, p.x1)
				} else {
					wait.add(p.x0, p.x1)
				}
			}
		}
		fmt.Fprintf(w, "<g class=strip stroke=\"url(#tl-wait)\" transform=\"translate(%s %s)\">", px(padX), px(y+(float64(i)+.5)*stripLane-1))
		if len(wait) > 0 {
			fmt.Fprintf(w, "<path d=\"%s\"/>", wait)
		}
		if len(work) > 0 {
			fmt.Fprintf(w, "<path class=work d=\"%s\"/>", work)
		}
		w.WriteString("</g>")
	}
	y += float64(len(t.Lanes))*stripLane + 3
	fmt.Fprintf(w, "<path class=axis d=\"M%s %sH%s", px(padX), px(y), px(padX+width))
	ticks := linearTicks(whole)
	for _, tick := range ticks {
		fmt.Fprintf(w, "M%s %sv4", px(padX+at(f.begin+tick)), px(y))
	}
	w.WriteString("\"/><g class=tick text-anchor=middle>")
	for i, tick := range ticks {
		anchor := ""
		switch {
		case i == 0:
			anchor = " text-anchor=start"
		case at(f.begin+tick) > width-20:
			anchor = " text-anchor=end"
		}
		fmt.Fprintf(w, "<text%s x=%s y=%s>%s</text>", anchor, px(padX+at(f.begin+tick)), px(y+16), tickText(tick))
	}
	w.WriteString("</g>")
	return y + 24
}

// stretches are the times of one kind in a lane, left to right. Those with less
// than half a pixel between them are one.
type stretches [][2]float64

func (r *stretches) add(x0, x1 float64) {
	if n := len(*r); n > 0 && x0 < (*r)[n-1][1]+.5 {
		(*r)[n-1][1] = max((*r)[n-1][1], x1)
		return
	}
	if x1 > x0 {
		*r = append(*r, [2]float64{x0, x1})
	}
}

// String is a path along the stretches.
func (r stretches) String() string {
	var d strings.Builder
	for _, s := range r {
		fmt.Fprintf(&d, "M%s 0h%s", px(s[0]), px(s[1]-s[0]))
	}
	return d.String()
}

// truePieces are a call's wait and work at true scale, work never thinner than
// a hair. The calls of a sum are spread evenly over its time.
func truePieces(e trace.Event, x0, x1 float64, whole time.Duration, width float64) []piece {
	scale := func(d time.Duration) float64 { return width * float64(d) / float64(whole) }
	if !e.Returned() {
		return []piece{{x0, x1, false}}
	}
	slots := min(e.Calls(), int((x1-x0)/4)+1, 40)
	work, all := max(scale(e.CPU)/float64(slots), .8), max(scale(e.Duration())/float64(slots), .8)
	var ps []piece
	for i := range slots {
		from := x0 + (x1-x0)*float64(i)/float64(slots)
		ps = append(ps, piece{from, from + all - work, false}, piece{from + all - work, from + all, true})
	}
	return ps
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
