package trace

import (
	"fmt"
	"strconv"
	"strings"
)

// Section is the manual page of a system call, "accept4(2)", or of each call of a
// folded loop: "recvfrom(2), ppoll(2)".
func Section(call string) string {
	return strings.ReplaceAll(call, " + ", "(2), ") + "(2)"
}

// Explain says in one plain sentence what happened in a call.
func Explain(e Event) string {
	s := Who(e.Actor) + " " + story(e)
	if e.Returned() {
		s += tookText(e)
	}
	return s + "."
}

// Who is an actor as the subject of a sentence.
func Who(actor string) string {
	if actor == "?" {
		return "A goroutine"
	}
	return actor
}

// story is the sentence without its subject and without the time.
func story(e Event) string {
	switch {
	case e.Count > 1:
		return sumStory(e)
	case !e.Returned():
		return "called " + e.Call + on(e) + ", and it has not returned: " + blocked(e.Call)
	case e.Errno != "":
		return failure(e)
	}
	if isWait(e.Call) {
		if e.Result == "0" {
			return "asked the kernel which descriptors are ready, and in the time given none was"
		}
		return "asked the kernel which descriptors are ready: " + ready(e)
	}
	switch e.Call {
	case "socket":
		return "made a socket, descriptor " + e.Result
	case "bind":
		return fmt.Sprintf("gave socket %d the address %s", e.FD, or(e.Local, argument(e, 1)))
	case "listen":
		return fmt.Sprintf("made socket %d a listening one: from now on the kernel completes handshakes for it", e.FD)
	case "accept", "accept4":
		return fmt.Sprintf(
			"took a finished connection off the queue of socket %d: descriptor %s, from %s",
			e.FD,
			e.Result,
			or(e.Remote, "an unnamed peer"),
		)
	case "connect":
		return fmt.Sprintf("connected socket %d to %s: the handshake is complete", e.FD, or(e.Remote, argument(e, 1)))
	case "read", "recvfrom", "recvmsg", "readv":
		if e.Note == "end of file" {
			return fmt.Sprintf(
				"learnt that the other side of descriptor %d sends no more: %s returned 0, end of file",
				e.FD,
				e.Call,
			)
		}
		return fmt.Sprintf(
			"got %s from descriptor %d: the kernel copied %s out of its buffer%s",
			plural(e.Bytes, "byte"),
			e.FD,
			them(e.Bytes),
			flagged(e, "MSG_PEEK", ", where a copy stays"),
		)
	case "write", "sendto", "sendmsg", "writev":
		if asked := requestedOut(e); asked > e.Bytes {
			return fmt.Sprintf(
				"gave %d of %s to descriptor %d: the kernel had room for no more",
				e.Bytes,
				plural(asked, "byte"),
				e.FD,
			)
		}
		return fmt.Sprintf(
			"gave %s to descriptor %d: the kernel copied %s into its buffer, and sends when it can",
			plural(e.Bytes, "byte"),
			e.FD,
			them(e.Bytes),
		)
	case "epoll_ctl":
		return epollChange(e)
	case "epoll_create1":
		return "made an epoll instance, descriptor " + e.Result
	case "fcntl":
		return fcntlStory(e)
	case "shutdown":
		switch argument(e, 1) {
		case "SHUT_WR":
			return fmt.Sprintf(
				"ended its sending side of socket %d: the peer will read end of file, and can still send",
				e.FD,
			)
		case "SHUT_RD":
			return fmt.Sprintf("ended its receiving side of socket %d", e.FD)
		}
		return fmt.Sprintf("ended both directions of socket %d", e.FD)
	case "close":
		return fmt.Sprintf("closed descriptor %d", e.FD)
	case "socketpair":
		return "made a pair of connected sockets, " + argument(e, 3)
	case "pipe2":
		return "made a pipe, " + argument(e, 0)
	case "setsockopt":
		return fmt.Sprintf("set option %s of socket %d", argument(e, 2), e.FD)
	case "getsockopt":
		return fmt.Sprintf("read option %s of socket %d: %s", argument(e, 2), e.FD, strings.Trim(argument(e, 3), "[]"))
	case "dup", "dup3":
		return fmt.Sprintf("made descriptor %s refer to the same open file as %d", e.Result, e.FD)
	case "nanosleep", "clock_nanosleep":
		return "slept"
	case "io_uring_enter":
		return fmt.Sprintf("entered the ring %d: the kernel took %s submissions", e.FD, e.Result)
	}
	return fmt.Sprintf("called %s%s, which returned %s", e.Call, on(e), e.Result)
}

func sumStory(e Event) string {
	s := fmt.Sprintf("called %s%s %d times", strings.ReplaceAll(e.Call, " + ", " and "), on(e), e.Count)
	switch {
	case e.Errno == "EAGAIN":
		s += ", and each time there was nothing to do: EAGAIN"
	case e.Errno != "":
		s += ", each time with " + e.Errno
	case e.Bytes > 0:
		s += fmt.Sprintf(" and moved %s", plural(e.Bytes, "byte"))
	}
	return s
}

