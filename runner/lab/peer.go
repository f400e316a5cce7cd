package lab

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"ioworkbook/runner/trace"
)

// Step is one thing a peer does.
type Step struct {
	text string // as in the source: Send("hello")
	name string // of Named
	do   func(p *PeerRun) error
}

// PeerRun is a running peer.
type PeerRun struct {
	fd       int
	sys      *trace.System
	mu       sync.Mutex    // guards fd against Stop
	stop     chan struct{} // closed by Stop
	stopping sync.Once
	release  chan struct{} // closed by Release
	released sync.Once
	blocked  chan struct{} // closed when FloodUntilBlocked is over
	full     sync.Once
	done     chan struct{}
	sent     atomic.Int64
	received atomic.Int64
	got      []byte
	err      error
}

// Peer connects to 127.0.0.1:port and takes the steps in turn, then closes. It is
// compiled, runs in the background on a blocking socket of its own, and is an
// actor with a lane, "peer" unless Named.
func Peer(port int, steps ...Step) *PeerRun {
	p := &PeerRun{fd: -1, sys: trace.Active(), stop: make(chan struct{}), release: make(chan struct{}),
		blocked: make(chan struct{}), done: make(chan struct{})}
	name := "peer"
	for _, s := range steps {
		if s.name != "" {
			name = s.name
		}
	}
	trace.Start(name, func() {
		defer p.full.Do(func() { close(p.blocked) })
		p.err = p.run(port, steps)
		if p.err != nil {
			p.err = fmt.Errorf("%s: %w", name, p.err)
		}
	}, func() { close(p.done) })
	return p
}

// errStopped ends the steps after Stop; it is no failure.
var errStopped = errors.New("stopped")

func (p *PeerRun) run(port int, steps []Step) error {
	fd, err := p.sys.Socket(0, unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return stepError("socket", err)
	}
	p.mu.Lock()
	p.fd = fd
	p.mu.Unlock()
	defer p.close()
	to := &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}
	if err := p.sys.Connect(0, fd, to); err != nil {
		if p.stopped() {
			return nil
		}
		return stepError("connect to 127.0.0.1:"+strconv.Itoa(port), err)
	}
	for i, s := range steps {
		if s.do == nil {
			continue
		}
		// Stop closes p.stop before it shuts the connection down, so a step that
		// starts after this check finds the connection shut down.
		if p.stopped() {
			return nil
		}
		err := s.do(p)
		if p.stopped() || err == errStopped {
			return nil
		}
		if err != nil {
			return stepError(fmt.Sprintf("step %d, %s", i+1, s.text), err)
		}
	}
	return nil
}

// stepError writes an errno with its name: "connection refused (ECONNREFUSED)".
func stepError(what string, err error) error {
	if errno, ok := err.(unix.Errno); ok && unix.ErrnoName(errno) != "" {
		return fmt.Errorf("%s: %w (%s)", what, err, unix.ErrnoName(errno))
	}
	return fmt.Errorf("%s: %w", what, err)
}

func (p *PeerRun) stopped() bool {
	select {
	case <-p.stop:
		return true
	default:
		return false
	}
}

func (p *PeerRun) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fd >= 0 {
		p.sys.Close(0, p.fd)
		p.fd = -1
	}
}

// Wait releases a Hold, waits until the last step is over and the connection is
// closed, and returns what ReadN and ReadAll read, with the first step's error.
func (p *PeerRun) Wait() ([]byte, error) {
	p.Release()
	<-p.done
	return p.got, p.err
}

// Release ends Hold.
func (p *PeerRun) Release() { p.released.Do(func() { close(p.release) }) }

// Stop breaks off whatever step the peer is in and closes its connection; the
// steps left are not taken. Wait then reports no error.
func (p *PeerRun) Stop() {
	p.stopping.Do(func() { close(p.stop) })
	p.mu.Lock()
	if p.fd >= 0 {
		// shutdown wakes a blocked read or write; close would not.
		p.sys.Shutdown(0, p.fd, unix.SHUT_RDWR)
	}
	p.mu.Unlock()
	<-p.done
}

// Blocked waits until FloodUntilBlocked is over, or the peer is, and returns how
// many bytes the kernel has taken.
func (p *PeerRun) Blocked() int {
	<-p.blocked
	return p.Sent()
}

// Sent is how many bytes the kernel has taken from the peer so far.
func (p *PeerRun) Sent() int { return int(p.sent.Load()) }

// Received is how many bytes the peer has read so far.
func (p *PeerRun) Received() int { return int(p.received.Load()) }

// Named gives the peer's lane a name; it takes no time and is no step.
func Named(name string) Step { return Step{name: name} }

// Pause does nothing for d.
func Pause(d time.Duration) Step {
	return Step{text: fmt.Sprintf("Pause(%v)", d), do: func(p *PeerRun) error { return p.pause(d) }}
}

