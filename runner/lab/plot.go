package lab

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
)

// Figure is a plot. Axes carry their unit in the label: "connections", "time/s".
type Figure struct {
	Title  string   `json:"title"`
	XLabel string   `json:"xlabel"`
	YLabel string   `json:"ylabel"`
	LogX   bool     `json:"logx,omitempty"`
	LogY   bool     `json:"logy,omitempty"`
	Bars   bool     `json:"bars,omitempty"` // one bar per value instead of points on a line
	Series []Series `json:"series"`
}

// Series is one line of a figure, or one bar of each group.
type Series struct {
	Name string `json:"name"`
	// X has a value for every one of Y. With none the values count from 1.
	X []float64 `json:"x,omitempty"`
	Y []float64 `json:"y"`
	// Labels name the values along the x axis instead of X: the groups of bars.
	Labels []string `json:"labels,omitempty"`
}

// PlotMIME is the type of the data that Plot displays: a Figure as JSON.
const PlotMIME = "application/vnd.ioworkbook.plot+json"

// Plot shows f in the notebook: its data, and a drawing as text within Width
// columns for where nothing else can be shown. Run by itself the program prints
// that. A figure that makes no sense (no series, lists of different length) stops
// the cell, like Must.
func Plot(f Figure) {
	if err := f.check(); err != nil {
		panic(&Failure{Err: fmt.Errorf("lab.Plot: %w", err), Pos: caller()})
	}
	f = f.finite()
	data, err := json.Marshal(f)
	if err != nil {
		panic(err) // strings and finite numbers always marshal
	}
	if text := f.text(); !send(message{Type: "display", MIME: PlotMIME, Data: data, Text: text}) {
		os.Stdout.WriteString(text)
	}
}

func (f Figure) check() error {
	if len(f.Series) == 0 {
		return fmt.Errorf("figure %q has no series", f.Title)
	}
	for _, s := range f.Series {
		switch {
		case len(s.Y) == 0:
			return fmt.Errorf("series %q has no values", s.Name)
		case len(s.X) > 0 && len(s.X) != len(s.Y):
			return fmt.Errorf("series %q has %d x values and %d y values", s.Name, len(s.X), len(s.Y))
		case len(s.Labels) > 0 && len(s.Labels) != len(s.Y):
			return fmt.Errorf("series %q has %d labels and %d values", s.Name, len(s.Labels), len(s.Y))
		case f.Bars && len(s.Y) != len(f.Series[0].Y):
			return fmt.Errorf("series %q has %d bars, the first has %d", s.Name, len(s.Y), len(f.Series[0].Y))
		}
	}
	return nil
}

// finite leaves out points that are no numbers, and on a logarithmic axis those
// that are not positive. Bars keep their place with height 0.
func (f Figure) finite() Figure {
	f.Series = slices.Clone(f.Series)
	for i, s := range f.Series {
		t := Series{Name: s.Name}
		for k, y := range s.Y {
			x := float64(k + 1)
			if len(s.X) > 0 {
				x = s.X[k]
			}
			good := finite(x) && finite(y) && !(f.LogX && !f.Bars && x <= 0) && !(f.LogY && y <= 0)
			if !good && !f.Bars {
				continue
			}
			if !good {
				y = 0
			}
			if len(s.X) > 0 || len(s.Labels) == 0 && !f.Bars {
				t.X = append(t.X, x)
			}
			if len(s.Labels) > 0 {
				t.Labels = append(t.Labels, s.Labels[k])
			}
			t.Y = append(t.Y, y)
		}
		f.Series[i] = t
	}
	f.Series = slices.DeleteFunc(f.Series, func(s Series) bool { return len(s.Y) == 0 })
	return f
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }
