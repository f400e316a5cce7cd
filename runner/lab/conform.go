package lab

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// The service of the book: bytes come in, the same bytes go out with ASCII
// letters in upper case, until the client closes. Conform is its one client:
// every server of the book is put through the same tests, whatever model it
// is built on.

// patience bounds how long one step of a test may take. It is there to end a
// test against a server that hangs, never to judge a server's speed.
const patience = 15 * time.Second

// A Verdict is the outcome of one test of Conform.
type Verdict struct {
	Test string
	OK   bool
	Why  string // what was expected and what came instead; empty when OK
}

// conformance lists the tests in the order in which they are run. The first
// six ask nothing of a server but to be right, so a server of one client at
// a time passes them; the others hold one client still while another works.
var conformance = []struct {
	name string
	run  func(port int) error
}{
	{"order", testOrder},
	{"sizes", testSizes},
	{"half-close", testHalfClose},
	{"pipelined", testPipelined},
	{"reset", testReset},
	{"storm", testStorm},
	{"silent", testSilent},
	{"no-reader", testNoReader},
	{"flood", testFlood},
	{"hundred", func(port int) error { return testMany(port, 100) }},
	{"thousand", func(port int) error { return testMany(port, 1000) }},
	{"idle", testIdle},
}

// Sequential names the tests that a server of one client at a time passes.
func Sequential() []string {
	return []string{"order", "sizes", "half-close", "pipelined", "reset", "storm"}
}

// ConformTests names all tests, in the order in which Conform runs them.
func ConformTests() []string {
	var names []string
	for _, t := range conformance {
		names = append(names, t.name)
	}
	return names
}

// Conform puts the upper-case server that listens on 127.0.0.1:port through
// the named tests, or through all of them. A name it does not know is a
// failed verdict that lists the valid ones.
func Conform(port int, tests ...string) []Verdict {
	if len(tests) == 0 {
		tests = ConformTests()
	}
	var verdicts []Verdict
	for _, name := range tests {
		verdicts = append(verdicts, conformOne(port, name))
	}
	return verdicts
}

func conformOne(port int, name string) Verdict {
	for _, t := range conformance {
		if t.name != name {
			continue
		}
		if err := t.run(port); err != nil {
			return Verdict{Test: name, Why: err.Error()}
		}
		return Verdict{Test: name, OK: true}
	}
	return Verdict{Test: name, Why: "no such test; valid: " + strings.Join(ConformTests(), ", ")}
}

// Conforms prints one line per verdict and reports whether all are good.
func Conforms(verdicts []Verdict) bool {
	good := true
	for _, v := range verdicts {
		if v.OK {
			fmt.Printf("  passes  %s\n", v.Test)
			continue
		}
		good = false
		fmt.Printf("  FAILS   %s: %s\n", v.Test, v.Why)
	}
	return good
}

func testOrder(port int) error {
	c, err := dial(port)
	if err != nil {
		return err
	}
	defer c.Close()
	for i := range 50 {
		if err := c.ask(fmt.Sprintf("request %d é\x00\xff;", i)); err != nil {
			return fmt.Errorf("request %d: %w", i, err)
		}
	}
	return nil
}

func testSizes(port int) error {
	for _, n := range []int{1, 2, 1023, 1024, 1025, 65536, 1 << 20, 8 << 20} {
		if err := exchange(port, payload(n)); err != nil {
			return fmt.Errorf("%d bytes: %w", n, err)
		}
	}
	return nil
}

// testHalfClose finishes sending before it reads anything: the server sees
// the end of the stream with its answer still to be delivered.
func testHalfClose(port int) error {
	c, err := dial(port)
	if err != nil {
		return err
	}
	defer c.Close()
	text := payload(40000)
	if _, err := io.WriteString(c, text); err != nil {
		return fmt.Errorf("send: %w", plain(err))
	}
	if err := c.CloseWrite(); err != nil {
		return fmt.Errorf("shut down sending: %w", plain(err))
	}
	if err := c.expect(upperASCII(text)); err != nil {
		return err
	}
	return c.expectEnd()
}

func testPipelined(port int) error {
	c, err := dial(port)
	if err != nil {
		return err
	}
	defer c.Close()
	for range 20 {
		if _, err := io.WriteString(c, "one two;"); err != nil {
			return fmt.Errorf("send: %w", plain(err))
		}
	}
	return c.expect(strings.Repeat("ONE TWO;", 20))
}

// testReset breaks connections off in the middle and then asks whether the
// server is still there for an honest client.
func testReset(port int) error {
	for _, n := range []int{0, 1, 100000} {
		c, err := dial(port)
		if err != nil {
			return err
		}
		c.SetWriteDeadline(time.Now().Add(200 * time.Millisecond))
		io.WriteString(c, payload(n)) // may fail half way: the reset comes next
		c.abort()
	}
	return stillServes(port, "after three resets")
}