// failure explains an error by call and errno.
func failure(e Event) string {
	reads := isReceive(e.Call)
	writes := isSend(e.Call)
	why := ""
	switch e.Errno {
	case "EAGAIN":
		switch {
		case strings.HasPrefix(e.Call, "accept"):
			why = "no finished connection was waiting"
		case reads:
			why = "the kernel had nothing to read"
		case writes:
			why = "the kernel's send buffer was full"
		}
		if why != "" && waitShare(e) >= 50 {
			why += ", and the time limit of the socket passed"
		} else if why != "" {
			return fmt.Sprintf("called %s%s, but %s: it returned EAGAIN at once instead of waiting", e.Call, on(e), why)
		}
	case "EINPROGRESS":
		return fmt.Sprintf(
			"started to connect socket %d to %s: the handshake goes on without it, EINPROGRESS",
			e.FD,
			or(e.Remote, argument(e, 1)),
		)
	case "EINTR":
		why = "a signal interrupted the wait; nothing is lost, the call is made again"
	case "ECONNRESET":
		why = "the peer had aborted the connection with RST"
	case "EPIPE":
		why = "the connection no longer takes data: it was shut down or reset"
	case "ECONNREFUSED":
		why = "nobody listens at that address"
	case "EADDRINUSE":
		why = "the address is taken"
	case "EMFILE":
		why = "the process has no descriptor left"
	case "EBADF":
		why = "that descriptor is not open"
	case "ENOTCONN":
		why = "the socket is not connected"
	case "EINVAL":
		why = "an argument makes no sense for it"
	case "EPERM":
		why = "that is not permitted for it"
	case "EEXIST":
		why = "it is there already"
	case "ENOENT":
		why = "it is not there"
	}
	if why == "" {
		return fmt.Sprintf("called %s%s, which failed with %s", e.Call, on(e), e.Errno)
	}
	return fmt.Sprintf("called %s%s, but %s: %s", e.Call, on(e), why, e.Errno)
}

// ready says which descriptors a wait reported, as far as the arguments show it:
// "5 for POLLIN, 6 for POLLOUT".
func ready(e Event) string {
	var found []string
	switch {
	case strings.HasPrefix(e.Call, "epoll"): // [{EPOLLIN, fd=5}]
		for entry := range strings.SplitSeq(strings.Trim(argument(e, 1), "[]{}"), "}, {") {
			if mask, fd, ok := strings.Cut(entry, ", fd="); ok {
				found = append(found, fd+" for "+mask)
			}
		}
	case strings.Contains(e.Call, "poll"): // [{fd=5, events=POLLIN, revents=POLLIN}]
		for entry := range strings.SplitSeq(strings.Trim(argument(e, 0), "[]{}"), "}, {") {
			fd, _, _ := strings.Cut(strings.TrimPrefix(entry, "fd="), ",")
			if _, mask, ok := strings.Cut(entry, "revents="); ok {
				found = append(found, fd+" for "+mask)
			}
		}
	default: // 8, [3 5]->[5], NULL, NULL, 1s
		for i, what := range []string{" for reading", " for writing", " for exceptions"} {
			if set := argument(e, i+1); strings.HasPrefix(set, "[") {
				_, after, changed := strings.Cut(set, "->")
				if !changed {
					after = set
				}
				for fd := range strings.FieldsSeq(strings.Trim(after, "[]")) {
					found = append(found, fd+what)
				}
			}
		}
	}
	if n, _ := strconv.Atoi(e.Result); len(found) == 0 || n > len(found) {
		return plural(n, "descriptor")
	}
	return strings.Join(found, ", ")
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

func epollChange(e Event) string {
	fd := argument(e, 2)
	switch argument(e, 1) {
	case "EPOLL_CTL_ADD":
		return fmt.Sprintf("asked epoll instance %d to watch descriptor %s for %s", e.FD, fd, eventsOf(e))
	case "EPOLL_CTL_MOD":
		return fmt.Sprintf("changed what epoll instance %d watches descriptor %s for: %s", e.FD, fd, eventsOf(e))
	}
	return fmt.Sprintf("told epoll instance %d to forget descriptor %s", e.FD, fd)
}

// eventsOf is the mask in "{EPOLLIN|EPOLLET, fd=5}".
func eventsOf(e Event) string {
	mask, _, _ := strings.Cut(strings.TrimPrefix(argument(e, 3), "{"), ",")
	return mask
}

func fcntlStory(e Event) string {
	switch argument(e, 1) {
	case "F_GETFL":
		return fmt.Sprintf(
			"asked for the status flags of descriptor %d: %s",
			e.FD,
			strings.TrimPrefix(e.Note, "flags "),
		)
	case "F_SETFL":
		return fmt.Sprintf("set the status flags of descriptor %d to %s", e.FD, argument(e, 2))
	}
	return fmt.Sprintf("called fcntl %s on descriptor %d, which returned %s", argument(e, 1), e.FD, e.Result)
}

// blocked says what a call that has not returned waits for.
func blocked(call string) string {
	switch {
	case strings.HasPrefix(call, "accept"):
		return "it waits for a connection"
	case isReceive(call):
		return "it waits for data"
	case isSend(call):
		return "it waits for room in the send buffer"
	case call == "connect":
		return "it waits for the handshake"
	case isWait(call):
		return "it waits for a descriptor to become ready"
	}
	return "it waits"
}

// tookText is the time, and how it divides, where that is worth telling.
func tookText(e Event) string {
	d := Duration(e.Duration())
	if e.Count > 1 {
		return ", " + d + " in all"
	}
	switch share := waitShare(e); {
	case share >= 10:
		return fmt.Sprintf(". It took %s, of which %s was waiting and %s work", d, Duration(e.Wait()), Duration(e.CPU))
	default:
		return ". It took " + d
	}
}

func on(e Event) string {
	if e.FD < 0 {
		return ""
	}
	return " on descriptor " + strconv.Itoa(e.FD)
}

func argument(e Event, i int) string {
	if i < len(e.Args) {
		return e.Args[i]
	}
	return "?"
}

// requestedOut is how many bytes a sending call was given.
func requestedOut(e Event) int {
	if e.Call == "writev" {
		return e.Bytes // its argument is a list
	}
	n, _ := strconv.Atoi(argument(e, 2))
	return n
}

func flagged(e Event, flag, text string) string {
	for _, a := range e.Args {
		if strings.Contains(a, flag) {
			return text
		}
	}
	return ""
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
