package site

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"testing"
	"time"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/trace"
)

// invented is a run of n calls by a few actors, waits of all lengths between.
func invented(seed uint64, n int) []trace.Event {
	r := rand.New(rand.NewPCG(seed, 1))
	calls := []string{"read", "write", "accept4", "epoll_wait", "recvfrom", "io_uring_enter"}
	free := map[string]time.Duration{}
	var events []trace.Event
	for i := range n {
		actor := fmt.Sprintf("actor %d", r.IntN(4))
		enter := free[actor] + time.Duration(r.IntN(40))*time.Microsecond
		cpu := time.Duration(1+r.IntN(9000)) * time.Nanosecond
		wait := time.Duration(0)
		if r.IntN(3) == 0 {
			wait = time.Duration(1<<r.IntN(36)) * time.Nanosecond
		}
		e := trace.Event{Seq: i + 1, Actor: actor, Call: calls[r.IntN(len(calls))], Result: "0", FD: r.IntN(2000) - 1,
			Enter: enter, Exit: enter + wait + cpu, CPU: cpu, Bytes: r.IntN(3) * r.IntN(1<<20)}
		if r.IntN(5) == 0 {
			e.Errno, e.Result, e.Bytes = "EWOULDBLOCK", "-1", 0
		}
		free[actor] = e.Exit
		events = append(events, e)
	}
	slices.SortFunc(events, func(a, b trace.Event) int { return int(a.Enter - b.Enter) })
	for i := range events {
		events[i].Seq = i + 1
	}
	events[n-1].Exit, events[n-1].Result = -1, ""
	return events
}

// TestLayOut holds the two promises of the stretched axis: time never runs
// backwards, and no words leave the extent of their own bar.
func TestLayOut(t *testing.T) {
	for seed := range uint64(20) {
		for _, n := range []int{1, 2, 9, 50, 300, 2000} {
			f := layOut(trace.Build(invented(seed, n)), 0)
			if len(f.bars) == 0 {
				t.Fatalf("seed %d, %d events: nothing is drawn", seed, n)
			}
			end := map[int]float64{}
			for i, b := range f.bars {
				if b.x1-b.x0 < b.need()-1 { // rounded
					t.Errorf("seed %d, %d events: %q needs %.0f px and has %.0f", seed, n, b.label, b.need(), b.x1-b.x0)
				}
				if b.x0 < end[b.lane]-.01 {
					t.Errorf("seed %d, %d events: %q begins before its lane's last call ends", seed, n, b.label)
				}
				if i > 0 && b.x0 < f.bars[i-1].x0 {
					t.Errorf("seed %d, %d events: time runs backwards", seed, n)
				}
				end[b.lane] = b.x1
			}
			left := 0
			for _, s := range f.staves {
				left += s.left
				if w := s.to - s.from; w <= 0 || w > staveWidth*1.06 {
					t.Errorf("seed %d, %d events: a stave of %.0f px", seed, n, w)
				}
			}
			drawn := 0
			for _, b := range f.bars {
				drawn += b.ev.Calls()
			}
			if drawn+left != n {
				t.Errorf("seed %d: %d calls drawn, %d left out, of %d", seed, drawn, left, n)
			}
		}
	}
}

func TestLayOutOfNothing(t *testing.T) {
	if f := layOut(trace.Build(nil), 0); len(f.bars) > 0 {
		t.Errorf("%d bars", len(f.bars))
	}
}

func TestPrintsStandInPlace(t *testing.T) {
	events := slowClient(1)
	f := layOut(trace.Build(events,
		trace.Print{At: 2 * time.Millisecond, Actor: "client", Text: "waiting\n"},
		trace.Print{At: 3 * time.Millisecond, Actor: "client", Text: "still\n"},
		trace.Print{At: 4 * time.Millisecond, Actor: "clock", Text: "tick\n"},
		trace.Print{At: 60 * time.Millisecond, Actor: "main", Text: "done\n"}), 0)
	want := []string{"waiting ⏎ still", "clock: tick", "done"}
	if got := marks(f, func(p printMark) string { return p.text }); !slices.Equal(got, want) {
		t.Fatalf("%+v", f.prints)
	}
	if p := f.prints[0].x; p < f.bars[2].x0 || p > f.bars[2].x1 {
		t.Errorf("printed at %.0f, while the call that waited stands from %.0f to %.0f", p, f.bars[2].x0, f.bars[2].x1)
	}
	lanes := marks(f, func(p printMark) string {
		if p.lane < 0 {
			return ""
		}
		return f.lanes[p.lane].name
	})
	if !slices.Equal(lanes, []string{"client", "", "main"}) {
		t.Errorf("marked on the lanes %q", lanes)
	}
	if end := f.prints[2].x; f.lanes[0].x1 < end || f.bars[len(f.bars)-1].x1 > end {
		t.Errorf("the last line is printed at %.0f, not at the end", end)
	}
}

