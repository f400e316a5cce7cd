package site

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/trace"
)

// fixture makes a book of two short chapters that use every construct, with
// recordings of invented runs, and returns its directory.
func fixture(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "chapters")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("testdata/book/*.md")
	if err != nil || len(names) != 2 {
		t.Fatalf("testdata/book: %v, %v", names, err)
	}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(path, src, 0o644); err != nil {
			t.Fatal(err)
		}
		record(t, path)
	}
	return dir
}

// record stores an invented run beside a chapter.
func record(t testing.TB, path string) {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := chapter.Parse(path, src)
	if err != nil {
		t.Fatal(err)
	}
	run := &notebook.Run{Chapter: c, Machine: notebook.Machine{
		CPU: "Example CPU", Cores: 2, Kernel: "6.18.0", Go: "go1.26.8", Yaegi: "v0.16.1",
		Date: time.Date(2025, 11, 21, 12, 0, 0, 0, time.UTC), Memory: 8 << 30}}
	for _, cell := range c.Cells() {
		if cell.InRun() {
			run.Results = append(run.Results, invent(cell))
		}
	}
	if err := notebook.FromRun(run).WriteFile(notebook.Path(path)); err != nil {
		t.Fatal(err)
	}
}

func invent(c *chapter.Cell) notebook.Result {
	r := notebook.Result{Cell: c.Name, Line: c.Line, Outcome: notebook.OK, Duration: 53 * time.Millisecond}
	stdout := func(s string) { r.Outputs = append(r.Outputs, notebook.Output{Stream: "stdout", Text: s}) }
	check := func(claim string, ok bool) {
		r.Checks = append(r.Checks, notebook.Check{Claim: claim, OK: ok})
		mark := "✗ "
		if ok {
			mark = "✓ "
		}
		stdout(mark + claim + "\n")
	}
	switch c.Name {
	case "server":
		stdout("served 5 bytes\n")
		check("C07 imprecise: the call returned when the client was done", true)
		r.Outputs = append(r.Outputs, notebook.Output{Stream: "stderr", Text: "a word on stderr <&>\n"})
		r.Events = slowClient(c.CodeLine)
		r.Prints = []trace.Print{{At: 52230e3, Actor: "main", Line: c.CodeLine + 15, Text: "served 5 bytes\n"}}
	case "copying":
		stdout("1 1.2µs\n")
		r.Outputs = append(r.Outputs, plotOutput(map[string]any{
			"title": "Copying from the socket's buffer", "xlabel": "size (bytes)", "ylabel": "time (µs)", "logx": true, "logy": true,
			"series": []any{
				map[string]any{"name": "recvfrom", "x": []float64{1, 16, 256, 4096, 65536, 1 << 20}, "y": []float64{1.1, 1.1, 1.2, 1.7, 6.9, 140}},
				map[string]any{"name": "an empty call", "x": []float64{1, 16, 256, 4096, 65536, 1 << 20}, "y": []float64{.3, .3, .3, .3, .3, .3}},
			}}))
	case "models":
		r.Outputs = append(r.Outputs, plotOutput(map[string]any{
			"title": "Requests per second", "ylabel": "requests/s", "bars": true,
			"series": []any{
				map[string]any{"name": "1 client", "y": []float64{21000, 20500, 22000}, "labels": []string{"blocking", "threads", "epoll"}},
				map[string]any{"name": "100 clients", "y": []float64{21000, 90000, 154000}},
			}}))
	case "boom":
		r.Message = c.Pos() + ": index out of range [0] with length 0"
	case "typo":
		r.Message = c.Pos() + ": undefined: undefinedName"
	case "hidden":
		check("C08 right: hidden work is recorded too", true)
	case "asking":
		stdout("asked\n")
		check("C10 wrong: 300,000 questions sent not one segment", true)
		r.Events = []trace.Event{
			{Seq: 1, Actor: "main", Call: "socket", Func: "Socket", Args: []string{"AF_INET", "SOCK_STREAM", "0"}, Result: "3", Enter: 0, Exit: 9000, CPU: 9000, Line: c.CodeLine + 4, FD: 3},
			{Seq: 2, Actor: "main", Call: "recvfrom", Func: "Recvfrom", Args: []string{"3", "1"}, Result: "-1", Errno: "EAGAIN", Enter: 20000, Exit: 101e6, CPU: 98e6, Total: 99e6, Count: 300000, Line: c.CodeLine + 5, FD: 3},
			{Seq: 3, Actor: "main", Call: "close", Func: "Close", Args: []string{"3"}, Result: "0", Enter: 101020000, Exit: 101030000, CPU: 10000, Line: c.CodeLine + 7, FD: 3},
		}
	case "again": // the call is on a line of the cell asking
		r.Events = []trace.Event{
			{Seq: 1, Actor: "main", Call: "recvfrom", Func: "Recvfrom", Args: []string{"3", "1"}, Result: "-1", Errno: "EAGAIN", Enter: 0, Exit: 9000, CPU: 9000, Line: 15, FD: 3},
		}
	case "lines":
		for i := range 40 {
			stdout(fmt.Sprintln("line", i))
		}
		r.Events = slowClient(c.CodeLine)
	case "ring":
		r.Outcome, r.Skipped = notebook.Skipped, "io_uring is switched off here"
	case "broken":
		r.Outcome, r.Message = notebook.CheckFailed, c.Pos()+": a check failed"
		check("C11 wrong: P03 fails", false)
	case "many":
		r.Events = busyServer(c.CodeLine, 500)
	case "stuck":
		r.Events = []trace.Event{
			{Seq: 1, Actor: "main", Call: "listen", Func: "Listen", Args: []string{"3", "5"}, Result: "0", Enter: 0, Exit: 7000, CPU: 6500, Line: c.CodeLine, FD: 3},
			{Seq: 2, Actor: "main", Call: "accept4", Func: "Accept", Args: []string{"3"}, Enter: 12000, Exit: -1, Line: c.CodeLine, FD: 3},
		}
	}
	return r
}

