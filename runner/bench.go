//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/compare"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/program"
)

// An aim is what the workbook strives for in one measure of a benchmark of
// bench_test.go. It is no test: machines differ, and so do their loads.
type aim struct {
	benchmark string
	unit      string // as the benchmark reports it
	what      string
	want      float64 // in unit, at most; 0 for a measure without an aim
}

func aims() []aim {
	return []aim{
		{"BenchmarkFirstCell", "ms", "start to the first cell's output", 60},
		{"BenchmarkCell", "ms", "a cell that does nothing", 5},
		{"BenchmarkGrowth/1600", "ms", "1,600 cells of a line", 1000},
		{"BenchmarkGrowth/10000", "ms", "10,000 cells of a line", 10000},
		{"BenchmarkTracedCall", "µs", "a recorded system call, over an unrecorded one", 1.5},
		{"BenchmarkChapter", "interpreted-ms", "chapter 1, interpreted", 0},
		{"BenchmarkChapter", "compiled-ms", "chapter 1, compiled and run", 0},
		{"BenchmarkSite", "ms", "the site", 1000},
		{"BenchmarkChildMemory", "MB", "memory of a child that ran a cell", 40},
	}
}

// runBench measures the workbook and sets the figures beside the aims, then
// compares the servers that the book builds with others.
func runBench(ctx context.Context, a *app, args []string) error {
	if words, err := a.parse(a.flags("bench"), args); err != nil {
		return err
	} else if len(words) > 0 {
		return usagef("bench takes no words: %q", words)
	}
	root, err := program.Root()
	if err != nil {
		return err
	}
	stopWaiting := a.out.waiting("compiling the benchmarks")
	defer func() { stopWaiting() }()
	cmd := goCommand(ctx, root, "test", "-run=^$", "-bench=.", "./runner")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	a.out.printf("%-48s %12s %12s\n", "", "measured", "aim")
	var other []string // what is said in case of a failure
	missing := map[aim]bool{}
	for _, m := range aims() {
		missing[m] = true
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		name, figures := benchmarkLine(lines.Text())
		if name == "" {
			other = append(other, lines.Text())
			continue
		}
		stopWaiting()
		for _, m := range aims() {
			figure, ok := figures[m.unit]
			if m.benchmark != name || !ok {
				continue
			}
			delete(missing, m)
			unit := m.unit[strings.LastIndex(m.unit, "-")+1:]
			wanted := "-"
			if m.want > 0 {
				wanted = fmt.Sprintf("%.4g %s", m.want, unit)
			}
			a.out.printf("%-48s %12s %12s\n", m.what, fmt.Sprintf("%.3g %s", figure, unit), wanted)
		}
		stopWaiting = a.out.waiting("measuring")
	}
	err = cmd.Wait()
	stopWaiting()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%s\ngo test -bench: %w", strings.Join(other, "\n"), err)
	}
	for m := range missing {
		return fmt.Errorf("%s did not report %s", m.benchmark, m.unit)
	}
	return a.compareServers(ctx)
}

// compareServers sets the servers that the book builds beside what a program
// would use in their place.
func (a *app) compareServers(ctx context.Context) error {
	chapters, err := chapter.LoadDir(a.dir)
	if err != nil {
		return err
	}
	load := func(clients int) compare.Load {
		return compare.Load{Clients: clients, Size: 64, WarmUp: 200 * time.Millisecond, Measured: 800 * time.Millisecond}
	}
	const rounds = 5
	stopWaiting := a.out.waiting("comparing servers")
	c, err := compare.Servers(ctx, compare.Config{
		Chapters: chapters,
		Loads:    []compare.Load{load(100), load(1000)},
		Rounds:   rounds,
		Out:      os.Stderr,
	})
	stopWaiting()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("comparing servers: %w", err)
	}
	a.out.printf("\nThe book's servers and others under the same load, where each client waits for\n"+
		"its answer before it asks again: median of %d rounds (least-greatest).\n", rounds)
	a.out.say("", fmt.Sprintf("%s, GOMAXPROCS %d", notebook.ThisMachine(), runtime.GOMAXPROCS(0)))
	a.out.printf("\n%s\nWhat the client says that examines every server of the book:\n\n%s", c.Figures(), c.Conformance())
	for _, sentence := range c.Missing {
		a.out.say("", sentence)
	}
	return nil
}

// benchmarkLine reads a line like
//
//	BenchmarkCell-2   	     300	   3482044 ns/op	         3.482 ms
//
// and returns the name and the figures by unit; name is "" for another line.
func benchmarkLine(line string) (name string, figures map[string]float64) {
	fields := strings.Fields(line)
	if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
		return "", nil
	}
	name, _, _ = strings.Cut(fields[0], "-")
	figures = map[string]float64{}
	for i := 2; i+1 < len(fields); i += 2 {
		v, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return "", nil
		}
		figures[fields[i+1]] = v
	}
	return name, figures
}
