//go:build linux

package compare

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"ioworkbook/runner/lab"
)

// A Load is a number of clients. Each sends a request, waits for the whole
// answer, and sends the next: a closed loop.
type Load struct {
	Clients  int
	Size     int           // bytes of a request, and of its answer
	WarmUp   time.Duration // of the load before it is measured
	Measured time.Duration // and then until every client has its answer
}

func (l Load) String() string { return fmt.Sprintf("%d clients, %d B", l.Clients, l.Size) }

// A Run is how a server did under a load, once.
type Run struct {
	Rate     float64       // requests per second
	P50, P99 time.Duration // from before a request is sent until its answer is read
	CPU      time.Duration // of the server's process, per request
}

// silence is how long a server may do nothing until it is taken for hung.
const silence = 10 * time.Second

// on puts the load on a server. Half of the machine's processors are for the
// clients: a thread for each, with its share of the connections.
func (l Load) on(s *server) (Run, error) {
	threads := min(max(1, runtime.NumCPU()/2), l.Clients)
	var crowds []*crowd
	defer func() {
		for _, c := range crowds {
			c.leave()
		}
	}()
	for i := range threads {
		n := l.Clients*(i+1)/threads - l.Clients*i/threads
		c, err := gather(s.addr, n, l.Size)
		if err != nil {
			return Run{}, errors.Join(err, s.death())
		}
		crowds = append(crowds, c)
	}
	var measuring atomic.Pointer[interval]
	ended := make(chan error, threads)
	for _, c := range crowds {
		go func() {
			// Not unlocked: the thread, whose scheduling is the load's, ends too.
			runtime.LockOSThread()
			ended <- c.ask(&measuring)
		}()
	}
	time.Sleep(l.WarmUp)
	before, err := s.cpu()
	began := time.Now()
	measuring.Store(&interval{began, began.Add(l.Measured)})
	for range crowds {
		err = errors.Join(err, <-ended)
	}
	measured := time.Since(began)
	after, e := s.cpu()
	if err := errors.Join(err, e); err != nil {
		return Run{}, errors.Join(err, s.death())
	}
	var took []float64
	for _, c := range crowds {
		took = append(took, c.took...)
	}
	return newRun(took, measured, after-before), nil
}

// newRun sums up a run from how long each request took, in nanoseconds, over
// how long they were measured, and how much processor time the server used.
func newRun(took []float64, measured, cpu time.Duration) Run {
	return Run{
		Rate: float64(len(took)) / measured.Seconds(),
		P50:  time.Duration(lab.Percentile(took, 50)),
		P99:  time.Duration(lab.Percentile(took, 99)),
		CPU:  cpu / time.Duration(len(took)),
	}
}

// death is why the server ended, if it has.
func (s *server) death() error {
	select {
	case err := <-s.died:
		return fmt.Errorf("the server ended: %w", err)
	default:
		return nil
	}
}

type interval struct{ from, until time.Time }

// A crowd is clients in one thread.
type crowd struct {
	ep       int
	clients  []client
	question []byte
	answer   []byte    // what is right
	took     []float64 // nanoseconds for each request that was measured
}

type client struct {
	fd   int
	sent time.Time
	have int // bytes of the answer
	got  []byte
}

// gather connects n clients.
func gather(addr netip.AddrPort, n, size int) (*crowd, error) {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("epoll_create1: %w", err)
	}
	c := &crowd{ep: ep}
	c.question = []byte(strings.Repeat("question", size/8+1)[:size])
	c.answer = bytes.ToUpper(c.question)
	for i := range n {
		fd, err := dial(addr)
		if err != nil {
			c.leave()
			return nil, fmt.Errorf("client %d: %w", i, err)
		}
		c.clients = append(c.clients, client{fd: fd, got: make([]byte, size)})
		event := unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}
		if err := unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, fd, &event); err != nil {
			c.leave()
			return nil, fmt.Errorf("epoll_ctl: %w", err)
		}
	}
	return c, nil
}

func dial(addr netip.AddrPort) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("socket: %w", err)
	}
	// Bounds connect(2) and write(2), see socket(7).
	limit := unix.NsecToTimeval(silence.Nanoseconds())
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO, &limit); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("setsockopt: %w", err)
	}
	to := &unix.SockaddrInet4{Addr: addr.Addr().As4(), Port: int(addr.Port())}
	// A signal of the Go runtime ends the call, not the connecting; asked again,
	// the kernel waits on, or says that it is done.
	for err = unix.Connect(fd, to); err == unix.EINTR; err = unix.Connect(fd, to) {
	}
	if err != nil && err != unix.EISCONN {
		unix.Close(fd)
		return -1, fmt.Errorf("connect: %w", err)
	}
	return fd, nil
}

func (c *crowd) leave() {
	for _, one := range c.clients {
		unix.Close(one.fd)
	}
	unix.Close(c.ep)
}

// ask has all clients ask until the end of the interval, which begins when it is
// there, and keeps how long the answers took that came in it. Each client awaits
// its last answer: the slowest of all are among those, and nobody has none.
func (c *crowd) ask(measuring *atomic.Pointer[interval]) error {
	for i := range c.clients {
		if err := c.send(&c.clients[i], time.Now()); err != nil {
			return err
		}
	}
	events := make([]unix.EpollEvent, 256)
	for waiting := len(c.clients); waiting > 0; {
		n, err := unix.EpollWait(c.ep, events, int(silence.Milliseconds()))
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return fmt.Errorf("epoll_wait: %w", err)
		}
		if n == 0 {
			return fmt.Errorf("%d clients got no answer for %v", waiting, silence)
		}
		for _, e := range events[:n] {
			one := &c.clients[e.Fd]
			whole, err := c.receive(one)
			if err != nil {
				return err
			}
			if !whole {
				continue
			}
			now := time.Now()
			if m := measuring.Load(); m != nil && !now.Before(m.from) {
				c.took = append(c.took, float64(now.Sub(one.sent)))
				if !now.Before(m.until) {
					waiting--
					continue
				}
			}
			if err := c.send(one, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *crowd) send(one *client, now time.Time) error {
	one.sent, one.have = now, 0
	// A blocking socket, whose buffer is empty: it takes all or fails.
	if _, err := unix.Write(one.fd, c.question); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

// receive reads once, and says whether the answer is whole.
func (c *crowd) receive(one *client) (bool, error) {
	n, err := unix.Read(one.fd, one.got[one.have:])
	if err == unix.EINTR {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read: %w", err)
	}
	if n == 0 {
		return false, errors.New("the server hung up")
	}
	one.have += n
	if one.have < len(one.got) {
		return false, nil
	}
	if !bytes.Equal(one.got, c.answer) {
		return false, fmt.Errorf("a wrong answer: %.40q", one.got)
	}
	return true, nil
}
