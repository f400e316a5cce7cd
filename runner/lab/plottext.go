package lab

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// marks are the points of the series, in order; from the seventh on they repeat.
const marks = "o+x*#@"

const plotRows = 16

// text draws a figure for a terminal.
func (f Figure) text() string {
	switch {
	case len(f.Series) == 0:
		return f.Title + "\n(no points)\n"
	case f.Bars:
		return f.barText()
	}
	return f.lineText()
}

// axis maps values to cells 0..cells-1.
type axis struct {
	low, high float64
	log       bool
	cells     int
}

// newAxis spans the values: a linear axis of magnitudes from 0, a logarithmic one
// in whole steps of 1, 2, 5.
func newAxis(values []float64, log bool, cells int) axis {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	if log {
		a := axis{round125(low, false), round125(high, true), true, cells}
		if a.low == a.high {
			a.high *= 10
		}
		return a
	}
	low = min(low, 0)
	if low == high {
		high = low + 1
	}
	step := round125((high-low)/5, true)
	return axis{math.Floor(low/step) * step, math.Ceil(high/step-1e-9) * step, false, cells}
}

// round125 moves v > 0 down or up to 1, 2 or 5 times a power of ten.
func round125(v float64, up bool) float64 {
	const slack = 1e-9 // for decades that are not exact in binary
	decade := math.Pow(10, math.Floor(math.Log10(v)+slack))
	below := decade
	for _, step := range []float64{1, 2, 5, 10} {
		switch {
		case step*decade <= v*(1+slack):
			below = step * decade
		case up:
			if below >= v*(1-slack) {
				return below
			}
			return step * decade
		}
	}
	return below
}

// at is the position of a value, in cells.
func (a axis) at(v float64) float64 {
	low, high := a.low, a.high
	if a.log {
		low, high, v = math.Log10(low), math.Log10(high), math.Log10(v)
	}
	return (v - low) / (high - low) * float64(a.cells-1)
}

// ticks are the values that get a label: a handful of round ones.
func (a axis) ticks() []float64 {
	var t []float64
	if !a.log {
		step := round125((a.high-a.low)/5, true)
		for i := 0; a.low+float64(i)*step <= a.high*(1+1e-9)+step*1e-9; i++ {
			t = append(t, a.low+float64(i)*step)
		}
		return t
	}
	decades := math.Log10(a.high / a.low)
	steps := []float64{1}
	if decades <= 2 {
		steps = []float64{1, 2, 5}
	}
	every := int(math.Ceil(decades / 8))
	for d := int(math.Floor(math.Log10(a.low) + 1e-9)); math.Pow(10, float64(d)) <= a.high*(1+1e-9); d += every {
		for _, s := range steps {
			if v := s * math.Pow(10, float64(d)); v >= a.low*(1-1e-9) && v <= a.high*(1+1e-9) {
				t = append(t, v)
			}
		}
	}
	return t
}

func (f Figure) lineText() string {
	var xs, ys []float64
	for _, s := range f.Series {
		for i, y := range s.Y {
			xs, ys = append(xs, s.x(i)), append(ys, y)
		}
	}
	y := newAxis(ys, f.LogY, plotRows)
	left := 0
	for _, v := range y.ticks() {
		left = max(left, len(numberText(v)))
	}
	x := newAxis(xs, f.LogX, Width-left-2)
	if !f.LogX {
		x.low, x.high = spread(xs)
	}

	grid := make([][]rune, y.cells)
	for i := range grid {
		grid[i] = []rune(strings.Repeat(" ", x.cells))
	}
	put := func(col, row float64, r rune, over bool) {
		c, l := int(math.Round(col)), y.cells-1-int(math.Round(row))
		if c < 0 || l < 0 || c >= x.cells || l >= y.cells || !over && grid[l][c] != ' ' {
			return
		}
		grid[l][c] = r
	}
	for _, s := range f.Series { // lines under all points
		for i := 1; i < len(s.Y); i++ {
			x0, y0, x1, y1 := x.at(s.x(i-1)), y.at(s.Y[i-1]), x.at(s.x(i)), y.at(s.Y[i])
			steps := max(math.Abs(x1-x0), math.Abs(y1-y0), 1)
			for k := 1.0; k < steps; k++ {
				put(x0+(x1-x0)*k/steps, y0+(y1-y0)*k/steps, '·', false)
			}
		}
	}
	for i := len(f.Series) - 1; i >= 0; i-- { // the first series on top
		s := f.Series[i]
		for k, v := range s.Y {
			put(x.at(s.x(k)), y.at(v), rune(marks[i%len(marks)]), true)
		}
	}

	var b strings.Builder
	f.writeHead(&b)
	label := make(map[int]string)
	for _, v := range y.ticks() {
		label[y.cells-1-int(math.Round(y.at(v)))] = numberText(v)
	}
	for i, row := range grid {
		tick := "│"
		if label[i] != "" {
			tick = "┤"
		}
		b.WriteString(strings.TrimRight(fmt.Sprintf("%*s %s%s", left, label[i], tick, string(row)), " ") + "\n")
	}
	b.WriteString(strings.Repeat(" ", left+1) + "└" + strings.Repeat("─", x.cells) + "\n")
	b.WriteString(f.xTicks(x, left+2))
	if f.XLabel != "" {
		b.WriteString(strings.Repeat(" ", max(left+2+x.cells-columnsOf(f.XLabel), 0)) + f.XLabel + "\n")
	}
	return b.String()
}

