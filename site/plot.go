package site

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
)

// A plot is what lab.Plot stored, as JSON of type plot+json.
type plot struct {
	Title, XLabel, YLabel string
	LogX, LogY            bool
	Bars                  bool
	Series                []series
}

type series struct {
	Name   string
	X, Y   []float64
	Labels []string // of the bars, or of the points instead of numbers
}

const (
	plotWidth   = 620.0
	plotHeight  = 250.0 // of the field between the axes
	plotRight   = 26.0
	seriesKinds = 6 // colours and dashes before they repeat
)

// plotHTML draws a plot and lists its numbers.
func plotHTML(data []byte) (string, error) {
	var p plot
	if err := json.Unmarshal(data, &p); err != nil {
		return "", err
	}
	if err := p.check(); err != nil {
		return "", err
	}
	var w strings.Builder
	fmt.Fprintf(&w, "<div class=plot><div class=plot-scroll tabindex=0 role=group aria-label=%s>", attr("Plot: "+p.Title))
	if p.Bars {
		p.drawBars(&w)
	} else {
		p.drawLines(&w)
	}
	w.WriteString("</div>\n<details class=data><summary>The numbers</summary>")
	p.table(&w)
	w.WriteString("</details></div>")
	return w.String(), nil
}

func (p plot) check() error {
	if len(p.Series) == 0 {
		return errors.New("no series")
	}
	for _, s := range p.Series {
		if len(s.Y) == 0 {
			return fmt.Errorf("series %q has no values", s.Name)
		}
		if len(s.X) > 0 && len(s.X) != len(s.Y) {
			return fmt.Errorf("series %q has %d x and %d y", s.Name, len(s.X), len(s.Y))
		}
		for _, v := range append(append([]float64{}, s.X...), s.Y...) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("series %q has a value that is no number", s.Name)
			}
		}
	}
	return nil
}

func (p plot) open(w *strings.Builder, width, height float64) {
	fmt.Fprintf(w, "<svg width=%s height=%s viewBox=\"0 0 %[1]s %[2]s\" role=img><title>%[3]s</title><desc>%[4]s</desc>\n",
		px(width), px(height), esc(p.Title), esc(p.describe()))
	fmt.Fprintf(w, "<text class=title x=4 y=16>%s</text>", esc(p.Title))
}

// describe says what is drawn, with every series' range.
func (p plot) describe() string {
	var parts []string
	for i, s := range p.Series {
		lo, hi := s.Y[0], s.Y[0]
		for _, y := range s.Y {
			lo, hi = math.Min(lo, y), math.Max(hi, y)
		}
		parts = append(parts, fmt.Sprintf("%s from %s to %s", orText(s.Name, "series "+itoa(i+1)), numberText(lo), numberText(hi)))
	}
	return fmt.Sprintf("%s over %s: %s.", orText(p.YLabel, "values"), orText(p.XLabel, "cases"), strings.Join(parts, "; "))
}

// legend writes the series' names in rows and returns the height it took.
func (p plot) legend(w *strings.Builder, y float64, width float64) float64 {
	if len(p.Series) == 1 && p.Series[0].Name == "" {
		return 0
	}
	x, rows := 4.0, 1.0
	for i, s := range p.Series {
		need := textWidth(s.Name, charPx) + 46
		if x+need > width && x > 4 {
			x, rows = 4, rows+1
		}
		cy := y + rows*18 - 6
		if p.Bars {
			drawPlotBar(w, i, x, cy, 22)
		} else {
			fmt.Fprintf(w, "<path class=\"line s%d\" %s d=\"M%s %sh12h12\"/>", kind(i), marker(i, "mid"), px(x), px(cy))
		}
		fmt.Fprintf(w, "<text x=%s y=%s>%s</text>", px(x+30), px(cy+4), esc(s.Name))
		x += need
	}
	return rows * 18
}

// kind is the style of a series: its colour, and what tells it from the others
// without colour, the dashes of a line, the stripes of a bar.
func kind(series int) int { return series%seriesKinds + 1 }

// plotDefs are the markers of points, once per page: a line then shows its
// points for free. There are twice as many as colours, the second half hollow.
var plotDefs = func() string {
	var w strings.Builder
	w.WriteString("<svg class=defs aria-hidden=true focusable=false><defs>")
	for i := range 2 * seriesKinds {
		shape := []string{"M-3.6 0a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0-7.2 0", "M-3.5-3.5h7v7h-7z", "M0-4.5l4.5 8h-9z", "M0-5l5 5-5 5-5-5z"}[i%4]
		class := fmt.Sprintf("f%d", kind(i))
		if i >= seriesKinds {
			class = fmt.Sprintf("\"s%d hollow\"", kind(i))
		}
		fmt.Fprintf(&w, "<marker id=point%d viewBox=\"-6 -6 12 12\" markerWidth=12 markerHeight=12 markerUnits=userSpaceOnUse><path class=%s d=\"%s\"/></marker>", i+1, class, shape)
	}
	return w.String() + "</defs></svg>"
}()

