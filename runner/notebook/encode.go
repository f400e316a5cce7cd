package notebook

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ioworkbook/runner/trace"
)

// An object is a JSON object in the making.
type object = map[string]any

// Encode returns the notebook as nbformat 4.5: keys sorted, one blank per
// level, text as a list of its lines, a final newline, as Jupyter itself writes
// it. Within our own JSON renderings an event or a series takes one line, so
// that a recording is reviewed event by event.
func (n *Notebook) Encode() ([]byte, error) {
	cells := make([]any, len(n.Cells))
	for i, c := range n.Cells {
		cell, err := c.encode()
		if err != nil {
			return nil, fmt.Errorf("cell %q: %w", c.ID, err)
		}
		cells[i] = cell
	}
	own := object{"chapter": n.Chapter, "machine": machineObject(n.Machine)}
	if len(n.Leaks) > 0 {
		own["leaks"] = n.Leaks
	}
	doc := object{
		"cells": cells,
		"metadata": object{
			"ioworkbook": own,
			"kernelspec": object{"display_name": "Go (workbook)", "language": "go", "name": "ioworkbook"},
			"language_info": object{
				"file_extension": ".go", "mimetype": "text/x-go", "name": "go",
				"version": strings.TrimPrefix(n.Machine.Go, "go"),
			},
			"title": n.Title,
		},
		"nbformat":       4,
		"nbformat_minor": 5,
	}
	var b bytes.Buffer
	if err := writeJSON(&b, doc, 0, false); err != nil {
		return nil, err
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func (c Cell) encode() (object, error) {
	cell := object{"cell_type": "markdown", "id": c.ID, "metadata": object{}, "source": lines(c.Source)}
	if !c.Code {
		return cell, nil
	}
	cell["cell_type"] = "code"
	cell["execution_count"] = nil
	cell["outputs"] = []any{}
	if c.Record == nil {
		return cell, nil
	}
	if c.Record.Count > 0 {
		cell["execution_count"] = c.Record.Count
	}
	cell["metadata"] = object{"ioworkbook": c.Record.metadata()}
	out, err := c.Record.outputs()
	cell["outputs"] = out
	return cell, err
}

// metadata is all of a record that nbformat has no place for.
func (r *CellRecord) metadata() object {
	m := object{
		"hash": r.Hash, "line": r.Line, "outcome": r.Outcome,
		"duration_ms": float64(r.Duration.Microseconds()) / 1000,
	}
	if r.Message != "" {
		m["message"] = r.Message
	}
	if r.Skipped != "" {
		m["skipped"] = r.Skipped
	}
	if len(r.Calls) > 0 {
		m["calls"] = r.Calls
	}
	if len(r.Failures) > 0 {
		m["failures"] = r.Failures
	}
	if len(r.Checks) > 0 {
		checks := make([]any, len(r.Checks))
		for i, c := range r.Checks {
			checks[i] = object{"claim": c.Claim, "ok": c.OK}
		}
		m["checks"] = checks
	}
	if r.Machine != nil {
		m["machine"] = machineObject(*r.Machine)
	}
	return m
}

// outputs are the cell's own, then how it ended if not normally, then the
// system calls. Decode knows the last two again by their type.
func (r *CellRecord) outputs() ([]any, error) {
	out := []any{}
	display := func(data object) {
		out = append(out, object{"data": data, "metadata": object{}, "output_type": "display_data"})
	}
	for _, o := range r.Outputs {
		if o.Stream != "" {
			out = append(out, object{"name": o.Stream, "output_type": "stream", "text": lines(o.Text)})
			continue
		}
		data := object{"text/plain": lines(o.Text)}
		if o.MIME != "text/plain" {
			v, err := decode(o.Data)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", o.MIME, err)
			}
			data[o.MIME] = v
			if s, ok := v.(string); ok && !isJSON(o.MIME) {
				data[o.MIME] = lines(s)
			}
		}
		display(data)
	}
	if r.Message != "" {
		out = append(out, object{
			"ename": string(r.Outcome), "evalue": r.Message, "output_type": "error",
			"traceback": strings.Split(r.Message, "\n"),
		})
	}
	if len(r.Events) > 0 {
		raw, err := encode(timeline{r.Dropped, r.Events, r.Prints})
		if err != nil {
			return nil, err
		}
		v, err := decode(raw)
		if err != nil {
			return nil, err
		}
		display(object{TimelineMIME: v, "text/plain": lines(r.table())})
	}
	return out, nil
}

// A timeline is the payload of TimelineMIME.
type timeline struct {
	Dropped int           `json:"dropped"` // events left out after the first headEvents
	Events  []trace.Event `json:"events"`
	Prints  []trace.Print `json:"prints,omitempty"`
}

// table is the plain text beside a timeline.
func (r *CellRecord) table() string {
	var b strings.Builder
	if r.Dropped == 0 {
		trace.Table(&b, r.Events)
		return b.String()
	}
	head := min(headEvents, len(r.Events))
	trace.Table(&b, r.Events[:head])
	fmt.Fprintf(&b, "... %d more were recorded and are not stored ...\n", r.Dropped)
	trace.Table(&b, r.Events[head:])
	return b.String()
}

func machineObject(m Machine) object {
	return object{
		"cores": m.Cores, "cpu": m.CPU, "date": m.Date.UTC().Format(time.RFC3339), "go": m.Go,
		"kernel": m.Kernel, "memory": m.Memory, "yaegi": m.Yaegi,
	}
}

// lines is how nbformat stores text: each line with its newline.
func lines(s string) []any {
	out := []any{}
	for l := range strings.Lines(s) {
		out = append(out, l)
	}
	return out
}

// writeJSON writes v with one blank per level. In a rendering of our own
// (compact) a list of scalars takes one line, and so does an object of scalars
// and such lists.
func writeJSON(b *bytes.Buffer, v any, depth int, compact bool) error {
	if compact && nesting(v) <= 2 && depth > 0 {
		raw, err := encode(v)
		b.Write(raw)
		return err
	}
	newline := func(depth int) {
		b.WriteByte('\n')
		b.WriteString(strings.Repeat(" ", depth))
	}
	switch v := v.(type) {
	case object:
		if len(v) == 0 {
			b.WriteString("{}")
			return nil
		}
		b.WriteByte('{')
		for i, k := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b.WriteByte(',')
			}
			newline(depth + 1)
			raw, err := encode(k)
			if err != nil {
				return err
			}
			b.Write(raw)
			b.WriteString(": ")
			if err := writeJSON(b, v[k], depth+1, compact || strings.HasPrefix(k, "application/vnd.ioworkbook.")); err != nil {
				return err
			}
		}
		newline(depth)
		b.WriteByte('}')
		return nil
	case []any:
		if len(v) == 0 {
			b.WriteString("[]")
			return nil
		}
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			newline(depth + 1)
			if err := writeJSON(b, e, depth+1, compact); err != nil {
				return err
			}
		}
		newline(depth)
		b.WriteByte(']')
		return nil
	case []string:
		list := make([]any, len(v))
		for i, s := range v {
			list[i] = s
		}
		return writeJSON(b, list, depth, compact)
	}
	raw, err := encode(v)
	b.Write(raw)
	return err
}

// nesting is how many lists and objects lie within each other in v.
func nesting(v any) int {
	deepest := 0
	switch v := v.(type) {
	case object:
		for _, e := range v {
			deepest = max(deepest, nesting(e))
		}
		return deepest + 1
	case []any:
		for _, e := range v {
			deepest = max(deepest, nesting(e))
		}
		return deepest + 1
	}
	return 0
}
