//go:build linux

package main

import (
	"bytes"
	"strings"
	"testing"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
)

func TestStatusIsTransient(t *testing.T) {
	var out bytes.Buffer
	s := &screen{w: &out, terminal: true}
	s.setStatus("running accept 0.1 s")
	s.setStatus("running accept 0.1 s") // nothing new
	s.setStatus("running accept 0.2 s")
	s.printf("done\n")
	s.clear()
	want := "running accept 0.1 s\r\x1b[Krunning accept 0.2 s\r\x1b[Kdone\n"
	if got := out.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	out.Reset()
	plain := &screen{w: &out}
	plain.setStatus("running accept 0.1 s")
	plain.waiting("running")()
	plain.printf("%s\n", plain.paint(inkBad, "done"))
	if got := out.String(); got != "done\n" {
		t.Errorf("on a pipe: got %q", got)
	}
}

func TestSayKeepsToTheWidth(t *testing.T) {
	text := strings.Repeat("αβγδε ", 40)
	var out bytes.Buffer
	s := &screen{w: &out, terminal: true, colour: true}
	s.say("  "+s.paint(inkBad, "✗")+" ", text)
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) < 3 {
		t.Fatalf("not broken: %q", out.String())
	}
	for n, line := range lines {
		if got := columns(line); got > width {
			t.Errorf("line %d has %d columns: %q", n+1, got, line)
		}
		if n > 0 && !strings.HasPrefix(line, "    α") {
			t.Errorf("line %d is not indented: %q", n+1, line)
		}
	}
	if got := strings.Join(strings.Fields(painting.ReplaceAllString(out.String(), "")), " "); got != "✗ "+strings.TrimSpace(text) {
		t.Errorf("words lost: %q", got)
	}
}

func TestSayIndentsFurtherSentences(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		var out bytes.Buffer
		s := &screen{w: &out, terminal: terminal, colour: terminal}
		s.say("  "+s.paint(inkBad, "✗")+" ", "one\ntwo")
		if got, want := painting.ReplaceAllString(out.String(), ""), "  ✗ one\n    two\n"; got != want {
			t.Errorf("terminal %v: got %q, want %q", terminal, got, want)
		}
	}
}

func TestCellReport(t *testing.T) {
	cell := &chapter.Cell{Name: "accept", Path: "chapters/02-blocking.md", Line: 57}
	result := notebook.Result{
		Cell: "accept", Outcome: notebook.CheckFailed,
		Message:  `chapters/02-blocking.md:60: cell "accept": check failed: heard`,
		Duration: 1_340_000,
		Outputs: []notebook.Output{
			{Stream: "stdout", Text: "one\n✗ heard\nno newline"},
			{MIME: "image/svg+xml", Text: "a plot\n"},
			{Stream: "stderr", Text: "a warning\n"},
		},
		Checks: []notebook.Check{{Claim: "heard"}},
	}
	want := `── accept ────────────────────────────────── chapters/02-blocking.md:57 · 1.3 ms
  │ one
  │ ✗ heard
  │ no newline
  │ a plot
  stderr │ a warning
  ✗ chapters/02-blocking.md:60: cell "accept": check failed: heard
`
	var out bytes.Buffer
	(&screen{w: &out}).cell(cell, result)
	if got := out.String(); got != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
	heading, _, _ := strings.Cut(out.String(), "\n")
	if got := columns(heading); got != width {
		t.Errorf("the heading has %d columns", got)
	}

	out.Reset()
	skipped := notebook.Result{Cell: "ring", Outcome: notebook.Skipped, Skipped: "needs io_uring: not permitted"}
	(&screen{w: &out}).cell(&chapter.Cell{Name: "ring", Path: "chapters/10-async.md", Line: 8}, skipped)
	_, told, _ := strings.Cut(out.String(), " chapters/10-async.md:8 ")
	if want := "· skipped\n  needs io_uring: not permitted; its recorded output stands\n"; told != want {
		t.Errorf("got %q, want %q", told, want)
	}

	var sum tally
	sum.add(result)
	sum.add(notebook.Result{Outcome: notebook.NotRun})
	sum.add(notebook.Result{Outcome: notebook.Skipped})
	if got, want := sum.String(), "3 cells, 1 check; 1 cell failed, 1 check failed, 1 not run, 1 skipped"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
