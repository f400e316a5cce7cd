package lab

import (
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
)

// serve starts handle for every client that connects, and gives the port.
func serve(t *testing.T, handle func(*net.TCPConn)) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			handle(c.(*net.TCPConn))
		}
	}()
	return ln.Addr().(*net.TCPAddr).Port
}

// upper is the service done right, for one client.
func upper(c *net.TCPConn) {
	defer c.Close()
	buf := make([]byte, 32768)
	for {
		n, err := c.Read(buf)
		if _, werr := io.WriteString(c, upperASCII(string(buf[:n]))); err != nil || werr != nil {
			return
		}
	}
}

func TestConformPassesACorrectServer(t *testing.T) {
	port := serve(t, func(c *net.TCPConn) { go upper(c) })
	for _, v := range Conform(port) {
		if !v.OK {
			t.Errorf("%s: %s", v.Test, v.Why)
		}
	}
}

func TestConformPassesASequentialServer(t *testing.T) {
	port := serve(t, upper)
	for _, v := range Conform(port, Sequential()...) {
		if !v.OK {
			t.Errorf("%s: %s", v.Test, v.Why)
		}
	}
}

// Each broken server must fail the test made for its fault.
func TestConformCatches(t *testing.T) {
	tests := []struct {
		fault, test, why string
		handle           func(*net.TCPConn)
	}{
		{"does not translate", "order", `is 'r', want 'R'`, func(c *net.TCPConn) {
			go func() { defer c.Close(); io.Copy(c, c) }()
		}},
		{"one answer only", "sizes", "bytes came back, then the end of the stream", func(c *net.TCPConn) {
			go func() {
				defer c.Close()
				buf := make([]byte, 1024)
				n, _ := c.Read(buf)
				io.WriteString(c, upperASCII(string(buf[:n])))
				c.CloseWrite()
				io.Copy(io.Discard, c)
			}()
		}},
		{"adds a byte", "half-close", "after the whole answer", func(c *net.TCPConn) {
			go func() {
				defer c.Close()
				b, _ := io.ReadAll(c)
				io.WriteString(c, upperASCII(string(b))+"!")
			}()
		}},
		{"buffers without bound", "no-reader", "MiB from a client that reads nothing", func(c *net.TCPConn) {
			go func() { defer c.Close(); b, _ := io.ReadAll(c); io.WriteString(c, upperASCII(string(b))) }()
		}},
		{"spins when idle", "idle", "of a core", func(c *net.TCPConn) {
			go func() {
				defer c.Close()
				raw, _ := c.SyscallConn()
				buf := make([]byte, 1024)
				for {
					var n int
					var err error
					raw.Read(func(fd uintptr) bool { n, err = syscall.Read(int(fd), buf); return true })
					if n > 0 {
						io.WriteString(c, upperASCII(string(buf[:n])))
					} else if err == nil {
						return
					}
				}
			}()
		}},
	}
	for _, tt := range tests {
		t.Run(tt.test, func(t *testing.T) {
			v := Conform(serve(t, tt.handle), tt.test)[0]
			if v.OK || !strings.Contains(v.Why, tt.why) {
				t.Errorf("a server that %s: OK=%v, why %q; want a failure saying %q", tt.fault, v.OK, v.Why, tt.why)
			}
		})
	}
}

func TestConformUnknownTest(t *testing.T) {
	v := Conform(1, "tidy")[0]
	if v.OK || !strings.Contains(v.Why, "valid: order, sizes") {
		t.Errorf("unknown test: %+v", v)
	}
}
