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
		var wait, work strings.Builder
		drawn := map[bool]float64{false: -1, true: -1} // how far each kind has got
		for _, e := range l.Bars {
			exit := e.Exit
			if !e.Returned() {
				exit = f.end
			}
			for _, p := range truePieces(e, at(e.Enter), at(exit), whole, width) {
				// Stretches that would share a pixel are one.
				x0 := max(p.x0, drawn[p.work])
				if p.x1 < x0+.2 {
					continue
				}
				d := &wait
				if p.work {
					d = &work
				}
				fmt.Fprintf(d, "M%s %sh%sv7h-%[3]sz", px(x0+padX), px(y+float64(i)*stripLane), px(p.x1-x0))
				drawn[p.work] = p.x1
			}
		}
		if wait.Len() > 0 {
			fmt.Fprintf(w, "<path fill=\"url(#tl-wait)\" d=\"%s\"/>", wait.String())
		}
		if work.Len() > 0 {
			fmt.Fprintf(w, "<path class=work d=\"%s\"/>", work.String())
		}
	}
	y += float64(len(t.Lanes))*stripLane + 3
	fmt.Fprintf(w, "<path class=axis d=\"M%s %sH%s", px(padX), px(y), px(padX+width))
	ticks := linearTicks(whole)
	for _, tick := range ticks {
		fmt.Fprintf(w, "M%s %sv4", px(padX+at(f.begin+tick)), px(y))
	}
	w.WriteString("\"/>")
	for i, tick := range ticks {
		anchor := "middle"
		switch {
		case i == 0:
			anchor = "start"
		case at(f.begin+tick) > width-20:
			anchor = "end"
		}
		fmt.Fprintf(w, "<text class=tick text-anchor=%s x=%s y=%s>%s</text>", anchor, px(padX+at(f.begin+tick)), px(y+16), tickText(tick))
	}
	return y + 24
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
