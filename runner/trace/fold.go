package trace

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

const (
	longestLoop = 8 // calls in one round of a loop that fold recognises
	leastRounds = 4 // rounds of it from which on they become one bar
)

// fold makes one bar of every loop in a lane: a stretch in which the same few
// calls, with the same outcome, were made over and over. bar is told which event
// became part of which bar. What the recorder summed is folded with what it kept.
func fold(lane []Event, bar map[int]int) []Event {
	var sums, single []Event
	for _, e := range lane {
		bar[e.Seq] = e.Seq
		if e.Count > 1 {
			sums = append(sums, e)
		} else {
			single = append(single, e)
		}
	}
	folded := foldLoops(single, bar)
	for _, s := range joinOverlapping(sums, bar) {
		folded = append(folded, place(s, folded))
	}
	slices.SortStableFunc(folded, func(a, b Event) int { return cmp.Compare(a.Enter, b.Enter) })
	return joinNeighbours(folded, bar)
}

// foldLoops folds rounds of calls that follow each other directly.
func foldLoops(events []Event, bar map[int]int) []Event {
	var out []Event
	for i := 0; i < len(events); {
		size, rounds := loopAt(events[i:])
		if rounds < leastRounds {
			out = append(out, events[i])
			i++
			continue
		}
		loop := events[i]
		for _, e := range events[i+1 : i+size*rounds] {
			loop = join(loop, e, bar)
		}
		out = append(out, loop)
		i += size * rounds
	}
	return out
}

// loopAt finds the loop at the head of events that covers most of them.
func loopAt(events []Event) (size, rounds int) {
	size, rounds = 1, 1
	for k := 1; k <= longestLoop && k*leastRounds <= len(events); k++ {
		n := k
		for n < len(events) && alike(events[n], events[n-k]) {
			n++
		}
		if n/k >= leastRounds && n/k*k > size*rounds {
			size, rounds = k, n/k
		}
	}
	return size, rounds
}

// alike: the same call by the same line with the same outcome, moving nothing,
// or the same amount.
func alike(a, b Event) bool {
	return a.Returned() && b.Returned() && a.Call == b.Call && a.Line == b.Line && a.FD == b.FD &&
		a.Errno == b.Errno && a.Bytes == b.Bytes && a.Note == b.Note && slices.Equal(a.Args, b.Args)
}

// join adds e to the sum a. Calls, descriptors and outcomes that differ are named
// together, or not at all.
func join(a, e Event, bar map[int]int) Event {
	bar[e.Seq] = a.Seq
	if a.Count < 2 {
		a.Count, a.Total = 1, a.Exit-a.Enter
	}
	total := e.Total
	if e.Count < 2 {
		total = e.Exit - e.Enter
	}
	a.Count += e.Calls()
	a.Total += total
	if a.CPU < 0 || e.CPU < 0 {
		a.CPU = -1
	} else {
		a.CPU += e.CPU
	}
	a.Bytes += e.Bytes
	a.Exit = max(a.Exit, e.Exit)
	a.Enter = min(a.Enter, e.Enter)
	if a.Call != e.Call {
		a.Call = together(a.Call, e.Call)
		a.Func = ""
	}
	if a.FD != e.FD {
		a.FD = -1
	}
	if a.Errno != e.Errno {
		a.Errno = ""
	}
	if a.Note != e.Note {
		a.Note = ""
	}
	if a.Line != e.Line {
		a.Line = 0
	}
	if a.Result != e.Result {
		a.Result = ""
	}
	if !slices.Equal(a.Args, e.Args) {
		a.Args = nil
	}
	return a
}

// together names the calls of a loop: "accept4 + recvfrom".
func together(a, b string) string {
	names := strings.Split(a, " + ")
	for name := range strings.SplitSeq(b, " + ") {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " + ")
}

// joinOverlapping makes one sum of those that were going on together: the calls
// of one loop.
func joinOverlapping(sums []Event, bar map[int]int) []Event {
	slices.SortStableFunc(sums, func(a, b Event) int { return cmp.Compare(a.Enter, b.Enter) })
	var out []Event
	for _, s := range sums {
		if n := len(out); n > 0 && s.Enter < out[n-1].Exit {
			out[n-1] = join(out[n-1], s, bar)
			continue
		}
		out = append(out, s)
	}
	return out
}

// place moves a sum into the widest gap that the other bars of its lane leave
// within its time: other calls were made between the ones it stands for, and it
// is not known where exactly those lie. Its sums stay as they are.
func place(s Event, others []Event) Event {
	type gap struct{ from, to time.Duration }
	gaps := []gap{{s.Enter, s.Exit}}
	for _, o := range others {
		exit := o.Exit
		if exit < 0 {
			exit = s.Exit
		}
		var left []gap
		for _, g := range gaps {
			if exit <= g.from || o.Enter >= g.to {
				left = append(left, g)
				continue
			}
			if o.Enter > g.from {
				left = append(left, gap{g.from, o.Enter})
			}
			if exit < g.to {
				left = append(left, gap{exit, g.to})
			}
		}
		gaps = left
	}
	if len(gaps) == 0 {
		return s
	}
	widest := slices.MaxFunc(gaps, func(a, b gap) int { return cmp.Compare(a.to-a.from, b.to-b.from) })
	s.Enter, s.Exit = widest.from, widest.to
	return s
}

// joinNeighbours makes one bar of two that follow each other and stand for the
// same calls: the part of a loop that was kept and the part that was summed.
func joinNeighbours(bars []Event, bar map[int]int) []Event {
	var out []Event
	for _, b := range bars {
		if n := len(out); n > 0 && out[n-1].Count > 1 && b.Count > 1 && out[n-1].Errno == b.Errno &&
			sameCalls(out[n-1].Call, b.Call) {
			for from, to := range bar { // what was joined to b before
				if to == b.Seq {
					bar[from] = out[n-1].Seq
				}
			}
			out[n-1] = join(out[n-1], b, bar)
			continue
		}
		out = append(out, b)
	}
	return out
}

func sameCalls(a, b string) bool {
	return len(together(a, b)) == len(a) && len(together(b, a)) == len(b)
}
