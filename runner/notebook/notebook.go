package notebook

import (
	"slices"
	"strings"
	"time"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/trace"
)

// A Notebook is a chapter with what a run of it gave.
type Notebook struct {
	Chapter string // path of the chapter: chapters/03-threads.md
	Title   string
	Machine Machine
	Leaks   []string
	Cells   []Cell
}

// A Cell is prose or code. The prose between two cells that run is one Cell,
// Go fences that are only shown included.
type Cell struct {
	ID     string // of code the cell's name; of prose derived from the name before
	Code   bool
	Source string      // without a final newline
	Record *CellRecord // nil for prose, and for code that was not part of the run
}

// A CellRecord is what one cell gave when it was recorded.
type CellRecord struct {
	Hash     string // of all that the cell depends on, see Hash
	Line     int    // of the fence when recorded; Message and Events count from the same file
	Count    int    // place among the cells that were run, from 1; 0 if it was not
	Outcome  Outcome
	Message  string // see Result
	Skipped  string // see Result
	Duration time.Duration
	Checks   []Check
	Outputs  []Output // text and renderings in order; bytes that are not text are shown as \xNN
	Calls    []string // the system calls it made by name, sorted, each once
	Failures []string // those that failed, with the error: "read EAGAIN"; sorted, each once

	// Events are kept only where the chapter shows them (trace=table, timeline),
	// and at most maxEvents of them: Dropped were left out after the first
	// headEvents.
	Events  []trace.Event
	Dropped int
	Prints  []trace.Print // beside Events, and as many at most

	// Machine is where the record was made if not where the notebook was: the
	// cell could not run there, and an older record was kept.
	Machine *Machine
}

const (
	headEvents = 160
	maxEvents  = 240
)

// Cell returns the record of the cell of that name, if it has one.
func (n *Notebook) Cell(name string) (*CellRecord, bool) {
	for i := range n.Cells {
		if c := &n.Cells[i]; c.Code && c.ID == name && c.Record != nil {
			return c.Record, true
		}
	}
	return nil, false
}

// FromRun makes the notebook of a run.
func FromRun(run *Run) *Notebook {
	c := run.Chapter
	n := &Notebook{Chapter: c.Path, Title: c.Title, Machine: run.Machine, Leaks: run.Leaks, Cells: layOut(c)}
	count := 0
	for i := range n.Cells {
		name := n.Cells[i].ID
		r := slices.IndexFunc(run.Results, func(r Result) bool { return r.Cell == name })
		if !n.Cells[i].Code || r < 0 {
			continue
		}
		cell := c.Cell(name)
		rec := record(cell, run.Results[r])
		rec.Hash = Hash(c, cell)
		if rec.Outcome != Skipped && rec.Outcome != NotRun {
			count++
			rec.Count = count
		}
		n.Cells[i].Record = rec
	}
	return n
}

func record(cell *chapter.Cell, r Result) *CellRecord {
	rec := &CellRecord{
		Line: cell.Line, Outcome: r.Outcome, Message: visible(r.Message), Skipped: visible(r.Skipped),
		Duration: r.Duration.Round(time.Microsecond), Outputs: outputs(r.Outputs),
	}
	for _, c := range r.Checks {
		rec.Checks = append(rec.Checks, Check{Claim: visible(c.Claim), OK: c.OK})
	}
	for _, e := range r.Events {
		rec.Calls = append(rec.Calls, e.Call)
		if e.Errno != "" {
			rec.Failures = append(rec.Failures, e.Call+" "+e.Errno)
		}
	}
	slices.Sort(rec.Calls)
	rec.Calls = slices.Compact(rec.Calls)
	slices.Sort(rec.Failures)
	rec.Failures = slices.Compact(rec.Failures)
	if cell.Attr.Trace != chapter.TraceOff && len(r.Events) > 0 {
		rec.Events = slices.Clone(r.Events)
		if n := len(rec.Events); n > maxEvents {
			rec.Dropped = n - maxEvents
			rec.Events = slices.Delete(rec.Events, headEvents, headEvents+rec.Dropped)
		}
		rec.Prints = slices.Clone(r.Prints)
		if n := len(rec.Prints); n > maxEvents {
			rec.Prints = slices.Delete(rec.Prints, headEvents, headEvents+n-maxEvents)
		}
		for i := range rec.Prints {
			rec.Prints[i].Text = visible(rec.Prints[i].Text)
		}
	}
	return rec
}

// Keep gives each cell that was skipped in n the record it has in old, an
// earlier notebook of chapter c, if the cell was run there and has not changed
// since.
func (n *Notebook) Keep(c *chapter.Chapter, old *Notebook) {
	old = old.Follow(c)
	for i := range n.Cells {
		rec := n.Cells[i].Record
		if rec == nil || rec.Outcome != Skipped {
			continue
		}
		was, ok := old.Cell(n.Cells[i].ID)
		if !ok || was.Outcome == Skipped || was.Hash != rec.Hash {
			continue
		}
		kept := *was
		kept.Count = 0
		if kept.Machine == nil {
			kept.Machine = &old.Machine
		}
		n.Cells[i].Record = &kept
	}
}

// layOut returns the chapter's cells without records.
func layOut(c *chapter.Chapter) []Cell {
	var cells []Cell
	prose, after := "", "chapter_start" // no cell's name has an underscore
	flush := func() {
		if text := strings.Trim(prose, "\n"); strings.TrimSpace(text) != "" {
			cells = append(cells, Cell{ID: after, Source: text})
		}
		prose = ""
	}
	for _, p := range c.Parts {
		if p.Cell == nil || !p.Cell.Attr.Run {
			prose += strings.ReplaceAll(string(c.Source[p.Start:p.End]), "\r\n", "\n")
			continue
		}
		flush()
		cells = append(cells, Cell{ID: p.Cell.Name, Code: true, Source: strings.TrimRight(p.Cell.Code, "\n")})
		after = p.Cell.Name + "_after"
	}
	flush()
	return cells
}