func marks(f figure, of func(printMark) string) []string {
	var all []string
	for _, p := range f.prints {
		all = append(all, of(p))
	}
	return all
}

// Rows, drawn marks and what the stepper counts are the same list, also where
// the middle of a timeline is left out of the drawing.
func TestPrintsAreRows(t *testing.T) {
	events := busyServer(1, 100)
	var prints []trace.Print
	for i, e := range events { // one after each call
		prints = append(prints, trace.Print{At: e.Exit + 1, Actor: e.Actor, Text: fmt.Sprintf("line %d\n", i)})
	}
	line := trace.Build(events, prints...)
	steps, f := stepsOf(line), layOut(line, 0)
	for i, s := range steps {
		if i > 0 && s.Enter < steps[i-1].Enter {
			t.Errorf("row %d goes back in time", i)
		}
	}
	for _, b := range f.bars {
		if steps[b.row].Seq != b.ev.Seq {
			t.Errorf("the bar of call %d stands for row %d: %+v", b.ev.Seq, b.row, steps[b.row])
		}
	}
	for _, p := range f.prints {
		if steps[p.row].printed != p.text {
			t.Errorf("%q stands for row %d: %+v", p.text, p.row, steps[p.row])
		}
	}
	if len(f.bars) != maxBars || len(f.prints) == 0 || len(f.prints) > len(prints)/2 {
		t.Errorf("%d bars, %d prints", len(f.bars), len(f.prints))
	}
}

func TestShortDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 ns", 999: "999 ns", 1000: "1 µs", 1234: "1.23 µs", 50_300_000: "50.3 ms", 101 * time.Second: "101 s", 1500 * time.Millisecond: "1.5 s",
	} {
		if got := shortDuration(d); got != want {
			t.Errorf("%v: %q, not %q", d, got, want)
		}
	}
}

func TestRowsNameTheLineOfTheirCall(t *testing.T) {
	helper := &chapter.Cell{Name: "helper", CodeLine: 10, Code: "a\nb\n"} // in the first part, the others in the second
	near := &chapter.Cell{Name: "near", CodeLine: 25, Code: "a\n"}
	hidden := &chapter.Cell{Name: "hidden", CodeLine: 20, Code: "a\n", Attr: chapter.Attributes{Hide: true}}
	cell := &chapter.Cell{Name: "cell", CodeLine: 30, Code: "a\nb\nc\n"}
	var events []trace.Event
	for i, line := range []int{31, 11, 20, 25, 33} {
		events = append(events, trace.Event{Seq: i + 1, Actor: "main", Call: "read", FD: 3, Line: line, Enter: time.Duration(i * 10), Exit: time.Duration(i*10 + 5)})
	}
	p := &chapterPage{chapter: &chapter.Chapter{Slug: "01-x"}, doc: &document{parts: 2, partOf: map[string]int{"cell": 1, "near": 1}}}
	for _, c := range []*chapter.Cell{helper, hidden, near, cell} {
		p.chapter.Parts = append(p.chapter.Parts, chapter.Part{Cell: c})
	}
	html := callTable(p, cell, trace.Build(events))
	rows := regexp.MustCompile(`<tr[^>]*><td>`).FindAllString(html, -1)
	want := []string{"<tr data-line=1><td>", "<tr data-line=1 data-in=01-x.html#helper><td>", "<tr><td>", "<tr data-line=0 data-in=#near><td>", "<tr><td>"}
	if !slices.Equal(rows, want) {
		t.Errorf("%q, not %q", rows, want)
	}
}
