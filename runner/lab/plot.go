package lab

import "encoding/json"

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
	Name string    `json:"name"`
	X    []float64 `json:"x,omitempty"`
	Y    []float64 `json:"y"`
	// Labels name the values along the x axis, for bars.
	Labels []string `json:"labels,omitempty"`
}

// PlotMIME is the type of the data that Plot displays: a Figure as JSON.
const PlotMIME = "application/vnd.ioworkbook.plot+json"

// Plot draws f as text within Width columns and hands its data to the notebook.
func Plot(f Figure) {
	data, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	send(message{Type: "display", MIME: PlotMIME, Data: data})
}
