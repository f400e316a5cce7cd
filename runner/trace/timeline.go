package trace

import "time"

// Timeline is what a picture of a run needs: events sorted into lanes.
type Timeline struct {
	End    time.Duration `json:"end"`
	Lanes  []Lane        `json:"lanes"`
	Arrows []Arrow       `json:"arrows,omitempty"`
	Prints []Print       `json:"prints,omitempty"`
}

// Lane is one actor's events.
type Lane struct {
	Actor string  `json:"actor"`
	Bars  []Event `json:"events"`
}

// Arrow is bytes moving from one call to another.
type Arrow struct {
	From  int `json:"from"` // Seq of the call that sent
	To    int `json:"to"`   // Seq of the call that received
	Bytes int `json:"bytes"`
}

// Print is text that the program printed.
type Print struct {
	At   time.Duration `json:"at"`
	Text string        `json:"text"`
}

// Build sorts events into a timeline.
func Build(events []Event, prints ...Print) Timeline {
	t := Timeline{Prints: prints}
	index := make(map[string]int)
	for _, e := range events {
		i, ok := index[e.Actor]
		if !ok {
			i = len(t.Lanes)
			index[e.Actor] = i
			t.Lanes = append(t.Lanes, Lane{Actor: e.Actor})
		}
		t.Lanes[i].Bars = append(t.Lanes[i].Bars, e)
		t.End = max(t.End, e.Exit, e.Enter)
	}
	return t
}
