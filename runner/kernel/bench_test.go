package kernel

import (
	"context"
	"testing"
	"time"

	"ioworkbook/runner/notebook"
)

const benchChapter = `
'''go {name=first}
import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
	"ioworkbook/runner/lab"
)

lab.Check("standard output is open", os.Stdout != nil)
fmt.Println("first output")
'''

'''go {name=small}
fmt.Println(unix.Getpid() > 1)
'''

'''go {name=flood timeout=60s}
block := make([]byte, 1<<20)
for i := 0; i < 1024; i++ {
	os.Stdout.Write(block)
}
lab.Check("flooded", true)
'''

'''go {name=measured engine=go}
fmt.Println("compiled")
'''
`

func ok(b *testing.B, res notebook.Result) {
	if res.Outcome != notebook.OK {
		b.Fatalf("%+v", res)
	}
}

// BenchmarkFirstOutput is the time from Start to the first text of the first
// cell, with a child started anew.
func BenchmarkFirstOutput(b *testing.B) {
	c := parse(b, benchChapter)
	var first, total time.Duration
	var rss, user, system int64
	for b.Loop() {
		start := time.Now()
		var at time.Duration
		s, err := Start(context.Background(), Config{Chapter: c, Progress: func(u Update) {
			if u.Kind == CellOutput && at == 0 {
				at = time.Since(start)
			}
		}})
		if err != nil {
			b.Fatal(err)
		}
		ok(b, s.Run(context.Background(), c.Cell("first")))
		first += at
		m := memoryOf(s.host.proc.pid)
		rss += m.resident()
		m.close()
		s.Close()
		total += time.Since(start)
		user += int64(s.host.proc.state.UserTime())
		system += int64(s.host.proc.state.SystemTime())
	}
	n := float64(b.N)
	b.ReportMetric(first.Seconds()*1e3/n, "first-ms")
	b.ReportMetric(float64(rss)/n/1e6, "child-MB")
	b.ReportMetric(float64(user+system)/n/1e6, "child-cpu-ms")
}

// BenchmarkCell is one run of a small cell in a session that lives on.
func BenchmarkCell(b *testing.B) {
	c := parse(b, benchChapter)
	s := open(b, Config{Chapter: c})
	ok(b, s.Run(context.Background(), c.Cell("first")))
	for b.Loop() {
		ok(b, s.Run(context.Background(), c.Cell("small")))
	}
}

// BenchmarkFlood is a cell that prints 1 GiB.
func BenchmarkFlood(b *testing.B) {
	c := parse(b, benchChapter)
	s := open(b, Config{Chapter: c})
	ok(b, s.Run(context.Background(), c.Cell("first")))
	b.SetBytes(1 << 30)
	for b.Loop() {
		ok(b, s.Run(context.Background(), c.Cell("flood")))
	}
}

// BenchmarkMeasured is a cell with engine=go: compile, link, run.
func BenchmarkMeasured(b *testing.B) {
	c := parse(b, benchChapter)
	s := open(b, Config{Chapter: c})
	for b.Loop() {
		ok(b, s.Run(context.Background(), c.Cell("measured")))
	}
}

// BenchmarkChapter is a whole run, child included, with the cells that take no
// time of their own.
func BenchmarkChapter(b *testing.B) {
	whole := parse(b, benchChapter)
	for _, engine := range []string{Yaegi, Go} {
		b.Run(engine, func(b *testing.B) {
			c := *whole
			c.Parts = nil
			for _, p := range whole.Parts {
				if p.Cell == nil || p.Cell.Name != "flood" {
					c.Parts = append(c.Parts, p)
				}
			}
			for b.Loop() {
				run, err := RunChapter(context.Background(), Config{Chapter: &c, Engine: engine})
				if err != nil {
					b.Fatal(err)
				}
				for _, res := range run.Results {
					ok(b, res)
				}
			}
		})
	}
}