// Send writes text, all of it.
func Send(text string) Step {
	return Step{text: "Send(" + brief(text) + ")", do: func(p *PeerRun) error { return p.write([]byte(text)) }}
}

// Flood writes n bytes, a repeated alphabet, in writes of 64 KiB. It blocks while
// the other side does not read and the buffers are full.
func Flood(n int) Step {
	return Step{text: fmt.Sprintf("Flood(%d)", n), do: func(p *PeerRun) error {
		for at := 0; at < n; at += floodChunk {
			if err := p.write(Alphabet(at, min(floodChunk, n-at))); err != nil {
				return err
			}
		}
		return nil
	}}
}

// FloodUntilBlocked writes until the kernel has taken nothing for 100 ms: the
// send buffer and the other side's receive buffer are full. See Blocked.
func FloodUntilBlocked() Step {
	return Step{text: "FloodUntilBlocked()", do: func(p *PeerRun) error {
		defer p.full.Do(func() { close(p.blocked) })
		const quiet, look = 100 * time.Millisecond, 5 * time.Millisecond
		for last := time.Now(); time.Since(last) < quiet; {
			n, err := p.sys.Send(0, p.fd, Alphabet(p.Sent(), floodChunk), unix.MSG_DONTWAIT)
			switch err {
			case nil:
				p.sent.Add(int64(n))
				last = time.Now()
			case unix.EAGAIN:
				if err := p.pause(look); err != nil {
					return err
				}
			case unix.EINTR:
			default:
				return err
			}
		}
		return nil
	}}
}

const floodChunk = 64 << 10

// Alphabet is n bytes of abc...z repeated, from position at of the endless text:
// what Flood sends, so that a server's answer can be compared.
func Alphabet(at, n int) []byte {
	const letters = "abcdefghijklmnopqrstuvwxyz"
	at %= len(letters)
	return bytes.Repeat([]byte(letters), (at+n)/len(letters)+1)[at : at+n]
}

// HalfClose ends the sending direction with FIN; the peer can still read.
func HalfClose() Step {
	return Step{text: "HalfClose()", do: func(p *PeerRun) error { return p.sys.Shutdown(0, p.fd, unix.SHUT_WR) }}
}

// Reset closes the connection with RST (SO_LINGER with time 0). No step follows it.
func Reset() Step {
	return Step{text: "Reset()", do: func(p *PeerRun) error {
		abort := unix.Linger{Onoff: 1, Linger: 0}
		if err := p.sys.SetsockoptLinger(0, p.fd, unix.SOL_SOCKET, unix.SO_LINGER, &abort); err != nil {
			return err
		}
		p.close()
		return errStopped
	}}
}

// ReadN reads until n bytes have come. The other side closing first is an error.
func ReadN(n int) Step {
	return Step{text: fmt.Sprintf("ReadN(%d)", n), do: func(p *PeerRun) error { return p.read(n, n, 0) }}
}

// ReadAll reads until the other side closes its direction.
func ReadAll() Step {
	return Step{text: "ReadAll()", do: func(p *PeerRun) error { return p.read(-1, 64<<10, 0) }}
}

// ReadSlowly reads until the other side closes, chunk bytes at a time with a
// pause before each.
func ReadSlowly(chunk int, pause time.Duration) Step {
	return Step{text: fmt.Sprintf("ReadSlowly(%d, %v)", chunk, pause), do: func(p *PeerRun) error {
		return p.read(-1, chunk, pause)
	}}
}

// Hold keeps the connection open, reading and sending nothing, until Release.
func Hold() Step {
	return Step{text: "Hold()", do: func(p *PeerRun) error {
		select {
		case <-p.release:
			return nil
		case <-p.stop:
			return errStopped
		}
	}}
}

func (p *PeerRun) write(data []byte) error {
	for len(data) > 0 {
		n, err := p.sys.Write(0, p.fd, data)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		p.sent.Add(int64(n))
		data = data[n:]
	}
	return nil
}

// pause waits for d, or for Stop.
func (p *PeerRun) pause(d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-p.stop:
		return errStopped
	}
}

// read reads n bytes, or to the end for n < 0, at most chunk at a time.
func (p *PeerRun) read(n, chunk int, pause time.Duration) error {
	buf := make([]byte, min(max(chunk, 1), 64<<10))
	for left := n; left != 0; {
		if err := p.pause(pause); err != nil {
			return err
		}
		want := buf
		if left > 0 {
			want = buf[:min(left, len(buf))]
		}
		k, err := p.sys.Read(0, p.fd, want)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		if k == 0 {
			if left > 0 {
				return fmt.Errorf("closed %d bytes early: %w", left, io.ErrUnexpectedEOF)
			}
			return nil
		}
		p.received.Add(int64(k))
		p.got = append(p.got, want[:k]...)
		if left > 0 {
			left -= k
		}
	}
	return nil
}

func brief(text string) string {
	if len(text) > 20 {
		return strconv.Quote(text[:17]) + "..."
	}
	return strconv.Quote(text)
}
