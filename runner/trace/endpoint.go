package trace

import (
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// endpoint is what a descriptor talks from and to. For a pair of sockets or a
// pipe, which have no addresses, it is a name made up here.
type endpoint struct{ local, remote string }

// effect is what a call does to what is known of descriptors.
type effect int

const (
	nothing effect = iota
	creates        // a descriptor that talks to nobody yet
	accepts
	connects
	binds
	pairs
	dups
	closes
	sends // with an address
	receives
)

var effects = map[string]effect{
	"Socket": creates, "EpollCreate1": creates, "EpollCreate": creates, "Eventfd": creates, "Open": creates,
	"Openat": creates, "TimerfdCreate": creates, "Signalfd": creates,
	"Accept": accepts, "Accept4": accepts, "Connect": connects, "Bind": binds,
	"Socketpair": pairs, "Pipe": pairs, "Pipe2": pairs,
	"Dup": dups, "Dup2": dups, "Dup3": dups, "Close": closes,
	"Sendto": sends, "Sendmsg": sends, "SendmsgN": sends, "Recvfrom": receives, "Recvmsg": receives,
}

// endpoints is what is known of the descriptors of the process.
type endpoints struct {
	by    map[int]endpoint
	pairs int
}

// learn notes what a finished call tells of its descriptor's endpoint, and notes
// with the call what is known of it.
func (e *endpoints) learn(c *call) {
	fd := int(c.fd())
	if c.errno != 0 && !(c.fn.does == connects && c.errno == unix.EINPROGRESS) {
		c.end = e.by[fd]
		return
	}
	switch c.fn.does {
	case creates:
		delete(e.by, int(c.res))
		return
	case accepts:
		c.end.remote = c.out[1].s
		e.by[int(c.res)] = c.end
		return
	case connects:
		c.end.remote = c.in[1].s
		e.by[fd] = c.end
		return
	case binds:
		e.by[fd] = endpoint{local: c.end.local}
		return
	case pairs:
		e.pair(c)
		return
	case dups:
		to := int(c.res)
		if c.fn.name != "Dup" {
			to = int(c.in[1].n)
		}
		e.by[to] = e.by[fd]
		return
	case closes:
		c.end = e.by[fd]
		delete(e.by, fd)
		return
	}
	if fd < 0 {
		return
	}
	if c.end.local != "" { // asked for
		e.by[fd] = endpoint{local: c.end.local, remote: e.by[fd].remote}
	}
	c.end = e.by[fd]
	if c.end.remote != "" {
		return
	}
	for i, a := range c.fn.args { // a datagram's own address
		switch {
		case a.kind == addrIn:
			c.end.remote = given(c.in[a.index].s)
		case a.kind == addrOut && c.fn.does == receives:
			c.end.remote = given(c.out[i].s)
		}
	}
}

// given is the address, "" when there was none.
func given(s string) string {
	if s == "NULL" {
		return ""
	}
	return s
}

// pair names the two ends of a socket pair or a pipe.
func (e *endpoints) pair(c *call) {
	for i, a := range c.fn.args {
		if a.kind != pair || c.out[i].s == "" {
			continue
		}
		e.pairs++
		what := "pipe"
		if c.fn.name == "Socketpair" {
			what = "pair"
		}
		x, y := c.out[i].pair()
		one, other := fmt.Sprintf("%s%d.0", what, e.pairs), fmt.Sprintf("%s%d.1", what, e.pairs)
		e.by[x], e.by[y] = endpoint{one, other}, endpoint{other, one}
	}
}

// localAddress asks for a socket's own address, which the kernel has chosen by
// the time bind (to port 0), connect, accept or the first datagram returns. It is
// the only system call that tracing adds beside reads of clocks (getsockname(2)).
func localAddress(fd int) string {
	var raw unix.RawSockaddrAny
	size := uint32(unsafe.Sizeof(raw))
	_, _, errno := unix.RawSyscall(
		unix.SYS_GETSOCKNAME,
		uintptr(fd),
		uintptr(unsafe.Pointer(&raw)),
		uintptr(unsafe.Pointer(&size)),
	)
	if errno != 0 {
		return ""
	}
	switch raw.Addr.Family {
	case unix.AF_INET:
		a := (*unix.RawSockaddrInet4)(unsafe.Pointer(&raw))
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), fromNetwork(a.Port)).String()
	case unix.AF_INET6:
		a := (*unix.RawSockaddrInet6)(unsafe.Pointer(&raw))
		return netip.AddrPortFrom(netip.AddrFrom16(a.Addr), fromNetwork(a.Port)).String()
	}
	return ""
}

// fromNetwork reads a port stored in network byte order.
func fromNetwork(port uint16) uint16 {
	b := (*[2]byte)(unsafe.Pointer(&port))
	return uint16(b[0])<<8 | uint16(b[1])
}
