package trace

import (
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// shownBytes is how much of a buffer an event keeps.
const shownBytes = 32

// kind says how one argument is captured and shown.
type kind int

const (
	number kind = iota // decimal
	fdArg
	pointer
	text // captured as text by anyText
	pathArg
	boolArg
	inBuf
	outBuf
	ancillary // control messages: only their room is shown, they are not text
	inVec
	outVec
	addrIn
	addrOut
	pair
	pollFds
	epollEventIn
	epollEventsOut
	fdSet
	timespec
	timeval
	optValue
	millis
	word  // of a call made by number
	named // and above: an integer with names, see nameKinds
)

var kinds = map[string]kind{
	"int": number, "fd": fdArg, "fdptr": fdArg, "ptr": pointer, "path": pathArg, "bool": boolArg,
	"inbuf": inBuf, "outbuf": outBuf, "iniov": inVec, "outiov": outVec, "cmsg": ancillary, "sockaddr": addrIn, "addr": addrOut,
	"fdpair": pair, "pollfds": pollFds, "epollevent": epollEventIn, "epollevents": epollEventsOut,
	"fdset": fdSet, "timespec": timespec, "timeval": timeval, "optval": optValue, "ms": millis,
}

func kindNamed(word string) kind {
	if k, ok := kinds[word]; ok {
		return k
	}
	for i, n := range nameKinds {
		if n.word == word {
			return named + kind(i)
		}
	}
	panic("trace: unknown kind " + word + " in a form")
}

// kindOf is the kind of a parameter that no form names.
func kindOf(t reflect.Type) kind {
	switch t.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return number
	case reflect.Bool:
		return boolArg
	case reflect.String:
		return pathArg
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return inBuf
		}
	case reflect.Pointer, reflect.UnsafePointer:
		return pointer
	}
	return text
}

// writes: the kernel fills the argument in, so it is captured after the call.
func (k kind) writes() bool {
	switch k {
	case outBuf, outVec, pair, pollFds, epollEventsOut, fdSet:
		return true
	}
	return false
}

func excerpt(p []byte) cell {
	return cell{int64(len(p)), string(p[:min(len(p), shownBytes)])}
}

// before captures an argument as it goes into the call.
func (k kind) before(v reflect.Value, c *call) cell {
	switch k {
	case inBuf:
		if v.Kind() == reflect.String {
			return excerpt([]byte(v.String()))
		}
		return excerpt(v.Bytes())
	case outBuf, ancillary:
		return cell{n: int64(v.Len())}
	case inVec:
		return vector(v.Interface().([][]byte), -1)
	case outVec:
		return vector(v.Interface().([][]byte), 0)
	case addrIn:
		sa, _ := v.Interface().(unix.Sockaddr)
		return cell{s: address(sa)}
	case pair:
		return cell{}
	case pollFds:
		fds := v.Interface().([]unix.PollFd)
		c.polls = polled(fds)
		return cell{n: int64(len(fds))}
	case epollEventIn:
		return epollEvent(v.Interface().(*unix.EpollEvent))
	case epollEventsOut:
		return cell{n: int64(v.Len())}
	case fdSet:
		return descriptors(v.Interface().(*unix.FdSet))
	case timespec:
		if ts := v.Interface().(*unix.Timespec); ts != nil {
			return cell{s: time.Duration(ts.Nano()).String()}
		}
		return cell{s: "NULL"}
	case timeval:
		if tv := v.Interface().(*unix.Timeval); tv != nil {
			return cell{s: time.Duration(tv.Nano()).String()}
		}
		return cell{s: "NULL"}
	case pathArg:
		return cell{s: v.String()}
	case boolArg:
		if v.Bool() {
			return cell{n: 1}
		}
		return cell{}
	case pointer:
		return cell{n: int64(v.Pointer())}
	case text:
		return cell{s: anyText(v)}
	}
	return cell{n: integer(v)}
}

