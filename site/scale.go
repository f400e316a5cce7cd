package site

import (
	"math"
	"strconv"
)

// A scale maps values to pixels.
type scale struct {
	lo, hi float64 // values at the ends
	p0, p1 float64 // pixels at the ends
	log    bool
}

func (s scale) at(v float64) float64 {
	lo, hi := s.lo, s.hi
	if s.log {
		v, lo, hi = math.Log10(math.Max(v, s.lo)), math.Log10(lo), math.Log10(hi)
	}
	return s.p0 + (v-lo)/(hi-lo)*(s.p1-s.p0)
}

// newScale fits the values. A linear scale of magnitudes starts at 0; a log
// scale leaves out what is not positive and ends at whole decades, or at 2 and
// 5 when the values span little.
func newScale(values []float64, log bool, p0, p1 float64, fromZero bool) scale {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !log || v > 0 {
			lo, hi = math.Min(lo, v), math.Max(hi, v)
		}
	}
	if lo > hi {
		lo, hi, log = 0, 1, false
	}
	if log {
		s := scale{lo: roundLog(lo, false), hi: roundLog(hi, true), p0: p0, p1: p1, log: true}
		if s.lo == s.hi {
			s.hi *= 10
		}
		return s
	}
	if fromZero && lo > 0 {
		lo = 0
	}
	if lo == hi {
		hi = lo + 1
	}
	step := niceStep(hi - lo)
	return scale{lo: math.Floor(lo/step) * step, hi: math.Ceil(hi/step) * step, p0: p0, p1: p1}
}

// roundLog moves v to the next 1, 2 or 5 times a power of ten.
func roundLog(v float64, up bool) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	steps := []float64{1, 2, 5, 10}
	if up {
		for _, m := range steps {
			if v <= m*decade*1.0001 {
				return m * decade
			}
		}
	}
	for i := len(steps) - 1; i >= 0; i-- {
		if v >= steps[i]*decade*.9999 {
			return steps[i] * decade
		}
	}
	return decade
}

func niceStep(span float64) float64 {
	raw := span / 5
	decade := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 5} {
		if raw <= m*decade {
			return m * decade
		}
	}
	return 10 * decade
}

func (s scale) ticks() []float64 {
	var ticks []float64
	if !s.log {
		step := niceStep(s.hi - s.lo)
		for i := 0.0; s.lo+i*step <= s.hi+step/1000; i++ {
			ticks = append(ticks, s.lo+i*step)
		}
		return ticks
	}
	decades := math.Log10(s.hi / s.lo)
	steps := []float64{1, 2, 5}
	if decades > 2.5 {
		steps = steps[:1]
	}
	for d := math.Pow(10, math.Floor(math.Log10(s.lo))); d <= s.hi*1.0001; d *= 10 {
		for _, m := range steps {
			if v := d * m; v >= s.lo*.9999 && v <= s.hi*1.0001 {
				ticks = append(ticks, v)
			}
		}
	}
	for decades > 8 && len(ticks) > 9 { // every other, as long as there are too many
		var half []float64
		for i := 0; i < len(ticks); i += 2 {
			half = append(half, ticks[i])
		}
		ticks = half
	}
	return ticks
}

// numberText writes a value for a reader: 1500000 is 1.5 M, 0.002 stays.
func numberText(v float64) string {
	a := math.Abs(v)
	switch {
	case v == 0:
		return "0"
	case a >= 1e9:
		return trim(v/1e9) + " G"
	case a >= 1e6:
		return trim(v/1e6) + " M"
	case a >= 1e4:
		return trim(v/1e3) + " k"
	case a < 1e-3:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return trim(v)
}

func trim(v float64) string { return strconv.FormatFloat(roundTo(v, 4), 'f', -1, 64) }

func roundTo(v float64, digits int) float64 {
	if v == 0 {
		return 0
	}
	p := math.Pow(10, float64(digits)-math.Ceil(math.Log10(math.Abs(v))))
	return math.Round(v*p) / p
}
