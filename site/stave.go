package site

import (
	"math"
	"slices"
)

// A stave is a stretch of the axis, drawn as one row of lanes.
type stave struct {
	from, to float64
	lanes    []int // those in which something happens here
	left     int   // calls left out before it
}

// cut divides the axis into staves. A cut costs the bars and arrows it goes
// through, the words it leaves without room, and the width it gives away; of
// the instants in the last part of a stave the cheapest is taken. What was
// left out lies between two staves.
func (f *figure) cut(a axis, gapAfter, left int) {
	from, forced := 0.0, -1.0
	if left > 0 {
		forced = f.bars[gapAfter].x1
	}
	for from < a.width() {
		to := a.width()
		if to-from > staveWidth*1.05 {
			to = f.cheapest(a, from)
		}
		before := 0
		if forced > from && forced < to {
			to = forced
		}
		if from == forced {
			before = left
		}
		f.staves = append(f.staves, stave{from: from, to: to, lanes: f.busy(from, to), left: before})
		from = to
	}
}

func (f *figure) cheapest(a axis, from float64) float64 {
	best, cost := from+staveWidth, math.Inf(1)
	for _, x := range a.x {
		if x < from+staveWidth*.6 || x > from+staveWidth {
			continue
		}
		c := (from + staveWidth - x) / staveWidth * 3
		for _, b := range f.bars {
			if b.x0 < x && x < b.x1 {
				c++
				if x-math.Max(b.x0, from) < b.need() {
					c += 3
				}
			}
		}
		for _, p := range f.prints {
			if p.x < x && x < p.x+p.need {
				c += 3
			}
		}
		for _, fl := range f.flows {
			if f.bars[fl.from].x1 < x && x < f.bars[fl.to].x1 {
				c += 4
			}
		}
		if c < cost {
			best, cost = x, c
		}
	}
	return best
}

// busy lists the lanes with a bar or a print between two places.
func (f *figure) busy(from, to float64) []int {
	var lanes []int
	for i := range f.lanes {
		if slices.ContainsFunc(f.bars, func(b bar) bool { return b.lane == i && b.x0 < to && b.x1 > from }) ||
			slices.ContainsFunc(f.prints, func(p printMark) bool { return p.lane == i && p.x >= from && p.x < to }) {
			lanes = append(lanes, i)
		}
	}
	return lanes
}
