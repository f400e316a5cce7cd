package lab

import (
	"math"
	"slices"
	"time"
)

// Sample is what Measure found.
type Sample struct {
	Min, Median, Max time.Duration
	Runs             []time.Duration // in the order they ran
}

// Measure runs f once to warm up, then runs times, and times each.
func Measure(runs int, f func()) Sample {
	f()
	s := Sample{Runs: make([]time.Duration, max(runs, 1))}
	values := make([]float64, len(s.Runs))
	for i := range s.Runs {
		start := time.Now()
		f()
		s.Runs[i] = time.Since(start)
		values[i] = float64(s.Runs[i])
	}
	s.Min, s.Max = slices.Min(s.Runs), slices.Max(s.Runs)
	s.Median = time.Duration(Median(values))
	return s
}

// Median is the middle of v, 0 of nothing.
func Median(v []float64) float64 { return Percentile(v, 50) }

// Percentile is the value below which p percent of v lie, by linear
// interpolation between the nearest two; 0 of nothing. v stays as it is.
func Percentile(v []float64, p float64) float64 {
	if len(v) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(v))
	at := min(max(p, 0), 100) / 100 * float64(len(sorted)-1)
	low := int(math.Floor(at))
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (sorted[high]-sorted[low])*(at-float64(low))
}
