//go:build linux

// Command workbook runs the chapters of the workbook: it is what the Makefile
// calls. One file holds one verb; the packages below hold what verbs share.
//
//	workbook VERB [flags] [words]
//
// The exit code says how it went: 0 as declared, 1 something failed or differs
// from what was declared or recorded, 2 wrong usage or a malformed chapter,
// 130 interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/kernel"
)

const (
	exitAsDeclared  = 0
	exitDiffers     = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// A verb is one command. Its words and variables are written as make takes
// them, since that is how a reader types them.
type verb struct {
	name      string
	words     string
	summary   string
	variables string
	run       func(context.Context, *app, []string) error
}

// verbs lists the commands in the order in which a reader meets them.
func verbs() []verb {
	return []verb{
		{"chapter", "N", "run chapter N", "CELL=name ENGINE=go", runChapter},
		{"play", "N", "start its server, for nc, curl, your client", "SERVER=name PORT=8080 TRACE=1", runPlay},
		{"exercise", "N [id]", "check your answers to its exercises", "", runExercise},
		{"tangle", "N", "print it as one Go program", "", runTangle},
		{"record", "[N]", "run and store what the book shows", "", runRecord},
		{"check", "[N]", "verify chapters against their recordings", "", runCheck},
		{"site", "", "build the pages in site/public", "STRICT=1 BASE=url", runSite},
		{"bench", "", "measure the workbook, and its servers beside others", "", runBench},
		{"help", "", "list these commands and the chapters", "", runHelp},
	}
}

// An app is what every verb is given: where the chapters are, where to write.
type app struct {
	dir    string // of the chapters
	out    *screen
	err    *screen
	stdout io.Writer
}

// usageError is a command line that cannot be followed.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

func usagef(format string, args ...any) error {
	return usageError{fmt.Sprintf(format, args...)}
}

// errDiffers ends a verb that has already said what failed or differs.
var errDiffers = errors.New("something failed or differs")

func main() {
	kernel.ChildMain()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr *os.File) int {
	a := &app{
		dir:    "chapters",
		out:    newScreen(stdout),
		err:    newScreen(stderr),
		stdout: stdout,
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	if len(args) == 0 {
		args = []string{"help"}
	}
	err := errors.New("")
	found := false
	for _, v := range verbs() {
		if v.name == args[0] {
			found = true
			err = v.run(ctx, a, args[1:])
		}
	}
	if !found {
		err = usagef("no command %q; the commands are: %s", args[0], verbNames())
	}
	return a.exitCode(ctx, err)
}

// exitCode says on standard error what a verb has not said yet and turns its
// error into the code that the process ends with.
func (a *app) exitCode(ctx context.Context, err error) int {
	a.out.clear()
	a.err.clear()
	if ctx.Err() != nil {
		a.err.printf("interrupted; every process that was started has ended\n")
		return exitInterrupted
	}
	var usage usageError
	var malformed chapter.Errors
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitAsDeclared
	case errors.Is(err, errDiffers):
		return exitDiffers
	case errors.As(err, &usage):
		a.err.printf("%s\n", usage.text)
		return exitUsage
	case errors.As(err, &malformed):
		a.err.printf("%v\n", malformed)
		return exitUsage
	}
	a.err.printf("%v\n", err)
	return exitDiffers
}

func verbNames() string {
	var names []string
	for _, v := range verbs() {
		names = append(names, v.name)
	}
	return strings.Join(names, ", ")
}
