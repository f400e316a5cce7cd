package site

import (
	"math"
	"sort"
	"time"
	"unicode/utf8"
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
)

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
		stretch = math.Max(1, staveWidth/w)
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
