package trace

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write the golden files")

const (
	us = time.Microsecond
	ms = time.Millisecond
)

// scene numbers events in the order they are given.
func scene(events ...Event) []Event {
	for i := range events {
		events[i].Seq = i + 1
	}
	return events
}

// ev is a call that took from enter to exit and worked cpu of it.
func ev(actor string, enter, exit, cpu time.Duration, line int, call, args, result string) Event {
	e := Event{Actor: actor, Call: call, Enter: enter, Exit: exit, CPU: cpu, Line: line, FD: -1, Result: result}
	if args != "" {
		e.Args = arguments(args)
		if call != "pselect6" {
			fmt.Sscan(e.Args[0], &e.FD)
		}
	}
	e.Result, e.Errno, _ = strings.Cut(result, " ")
	return e
}

// arguments splits at the commas that are in no bracket.
func arguments(s string) []string {
	var args []string
	depth, from := 0, 0
	for i, r := range s {
		switch r {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case ',':
			if depth == 0 {
				args, from = append(args, s[from:i]), i+2
			}
		}
	}
	return append(args, s[from:])
}

func (e Event) with(bytes int, local, remote, note string) Event {
	e.Bytes, e.Local, e.Remote, e.Note = bytes, local, remote, note
	return e
}

const server, client = "127.0.0.1:8080", "127.0.0.1:40312"

func twoPhases() []Event {
	return scene(
		ev("main", 0, 12*us, 11*us, 20, "socket", "AF_INET, SOCK_STREAM, 0", "3"),
		ev("main", 15*us, 17*us, 2*us, 21, "bind", "3, "+server, "0").with(0, server, "", ""),
		ev("main", 18*us, 24*us, 6*us, 22, "listen", "3, 5", "0"),
		ev("main", 30*us, 2180*us, 40*us, 25, "accept4", "3, "+client+", 0", "4").with(0, server, client, ""),
		ev("client", 2000*us, 2120*us, 90*us, 0, "connect", "5, "+server, "0").with(0, client, server, ""),
		ev(
			"main",
			2190*us,
			52400*us,
			12*us,
			27,
			"recvfrom",
			`4, "hello", 1024, 0, NULL`,
			"5",
		).with(5, server, client, ""),
		ev("client", 52200*us, 52290*us, 88*us, 0, "write", `5, "hello", 5`, "5").with(5, client, server, ""),
		ev("client", 52300*us, 52700*us, 20*us, 0, "read", `5, "HELLO", 64`, "5").with(5, client, server, ""),
		ev("main", 52500*us, 52560*us, 58*us, 29, "sendto", `4, "HELLO", 5, 0, NULL`, "5").with(5, server, client, ""),
		ev(
			"main",
			52600*us,
			53000*us,
			9*us,
			27,
			"recvfrom",
			`4, "", 1024, 0, NULL`,
			"0",
		).with(0, server, client, "end of file"),
		ev("client", 52800*us, 52900*us, 95*us, 0, "close", "5", "0").with(0, client, server, ""),
		ev("main", 53010*us, 53020*us, 9*us, 31, "close", "4", "0").with(0, server, client, ""),
	)
}

// polling is a loop over two sockets of which one gets data in the end, as the
// recorder has it: some rounds singly, the rest in sums.
func polling() []Event {
	var events []Event
	at := time.Duration(0)
	round := func() {
		events = append(events,
			ev("main", at, at+us, us, 30, "accept4", "3, …, 0", "-1 EAGAIN"),
			ev("main", at+2*us, at+3*us, us, 31, "recvfrom", "4, …, 1024, 0, …", "-1 EAGAIN"))
		at += 5 * us
	}
	for range 100 {
		round()
	}
	sum := func(e Event, n int) Event {
		e.Count, e.Total, e.CPU, e.Exit = n, time.Duration(n)*us, time.Duration(n)*us, 9000*us
		return e
	}
	events = append(
		events,
		sum(ev("main", at, 0, 0, 30, "accept4", "3, …, 0", "-1 EAGAIN"), 1500),
		sum(ev("main", at+2*us, 0, 0, 31, "recvfrom", "4, …, 1024, 0, …", "-1 EAGAIN"), 1499),
		ev(
			"main",
			8700*us,
			8703*us,
			3*us,
			31,
			"recvfrom",
			`4, "hi", 1024, 0, NULL`,
			"2",
		).with(2, "pair1.0", "pair1.1", ""),
		ev("peer", 8650*us, 8660*us, 9*us, 40, "write", `5, "hi", 2`, "2").with(2, "pair1.1", "pair1.0", ""),
	)
	return scene(events...)
}

