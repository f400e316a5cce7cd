//go:build linux

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/kernel"
	"ioworkbook/runner/kernel/symbols"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/trace"
	"ioworkbook/site"
)

// The benchmarks of `make bench`, which sets their figures beside the aims in
// bench.go.

func TestBenchmarkLine(t *testing.T) {
	name, figures := benchmarkLine("BenchmarkCell-2   \t     300\t   3482044 ns/op\t         3.482 ms")
	if name != "BenchmarkCell" || figures["ms"] != 3.482 || figures["ns/op"] != 3482044 {
		t.Errorf("got %q, %v", name, figures)
	}
	for _, line := range []string{"", "PASS", "goos: linux", "BenchmarkCell", "Benchmarks are fast: 3 of 4 agree"} {
		if name, _ := benchmarkLine(line); name != "" {
			t.Errorf("%q is taken for a benchmark's", line)
		}
	}
}

const tiny = `# Tiny

` + "```go {name=first}" + `
import "fmt"

fmt.Println("first")
` + "```" + `

` + "```go {name=second}" + `
fmt.Println("second")
` + "```" + `
`

// BenchmarkFirstCell measures what a reader waits for after make has started
// the command: a process, its child, the check of the chapter, one cell.
func BenchmarkFirstCell(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "01-tiny.md"), []byte(tiny), 0o666); err != nil {
		b.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	var total time.Duration
	for b.Loop() {
		// TestMain makes this binary the command when it is called so.
		cmd := exec.Command(self)
		cmd.Args = []string{"workbook", "chapter", "-dir", dir, "1"}
		out, err := cmd.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		started := time.Now()
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		found := false
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if !found && lines.Text() == stdoutRule+"first" {
				found = true
				total += time.Since(started)
			}
		}
		if err := cmd.Wait(); err != nil || !found {
			b.Fatalf("first cell seen: %v; %v", found, err)
		}
	}
	b.ReportMetric(total.Seconds()*1e3/float64(b.N), "ms")
}

// tinySession starts a session and runs the first cell of a tiny chapter.
func tinySession(b *testing.B) (*kernel.Session, *chapter.Chapter) {
	b.Helper()
	ch, err := chapter.Parse("01-tiny.md", []byte(tiny))
	if err != nil {
		b.Fatal(err)
	}
	s, err := kernel.Start(context.Background(), kernel.Config{Chapter: ch})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	runOK(b, s, ch.Cell("first"))
	return s, ch
}

func runOK(b *testing.B, s *kernel.Session, cell *chapter.Cell) {
	if r := s.Run(context.Background(), cell); r.Outcome != notebook.OK {
		b.Fatalf("%s: %s", r.Outcome, r.Message)
	}
}

// BenchmarkGrowth runs chapters of one-line cells: the time for each should not grow
// with their number.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range []int{1_600, 10_000} {
		var text strings.Builder
		text.WriteString("# Many\n")
		for i := range n {
			fmt.Fprintf(&text, "\n```go {name=c%d}\nx%d := %d\n_ = x%d\n```\n", i, i, i, i)
		}
		c, err := chapter.Parse("01-many.md", []byte(text.String()))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				run, err := kernel.RunChapter(context.Background(), kernel.Config{Chapter: c})
				if err != nil || run.Results[n-1].Outcome != notebook.OK {
					b.Fatalf("%v", err)
				}
			}
			b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N), "ms")
		})
	}
}

// BenchmarkCell measures a cell's way through type checker, interpreter and
// pipes: what is left when the cell itself takes no time.
func BenchmarkCell(b *testing.B) {
	s, ch := tinySession(b)
	for b.Loop() {
		runOK(b, s, ch.Cell("second"))
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N), "ms")
}

// BenchmarkTracedCall measures what recording adds to a system call that does
// next to nothing, a read of one byte from /dev/zero.
func BenchmarkTracedCall(b *testing.B) {
	fd, err := unix.Open("/dev/zero", unix.O_RDONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Close(fd)
	buf := make([]byte, 1)

	const plain = 100_000
	started := time.Now()
	for range plain {
		if _, err := unix.Read(fd, buf); err != nil {
			b.Fatal(err)
		}
	}
	unrecorded := time.Since(started).Seconds() / plain

	recorder := trace.NewRecorder()
	read := recorder.Wrap(symbols.Unix())["Read"].Interface().(func(int, int, []byte) (int, error))
	calls := 0
	for b.Loop() {
		if _, err := read(1, fd, buf); err != nil {
			b.Fatal(err)
		}
		if calls++; calls%4096 == 0 {
			recorder.Drain()
		}
	}
	recorded := b.Elapsed().Seconds() / float64(b.N)
	b.ReportMetric((recorded-unrecorded)*1e6, "µs")
}

// BenchmarkChapter measures the first chapter with both engines. Compiling is
// part of the second, as it is for a reader.
func BenchmarkChapter(b *testing.B) {
	all, err := chapter.LoadDir(filepath.Join("..", "chapters"))
	if err != nil {
		b.Fatal(err)
	}
	spent := map[string]time.Duration{}
	for b.Loop() {
		for _, engine := range []string{kernel.Yaegi, kernel.Go} {
			started := time.Now()
			run, err := kernel.RunChapter(context.Background(), kernel.Config{Chapter: all[0], Engine: engine})
			if err != nil {
				b.Fatal(err)
			}
			for _, r := range run.Results {
				if failed(r) {
					b.Fatal(r.Message)
				}
			}
			spent[engine] += time.Since(started)
		}
	}
	b.ReportMetric(spent[kernel.Yaegi].Seconds()*1e3/float64(b.N), "interpreted-ms")
	b.ReportMetric(spent[kernel.Go].Seconds()*1e3/float64(b.N), "compiled-ms")
}

// BenchmarkSite measures building all pages.
func BenchmarkSite(b *testing.B) {
	out := b.TempDir()
	for b.Loop() {
		if err := site.Build(site.Config{Chapters: filepath.Join("..", "chapters"), Out: out}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N), "ms")
}

// BenchmarkChildMemory reports the resident memory of a session's child at its
// peak, after one cell.
func BenchmarkChildMemory(b *testing.B) {
	var kB float64
	for b.Loop() {
		s, _ := tinySession(b)
		kB = peakOfChild(b)
		s.Close()
	}
	b.ReportMetric(kB*1024/1e6, "MB")
}

// peakOfChild reads VmHWM, in kB, of this process's only child; see
// proc_pid_status(5).
func peakOfChild(b *testing.B) float64 {
	b.Helper()
	lists, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		b.Fatal(err)
	}
	var pids []string
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // a thread that has ended
		}
		pids = append(pids, strings.Fields(string(text))...)
	}
	if len(pids) != 1 {
		b.Fatalf("%d children, want one: %v", len(pids), pids)
	}
	status, err := os.ReadFile(filepath.Join("/proc", pids[0], "status"))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var kB float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kB); n == 1 {
			return kB
		}
	}
	b.Fatal("no VmHWM in status")
	return 0
}
