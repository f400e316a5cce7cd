//go:build linux

package main

import (
	"context"

	"ioworkbook/runner/program"
)

// runTangle writes a chapter as one Go program, and nothing else, on standard
// output, so that `make tangle 3 >server.go` gives a file the compiler takes.
func runTangle(_ context.Context, a *app, args []string) error {
	ch, err := a.parseChapter(a.flags("tangle"), args)
	if err != nil {
		return err
	}
	p, err := program.New(ch)
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(p.Text(program.TextOptions{}))
	return err
}