func stuck() []Event {
	open := ev("main", 5*us, -1, 0, 12, "recvfrom", "4, …, 1024, 0, …", "")
	return scene(
		ev("main", 0, 2*us, 2*us, 11, "fcntl", "4, F_GETFL", "2").with(0, "", "", "flags O_RDWR"),
		open,
		ev(
			"other",
			100*us,
			20100*us,
			6*us,
			15,
			"ppoll",
			"[{fd=5, events=POLLIN}, {fd=6, events=POLLIN|POLLOUT}], 20",
			"0",
		).with(0, "", "", "timeout"),
		ev(
			"other",
			20200*us,
			20210*us,
			9*us,
			16,
			"write",
			`5, "a text that is longer than the\n"..., 100000`,
			"9280",
		).with(9280, "", "", ""),
		ev("other", 20300*us, 20301*us, us, 17, "write", `5, "a text that is longer than the\n"..., 90720`, "-1 EPIPE"),
		ev("other", 20400*us, 20402*us, us, 18, "read", "5, …, 1024", "-1 ECONNRESET"),
		ev("other", 20450*us, 20460*us, 9*us, 18, "pselect6", "8, [5 7]->[7], [5], NULL, 1s", "2"),
		ev(
			"other",
			20470*us,
			20475*us,
			us,
			18,
			"ppoll",
			"[{fd=5, events=POLLIN, revents=POLLIN|POLLHUP}, {fd=6, events=POLLIN}], -1",
			"1",
		),
		ev(
			"other",
			20480*us,
			20485*us,
			us,
			18,
			"epoll_pwait",
			"7, [{EPOLLIN, fd=5}, {EPOLLIN|EPOLLRDHUP, fd=6}], 8, -1",
			"2",
		),
		ev(
			"other",
			20500*us,
			20501*us,
			us,
			19,
			"epoll_ctl",
			"7, EPOLL_CTL_ADD, 5, {EPOLLIN|EPOLLET, fd=5}",
			"-1 EEXIST",
		),
	)
}

func crowd() []Event {
	var events []Event
	for i := range 6 {
		name := fmt.Sprintf("go:57#%d", i+1)
		at := time.Duration(i) * 100 * us
		events = append(
			events,
			ev(name, at, at+350*us, 20*us, 58, "read", fmt.Sprintf("%d, \"x\", 64", i+4), "1").with(1, "", "", ""),
		)
	}
	return scene(events...)
}

func TestText(t *testing.T) {
	prints := map[string][]Print{
		"two-phases": {
			{At: 52450 * us, Actor: "main", Line: 61, Text: "got hello\n"},
			{
				At:    53050 * us,
				Actor: "clock",
				Text:  "bye\nand a line that is much too long for a timeline that has to stay within eighty columns\n",
			},
		},
	}
	for name, events := range map[string][]Event{
		"two-phases": twoPhases(), "polling": polling(), "stuck": stuck(), "crowd": crowd(), "nothing": nil,
	} {
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			shown := events
			if len(shown) > 20 {
				shown = shown[len(shown)-6:]
			}
			b.WriteString("-- table --\n")
			Table(&b, shown)
			b.WriteString("-- timeline --\n")
			line := Build(events, prints[name]...)
			ASCII(&b, line, 80)
			for _, a := range line.Arrows {
				fmt.Fprintf(&b, "%s from %d to %d: %d bytes\n", a.Kind, a.From, a.To, a.Bytes)
			}
			for line := range strings.Lines(b.String()) {
				if utf8.RuneCountInString(line) > 81 {
					t.Errorf("more than 80 columns: %s", line)
				}
			}
			b.WriteString("-- in words --\n")
			for _, e := range shown {
				fmt.Fprintf(&b, "%s: %s\n", Section(e.Call), Explain(e))
			}
			golden(t, name+".txt", b.String())
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update rewrites it):\n%s", path, got)
	}
}

