package trace

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// ASCII draws a timeline as text of at most width columns: time runs down, each
// actor has a column. The axis is stretched by the order of events: one row per
// instant at which something happened, with its time in milliseconds since the
// start and durations written out, because on a true scale a call of 60 µs
// vanishes beside a wait of 50 ms.
//
//	   ms  main                    client
//	0.000  ┬ accept4(3)
//	1.792  ┊                       ─ connect(4) = 0 182 µs
//	1.820  ┴ = 5 1.82 ms, 98% waiting
//	1.851  ┬ recvfrom(5)
//
// A column shows ─ for a call in which nothing else happened, ┬ and ┴ where a call
// begins and ends, ┊ while it lasts, and ? where it has not returned.
func ASCII(w io.Writer, t Timeline, width int) {
	if len(t.Lanes) == 0 {
		return
	}
	rows := layRows(t)
	times := len("ms")
	for _, r := range rows {
		times = max(times, len(milliseconds(r.at-t.Start)))
	}
	lane := (width - times - 1) / len(t.Lanes)
	if lane < 18 {
		asciiList(w, t, rows, times, width)
		return
	}
	head := fmt.Sprintf("%*s", times, "ms")
	for _, l := range t.Lanes {
		head += " " + pad(cut(l.Actor, lane-2), lane-1)
	}
	fmt.Fprintln(w, strings.TrimRight(head, " "))
	open := make([]bool, len(t.Lanes))
	for _, r := range rows {
		clock := fmt.Sprintf("%*s", times, milliseconds(r.at-t.Start))
		if r.lane < 0 {
			fmt.Fprintln(w, cut(clock+" » "+r.words[0], width))
			continue
		}
		// A text too long for its lane goes on below; a lane to its right that has
		// nothing to show lends its room.
		room := lane - 3
		for right := r.lane + 1; right < len(open) && !open[right]; right++ {
			room += lane
		}
		lines := strings.Split(wrap("", r.words, max(room, 8)), "\n")
		for i, text := range lines {
			line := clock
			for k := range t.Lanes {
				line = pad(line, times+k*lane) // a text on the left may end within a lane
				switch {
				case k == r.lane && i == 0:
					line += " " + pad(string(r.mark)+" "+text, lane-1)
				case k == r.lane && (r.mark == '┬' || r.mark == '?'):
					line += " " + pad("┊ "+strings.TrimSpace(text), lane-1)
				case k == r.lane:
					line += " " + pad("  "+strings.TrimSpace(text), lane-1)
				case k > r.lane && utf8.RuneCountInString(line) > times+k*lane:
					// taken by the text on the left
				case open[k]:
					line += " " + pad("┊", lane-1)
				default:
					line += strings.Repeat(" ", lane)
				}
			}
			fmt.Fprintln(w, strings.TrimRight(line, " "))
			clock = strings.Repeat(" ", times)
		}
		open[r.lane] = r.mark == '┬' || r.mark == '?'
	}
}

// asciiList is for more lanes than stand side by side: a column of names instead.
func asciiList(w io.Writer, t Timeline, rows []row, times, width int) {
	name := 0
	for _, l := range t.Lanes {
		name = max(name, min(utf8.RuneCountInString(l.Actor), 14))
	}
	for _, r := range rows {
		prefix := fmt.Sprintf("%*s ", times, milliseconds(r.at-t.Start))
		if r.lane < 0 {
			fmt.Fprintln(w, cut(prefix+"» "+r.words[0], width))
			continue
		}
		prefix += pad(cut(t.Lanes[r.lane].Actor, 14), name) + " " + string(r.mark) + " "
		fmt.Fprintln(w, wrap(prefix, r.words, width))
	}
}

// row is one instant: a call in full, its beginning, its end, or a print.
type row struct {
	at    time.Duration
	lane  int // -1: printed text
	mark  rune
	words []string // parts that are not broken
	seq   int
}

