package trace

import (
	"fmt"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// arrowsOf are a timeline's arrows in words: "data main:write -> main:read 5".
func arrowsOf(events []Event) []string {
	line := Build(events)
	calls := make(map[int]string)
	for _, l := range line.Lanes {
		for _, b := range l.Bars {
			calls[b.Seq] = b.Actor + ":" + b.Call
		}
	}
	var list []string
	for _, a := range line.Arrows {
		list = append(list, fmt.Sprintf("%s %s -> %s %d", a.Kind, calls[a.From], calls[a.To], a.Bytes))
	}
	return list
}

func TestArrows(t *testing.T) {
	buf := make([]byte, 100)
	for _, test := range []struct {
		name string
		run  func(t *testing.T, x traced)
		want []string
	}{
		{"tcp", func(t *testing.T, x traced) {
			ln, port := listener(t, x)
			c := x.n(t, "Socket", unix.AF_INET, unix.SOCK_STREAM, 0)
			x.n(t, "Connect", c, &unix.SockaddrInet4{Port: port, Addr: loopback4})
			s := x.n(t, "Accept", ln)
			x.n(t, "Write", c, []byte("hello"))
			x.n(t, "Send", c, []byte("world"), 0)
			x.n(t, "Recvfrom", s, buf, unix.MSG_PEEK)
			x.n(t, "Read", s, buf[:7])
			x.n(t, "Read", s, buf)
			x.n(t, "Write", s, []byte("HELLO"))
			x.n(t, "Shutdown", s, unix.SHUT_WR)
			x.n(t, "Read", c, buf)
			x.n(t, "Read", c, buf)
			x.n(t, "Close", c)
			x.n(t, "Close", s)
			x.n(t, "Close", ln)
		}, []string{
			"connect main:connect -> main:accept4 0",
			"data main:write -> main:read 5", "data main:sendto -> main:read 2",
			"data main:sendto -> main:read 3", "data main:write -> main:read 5",
			"end main:shutdown -> main:read 0",
		}},
		{"reset", func(t *testing.T, x traced) {
			ln, port := listener(t, x)
			c := x.n(t, "Socket", unix.AF_INET, unix.SOCK_STREAM, 0)
			x.n(t, "Connect", c, &unix.SockaddrInet4{Port: port, Addr: loopback4})
			s := x.n(t, "Accept", ln)
			unix.SetsockoptLinger(c, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
			x.n(t, "Close", c)
			x.call("Read", s, buf)
			x.n(t, "Close", s)
			x.n(t, "Close", ln)
		}, []string{"connect main:connect -> main:accept4 0", "reset main:close -> main:read 0"}},
		{"datagrams", func(t *testing.T, x traced) {
			s := x.n(t, "Socket", unix.AF_INET, unix.SOCK_DGRAM, 0)
			x.n(t, "Bind", s, &unix.SockaddrInet4{})
			sa, _ := unix.Getsockname(s)
			to := &unix.SockaddrInet4{Addr: loopback4, Port: sa.(*unix.SockaddrInet4).Port}
			c := x.n(t, "Socket", unix.AF_INET, unix.SOCK_DGRAM, 0)
			x.n(t, "Sendto", c, []byte("one"), 0, to)
			x.n(t, "Recvfrom", s, buf, 0)
			x.n(t, "Connect", c, to)
			x.n(t, "Write", c, []byte("three"))
			x.n(t, "Recvfrom", s, buf, 0)
			x.n(t, "Close", c)
			x.n(t, "Close", s)
		}, []string{"data main:sendto -> main:recvfrom 3", "data main:write -> main:recvfrom 5"}},
		{"pairs", func(t *testing.T, x traced) {
			p := x.call("Socketpair", unix.AF_UNIX, unix.SOCK_STREAM, 0)[0].([2]int)
			pipe := make([]int, 2)
			x.n(t, "Pipe2", pipe, 0)
			x.n(t, "Write", p[0], []byte("ab"))
			x.n(t, "Write", pipe[1], []byte("cde"))
			x.n(t, "Read", pipe[0], buf)
			d := x.n(t, "Dup", p[1])
			x.n(t, "Read", d, buf)
			x.n(t, "Close", p[0])
			x.n(t, "Read", p[1], buf)
			for _, fd := range []int{p[1], d, pipe[0], pipe[1]} {
				x.n(t, "Close", fd)
			}
		}, []string{"data main:write -> main:read 3", "data main:write -> main:read 2", "end main:close -> main:read 0"}},
		{"unrelated", func(t *testing.T, x traced) {
			null := x.n(t, "Open", "/dev/null", unix.O_RDWR, 0)
			zero := x.n(t, "Open", "/dev/zero", unix.O_RDONLY, 0)
			x.n(t, "Write", null, []byte("x"))
			x.n(t, "Read", zero, buf)
			x.n(t, "Close", null)
			x.n(t, "Close", zero)
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := NewRecorder()
			_, leave := Enter("main")
			defer leave()
			test.run(t, tracedUnix(r))
			if got := arrowsOf(r.Drain()); !slices.Equal(got, test.want) {
				t.Errorf("arrows %q\nwant   %q", got, test.want)
			}
		})
	}
}