// marker asks for the marker of a series at the given places of a path.
func marker(series int, places ...string) string {
	var all []string
	for _, p := range places {
		all = append(all, fmt.Sprintf("marker-%s=url(#point%d)", p, series%(2*seriesKinds)+1))
	}
	return strings.Join(all, " ")
}

// drawPlotBar draws a bar of a series around y. Every other series is striped, so that
// neighbours differ without colour.
func drawPlotBar(w *strings.Builder, series int, x, y, width float64) {
	d := fmt.Sprintf("M%s %sh%s", px(x), px(y), px(width))
	fmt.Fprintf(w, "<path class=\"bar s%d\" d=\"%s\"/>", kind(series), d)
	if series%2 == 1 {
		fmt.Fprintf(w, "<path class=stripes d=\"%s\"/>", d)
	}
}

func (p plot) drawLines(w *strings.Builder) {
	var xs, ys []float64
	for i := range p.Series {
		s := &p.Series[i]
		if len(s.X) == 0 {
			for k := range s.Y {
				s.X = append(s.X, float64(k+1))
			}
		}
		xs, ys = append(xs, s.X...), append(ys, s.Y...)
	}
	var legend strings.Builder
	top := 26 + p.legend(&legend, 22, plotWidth) + 26
	yScale := newScale(ys, p.LogY, top+plotHeight, top, true)
	left := 12.0
	for _, t := range yScale.ticks() {
		left = math.Max(left, textWidth(numberText(t), smallPx)+14)
	}
	xScale := newScale(xs, p.LogX, left, plotWidth-plotRight, false)
	height := top + plotHeight + 44
	p.open(w, plotWidth, height)
	w.WriteString(legend.String())
	fmt.Fprintf(w, "<text class=name x=4 y=%s>%s</text>", px(top-11), esc(p.YLabel))
	var grid, values strings.Builder
	for _, t := range yScale.ticks() {
		y := yScale.at(t)
		fmt.Fprintf(&grid, "M%s %sH%s", px(left), px(y), px(plotWidth-plotRight))
		fmt.Fprintf(&values, "<text x=%s y=%s>%s</text>", px(left-6), px(y+4), numberText(t))
	}
	fmt.Fprintf(w, "<path class=grid d=\"%s\"/><g class=tick text-anchor=end>%s</g>", grid.String(), values.String())
	fmt.Fprintf(w, "<path class=axis d=\"M%s %sV%sH%s", px(left), px(top), px(top+plotHeight), px(plotWidth-plotRight))
	for _, t := range xScale.ticks() {
		fmt.Fprintf(w, "M%s %sv5", px(xScale.at(t)), px(top+plotHeight))
	}
	w.WriteString("\"/>")
	tickTexts(w, xScale, top+plotHeight+18)
	fmt.Fprintf(w, "<text class=name text-anchor=end x=%s y=%s>%s</text>\n", px(plotWidth-plotRight), px(height-8), esc(p.XLabel))
	for i, s := range p.Series {
		order := make([]int, len(s.X))
		for k := range order {
			order[k] = k
		}
		sort.SliceStable(order, func(a, b int) bool { return s.X[order[a]] < s.X[order[b]] })
		points := ""
		if len(s.X) <= 40 {
			points = marker(i, "start", "mid", "end")
		}
		fmt.Fprintf(w, "<path class=\"line s%d\" %s d=\"", kind(i), points)
		pen := "M"
		for _, k := range order {
			if p.LogX && s.X[k] <= 0 || p.LogY && s.Y[k] <= 0 {
				continue
			}
			w.WriteString(pen + px(xScale.at(s.X[k])) + " " + px(yScale.at(s.Y[k])))
			pen = "L"
		}
		w.WriteString("\"/>\n")
	}
	w.WriteString("</svg>")
}

// tickTexts writes the values of a horizontal scale, those that have room.
func tickTexts(w *strings.Builder, s scale, y float64) {
	lastEnd := -1.0
	w.WriteString("<g class=tick text-anchor=middle>")
	for _, t := range s.ticks() {
		x, half := s.at(t), textWidth(numberText(t), smallPx)/2
		if x-half > lastEnd+4 {
			fmt.Fprintf(w, "<text x=%s y=%s>%s</text>", px(x), px(y), numberText(t))
			lastEnd = x + half
		}
	}
	w.WriteString("</g>")
}