// after captures what the call wrote, or a result.
func (k kind) after(v reflect.Value, c *call) cell {
	switch k {
	case outBuf:
		n := int(min(max(c.res, 0), int64(v.Len())))
		return excerpt(v.Bytes()[:n])
	case outVec:
		return vector(v.Interface().([][]byte), int(max(c.res, 0)))
	case addrOut:
		sa, _ := v.Interface().(unix.Sockaddr)
		return cell{s: address(sa)}
	case pair:
		if v.Len() != 2 || c.errno != 0 {
			return cell{}
		}
		return fdPair(int(v.Index(0).Int()), int(v.Index(1).Int()))
	case pollFds:
		if c.errno == 0 {
			c.polled = polled(v.Interface().([]unix.PollFd))
		}
		return cell{}
	case epollEventsOut:
		events := v.Interface().([]unix.EpollEvent)
		c.reported = reported(events[:min(max(int(c.res), 0), len(events))])
		return cell{}
	case fdSet:
		return descriptors(v.Interface().(*unix.FdSet))
	}
	return cell{n: integer(v)}
}

// fdPair packs two descriptors into one number: for the text, and for endpoints.
func fdPair(a, b int) cell { return cell{n: int64(a)<<32 | int64(uint32(b)), s: "+"} }

func (c cell) pair() (int, int) { return int(c.n >> 32), int(int32(c.n)) }

// vector shows an iovec list; n >= 0 limits the bytes to what was transferred.
func vector(bufs [][]byte, n int) cell {
	var s strings.Builder
	total := 0
	s.WriteByte('[')
	for i, b := range bufs {
		if i > 0 {
			s.WriteString(", ")
		}
		if i == 4 {
			s.WriteString("...")
			break
		}
		shown := b
		if n >= 0 {
			shown = b[:min(len(b), max(n-total, 0))]
		}
		fmt.Fprintf(&s, "{%s, %d}", quoted(excerpt(shown)), len(b))
		total += len(b)
	}
	s.WriteByte(']')
	return cell{int64(total), s.String()}
}

// address shows a socket address the way it is written: 127.0.0.1:8080, [::1]:80,
// a path, @abstract.
func address(sa unix.Sockaddr) string {
	switch a := sa.(type) {
	case nil:
		return "NULL"
	case *unix.SockaddrInet4:
		if a == nil {
			return "NULL"
		}
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port)).String()
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), uint16(a.Port)).String()
	case *unix.SockaddrUnix:
		if a.Name == "" {
			return `""`
		}
		return a.Name
	}
	return anyText(reflect.ValueOf(sa))
}

// anyText shows a value that no kind knows, within one line.
func anyText(v reflect.Value) string {
	if !v.IsValid() {
		return "NULL"
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.UnsafePointer, reflect.Func, reflect.Chan, reflect.Map:
		if v.IsNil() {
			return "NULL"
		}
		if v.Kind() != reflect.Pointer {
			return fmt.Sprintf("0x%x", v.Pointer())
		}
		v = v.Elem()
	}
	s := fmt.Sprint(v)
	if len(s) > 40 {
		s = s[:37] + "..."
	}
	return s
}

// shownList is how many entries of a list of descriptors are kept and shown.
const shownList = 8

// polled keeps a list that poll was given. It is rendered later: poll is called in
// loops.
func polled(fds []unix.PollFd) []unix.PollFd {
	return append([]unix.PollFd(nil), fds[:min(len(fds), shownList)]...)
}

func epollEvent(e *unix.EpollEvent) cell {
	if e == nil {
		return cell{s: "NULL"}
	}
	return cell{int64(e.Events), "{" + epollMask(e.Events) + ", fd=" + strconv.Itoa(int(e.Fd)) + "}"}
}

// reported keeps what epoll_wait stored.
func reported(events []unix.EpollEvent) []unix.EpollEvent {
	return append([]unix.EpollEvent(nil), events[:min(len(events), shownList)]...)
}

// descriptors lists the members of a set: [3 5].
func descriptors(set *unix.FdSet) cell {
	if set == nil {
		return cell{s: "NULL"}
	}
	var s strings.Builder
	n := 0
	s.WriteByte('[')
	for fd := range int(unsafe.Sizeof(*set)) * 8 {
		if !set.IsSet(fd) {
			continue
		}
		if n++; n == 17 {
			s.WriteString(" ...")
		}
		if n >= 17 {
			continue
		}
		if n > 1 {
			s.WriteByte(' ')
		}
		s.WriteString(strconv.Itoa(fd))
	}
	s.WriteByte(']')
	return cell{int64(n), s.String()}
}
