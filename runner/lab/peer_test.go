package lab

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// serveOnce accepts one connection and gives it to f.
func serveOnce(t *testing.T, f func(c *net.TCPConn)) int {
	t.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := ln.Accept()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		f(c.(*net.TCPConn))
	}()
	t.Cleanup(func() { <-done; ln.Close() })
	return ln.Addr().(*net.TCPAddr).Port
}

func TestPeerTalks(t *testing.T) {
	port := serveOnce(t, func(c *net.TCPConn) {
		data, _ := io.ReadAll(c)
		c.Write(bytes.ToUpper(data))
	})
	p := Peer(port, Send("hello "), Send("world"), HalfClose(), ReadN(5), ReadAll())
	got, err := p.Wait()
	if string(got) != "HELLO WORLD" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if p.Sent() != 11 || p.Received() != 11 {
		t.Errorf("sent %d, received %d, want 11 and 11", p.Sent(), p.Received())
	}
}

func TestPeerResets(t *testing.T) {
	seen := make(chan error, 1)
	port := serveOnce(t, func(c *net.TCPConn) {
		_, err := io.ReadAll(c)
		seen <- err
	})
	if _, err := Peer(port, Reset(), Send("never")).Wait(); err != nil {
		t.Error(err)
	}
	if err := <-seen; err == nil || !strings.Contains(err.Error(), "connection reset by peer") {
		t.Errorf("the server saw %v, want a reset", err)
	}
}

func TestPeerErrorsNameTheStep(t *testing.T) {
	port := serveOnce(t, func(c *net.TCPConn) { c.Write([]byte("abc")) })
	got, err := Peer(port, Named("client"), ReadN(4)).Wait()
	want := "client: step 2, ReadN(4): closed 1 bytes early: unexpected EOF"
	if err == nil || err.Error() != want || string(got) != "abc" {
		t.Errorf("got %q, %v\nwant error %s", got, err, want)
	}
	_, err = Peer(1).Wait()
	want = "peer: connect to 127.0.0.1:1: connection refused (ECONNREFUSED)"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestPeerFloodsUntilBlocked(t *testing.T) {
	read := make(chan struct{})
	port := serveOnce(t, func(c *net.TCPConn) {
		<-read
		data, _ := io.ReadAll(c)
		if !bytes.Equal(data, Alphabet(0, len(data))) || len(data) == 0 {
			t.Errorf("%d bytes arrived, or not the alphabet", len(data))
		}
	})
	p := Peer(port, FloodUntilBlocked(), HalfClose(), Hold())
	if n := p.Blocked(); n < 64<<10 {
		t.Errorf("the kernel took %d bytes, want at least the 64 KiB of one write", n)
	}
	close(read)
	if _, err := p.Wait(); err != nil {
		t.Error(err)
	}
}

func TestPeerStops(t *testing.T) {
	for _, step := range []Step{ReadAll(), ReadSlowly(1, time.Hour), Hold(), Pause(time.Hour)} {
		port := serveOnce(t, func(c *net.TCPConn) { io.ReadAll(c) })
		p := Peer(port, step, Send("never"))
		p.Stop()
		if _, err := p.Wait(); err != nil || p.Sent() != 0 {
			t.Errorf("%s: %v, %d bytes sent", step.text, err, p.Sent())
		}
	}
}
