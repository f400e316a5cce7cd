package trace

import (
	"cmp"
	"slices"
	"strings"
)

// arrows finds what moved from call to call, by the addresses that events carry.
// Both ends must be among the events. bar gives the bar that an event became part
// of; arrows between the same two bars are one.
func arrows(events []Event, bar map[int]int) []Arrow {
	var found []Arrow
	at := make(map[Arrow]int)
	add := func(kind ArrowKind, from, to, bytes int) {
		key := Arrow{Kind: kind, From: bar[from], To: bar[to]}
		i, ok := at[key]
		if !ok {
			i = len(found)
			at[key] = i
			found = append(found, key)
		}
		found[i].Bytes += bytes
	}

	arriving := slices.Clone(events)
	slices.SortStableFunc(arriving, func(a, b Event) int { return cmp.Compare(a.Exit, b.Exit) })

	streams := make(map[string]*stream) // by direction
	connects := make(map[string]int)    // by the client's address
	ends := make(map[string]Event)      // by direction: close or shutdown
	for _, e := range events {
		dir := direction(e.Local, e.Remote)
		switch {
		case e.Bytes > 0 && isSend(e.Call) && e.Remote != "":
			s := streams[dir]
			if s == nil {
				s = new(stream)
				streams[dir] = s
			}
			s.sent = append(s.sent, e)
		case e.Call == "connect" && (e.Errno == "" || e.Errno == "EINPROGRESS"):
			connects[direction(e.Local, e.Remote)] = e.Seq
		case (e.Call == "close" || e.Call == "shutdown") && e.Remote != "" && e.Errno == "":
			if _, ok := ends[dir]; !ok {
				ends[dir] = e
			}
		}
	}
	for _, e := range arriving {
		if !e.Returned() {
			continue
		}
		dir := direction(e.Remote, e.Local)
		switch {
		case strings.HasPrefix(e.Call, "accept") && e.Errno == "":
			if from, ok := connects[dir]; ok {
				add(Connect, from, e.Seq, 0)
			}
		case e.Bytes > 0 && isReceive(e.Call) && e.Local != "" && !peeks(e):
			s := streams[dir]
			if s == nil {
				s = streams[direction("", e.Local)] // from a socket whose address is not known
			}
			if s != nil {
				s.take(e, func(from, bytes int) { add(Data, from, e.Seq, bytes) })
			}
		case e.Note == "end of file":
			if end, ok := ends[dir]; ok && end.Enter <= e.Exit {
				add(End, end.Seq, e.Seq, 0)
				delete(ends, dir)
			}
		case e.Errno == "ECONNRESET":
			if end, ok := ends[dir]; ok && end.Call == "close" && end.Enter <= e.Exit {
				add(Reset, end.Seq, e.Seq, 0)
				delete(ends, dir)
			}
		}
	}
	return found
}

// stream is what was sent in one direction, oldest first.
type stream struct {
	sent []Event
	used int // bytes of sent[0] that were received
}

// take accounts the bytes that e received to the calls that sent them. Bytes sent
// before the events began leave a rest that belongs to no call.
func (s *stream) take(e Event, from func(seq, bytes int)) {
	for left := e.Bytes; left > 0 && len(s.sent) > 0; {
		first := s.sent[0]
		if first.Enter > e.Exit {
			return // nobody receives what is not sent yet
		}
		n := min(left, first.Bytes-s.used)
		from(first.Seq, n)
		left -= n
		if s.used += n; s.used == first.Bytes {
			s.sent, s.used = s.sent[1:], 0
		}
	}
}

// direction is a key for what goes from one address to another. A socket bound to
// the wildcard address is reached over loopback here.
func direction(from, to string) string { return loopback(from) + ">" + loopback(to) }

func loopback(address string) string {
	if port, ok := strings.CutPrefix(address, "0.0.0.0:"); ok {
		return "127.0.0.1:" + port
	}
	if port, ok := strings.CutPrefix(address, "[::]:"); ok {
		return "[::1]:" + port
	}
	return address
}

func isSend(call string) bool {
	return has(call, "write", "writev", "sendto", "sendmsg", "pwritev", "sendfile")
}

func isReceive(call string) bool {
	return has(call, "read", "readv", "recvfrom", "recvmsg")
}

// has reports whether one of the calls of a bar is among names.
func has(call string, names ...string) bool {
	for c := range strings.SplitSeq(call, " + ") {
		if slices.Contains(names, c) {
			return true
		}
	}
	return false
}

func peeks(e Event) bool {
	return slices.ContainsFunc(e.Args, func(a string) bool { return strings.Contains(a, "MSG_PEEK") })
}