// Whatever the recorder saw, a timeline keeps every call, and its bars follow each
// other within their lane.
func TestBuildKeepsEveryCall(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		var events []Event
		at := map[string]time.Duration{}
		want := map[string]int{}
		for i := range r.IntN(120) {
			actor := []string{"a", "b", "c"}[r.IntN(3)]
			enter := at[actor] + time.Duration(r.IntN(3))
			exit := enter + time.Duration(r.IntN(4))
			at[actor] = exit
			e := ev(
				actor,
				enter,
				exit,
				0,
				r.IntN(2),
				[]string{"read", "write", "close"}[r.IntN(3)],
				"4, x",
				[]string{"1", "-1 EAGAIN"}[r.IntN(2)],
			)
			e.Seq = i + 1
			if e.Errno == "" {
				e.Bytes, e.Local, e.Remote = 1, "p0", "p1"
				if actor == "b" {
					e.Local, e.Remote = "p1", "p0"
				}
			}
			if r.IntN(12) == 0 {
				e.Count, e.Total = 2+r.IntN(50), 1
				e.Exit += time.Duration(r.IntN(200)) // other calls lie within a sum
			}
			events = append(events, e)
			want[actor] += e.Calls()
		}
		line := Build(events)
		bars := make(map[int]bool)
		for _, l := range line.Lanes {
			n := 0
			for i, b := range l.Bars {
				n += b.Calls()
				bars[b.Seq] = true
				if i > 0 && b.Enter < l.Bars[i-1].Enter {
					t.Fatalf("seed %d: bar %d of lane %s begins before the one before", seed, i, l.Actor)
				}
			}
			if n != want[l.Actor] {
				t.Fatalf("seed %d: lane %s has %d calls, want %d", seed, l.Actor, n, want[l.Actor])
			}
		}
		for _, a := range line.Arrows {
			if !bars[a.From] || !bars[a.To] {
				t.Fatalf("seed %d: %+v has an end that is no bar", seed, a)
			}
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ns", 430: "430 ns", 999: "999 ns", 1000: "1.00 µs", 12345: "12.3 µs", 999400: "999 µs", 999600: "1.00 ms",
		1790 * us: "1.79 ms", 50123 * us: "50.1 ms", 999900 * us: "1.00 s", 2300 * ms: "2.30 s", 125 * time.Second: "125 s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%d) = %s, want %s", d, got, want)
		}
	}
}

// What lasts stays in its column beside a text that lies across the columns of
// actors that have nothing to show.
func TestColumnsStayInPlace(t *testing.T) {
	var b strings.Builder
	ASCII(&b, Build(scene(
		ev("main", 0, 2*us, us, 1, "getsockname", "3, 127.0.0.1:8080", "0"),
		ev("early", 10*us, 12*us, us, 2, "close", "4", "0"),
		ev("late", 20*us, 900*us, us, 3, "read", `5, "x", 1`, "1"),
		ev("main", 30*us, 40*us, us, 4, "write", `6, "a", 1`, "1"),
		ev("main", 50*us, 60*us, us, 4, "write", `6, "a longer text", 13`, "13"),
		ev("main", 70*us, 80*us, us, 5, "read", `6, "", 100`, "0").with(0, "", "", "end of file"),
		ev("early", 90*us, 95*us, us, 6, "write", `4, "a longer text", 13`, "13"),
	)), 80)
	lines := strings.Split(b.String(), "\n")
	head, _, _ := strings.Cut(lines[0], "late")
	column := utf8.RuneCountInString(head)
	lasting := 0
	for _, line := range lines {
		before, _, lasts := strings.Cut(line, "┊")
		if !lasts {
			continue
		}
		lasting++
		if got := utf8.RuneCountInString(before); got != column {
			t.Errorf("column %d, want %d: %s", got, column, line)
		}
	}
	if lasting < 4 {
		t.Errorf("%d lines show what lasts:\n%s", lasting, b.String())
	}
}
