//go:build linux

package main

import (
	"context"
	"slices"
	"strings"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/kernel"
	"ioworkbook/runner/notebook"
)

// runExercise runs the reader's answers to a chapter's exercises, or to one of
// them, against their checks.
func runExercise(ctx context.Context, a *app, args []string) error {
	flags := a.flags("exercise")
	words, err := a.parse(flags, args)
	if err != nil {
		return err
	}
	ch, err := a.oneChapter("exercise", words)
	if err != nil {
		return err
	}
	stubs := exercises(ch)
	var ids []string
	for _, stub := range stubs {
		ids = append(ids, stub.Attr.Exercise)
	}
	wanted := words[1:]
	if len(ids) == 0 {
		return usagef("%s has no exercises", ch.Path)
	}
	for _, id := range wanted {
		if !slices.Contains(ids, id) {
			return usagef("%s has no exercise %q; its exercises: %s", ch.Path, id, strings.Join(ids, ", "))
		}
	}

	tally := map[verdict]int{}
	asked := 0
	for _, stub := range stubs {
		if len(wanted) > 0 && !slices.Contains(wanted, stub.Attr.Exercise) {
			continue
		}
		v, err := a.exercise(ctx, ch, stub)
		if err != nil {
			return err
		}
		asked++
		tally[v]++
	}
	if asked > 1 {
		a.out.printf("\n%d of %d solved", tally[solved], asked)
		if n := tally[skipped]; n > 0 {
			a.out.printf(", %d skipped", n)
		}
		a.out.printf("\n")
	}
	if tally[unsolved] > 0 {
		return errDiffers
	}
	return nil
}

// A verdict is how an answer fares.
type verdict int

const (
	unsolved verdict = iota
	solved
	skipped // this machine cannot check it
)

// exercises lists the stubs of a chapter, in order.
func exercises(ch *chapter.Chapter) []*chapter.Cell {
	var stubs []*chapter.Cell
	for _, c := range ch.Cells() {
		if c.Attr.Exercise != "" {
			stubs = append(stubs, c)
		}
	}
	return stubs
}

// exercise shows how one answer fares and, where it does not pass yet, how to
// go on.
func (a *app) exercise(ctx context.Context, ch *chapter.Chapter, stub *chapter.Cell) (verdict, error) {
	id := stub.Attr.Exercise
	r, err := a.answer(ctx, ch, id, kernel.Stub, kernel.Yaegi)
	if err != nil {
		return unsolved, err
	}
	a.out.heading(id, stub.Pos(), took(r.Duration))
	for _, o := range r.Outputs {
		a.out.output(o)
	}
	switch {
	case r.Outcome == notebook.Skipped:
		a.out.printf("  skipped: %s\n", r.Skipped)
		return skipped, nil
	case r.Outcome == notebook.OK:
		a.out.printf("  %s solved\n", a.out.paint(inkGood, "✓"))
		return solved, nil
	}
	a.out.say("  "+a.out.paint(inkBad, "✗")+" ", r.Message)
	a.out.printf("  Not yet. Edit the cell at %s, then make exercise %d %s.\n", stub.Pos(), ch.Number, id)
	for _, c := range ch.Cells() {
		if c.Attr.Solution == id {
			a.out.printf("  A solution to compare with: %s.\n", c.Pos())
		}
	}
	return unsolved, nil
}

// answer runs the check of an exercise on one of its answers.
func (a *app) answer(ctx context.Context, ch *chapter.Chapter, id string, v kernel.Variant, engine string) (notebook.Result, error) {
	stopWaiting := a.out.waiting("checking " + id)
	defer stopWaiting()
	r, err := kernel.RunExercise(ctx, kernel.Config{Chapter: ch, Engine: engine}, id, v)
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	return r, err
}

// checkExercises demands of every exercise that its stub fails the check, so
// that the check tests something, and that its solution passes with both engines.
func (a *app) checkExercises(ctx context.Context, i *inspection) error {
	for _, stub := range exercises(i.ch) {
		id := stub.Attr.Exercise
		r, err := a.answer(ctx, i.ch, id, kernel.Stub, kernel.Yaegi)
		if err != nil {
			return err
		}
		switch r.Outcome {
		case notebook.Skipped:
			continue
		case notebook.OK:
			i.problem("%s: exercise %q: the stub passes the check; a check must fail until the stub is filled in\n"+
				"if that is your answer: make exercise %d checks answers, and check is right to find a difference", stub.Pos(), id, i.ch.Number)
		case notebook.CompileError, notebook.Refused:
			i.problem("%s", r.Message)
		}
		for _, engine := range []string{kernel.Yaegi, kernel.Go} {
			r, err := a.answer(ctx, i.ch, id, kernel.Solution, engine)
			if err != nil {
				return err
			}
			if r.Outcome != notebook.OK {
				i.problem("%s: exercise %q: the solution does not pass with engine %s: %s", stub.Pos(), id, engine, r.Message)
			}
		}
	}
	return nil
}