func layRows(t Timeline) []row {
	var rows []row
	from := make(map[int][]string) // bar -> where its bytes came from
	actor := make(map[int]string)
	for _, l := range t.Lanes {
		for _, b := range l.Bars {
			actor[b.Seq] = l.Actor
		}
	}
	for _, a := range t.Arrows {
		if actor[a.From] == actor[a.To] {
			continue
		}
		if note := arrowText(a, actor[a.From]); !slices.Contains(from[a.To], note) {
			from[a.To] = append(from[a.To], note)
		}
	}
	for i, l := range t.Lanes {
		for _, b := range l.Bars {
			if !b.Returned() {
				rows = append(rows, row{b.Enter, i, '?', append(callWords(b), "has not returned"), b.Seq})
				continue
			}
			rows = append(rows, row{b.Enter, i, '┬', callWords(b), b.Seq},
				row{b.Exit, i, '┴', append(result(b), from[b.Seq]...), b.Seq})
		}
	}
	for _, p := range t.Prints {
		for line := range strings.Lines(p.Text) {
			rows = append(rows, row{p.At, -1, '»', []string{p.Actor + ": " + strings.TrimRight(line, "\n")}, 0})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.at, b.at) })
	// A call in which nothing else happened takes one row.
	out := rows[:0]
	for i := 0; i < len(rows); i++ {
		r := rows[i]
		if i+1 < len(rows) && r.mark == '┬' && rows[i+1].mark == '┴' && rows[i+1].seq == r.seq {
			r.mark, r.words = '─', append(r.words, rows[i+1].words...)
			i++
		}
		out = append(out, r)
	}
	return out
}

// result is how a call ended: its outcome, what it received, how long it took.
func result(e Event) []string {
	words := []string{Outcome(e)}
	if e.Bytes > 0 && has(e.Call, "read", "recvfrom", "recvmsg") && len(e.Args) > 1 && e.Count < 2 {
		words = append(words, cut(e.Args[1], 16))
	}
	if isWait(e.Call) && e.Returned() && e.Errno == "" && e.Note == "" && e.Count < 2 {
		words = append(words, "ready: "+cut(ready(e), 28))
	}
	return append(words, spent(e))
}

// isWait: a call that asks for readiness.
func isWait(call string) bool {
	return has(call, "poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_pwait2")
}

func arrowText(a Arrow, actor string) string {
	switch a.Kind {
	case Connect:
		return "← connect from " + actor
	case End:
		return "← end from " + actor
	case Reset:
		return "← reset from " + actor
	}
	return fmt.Sprintf("← %d B from %s", a.Bytes, actor)
}

// callWords is a call, breakable after the commas.
func callWords(e Event) []string {
	words := strings.SplitAfter(callText(e), ", ")
	for i := range words {
		words[i] = strings.TrimSpace(words[i])
	}
	return words
}

// callText is a call in few columns: name, descriptor, what it moved. Only calls
// whose arguments matter to the story show more.
func callText(e Event) string {
	s := e.Call
	switch {
	case has(e.Call, "connect", "bind") && len(e.Args) > 1:
		s += "(" + e.Args[0] + ", " + e.Args[1] + ")"
	case has(e.Call, "write", "sendto", "sendmsg") && len(e.Args) > 1 && e.Count < 2:
		s += "(" + e.Args[0] + ", " + cut(e.Args[1], 16) + ")"
	case has(e.Call, "epoll_ctl") && len(e.Args) > 2:
		s += "(" + e.Args[0] + ", " + strings.TrimPrefix(e.Args[1], "EPOLL_CTL_") + ", " + e.Args[2] + ")"
	case has(e.Call, "fcntl") && len(e.Args) > 1:
		s += "(" + strings.Join(e.Args, ", ") + ")"
	case e.FD >= 0:
		s += fmt.Sprintf("(%d)", e.FD)
	}
	if e.Count > 1 {
		s += fmt.Sprintf(" × %d", e.Count)
	}
	return s
}

func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(n-utf8.RuneCountInString(s), 0))
}
