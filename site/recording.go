package site

import (
	"fmt"
	"time"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
)

// A recording is what a chapter's stored notebook says about its cells.
type recording struct {
	path    string
	found   bool
	where   string // the machine, its kernel and the day
	machine string
	cells   map[string]*notebook.CellRecord
	stale   map[string]bool
}

// openRecording reads the notebook beside a chapter, its lines moved to where
// they are in the chapter now.
func openRecording(c *chapter.Chapter) (recording, error) {
	r := recording{path: notebook.Path(c.Path), cells: map[string]*notebook.CellRecord{}}
	n, err := notebook.Read(r.path)
	if err != nil {
		return r, err
	}
	r.stale = notebook.Stale(c, n)
	n = n.Follow(c)
	for _, cell := range c.Cells() {
		if rec, ok := n.Cell(cell.Name); ok {
			r.cells[cell.Name] = rec
		}
	}
	r.found, r.where, r.machine = true, whereText(n.Machine), machineText(n.Machine)
	return r, nil
}

func whereText(m notebook.Machine) string {
	return fmt.Sprintf("%s, Linux %s, %s", machineText(m), m.Kernel, dayText(m.Date))
}

func dayText(t time.Time) string { return t.UTC().Format("2 January 2006") }

func machineText(m notebook.Machine) string {
	return fmt.Sprintf("%s (%s)", orText(m.CPU, "a machine"), plural(m.Cores, "core"))
}

// ranText is the caption of a cell that ran: how long it took, and where when
// that was another machine than the chapter's.
func ranText(r *notebook.CellRecord, rec recording) string {
	switch {
	case r.Outcome == notebook.Skipped, r.Outcome == notebook.NotRun, r.Duration == 0:
		return ""
	case r.Machine != nil:
		return "took " + shortDuration(r.Duration) + ", recorded on " + whereText(*r.Machine)
	}
	return "took " + shortDuration(r.Duration) + " on " + rec.machine
}

// eachRecorded calls f with the book's recorded cells, in order.
func (b *book) eachRecorded(f func(*chapterPage, *chapter.Cell, *notebook.CellRecord)) {
	for _, p := range b.chapters {
		for _, c := range p.chapter.Cells() {
			if rec := p.rec.cells[c.Name]; rec != nil && c.InRun() {
				f(p, c, rec)
			}
		}
	}
}
