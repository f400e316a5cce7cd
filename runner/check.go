//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/kernel"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/program"
)

// runCheck verifies chapters and writes nothing. Every problem of every chapter
// is reported: a chapter that is malformed or fails does not hide the next.
func runCheck(ctx context.Context, a *app, args []string) error {
	flags := a.flags("check")
	words, err := a.parse(flags, args)
	if err != nil {
		return err
	}
	chapters, err := a.someChapters("check", words)
	var malformed chapter.Errors
	if err != nil && !errors.As(err, &malformed) {
		return err
	}
	var wrong []string // the first line of every problem
	failed := 0
	for _, ch := range chapters {
		problems, err := a.check(ctx, ch)
		if err != nil {
			return err
		}
		if len(problems) > 0 {
			failed++
		}
		for _, p := range problems {
			first, _, _ := strings.Cut(p, "\n")
			wrong = append(wrong, first)
		}
	}
	if len(malformed) > 0 {
		return malformed
	}
	if failed > 0 {
		a.out.printf("%s of %d not as declared or recorded\n", plural(failed, "chapter"), len(chapters))
		if len(chapters) > 1 { // the details may have scrolled away
			a.out.printf("%s", ruled("  ", strings.Join(wrong, "\n")))
		}
		return errDiffers
	}
	return nil
}

// An inspection gathers what is wrong with one chapter.
type inspection struct {
	ch       *chapter.Chapter
	problems []string // each one or more whole lines
	notRun   []string // cells that a failure above kept from running
}

func (i *inspection) problem(format string, args ...any) {
	i.problems = append(i.problems, strings.TrimRight(fmt.Sprintf(format, args...), "\n"))
}

// check inspects one chapter, says in a line, or with every problem, how it went,
// and returns the problems. An error is one of the machine, not of the chapter.
func (a *app) check(ctx context.Context, ch *chapter.Chapter) (problems []string, err error) {
	started := time.Now()
	i := &inspection{ch: ch}
	for _, e := range ch.WideLines() {
		i.problem("%v", e)
	}
	for _, cell := range ch.Cells() {
		if err := program.Formatted(cell); err != nil {
			i.problem("%v", err)
		}
	}

	var sum tally
	whole, err := programs(ch)
	var refused program.Errors
	switch {
	case errors.As(err, &refused):
		for _, e := range refused {
			i.problem("%v", e)
		}
	case err != nil:
		return nil, err
	default:
		sum, err = a.checkRuns(ctx, i, whole)
		if err != nil {
			return nil, err
		}
	}

	if len(i.problems) == 0 {
		a.out.printf("%s %s: %s, both engines · %s\n", a.out.paint(inkGood, "✓"), ch.Path, sum, took(time.Since(started)))
		return nil, nil
	}
	a.out.printf("%s %s: %s · %s\n", a.out.paint(inkBad, "✗"), ch.Path,
		plural(len(i.problems), "problem"), took(time.Since(started)))
	for _, p := range i.problems {
		a.out.printf("%s", ruled("  ", a.colourDiff(p)))
	}
	return i.problems, nil
}

// checkRuns runs a chapter that is a valid program, in every way it can be run.
func (a *app) checkRuns(ctx context.Context, i *inspection, whole []*program.Program) (tally, error) {
	ch := i.ch
	var sum tally
	stopWaiting := a.out.waiting("vetting " + ch.Slug)
	complaints, err := vet(ctx, whole)
	stopWaiting()
	if err != nil {
		return sum, err
	}
	i.problems = append(i.problems, complaints...)

	interpreted, err := a.runQuietly(ctx, ch, kernel.Yaegi, "running")
	if err != nil {
		return sum, err
	}
	for _, r := range interpreted.Results {
		sum.add(r)
		switch {
		case failed(r):
			i.problem("%s", r.Message)
		case r.Outcome == notebook.NotRun:
			i.notRun = append(i.notRun, r.Cell)
		}
	}
	if len(i.notRun) > 0 {
		i.problem("%s: not run: %s", ch.Path, strings.Join(i.notRun, ", "))
	}
	if !sum.stopped { // what a broken run leaves is told by its failure
		for _, leak := range interpreted.Leaks {
			i.problem("left behind: %s", leak)
		}
	}
	if err := i.compareWithRecording(interpreted); err != nil {
		return sum, err
	}

	// What the first run compiled would only be compiled and measured again.
	compiled, err := a.runQuietly(ctx, withoutCompiled(ch), kernel.Go, "running, compiled,")
	if err != nil {
		return sum, err
	}
	// The compiled program is not asked what it leaves behind.
	compiled.Leaks = slices.Clone(interpreted.Leaks)
	inBoth := func(r notebook.Result) bool {
		cell := ch.Cell(r.Cell)
		return cell != nil && cell.Attr.Engine == "" && !slices.Contains(i.notRun, r.Cell)
	}
	if diff := notebook.CompareEngines(only(interpreted, inBoth), only(compiled, inBoth)); diff != "" {
		i.problem("%s", diff)
	}
	return sum, a.checkExercises(ctx, i)
}

func (i *inspection) compareWithRecording(run *notebook.Run) error {
	ch := i.ch
	path := notebook.Path(ch.Path)
	recorded, err := notebook.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		i.problem("%s does not exist: make record %d stores a run", path, ch.Number)
		return nil
	}
	if err != nil {
		return err
	}
	var stale []string
	isStale := notebook.Stale(ch, recorded)
	for _, cell := range ch.Cells() {
		if isStale[cell.Name] {
			stale = append(stale, cell.Name)
		}
	}
	if len(stale) > 0 {
		which := fmt.Sprintf("cell %q", stale[0])
		if n := len(stale) - 1; n > 0 {
			which += fmt.Sprintf(" and %d below it", n)
		}
		i.problem("%s is older than %s: make record %d stores a new run", path, which, ch.Number)
	}
	diff := notebook.Compare(recorded, run)
	for _, name := range i.notRun { // told already
		diff = regexp.MustCompile(`(?m)^.*: cell "`+name+`" is in its recording but was not run\n`).ReplaceAllString(diff, "")
	}
	if diff != "" {
		i.problem("%s", diff)
	}
	return nil
}

// withoutCompiled is the chapter without the cells that are programs of their
// own, engine=go. No other cell depends on them.
func withoutCompiled(ch *chapter.Chapter) *chapter.Chapter {
	part := *ch
	part.Parts = slices.DeleteFunc(slices.Clone(ch.Parts), func(p chapter.Part) bool {
		return p.Cell != nil && p.Cell.Attr.Engine != ""
	})
	return &part
}

// only returns a run with the results that keep tells.
func only(run *notebook.Run, keep func(notebook.Result) bool) *notebook.Run {
	part := *run
	part.Results = nil
	for _, r := range run.Results {
		if keep(r) {
			part.Results = append(part.Results, r)
		}
	}
	return &part
}

// colourDiff paints the lines of a unified diff.
func (a *app) colourDiff(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		body := strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "+"):
			body = a.out.paint(inkGood, body)
		case strings.HasPrefix(line, "-"):
			body = a.out.paint(inkBad, body)
		}
		b.WriteString(body + "\n")
	}
	return b.String()
}
