//go:build linux

package compare

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"ioworkbook/runner/lab"
)

// A column of the table is a figure of a run.
type column struct {
	title  string
	width  int
	figure func(Run) float64
	text   func([]float64) string // for the figures of all rounds
}

func columns() []column {
	ms := func(d time.Duration) float64 { return d.Seconds() * 1e3 }
	median := func(v []float64) string { return digits(lab.Median(v)) }
	return []column{
		{"1000 req/s", 17, func(r Run) float64 { return r.Rate / 1e3 }, spread},
		// Nothing but clients / rate, with so many clients in a closed loop.
		{"p50 ms", 7, func(r Run) float64 { return ms(r.P50) }, median},
		{"p99 ms", 17, func(r Run) float64 { return ms(r.P99) }, spread},
		{"CPU µs/req", 17, func(r Run) float64 { return r.CPU.Seconds() * 1e6 }, spread},
	}
}

const names = 22 // columns for the name of a server

// Figures is a table for each load, 80 columns wide.
func (c *Comparison) Figures() string {
	var b strings.Builder
	for l, load := range c.Loads {
		if l > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%-*s", names, load)
		for _, col := range columns() {
			fmt.Fprintf(&b, "%*s", col.width, col.title)
		}
		b.WriteByte('\n')
		for s, name := range c.Servers {
			fmt.Fprintf(&b, "%-*s", names, name)
			for _, col := range columns() {
				var v []float64
				for _, run := range c.Runs[Pairing{s, l}] {
					v = append(v, col.figure(run))
				}
				fmt.Fprintf(&b, "%*s", col.width, col.text(v))
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Conformance is a line for each server.
func (c *Comparison) Conformance() string {
	var b strings.Builder
	for s, failed := range c.Failed {
		verdict := fmt.Sprintf("passes all %d tests", len(lab.ConformTests()))
		if len(failed) > 0 {
			verdict = "fails " + strings.Join(failed, ", ")
		}
		fmt.Fprintf(&b, "%-*s %s\n", names, c.Servers[s], verdict)
	}
	return b.String()
}

// spread is like "9.41 (8.80-9.52)": the median, the least and the greatest.
func spread(v []float64) string {
	if len(v) == 0 {
		return "-"
	}
	return fmt.Sprintf("%s (%s-%s)", digits(lab.Median(v)), digits(slices.Min(v)), digits(slices.Max(v)))
}

// digits writes a positive number in four characters, if it is below 10000, as
// exactly as they allow: 0.12, 1.23, 12.3, 123.
func digits(x float64) string {
	decimals := 2
	for limit := 9.995; x >= limit && decimals > 0; limit *= 10 {
		decimals--
	}
	return fmt.Sprintf("%.*f", decimals, x)
}