func testStorm(port int) error {
	for i := range 200 {
		c, err := dial(port)
		if err != nil {
			return fmt.Errorf("connection %d: %w", i, err)
		}
		if i%2 == 0 {
			c.abort()
		} else {
			c.Close()
		}
	}
	return stillServes(port, "after 200 connections that said nothing")
}

func testSilent(port int) error {
	quiet, err := dial(port)
	if err != nil {
		return err
	}
	defer quiet.Close()
	if err := stillServes(port, "beside a client that says nothing"); err != nil {
		return err
	}
	return quiet.ask("now me;")
}

// testNoReader sends until the server takes no more and never reads: the
// server must stop reading too (a queue without a bound is a way to be
// killed), serve others meanwhile, and deliver all once the client reads.
func testNoReader(port int) error {
	stuck, err := dial(port)
	if err != nil {
		return err
	}
	defer stuck.Close()
	const most = 64 << 20
	text := payload(1 << 20)
	sent := 0
	for sent < most {
		stuck.SetWriteDeadline(time.Now().Add(500 * time.Millisecond))
		n, err := io.WriteString(stuck, text[sent%len(text):])
		sent += n
		if errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
		if err != nil {
			return fmt.Errorf("send: %w", plain(err))
		}
	}
	if sent >= most {
		return fmt.Errorf("the server took %d MiB from a client that reads nothing", sent>>20)
	}
	if err := stillServes(port, "beside a client that never reads"); err != nil {
		return err
	}
	stuck.SetDeadline(time.Now().Add(patience))
	stuck.CloseWrite()
	want := upperASCII(text)
	got := 0
	buf := make([]byte, 65536)
	for {
		n, err := stuck.Read(buf)
		for _, b := range buf[:n] {
			if b != want[got%len(want)] {
				return fmt.Errorf("byte %d of the late answer is wrong", got)
			}
			got++
		}
		if err != nil {
			break
		}
	}
	if got != sent {
		return fmt.Errorf("%d of the %d bytes sent came back", got, sent)
	}
	return nil
}

// testFlood has one client send without pause, and asks that another gets
// its answers meanwhile.
func testFlood(port int) error {
	loud, err := dial(port)
	if err != nil {
		return err
	}
	defer loud.Close()
	go io.Copy(io.Discard, loud)
	stop := make(chan struct{})
	var flooding sync.WaitGroup
	flooding.Go(func() {
		text := payload(1 << 20)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := io.WriteString(loud, text); err != nil {
				return
			}
		}
	})
	defer flooding.Wait()
	defer close(stop)
	c, err := dial(port)
	if err != nil {
		return err
	}
	defer c.Close()
	for i := range 50 {
		if err := c.ask("small;"); err != nil {
			return fmt.Errorf("request %d beside a flooding client: %w", i, err)
		}
	}
	return nil
}

// testMany keeps n connections open together and lets each speak twice.
func testMany(port, n int) error {
	clients := make([]client, 0, n)
	defer func() {
		for _, c := range clients {
			c.Close()
		}
	}()
	for i := range n {
		c, err := dial(port)
		if err != nil {
			return fmt.Errorf("client %d of %d: %w", i+1, n, err)
		}
		clients = append(clients, c)
	}
	for range 2 {
		for i, c := range clients {
			c.SetDeadline(time.Now().Add(patience))
			if err := c.ask(fmt.Sprintf("client %d;", i)); err != nil {
				return fmt.Errorf("client %d of %d: %w", i+1, n, err)
			}
		}
	}
	return nil
}

// testIdle holds connections open in silence. The server runs in this
// process, so the CPU time of the process is the server's; a polling one
// shows at once.
func testIdle(port int) error {
	for range 10 {
		c, err := dial(port)
		if err != nil {
			return err
		}
		defer c.Close()
		if err := c.ask("hello;"); err != nil {
			return err
		}
	}
	return comesToRest()
}

// comesToRest waits for a moment in which this process does next to nothing. A
// server that is busy with nothing has none. One at rest has many, but not at
// once: garbage may be collected, and the farewell to the clients of the test
// before takes its time. How long that takes is a matter of the machine and its
// load; how much work it is, is not. So the wait ends with what was spent, in
// the processor's time.
func comesToRest() error {
	const (
		moment = 300 * time.Millisecond
		rest   = 0.02 // of a core
		enough = time.Second
	)
	least := 1.0
	for start, spent := time.Now(), ProcessCPU(); ProcessCPU()-spent < enough && time.Since(start) < patience; {
		before, began := ProcessCPU(), time.Now()
		time.Sleep(moment)
		least = min(least, float64(ProcessCPU()-before)/float64(time.Since(began)))
		if least <= rest {
			return nil
		}
	}
	return fmt.Errorf("10 idle clients cost %.0f %% of a core, want under %.0f %%", 100*least, 100*rest)
}

func stillServes(port int, when string) error {
	if err := exchange(port, "still there?"); err != nil {
		return fmt.Errorf("%s, a new client: %w", when, err)
	}
	return nil
}