func plotOutput(figure map[string]any) notebook.Output {
	data, err := json.Marshal(figure)
	if err != nil {
		panic(err)
	}
	return notebook.Output{MIME: notebook.PlotMIME, Data: data, Text: "plot"}
}

// slowClient is one exchange with a client that waits 50 ms before it sends.
func slowClient(line int) []trace.Event {
	const µs = time.Microsecond
	ev := func(seq int, actor, call string, fd int, enter, exit, cpu time.Duration, bytes, at int, result string, args ...string) trace.Event {
		return trace.Event{Seq: seq, Actor: actor, Call: call, Args: args, Result: result, Enter: enter, Exit: exit, CPU: cpu, Line: line + at, FD: fd, Bytes: bytes}
	}
	server, client := "127.0.0.1:40001", "127.0.0.1:40002"
	events := []trace.Event{
		ev(1, "main", "accept4", 3, 0, 1800*µs, 21*µs, 0, 8, "4", "3", "{AF_INET 127.0.0.1:40002}", "SOCK_CLOEXEC"),
		ev(2, "client", "connect", 5, 1500*µs, 1682*µs, 160*µs, 0, 0, "0", "5", "{AF_INET 127.0.0.1:40001}"),
		ev(3, "main", "recvfrom", 4, 1840*µs, 52140*µs, 6*µs, 5, 11, "5", "4", `"hello"`, "64", "0"),
		ev(4, "client", "sendto", 5, 51900*µs, 51992*µs, 80*µs, 5, 0, "5", "5", `"hello"`),
		ev(5, "client", "recvfrom", 5, 52050*µs, 52239*µs, 5*µs, 5, 0, "5", "5", `"HELLO"`),
		ev(6, "main", "write", 4, 52150*µs, 52217*µs, 60*µs, 5, 13, "5", "4", `"HELLO"`),
		ev(7, "client", "close", 5, 52300*µs, 52420*µs, 100*µs, 0, 0, "0", "5"),
		ev(8, "main", "close", 4, 52310*µs, 52330*µs, 18*µs, 0, 0, "0", "4"),
	}
	for i := range events {
		if events[i].Actor == "client" {
			events[i].Local, events[i].Remote = client, server
		} else if events[i].FD == 4 || events[i].Call == "accept4" {
			events[i].Local, events[i].Remote = server, client
		}
	}
	return events
}

// busyServer is n rounds of an event loop with two clients.
func busyServer(line, n int) []trace.Event {
	var events []trace.Event
	now := time.Duration(0)
	add := func(actor, call string, fd int, wait, cpu time.Duration, bytes int, errno string) {
		e := trace.Event{Seq: len(events) + 1, Actor: actor, Call: call, Args: []string{fmt.Sprint(fd)}, Result: fmt.Sprint(bytes),
			Errno: errno, Enter: now, Exit: now + wait + cpu, CPU: cpu, Line: line, FD: fd, Bytes: bytes}
		events = append(events, e)
		now = e.Exit + 2*time.Microsecond
	}
	for i := range n {
		add("loop", "epoll_wait", 3, time.Duration(100+i%7*40)*time.Microsecond, 2*time.Microsecond, 0, "")
		add("loop", "read", 4+i%2, 0, 3*time.Microsecond, 64, "")
		add([]string{"loop", "client a", "client b"}[i%3], "write", 4+i%2, 0, 9*time.Microsecond, 64, "")
		add("loop", "read", 4+i%2, 0, time.Microsecond, 0, "EAGAIN")
	}
	return events
}
