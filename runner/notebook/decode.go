package notebook

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

// text is nbformat's multiline_string: a string, or a list of its pieces.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	var list []string
	if json.Unmarshal(data, &list) == nil {
		*t = text(strings.Join(list, ""))
		return nil
	}
	return json.Unmarshal(data, (*string)(t))
}

type document struct {
	Cells    []documentCell
	Metadata struct {
		Own struct {
			Chapter string
			Machine Machine
			Leaks   []string
		} `json:"ioworkbook"`
		Title string
	}
	Major int `json:"nbformat"`
	Minor int `json:"nbformat_minor"`
}

type documentCell struct {
	Type     string `json:"cell_type"`
	ID       string
	Count    int `json:"execution_count"`
	Source   text
	Metadata struct {
		Own *struct {
			Calls    []string
			Failures []string
			Checks   []Check
			Duration float64 `json:"duration_ms"`
			Hash     string
			Line     int
			Machine  *Machine
			Message  string
			Outcome  Outcome
			Skipped  string
		} `json:"ioworkbook"`
	}
	Outputs []documentOutput
}

type documentOutput struct {
	Type string `json:"output_type"`
	Name string
	Text text
	Data map[string]json.RawMessage
}

// Decode reads a notebook that Encode wrote, also after Jupyter has saved it
// again. What other tools add is ignored; a code cell without our metadata has
// no record.
func Decode(data []byte) (*Notebook, error) {
	var doc document
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("not a notebook: %w", err)
	}
	if doc.Major != 4 || doc.Minor < 5 {
		return nil, fmt.Errorf("nbformat %d.%d; 4.5 or a later 4.x is needed", doc.Major, doc.Minor)
	}
	own := doc.Metadata.Own
	if own.Chapter == "" {
		return nil, errors.New("not the recording of a chapter: metadata.ioworkbook.chapter is missing")
	}
	n := &Notebook{Chapter: own.Chapter, Title: doc.Metadata.Title, Machine: own.Machine, Leaks: own.Leaks}
	for _, c := range doc.Cells {
		cell, err := c.decode()
		if err != nil {
			return nil, fmt.Errorf("cell %q: %w", c.ID, err)
		}
		n.Cells = append(n.Cells, cell)
	}
	return n, nil
}

func (c documentCell) decode() (Cell, error) {
	cell := Cell{ID: c.ID, Code: c.Type == "code", Source: string(c.Source)}
	own := c.Metadata.Own
	if !cell.Code || own == nil {
		return cell, nil
	}
	rec := &CellRecord{
		Hash: own.Hash, Line: own.Line, Count: c.Count, Outcome: own.Outcome, Message: own.Message,
		Skipped: own.Skipped, Duration: time.Duration(math.Round(own.Duration*1000)) * time.Microsecond,
		Checks: own.Checks, Calls: own.Calls, Failures: own.Failures, Machine: own.Machine,
	}
	cell.Record = rec
	for _, o := range c.Outputs {
		switch o.Type {
		case "stream":
			rec.Outputs = append(rec.Outputs, Output{Stream: o.Name, Text: string(o.Text)})
		case "display_data":
			if raw, ok := o.Data[TimelineMIME]; ok {
				var t timeline
				if err := json.Unmarshal(raw, &t); err != nil {
					return cell, fmt.Errorf("%s: %w", TimelineMIME, err)
				}
				rec.Events, rec.Dropped, rec.Prints = t.Events, t.Dropped, t.Prints
				continue
			}
			out, err := o.rendering()
			if err != nil {
				return cell, err
			}
			rec.Outputs = append(rec.Outputs, out)
		}
		// An output of type error repeats the message.
	}
	return cell, nil
}

// rendering takes the one type of a bundle that is not its plain text.
func (o documentOutput) rendering() (Output, error) {
	out := Output{MIME: "text/plain"}
	for _, mime := range slices.Sorted(maps.Keys(o.Data)) {
		raw := o.Data[mime]
		var s text
		if !isJSON(mime) {
			if err := json.Unmarshal(raw, &s); err != nil {
				return out, fmt.Errorf("%s: %w", mime, err)
			}
			raw, _ = encode(string(s))
		}
		if mime == "text/plain" {
			out.Text = string(s)
			continue
		}
		data, err := canonical(raw)
		if err != nil {
			return out, fmt.Errorf("%s: %w", mime, err)
		}
		out.MIME, out.Data = mime, data
	}
	return out, nil
}