// spread is a linear x axis: exactly the values' span.
func spread(xs []float64) (low, high float64) {
	low, high = xs[0], xs[0]
	for _, v := range xs {
		low, high = min(low, v), max(high, v)
	}
	if low == high {
		return low - 1, high + 1
	}
	return low, high
}

func (s Series) x(i int) float64 {
	if i < len(s.X) {
		return s.X[i]
	}
	return float64(i + 1)
}

func (f Figure) writeHead(b *strings.Builder) {
	if f.Title != "" {
		b.WriteString(f.Title + "\n")
	}
	var legend []string
	for i, s := range f.Series {
		if s.Name != "" {
			legend = append(legend, string(marks[i%len(marks)])+" "+s.Name)
		}
	}
	if len(legend) > 0 {
		for _, line := range broken(strings.Join(legend, "   "), Width) {
			b.WriteString(line + "\n")
		}
	}
	if f.YLabel != "" {
		b.WriteString(f.YLabel + "\n")
	}
}

// xTicks is the line of labels below the axis: those that do not touch the one
// before.
func (f Figure) xTicks(x axis, left int) string {
	line := []rune(strings.Repeat(" ", left+x.cells))
	free := 0
	set := func(v float64, text string) {
		n := len([]rune(text))
		at := min(max(left+int(math.Round(x.at(v)))-n/2, 0), left+x.cells-n)
		if at < free {
			return
		}
		copy(line[at:], []rune(text))
		free = at + n + 1
	}
	if labels := f.Series[0].Labels; len(labels) > 0 {
		for i, text := range labels {
			set(f.Series[0].x(i), text)
		}
	} else {
		ticks := x.ticks()
		if !x.log {
			ticks = within(x)
		}
		for _, v := range ticks {
			set(v, numberText(v))
		}
	}
	return strings.TrimRight(string(line), " ") + "\n"
}

// within are round values inside a linear axis whose ends are not round.
func within(x axis) []float64 {
	step := round125((x.high-x.low)/6, true)
	var t []float64
	for v := math.Ceil(x.low/step-1e-9) * step; v <= x.high+step*1e-9; v += step {
		t = append(t, v+0) // never -0
	}
	return t
}

// barText draws groups of horizontal bars with their values.
func (f Figure) barText() string {
	var ys []float64
	label, name, number := 0, 0, 0
	for _, s := range f.Series {
		name = max(name, min(columnsOf(s.Name), 20))
		for _, v := range s.Y {
			if !f.LogY || v > 0 {
				ys = append(ys, v)
			}
			number = max(number, len(numberText(v)))
		}
	}
	first := f.Series[0]
	for i := range first.Y {
		label = max(label, min(columnsOf(first.label(i)), 24))
	}
	if len(ys) == 0 {
		ys = []float64{1}
	}
	y := newAxis(ys, f.LogY, max(Width-label-name-number-3, 10)+1)
	if !f.LogY {
		y.high = max(slices.Max(ys), 0) // the longest bar fills the width
	}
	var b strings.Builder
	if f.Title != "" {
		b.WriteString(f.Title + "\n")
	}
	if f.YLabel != "" {
		b.WriteString(f.YLabel + "\n")
	}
	for i := range first.Y {
		for k, s := range f.Series {
			text := ""
			if k == 0 {
				text = clip(first.label(i), label)
			}
			bar := ""
			if v := s.Y[i]; v > 0 || v < 0 && !f.LogY {
				bar = strings.Repeat("█", max(int(math.Round(y.at(v))), 1))
			}
			line := padded(text, label) + " " + padded(clip(s.Name, name), name) + " " + bar + " " + numberText(s.Y[i])
			if name == 0 {
				line = padded(text, label) + " " + bar + " " + numberText(s.Y[i])
			}
			b.WriteString(line + "\n")
		}
	}
	if f.XLabel != "" {
		b.WriteString("(" + f.XLabel + ")\n")
	}
	return b.String()
}

func (s Series) label(i int) string {
	switch {
	case i < len(s.Labels):
		return s.Labels[i]
	case i < len(s.X):
		return numberText(s.X[i])
	}
	return strconv.Itoa(i + 1)
}

func clip(s string, n int) string {
	if columnsOf(s) <= n {
		return s
	}
	r := []rune(s)
	for columnsOf(string(r)) > n-1 {
		r = r[:len(r)-1]
	}
	return string(r) + "…"
}

func padded(s string, n int) string { return s + strings.Repeat(" ", max(n-columnsOf(s), 0)) }

// numberText writes a value with three digits: 0.00123, 4.2, 12,300, 1.5e+09.
func numberText(v float64) string {
	a := math.Abs(v)
	switch {
	case a != 0 && (a < 1e-4 || a >= 1e7):
		return strconv.FormatFloat(v, 'g', 3, 64)
	case a >= 1000:
		digits := strconv.FormatFloat(math.Round(v), 'f', 0, 64)
		for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
			digits = digits[:i] + "," + digits[i:]
		}
		return digits
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}
