package notebook

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ioworkbook/runner/chapter"
)

// Follow returns n laid out as the chapter stands now: its prose, its order of
// cells, its line numbers in messages and events. Records are those of n; a
// cell the chapter no longer has is gone. Prose may so be edited without
// running anything.
func (n *Notebook) Follow(c *chapter.Chapter) *Notebook {
	now := &Notebook{Chapter: c.Path, Title: c.Title, Machine: n.Machine, Leaks: n.Leaks, Cells: layOut(c)}
	moves := n.moves(c)
	for i := range now.Cells {
		if rec, ok := n.Cell(now.Cells[i].ID); ok {
			now.Cells[i].Record = moves.apply(rec)
		}
	}
	return now
}

// moves say where the lines of a recording are now.
type moves struct {
	path  string // of the chapter, as messages are to have it
	place *regexp.Regexp
	spans []span
}

// A span is the lines of one recorded cell, fences included, and where they
// are now.
type span struct{ from, to, lines int }

func (n *Notebook) moves(c *chapter.Chapter) moves {
	// The folder is left out: it depends on where the run was started.
	base := regexp.QuoteMeta(filepath.Base(n.Chapter))
	m := moves{path: c.Path, place: regexp.MustCompile(`(?:[\w.~-]*/)*\b` + base + `:([0-9]+)`)}
	for _, cell := range n.Cells {
		if now := c.Cell(cell.ID); now != nil && cell.Record != nil {
			m.spans = append(m.spans, span{from: cell.Record.Line, to: now.Line, lines: strings.Count(cell.Source, "\n") + 3})
		}
	}
	return m
}

// line returns where a recorded line is now. A line outside of the cells stays.
func (m moves) line(old int) int {
	for _, s := range m.spans {
		if old >= s.from && old < s.from+s.lines {
			return old - s.from + s.to
		}
	}
	return old
}

// number is line for digits within a text.
func (m moves) number(digits string) string {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return digits // too long for a line number
	}
	return strconv.Itoa(m.line(n))
}

// text moves the places in a message: chapters/03-threads.md:57.
func (m moves) text(s string) string {
	return m.place.ReplaceAllStringFunc(s, func(place string) string {
		return m.path + ":" + m.number(place[strings.LastIndexByte(place, ':')+1:])
	})
}

var goActor = regexp.MustCompile(`^go:([0-9]+)$`)

// apply returns the record with every line number moved: in messages, in what
// the cell printed, in events and prints and in the name of a bare go statement's actor.
func (m moves) apply(r *CellRecord) *CellRecord {
	moved := *r
	moved.Line = m.line(r.Line)
	moved.Message = m.text(r.Message)
	moved.Outputs = slices.Clone(r.Outputs)
	for i := range moved.Outputs {
		moved.Outputs[i].Text = m.text(r.Outputs[i].Text)
	}
	moved.Events = slices.Clone(r.Events)
	for i := range moved.Events {
		e := &moved.Events[i]
		e.Line, e.Actor = m.line(e.Line), m.actor(e.Actor)
	}
	moved.Prints = slices.Clone(r.Prints)
	for i := range moved.Prints {
		p := &moved.Prints[i]
		p.Line, p.Actor, p.Text = m.line(p.Line), m.actor(p.Actor), m.text(p.Text)
	}
	return &moved
}

func (m moves) actor(name string) string {
	if g := goActor.FindStringSubmatch(name); g != nil {
		return "go:" + m.number(g[1])
	}
	return name
}
