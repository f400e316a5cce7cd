//go:build linux

package main

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/kernel"
	"ioworkbook/runner/notebook"
)

// runRecord runs chapters and stores what they gave. A run with a failure is
// shown and not stored: the book prints only what is as declared.
func runRecord(ctx context.Context, a *app, args []string) error {
	flags := a.flags("record")
	words, err := a.parse(flags, args)
	if err != nil {
		return err
	}
	chapters, err := a.someChapters("record", words)
	if err != nil {
		return err
	}
	failures := 0
	for _, ch := range chapters {
		if err := a.record(ctx, ch); errors.Is(err, errDiffers) {
			failures++
		} else if err != nil {
			return err
		}
	}
	if failures > 0 {
		return errDiffers
	}
	return nil
}

func (a *app) record(ctx context.Context, ch *chapter.Chapter) error {
	path := notebook.Path(ch.Path)
	old, err := notebook.Read(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	run, err := a.runQuietly(ctx, ch, kernel.Yaegi, "recording")
	if err != nil {
		return err
	}

	var sum tally
	for _, r := range run.Results {
		sum.add(r)
		if failed(r) {
			a.out.cell(ch.Cell(r.Cell), r)
		}
	}
	for _, leak := range run.Leaks {
		a.out.printf("%s left behind: %s\n", a.out.paint(inkBad, "✗"), leak)
	}
	if sum.failed > 0 || sum.notRun > 0 || len(run.Leaks) > 0 {
		a.out.printf("%s: %s; not recorded, %s is as it was\n", ch.Path, sum, path)
		return errDiffers
	}

	n := notebook.FromRun(run)
	var changed []string
	if old != nil {
		n.Keep(ch, old)
		changed = differing(old, run)
	}
	if err := n.WriteFile(path); err != nil {
		return err
	}
	for _, r := range run.Results {
		if rec, ok := n.Cell(r.Cell); ok && rec.Outcome == notebook.Skipped {
			a.out.printf("%s: cell %q was skipped and has no earlier recording: %s\n", ch.Cell(r.Cell).Pos(), r.Cell, r.Skipped)
		}
	}
	switch {
	case old == nil:
		a.out.printf("%s: recorded for the first time; %s\n", path, sum)
	case len(changed) == 0:
		a.out.printf("%s: recorded, the output is as it was; %s\n", path, sum)
	default:
		a.out.printf("%s: recorded; changed: %s; %s\n", path, strings.Join(changed, ", "), sum)
	}
	return nil
}

// runQuietly runs a chapter and shows only which cell is running.
func (a *app) runQuietly(ctx context.Context, ch *chapter.Chapter, engine, doing string) (*notebook.Run, error) {
	stopWaiting := a.out.waiting(doing + " " + ch.Slug)
	cfg := kernel.Config{Chapter: ch, Engine: engine, Progress: func(u kernel.Update) {
		if u.Kind == kernel.CellStarted {
			stopWaiting()
			stopWaiting = a.out.waiting(doing + " " + ch.Slug + ": " + u.Cell.Name)
		}
	}}
	run, err := kernel.RunChapter(ctx, cfg)
	stopWaiting()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, a.cannotRun(ch, err)
	}
	return run, nil
}
