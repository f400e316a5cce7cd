//go:build linux

package compare

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"
)

func TestDigits(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0.00", 0.004: "0.00", 0.126: "0.13", 9.994: "9.99", 9.996: "10.0",
		12.34: "12.3", 99.94: "99.9", 99.96: "100", 123.4: "123", 9999: "9999",
	} {
		if got := digits(x); got != want {
			t.Errorf("%v: %q, want %q", x, got, want)
		}
	}
}

func TestTable(t *testing.T) {
	run := func(rate float64, p99 time.Duration) Run {
		return Run{Rate: rate, P50: time.Millisecond, P99: p99, CPU: 12500 * time.Nanosecond}
	}
	c := &Comparison{
		Servers: []string{"io_uring tuned, ch. 10", "other"},
		Loads:   []Load{{Clients: 100, Size: 64}, {Clients: 1000, Size: 64}},
		Runs: map[Pairing][]Run{
			{0, 0}: {run(9_100, 2e6), run(123_000, 5e9), run(80_000, 3e6)},
			{1, 0}: {run(1_000, 1e6)},
			{0, 1}: {run(2_000, 1e6)},
		},
	}
	want := `
100 clients, 64 B            1000 req/s p50 ms           p99 ms       CPU µs/req
io_uring tuned, ch. 10  80.0 (9.10-123)   1.00 3.00 (2.00-5000) 12.5 (12.5-12.5)
other                  1.00 (1.00-1.00)   1.00 1.00 (1.00-1.00) 12.5 (12.5-12.5)

1000 clients, 64 B           1000 req/s p50 ms           p99 ms       CPU µs/req
io_uring tuned, ch. 10 2.00 (2.00-2.00)   1.00 1.00 (1.00-1.00) 12.5 (12.5-12.5)
other                                 -   0.00                -                -
`
	if got := "\n" + c.Figures(); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
	for line := range strings.Lines(want) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestConformance(t *testing.T) {
	c := &Comparison{Servers: []string{"one", "other"}, Failed: [][]string{nil, {"sizes", "half-close"}}}
	want := `
one                    passes all 12 tests
other                  fails sizes, half-close
`
	if got := "\n" + c.Conformance(); got != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
}

func TestRun(t *testing.T) {
	took := []float64{1e6, 5e6, 2e6, 4e6, 3e6} // nanoseconds
	got := newRun(took, 500*time.Millisecond, 100*time.Millisecond)
	want := Run{Rate: 10, P50: 3 * time.Millisecond, P99: 4960 * time.Microsecond, CPU: 20 * time.Millisecond}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestComplaint(t *testing.T) {
	said := "go: downloading a.example/b v1.2.3\nmain.go:1:2: no such host\n\tsee help\n"
	if got, want := complaint(said), "main.go:1:2: no such host; see help"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// serve hands what it reads from a client to answer, until that fails.
func serve(t *testing.T, answer func(client io.Writer, b []byte) error) *server {
	t.Helper()
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buf := make([]byte, 4096)
				for {
					n, err := conn.Read(buf)
					if err != nil || answer(conn, buf[:n]) != nil {
						return
					}
				}
			}()
		}
	}()
	return &server{
		addr: ln.Addr().(*net.TCPAddr).AddrPort(),
		pid:  os.Getpid(),
		died: make(chan error, 1),
	}
}

func upper(client io.Writer, b []byte) error {
	_, err := client.Write(bytes.ToUpper(b))
	return err
}

// bitByBit makes the client read an answer in several parts.
func bitByBit(client io.Writer, b []byte) error {
	for i := range b {
		if err := upper(client, b[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

func unchanged(client io.Writer, b []byte) error {
	_, err := client.Write(b)
	return err
}

func hangUp(io.Writer, []byte) error { return io.EOF }

// askOnce has seven clients ask once: the interval is over when the first answers
// arrive.
func askOnce(s *server) error {
	c, err := gather(s.addr, 7, 20)
	if err != nil {
		return err
	}
	defer c.leave()
	var over atomic.Pointer[interval]
	over.Store(&interval{time.Now(), time.Now()})
	if err := c.ask(&over); err != nil {
		return err
	}
	if len(c.took) != 7 {
		return fmt.Errorf("%d answers for 7 clients", len(c.took))
	}
	return nil
}

func TestAsk(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(io.Writer, []byte) error
		want   string
	}{
		{"upper", upper, ""},
		{"bit by bit", bitByBit, ""},
		{"unchanged", unchanged, `a wrong answer: "questionquestionques"`},
		{"hang up", hangUp, "the server hung up"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if err := askOnce(serve(t, c.answer)); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestDeadServer(t *testing.T) {
	s := serve(t, hangUp)
	s.died <- io.ErrUnexpectedEOF
	load := Load{Clients: 3, Size: 20, Measured: time.Millisecond}
	if _, err := load.on(s); err == nil || !strings.Contains(err.Error(), "the server ended: unexpected EOF") {
		t.Errorf("got %v", err)
	}
}

func TestLoad(t *testing.T) {
	run, err := Load{Clients: 3, Size: 20, WarmUp: time.Millisecond, Measured: time.Millisecond}.on(serve(t, upper))
	if err != nil || run.Rate <= 0 || run.P50 <= 0 || run.P99 < run.P50 || run.CPU <= 0 {
		t.Errorf("%+v, %v", run, err)
	}
}
