package kernel

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ioworkbook/runner/chapter"
)

// A sequential server in upper case, and some that fail.
const servers = `
'''go {name=imports}
import (
	"bytes"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

var greeting = "served"
'''

'''go {name=upper play=serve}
func serve(ln int) error {
	for {
		conn, _, err := unix.Accept(ln)
		if err != nil {
			return err
		}
		buf := make([]byte, 512)
		for {
			n, err := unix.Read(conn, buf)
			if n <= 0 || err != nil {
				break
			}
			unix.Write(conn, bytes.ToUpper(buf[:n]))
		}
		unix.Close(conn)
		fmt.Println(greeting)
	}
}
'''

'''go {name=statements}
fmt.Println("never run by play")
'''

'''go {name=fails play=fail}
func fail(ln int) error {
	return errors.New("does not serve")
}
'''

'''go {name=panics play=panicking}
func panicking(ln int) error {
	var list []int
	fmt.Println(list[ln])
	return nil
}
'''

'''go {name=returns play=nothing}
func nothing(ln int) error { return nil }
'''
`

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestPlay(t *testing.T) {
	c := parse(t, servers)
	for _, engine := range []string{Yaegi, Go} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			var out safeBuffer
			listening := make(chan netip.AddrPort, 1)
			ended := make(chan error, 1)
			go func() {
				ended <- Play(ctx, PlayConfig{
					Chapter: c, Server: "upper", Engine: engine, Out: &out, Trace: engine == Yaegi,
					Listening: func(_ *chapter.Cell, a netip.AddrPort, _ int) { listening <- a },
				})
			}()
			var addr netip.AddrPort
			select {
			case addr = <-listening:
			case err := <-ended:
				t.Fatal(err)
			}
			if !addr.Addr().IsLoopback() {
				t.Errorf("listens on %v", addr)
			}
			for i, text := range []string{"hello\n", "again\n"} {
				conn, err := net.Dial("tcp", addr.String())
				if err != nil {
					t.Fatal(err)
				}
				if i == 0 { // a client that crashes
					conn.(*net.TCPConn).SetLinger(0)
					io.WriteString(conn, text)
					conn.Close()
					continue
				}
				io.WriteString(conn, text)
				conn.(*net.TCPConn).CloseWrite()
				got, err := io.ReadAll(conn)
				if string(got) != strings.ToUpper(text) || err != nil {
					t.Errorf("got %q, %v", got, err)
				}
				conn.Close()
			}
			eventually(
				t,
				"both clients were served",
				func() bool { return strings.Count(out.String(), "served\n") == 2 },
			)
			if engine == Yaegi {
				eventually(t, "the trace shows the server waiting", func() bool {
					return strings.Contains(out.String(), "accept4(3") && strings.Contains(out.String(), "write(")
				})
			}
			if strings.Contains(out.String(), "never run") {
				t.Error("statements of the chapter ran")
			}
			cancel()
			select {
			case err := <-ended:
				if err != nil {
					t.Errorf("stopped by the reader: %v", err)
				}
			case <-time.After(10 * time.Second):
				t.Error("does not stop")
			}
			if conn, err := net.Dial("tcp", addr.String()); err == nil {
				conn.Close()
				t.Error("somebody still listens")
			}
		})
	}
}

func TestServerWithoutName(t *testing.T) {
	c := parse(t, servers)
	all := Servers(c)
	for _, test := range []struct {
		lacks []string // what this machine does not have
		want  string
	}{
		{nil, "upper"},
		{[]string{"upper", "fails"}, "panics"},
		{[]string{"upper", "fails", "panics", "returns"}, "upper"},
	} {
		for _, cell := range all {
			cell.Attr.Needs = nil
			if slices.Contains(test.lacks, cell.Name) {
				cell.Attr.Needs = []string{"telepathy"}
			}
		}
		cell, err := Server(c, "")
		if err != nil || cell.Name != test.want {
			t.Errorf("without %v: %v, %v; want %s", test.lacks, cell, err, test.want)
		}
	}
}

func TestPlayFailures(t *testing.T) {
	t.Parallel()
	c := parse(t, servers)
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() }) // after the parallel subtests
	for _, test := range []struct {
		name string
		cfg  PlayConfig
		want string
	}{
		{"unknown", PlayConfig{Server: "lower"}, `chapters/01-test.md has no server "lower"; there are: upper, fails, panics, returns`},
		{"port", PlayConfig{Server: "upper", Port: taken.Addr().(*net.TCPAddr).Port}, "is in use; choose another"},
		{"error", PlayConfig{Server: "fails"}, `chapters/01-test.md:42: cell "fails": error: does not serve`},
		{"panic", PlayConfig{Server: "panics"}, `chapters/01-test.md:50: cell "panics": panic: runtime error: index out of range`},
		{"panic compiled", PlayConfig{Server: "panics", Engine: Go}, `chapters/01-test.md:50: cell "panics": panic: runtime error: index out of range`},
		{"returns", PlayConfig{Server: "returns"}, `chapters/01-test.md:55: cell "returns": nothing: the server returned`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.cfg.Chapter, test.cfg.Out = c, io.Discard
			err := Play(context.Background(), test.cfg)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v; want %s", err, test.want)
			}
			if test.name == "returns" && !errors.Is(err, ErrReturned) {
				t.Errorf("%v is not ErrReturned", err)
			}
		})
	}
}
