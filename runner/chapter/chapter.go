// Package chapter reads the Markdown files of the workbook.
//
// A chapter is CommonMark with GitHub's extensions, and nothing of it is
// reserved except Go fences. The format, in full:
//
//  1. A chapter is a file NN-slug.md. NN, two digits, is its number; a
//     directory's chapters are numbered without gaps. The text is UTF-8
//     without NUL; lines end in LF or CRLF; a byte order mark is dropped.
//
//  2. Its title is its only level-one heading.
//
//  3. A cell is a fenced code block whose info string is the word go, a space,
//     and attributes in braces:
//
//     ```go {name=accept timeout=3s fold}
//     conn, _, err := unix.Accept(ln)
//     ```
//
//     The fence starts in column 1, outside lists and quotes, is closed, and
//     holds at least one line that is not blank. Every Go fence is a cell: one
//     that is only shown says {run=false}. Fences of other languages are prose
//     and take no attributes.
//
//  4. Attributes are separated by blanks. Each is a word, or word=value without
//     blanks around the sign. A value with blanks or braces is quoted as a
//     whole, name="a b"; in quotes \" and \\ stand for " and \. The set is
//     closed (see [Attributes]) and an attribute appears once per cell.
//
//  5. Every cell that runs has a name, unique in the chapter: lower-case
//     letters, digits and single hyphens, a letter first, at most 48 bytes.
//
//  6. exercise=ID, check=ID and solution=ID belong together: one of each per
//     ID, the exercise first.
//
//  7. after=CELL names a cell further up whose statements are part of the
//     chapter's program.
//
//  8. A comment that is only a number in parentheses and ends a line of code,
//     // (1), is a callout. A cell's callouts are 1, 2, 3 from top to bottom,
//     and the next block after the fence is an ordered list with one item for
//     each. A list after a cell without callouts is just a list.
//
// [Parse] reports all violations of a file at once as [Errors]. Lines and
// columns count from 1; columns count bytes, as the Go tools do.
package chapter

import (
	"fmt"
	"time"
)

// A Chapter is one parsed file.
type Chapter struct {
	Path   string // as given to Parse, for messages: chapters/03-threads.md
	Number int    // 3
	Slug   string // 03-threads
	Title  string // plain text of the level-one heading
	Source []byte // the file, without a byte order mark
	Parts  []Part // in order; their ranges concatenate to Source
}

// PartKind tells prose from cells.
type PartKind int

const (
	Prose    PartKind = iota // any Markdown between cells
	CellPart                 // one Go fence with attributes
)

// A Part is the byte range Source[Start:End], which begins a line. A cell's
// part runs from its opening fence to the end of the closing fence's line.
type Part struct {
	Kind       PartKind
	Start, End int
	Line       int   // line of Start
	Cell       *Cell // nil for prose
}

// A Cell is one Go fence with attributes.
type Cell struct {
	Path     string // the chapter's
	Name     string // Attr.Name; empty only if Attr.Run is false
	Attr     Attributes
	Line     int       // line of the opening fence
	CodeLine int       // line of the first line of code
	Code     string    // what is between the fences, with LF line ends
	Callouts []Callout // in order of Number

	Start, End         int // Source[Start:End] is the fence, as in Part
	CodeStart, CodeEnd int // Source[CodeStart:CodeEnd] is the code as stored
}

// A Callout ties a line of code to an item of the list after the fence.
type Callout struct {
	Number int
	Line   int // within Code, from 1
}

// Attributes are a cell's attributes with defaults filled in. Those of an
// attribute that is absent are the zero value, except Run and Timeout.
type Attributes struct {
	Name    string        // name=slug
	Run     bool          // false for run=false: shown, never run
	Timeout time.Duration // timeout=3s; DefaultTimeout if absent
	Expect  Expect        // expect=...: how the cell must end
	Varies  bool          // output=varies: output is recorded, not compared
	Trace   Trace         // trace=table or timeline: what is shown of the calls
	Needs   []string      // needs=a,b: capabilities without which it is skipped
	After   string        // after=CELL: a cell whose effect this one needs, though no variable shows it
	Engine  string        // "go" for engine=go: compiled, its own program
	Play    string        // play=FUNC: a server that can be started on its own
	Fold    bool          // fold: shown under a summary
	Hide    bool          // hide: run, not shown
	Predict bool          // predict: output is revealed by the reader

	Exercise string // exercise=ID: a stub to fill in
	Solution string // solution=ID: the same declarations, filled in
	Check    string // check=ID: statements that fail on the stub, pass on the solution
}

// DefaultTimeout and MaxTimeout bound a cell's run.
const (
	DefaultTimeout = 5 * time.Second
	MaxTimeout     = 2 * time.Minute
)

// Trace is what the reader sees of a cell's recorded system calls.
type Trace int

const (
	TraceOff Trace = iota
	TraceTable
	TraceTimeline
)

// String returns the value as written in a chapter.
func (t Trace) String() string {
	switch t {
	case TraceTable:
		return "table"
	case TraceTimeline:
		return "timeline"
	}
	return "off"
}

// ExpectKind is how a cell must end.
type ExpectKind int

const (
	ExpectNone    ExpectKind = iota // normally
	ExpectError                     // with an error handed to the harness
	ExpectPanic                     // with a panic
	ExpectTimeout                   // still running at its limit
	ExpectCompile                   // refused by the type checker; never run
)

// Expect is a declared ending other than the normal one.
type Expect struct {
	Kind ExpectKind
	Text string // must be part of the message; empty for ExpectTimeout
}

// String returns the value as written in a chapter, "" for ExpectNone.
func (e Expect) String() string {
	switch e.Kind {
	case ExpectError:
		return "error:" + e.Text
	case ExpectPanic:
		return "panic:" + e.Text
	case ExpectTimeout:
		return "timeout"
	case ExpectCompile:
		return "compile:" + e.Text
	}
	return ""
}

// Cells returns the chapter's cells in order, those with run=false included.
func (c *Chapter) Cells() []*Cell {
	var cells []*Cell
	for _, p := range c.Parts {
		if p.Cell != nil {
			cells = append(cells, p.Cell)
		}
	}
	return cells
}

// Cell returns the cell of that name, or nil.
func (c *Chapter) Cell(name string) *Cell {
	if name == "" {
		return nil
	}
	for _, p := range c.Parts {
		if p.Cell != nil && p.Cell.Name == name {
			return p.Cell
		}
	}
	return nil
}

// Pos returns the place of the cell's fence: chapters/03-threads.md:57.
func (c *Cell) Pos() string { return fmt.Sprintf("%s:%d", c.Path, c.Line) }

// InProgram reports whether the cell's statements are part of the chapter's own
// program: it runs, and neither alone (engine=go) nor only through the type
// checker (expect=compile).
func (c *Cell) InProgram() bool {
	return c.InRun() && c.Attr.Engine == "" && c.Attr.Expect.Kind != ExpectCompile
}

// InRun reports whether a run of the chapter gives a result for the cell: it is
// not only shown, and no part of an exercise.
func (c *Cell) InRun() bool {
	a := c.Attr
	return a.Run && a.Exercise == "" && a.Solution == "" && a.Check == ""
}
