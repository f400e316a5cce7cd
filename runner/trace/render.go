package trace

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// event renders a call.
func (c *call) event() Event {
	e := Event{
		Seq: c.seq, Actor: c.actor, Call: c.fn.call, Func: c.fn.name,
		Enter: time.Duration(c.enter.Load()), Exit: time.Duration(c.exit), Line: int(c.line),
		FD: int(c.fd()),
	}
	e.Args = make([]string, 0, len(c.fn.args)+1)
	for i, a := range c.fn.args {
		e.Args = a.show(e.Args, c, i)
	}
	if c.exit < 0 {
		e.Exit = -1
		return e
	}
	e.Result = strconv.FormatInt(c.res, 10)
	e.Errno = errnoName(c.errno)
	e.Note = c.note()
	e.CPU = time.Duration(c.cpu)
	e.Bytes = c.bytes()
	e.Local, e.Remote = c.end.local, c.end.remote
	return e
}

// note puts into words what the result's number alone does not tell.
func (c *call) note() string {
	if c.errno != 0 {
		return ""
	}
	if c.res == 0 && isWait(c.fn.call) {
		return "timeout"
	}
	switch c.fn.call {
	case "fcntl":
		switch c.in[1].n {
		case unix.F_GETFL:
			return "flags " + flagText(c.res, openFlags, unix.O_ACCMODE, "")
		case unix.F_GETFD:
			if c.res != 0 {
				return "flags " + flagText(c.res, descriptorFlags, 0, "")
			}
		}
	case "recvfrom", "read", "recvmsg":
		// An empty datagram is no end; it comes from somewhere.
		if c.res == 0 && c.requested() > 0 && !c.fromSomewhere() {
			return "end of file"
		}
	}
	return ""
}

// fromSomewhere: the call returned a sender's address.
func (c *call) fromSomewhere() bool {
	for i, a := range c.fn.args {
		if a.kind == addrOut && given(c.out[i].s) != "" {
			return true
		}
	}
	return false
}

// requested is the size of the buffer that a call may fill, 0 when it has none.
func (c *call) requested() int64 {
	for _, a := range c.fn.args {
		if a.kind == outBuf {
			return c.in[a.index].n
		}
	}
	return 0
}

func errnoName(e unix.Errno) string {
	switch name := unix.ErrnoName(e); {
	case e == 0:
		return ""
	case name != "":
		return name
	case e == notErrno:
		return "error"
	}
	return fmt.Sprintf("errno %d", uintptr(e))
}

// notErrno marks an error that package unix made itself.
const notErrno = ^unix.Errno(0)

func (c *call) fd() int64 {
	if c.fn.fdIn < 0 {
		return -1
	}
	return c.in[c.fn.fdIn].n
}

func (c *call) bytes() int {
	if !c.fn.bytes || c.exit < 0 || c.errno != 0 {
		return 0
	}
	return int(c.res)
}

// show appends the rendered argument, the i-th shown.
func (a arg) show(args []string, c *call, i int) []string {
	var in, out cell
	if !a.result {
		in = c.in[a.index]
	}
	returned := c.exit >= 0
	if returned {
		out = c.out[i]
	}
	one := func(s string) []string { return append(args, s) }
	switch a.kind {
	case number, fdArg:
		if a.kind == fdArg && in.n == unix.AT_FDCWD {
			return one("AT_FDCWD")
		}
		return one(strconv.FormatInt(in.n, 10))
	case pointer:
		if in.n == 0 {
			return one("NULL")
		}
		return one("0x" + strconv.FormatInt(in.n, 16))
	case boolArg:
		return one(strconv.FormatBool(in.n != 0))
	case pathArg:
		return one(strconv.Quote(in.s))
	case inBuf:
		return append(args, quoted(in), strconv.FormatInt(in.n, 10))
	case outBuf:
		data := "…"
		if returned {
			data = quoted(out)
			if c.errno != 0 {
				data = "…"
			}
		}
		return append(args, data, strconv.FormatInt(in.n, 10))
	case ancillary:
		if in.n == 0 {
			return one("NULL")
		}
		return one(fmt.Sprintf("[%d bytes]", in.n))
	case outVec:
		if returned && c.errno == 0 {
			return one(out.s)
		}
		return one(in.s)
	case addrOut:
		if !returned || c.errno != 0 {
			return one("…")
		}
		return one(out.s)
	case pair:
		if out.s == "" {
			return one("…")
		}
		x, y := out.pair()
		return one(fmt.Sprintf("[%d, %d]", x, y))
	case pollFds:
		if returned {
			return one(pollText(int(in.n), c.polls, c.polled))
		}
		return one(pollText(int(in.n), c.polls, nil))
	case epollEventsOut:
		if returned && c.errno == 0 {
			return append(args, epollText(int(c.res), c.reported), strconv.FormatInt(in.n, 10))
		}
		return append(args, "…", strconv.FormatInt(in.n, 10))
	case fdSet:
		if returned && c.errno == 0 && out.s != in.s {
			return one(in.s + "->" + out.s)
		}
		return one(in.s)
	case optValue:
		if !returned || c.errno != 0 {
			return one("…")
		}
		return one("[" + optionValue(c, out.n) + "]")
	case millis:
		return one(strconv.FormatInt(in.n, 10))
	case word:
		return one(wordText(in.n))
	case inVec, addrIn, epollEventIn, timespec, timeval, text:
		return one(in.s)
	}
	return one(nameKinds[a.kind-named].show(in.n, c))
}

func quoted(b cell) string {
	s := strconv.Quote(b.s)
	if b.n > int64(len(b.s)) {
		s += "..."
	}
	return s
}

// pollText shows n descriptors, the first of which are before and after the call.
func pollText(n int, before, after []unix.PollFd) string {
	var s strings.Builder
	s.WriteByte('[')
	for i, p := range before {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString("{fd=" + strconv.Itoa(int(p.Fd)) + ", events=" + pollMask(p.Events))
		if i < len(after) && after[i].Revents != 0 {
			s.WriteString(", revents=" + pollMask(after[i].Revents))
		}
		s.WriteByte('}')
	}
	return s.String() + more(n-len(before)) + "]"
}

func more(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(", ... %d more", n)
}

func epollText(n int, events []unix.EpollEvent) string {
	var s strings.Builder
	s.WriteByte('[')
	for i := range events {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(epollEvent(&events[i]).s)
	}
	return s.String() + more(n-len(events)) + "]"
}