// drawBars draws horizontal bars: names of cases are words and need the room.
func (p plot) drawBars(w *strings.Builder) {
	labels := p.cases()
	left := 12.0
	for _, l := range labels {
		left = math.Max(left, math.Min(textWidth(l, charPx), 220)+14)
	}
	var ys []float64
	for _, s := range p.Series {
		ys = append(ys, s.Y...)
	}
	var legend strings.Builder
	top := 26 + p.legend(&legend, 22, plotWidth) + 10
	thick := 14.0
	group := thick*float64(len(p.Series)) + 12
	field := group * float64(len(labels))
	height := top + field + 44
	valueScale := newScale(ys, p.LogY || p.LogX, left, plotWidth-70, true)
	if valueScale.log { // the least value shows as more than nothing
		valueScale.lo = roundLog(valueScale.lo/1.5, false)
	}
	p.open(w, plotWidth, height)
	w.WriteString(legend.String())
	w.WriteString("<path class=grid d=\"")
	for _, t := range valueScale.ticks() {
		fmt.Fprintf(w, "M%s %sV%s", px(valueScale.at(t)), px(top), px(top+field))
	}
	w.WriteString("\"/>")
	tickTexts(w, valueScale, top+field+16)
	for k, l := range labels {
		y := top + float64(k)*group + 6
		fmt.Fprintf(w, "<text text-anchor=end x=%s y=%s>%s</text>", px(left-6), px(y+thick*float64(len(p.Series))/2+4), esc(clip(l, 32)))
		for i, s := range p.Series {
			if k >= len(s.Y) {
				continue
			}
			by := y + float64(i)*thick
			width := math.Max(valueScale.at(s.Y[k])-left, 0)
			drawPlotBar(w, i, left, by+thick/2-.5, width)
			fmt.Fprintf(w, "<text class=tick x=%s y=%s>%s</text>\n", px(left+width+5), px(by+thick-4), numberText(s.Y[k]))
		}
	}
	fmt.Fprintf(w, "<path class=axis d=\"M%s %sV%s\"/>", px(left), px(top), px(top+field))
	fmt.Fprintf(w, "<text class=name text-anchor=end x=%s y=%s>%s</text></svg>", px(plotWidth-plotRight), px(height-6), esc(p.YLabel))
}

// cases are the names of the bars.
func (p plot) cases() []string {
	var longest series
	for _, s := range p.Series {
		if len(s.Y) > len(longest.Y) {
			longest = s
		}
	}
	names := make([]string, len(longest.Y))
	for i := range names {
		switch {
		case i < len(longest.Labels):
			names[i] = longest.Labels[i]
		case i < len(longest.X):
			names[i] = numberText(longest.X[i])
		default:
			names[i] = itoa(i + 1)
		}
	}
	return names
}

// table lists the numbers: one row for each x, one column for each series.
func (p plot) table(w *strings.Builder) {
	fmt.Fprintf(w, "<div class=scroll tabindex=0 role=group aria-label=%s><table><thead><tr><th scope=col>%s", attr("Numbers of "+p.Title), esc(orText(p.XLabel, "case")))
	for i, s := range p.Series {
		fmt.Fprintf(w, "<th scope=col class=num>%s", esc(orText(s.Name, orText(p.YLabel, "series "+itoa(i+1)))))
	}
	w.WriteString("</thead><tbody>\n")
	if p.Bars {
		for k, l := range p.cases() {
			fmt.Fprintf(w, "<tr><th scope=row>%s", esc(l))
			for _, s := range p.Series {
				fmt.Fprintf(w, "<td class=num>%s", valueAt(s.Y, k))
			}
			w.WriteString("\n")
		}
	} else {
		var xs []float64
		at := make([]map[float64]int, len(p.Series))
		seen := map[float64]bool{}
		for i, s := range p.Series {
			at[i] = map[float64]int{}
			for k, x := range s.X {
				at[i][x] = k
				if !seen[x] {
					seen[x] = true
					xs = append(xs, x)
				}
			}
		}
		sort.Float64s(xs)
		for _, x := range xs {
			fmt.Fprintf(w, "<tr><th scope=row>%s", plainNumber(x))
			for i, s := range p.Series {
				k, ok := at[i][x]
				if !ok {
					k = len(s.Y)
				}
				fmt.Fprintf(w, "<td class=num>%s", valueAt(s.Y, k))
			}
			w.WriteString("\n")
		}
	}
	w.WriteString("</tbody></table></div>")
}

func valueAt(ys []float64, k int) string {
	if k >= len(ys) {
		return "–"
	}
	return plainNumber(ys[k])
}

func plainNumber(v float64) string { return strconv.FormatFloat(roundTo(v, 6), 'g', -1, 64) }
