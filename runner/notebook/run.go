// Package notebook stores runs of a chapter as Jupyter notebooks (nbformat
// 4.5) and compares a run with the stored one.
//
// A [Run] is what one execution of a chapter gave. [FromRun] makes it a
// [Notebook]: the chapter's prose and cells in order, each cell with its
// [Record]. A notebook that is stored beside its chapter is the chapter's
// recording. [Compare] says where a later run departs from it; [Stale] says
// which cells were edited since, without running anything.
//
// The package runs nothing, and depends on no engine.
package notebook

import (
	"encoding/json"
	"time"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/trace"
)

// A Run is one execution of a chapter's cells, in order.
type Run struct {
	Chapter *chapter.Chapter
	Machine Machine
	Results []Result
	Leaks   []string // what the chapter left behind, one sentence each
}

// A Result is what one cell gave.
type Result struct {
	Cell     string // the cell's name
	Line     int    // of its fence
	Outcome  Outcome
	Message  string // for an ending other than the normal one: chapters/01-x.md:57: ...
	Outputs  []Output
	Checks   []Check
	Events   []trace.Event
	Prints   []trace.Print // when what text went to standard output, where that is known
	Duration time.Duration
	Skipped  string // why, if Outcome is Skipped
}

// An Outcome is how a cell ended.
type Outcome string

const (
	OK           Outcome = "ok"            // as declared
	CheckFailed  Outcome = "check-failed"  // a lab.Check was false
	Panic        Outcome = "panic"         // undeclared
	Timeout      Outcome = "timeout"       // undeclared
	Exit         Outcome = "exit"          // the cell ended the process
	Died         Outcome = "died"          // the process was killed by a signal
	Refused      Outcome = "refused"       // the interpreter would get it wrong
	CompileError Outcome = "compile-error" // the type checker refused it
	Unexpected   Outcome = "unexpected"    // it should have failed, or failed otherwise
	Skipped      Outcome = "skipped"       // a capability it needs is absent
	NotRun       Outcome = "not-run"       // an earlier cell ended the run
)

// An Output is either text on a stream or a rendering of some MIME type.
type Output struct {
	Stream string // "stdout", "stderr", or "" for a rendering
	Text   string // the stream's text; a rendering's plain-text alternative

	// MIME and Data are a rendering. Data is the value itself for a JSON type,
	// and a JSON string for a textual one such as image/svg+xml.
	MIME string
	Data json.RawMessage
}

// A Check is one claim that a cell made with lab.Check.
type Check struct {
	Claim string `json:"claim"`
	OK    bool   `json:"ok"`
}

// MIME types of our own.
const (
	TimelineMIME = "application/vnd.ioworkbook.timeline+json"
	PlotMIME     = "application/vnd.ioworkbook.plot+json"
)

// A Machine is where and with what a run was made.
type Machine struct {
	CPU    string    `json:"cpu"`    // model name
	Cores  int       `json:"cores"`  // logical, usable by the process
	Date   time.Time `json:"date"`   // UTC, whole seconds
	Go     string    `json:"go"`     // go1.26.8
	Kernel string    `json:"kernel"` // release: 6.8.0-45-generic
	Memory int64     `json:"memory"` // bytes
	Yaegi  string    `json:"yaegi"`  // v0.16.1
}
