package trace

import (
	"encoding/json"
	"errors"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestCallsAreRecordedAndPassThrough(t *testing.T) {
	r := NewRecorder()
	x := tracedUnix(r)
	_, leave := Enter("main")
	defer leave()
	p := x.call("Socketpair", unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)[0].([2]int)
	if n := x.n(t, "Write", p[0], []byte("hello\n")); n != 6 {
		t.Errorf("Write returned %d", n)
	}
	buf := make([]byte, 64)
	if n := x.n(t, "Read", p[1], buf); n != 6 || string(buf[:n]) != "hello\n" {
		t.Errorf("Read returned %d, %q", n, buf[:max(n, 0)])
	}
	if err := x.call("Read", p[1], buf)[1]; err != unix.EAGAIN || !errors.Is(err.(error), unix.EWOULDBLOCK) {
		t.Errorf("Read of nothing returned %v", err)
	}
	if err := x.call("Send", p[0], buf[:3], unix.MSG_DONTWAIT)[0]; err != nil {
		t.Errorf("Send returned %v", err)
	}
	x.call("Recvmsg", p[1], buf[:8], buf[8:40], unix.MSG_DONTWAIT)
	x.n(t, "Close", p[0])
	x.n(t, "Close", p[1])
	if err := x.call("Close", -1)[0]; err != unix.EBADF {
		t.Errorf("Close(-1) returned %v", err)
	}
	events := r.Drain()
	want := `main: socketpair(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK, 0, [A, B]) = 0
main: write(A, "hello\n", 6) = 6
main: read(B, "hello\n", 64) = 6
main: read(B, …, 64) = -1 EAGAIN
main: sendto(A, "hel", 3, MSG_DONTWAIT) = 3
main: recvmsg(B, "hel", 8, [32 bytes], MSG_DONTWAIT, NULL) = 3
main: close(A) = 0
main: close(B) = 0
main: close(-1) = -1 EBADF
`
	if got := withoutNumbers(lines(events), p[0], p[1]); got != want {
		t.Errorf("recorded\n%swant\n%s", got, want)
	}
	for _, e := range events {
		if e.Line == 0 || e.Exit < e.Enter || e.CPU < 0 || e.CPU > e.Duration() || e.Wait()+e.CPU != e.Duration() {
			t.Errorf("%+v: no line, or times that do not add up", e)
		}
	}
	if rest := r.Drain(); len(rest) != 0 {
		t.Errorf("drained twice: %v", rest)
	}
}

// withoutNumbers replaces descriptors, which depend on what the test binary has open.
func withoutNumbers(s string, a, b int) string {
	s = strings.NewReplacer("("+itoa(a)+",", "(A,", "("+itoa(b)+",", "(B,", "("+itoa(a)+")", "(A)", "("+itoa(b)+")", "(B)",
		"["+itoa(a)+", "+itoa(b)+"]", "[A, B]").
		Replace(s)
	return s
}

func TestEventsOfAFreshBlockedCall(t *testing.T) {
	r := NewRecorder()
	x := tracedUnix(r)
	pipe := make([]int, 2)
	x.n(t, "Pipe2", pipe, 0)
	r.Drain()
	done := make(chan struct{})
	Start("reader", func() { x.n(t, "Read", pipe[0], make([]byte, 10)) }, func() { close(done) })
	var open []Event
	for len(open) == 0 {
		open = r.Drain()
		runtime.Gosched()
	}
	if e := open[0]; len(open) != 1 || e.Returned() || e.Result != "" || e.Actor != "reader" || Outcome(e) != "= ?" {
		t.Fatalf("a blocked read shows as %+v", open)
	}
	if again := r.Drain(); len(again) != 0 {
		t.Errorf("drained again without news: %v", again)
	}
	if s := r.Snapshot(); len(s) != 1 || s[0].Seq != open[0].Seq {
		t.Errorf("the snapshot shows %v, want the blocked read", s)
	}
	if live := Live(); !slices.ContainsFunc(live, func(a ActorState) bool { return a.Name == "reader" }) {
		t.Errorf("live actors are %v, without the reader", live)
	}
	unix.Write(pipe[1], []byte("x"))
	<-done
	closed := r.Drain()
	if len(closed) != 1 || closed[0].Seq != open[0].Seq || closed[0].Result != "1" {
		t.Errorf("the read that returned shows as %+v", closed)
	}
	x.n(t, "Close", pipe[0])
	x.n(t, "Close", pipe[1])
}

func TestWaitingIsToldFromWork(t *testing.T) {
	r := NewRecorder()
	x := tracedUnix(r)
	x.n(t, "Nanosleep", &unix.Timespec{Nsec: 20e6}, nil)
	src, err := unix.Open("/dev/zero", unix.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(src)
	x.n(t, "Read", src, make([]byte, 8<<20))
	events := r.Drain()
	sleep, read := events[0], events[1]
	if sleep.Duration() < 20*time.Millisecond || sleep.CPU > sleep.Duration()/2 {
		t.Errorf("nanosleep took %v, of which %v CPU", sleep.Duration(), sleep.CPU)
	}
	// How long the read takes depends on the machine, but not what it consists of:
	// clearing memory. It may have been pushed off the CPU, so only the least is sure.
	if read.CPU < 100*time.Microsecond {
		t.Errorf("reading 8 MiB of zeros took %v, of which only %v CPU", read.Duration(), read.CPU)
	}
}

func TestManyCallsAreSummed(t *testing.T) {
	r := NewRecorder()
	x := tracedUnix(r)
	_, leave := Enter("poller")
	defer leave()
	p := x.call("Socketpair", unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)[0].([2]int)
	buf := make([]byte, 10)
	read := func() { x.call("Read", p[0], buf) } // from one line
	const rounds = 1000
	for range rounds {
		read()
		x.call("Accept", p[1])
	}
	x.n(t, "Write", p[1], []byte("x"))
	x.n(t, "Read", p[0], buf)
	events := r.Snapshot()
	calls := make(map[string]int)
	for _, e := range events {
		calls[e.Call+" "+e.Errno] += e.Calls()
		if e.Count > 1 && (e.Total <= 0 || e.Total > e.Exit-e.Enter) {
			t.Errorf("%d calls took %v between %v and %v", e.Count, e.Total, e.Enter, e.Exit)
		}
	}
	if calls["read EAGAIN"] != rounds || calls["accept4 EINVAL"] != rounds || calls["read "] != 1 {
		t.Errorf("calls by outcome: %v, want %d of each and one read", calls, rounds)
	}
	if len(events) != 3+2*(keepAlike+1) {
		t.Errorf("%d events, want 3 and twice %d and a sum", len(events), keepAlike)
	}
	if got := r.Drain(); !reflect.DeepEqual(got, events) {
		t.Error("Drain and Snapshot differ")
	}
	read()
	more := r.Drain()
	if len(more) != 1 || more[0].Count != rounds-keepAlike+1 {
		t.Errorf("one more read shows as %+v", more)
	}
	r.Reset()
	read()
	if got := r.Drain(); len(got) != 1 || got[0].Count != 0 {
		t.Errorf("after Reset one read shows as %+v", got)
	}

	r.Summarise(true)
	for range 10 {
		read()
	}
	got := r.Drain()
	if len(got) != 1 || got[0].Count != 10 || got[0].CPU >= 0 || got[0].Wait() != 0 {
		t.Errorf("summarised, ten reads show as %+v", got)
	}
	unix.Close(p[0])
	unix.Close(p[1])
}

func TestConcurrentActors(t *testing.T) {
	r := NewRecorder()
	x := tracedUnix(r)
	var all sync.WaitGroup
	const actors, calls = 8, 300
	stop := make(chan struct{})
	merged := make(map[int]Event)
	var drained sync.WaitGroup
	drained.Go(func() {
		for {
			for _, e := range r.Drain() {
				merged[e.Seq] = e
			}
			select {
			case <-stop:
				return
			default:
				runtime.Gosched()
			}
		}
	})
	for range actors {
		all.Add(1)
		Start("worker", func() {
			for range calls {
				x.call("Close", -1)
			}
		}, all.Done)
	}
	all.Wait()
	close(stop)
	drained.Wait()
	for _, e := range r.Drain() {
		merged[e.Seq] = e
	}
	total := make(map[string]int)
	for _, e := range merged {
		if !e.Returned() || e.Errno != "EBADF" {
			t.Errorf("%+v", e)
		}
		total[e.Actor] += e.Calls()
	}
	sum := 0
	for _, n := range total {
		sum += n
	}
	if sum != actors*calls {
		t.Errorf("%d calls recorded, want %d: %v", sum, actors*calls, total)
	}
}

func TestLiveSeesEntryAndReturn(t *testing.T) {
	r := NewRecorder()
	x := tracedUnix(r)
	var seen []Event
	r.Live(func(e Event) { seen = append(seen, e) })
	x.call("Close", -1)
	if len(seen) != 2 || seen[0].Returned() || !seen[1].Returned() || seen[0].Seq != seen[1].Seq {
		t.Errorf("the hook saw %+v", seen)
	}
	for range 2 * keepAlike {
		x.call("Close", -1)
	}
	r.Live(nil)
	x.call("Close", -1)
	if len(seen) != 2+4*keepAlike {
		t.Errorf("the hook was called %d times, want it for every call", len(seen))
	}
}

func TestLineComesFromTheActor(t *testing.T) {
	r := NewRecorder()
	plain := r.WrapPlain(
		map[string]reflect.Value{"Close": reflect.ValueOf(unix.Close), "Getppid": reflect.ValueOf(unix.Getppid)},
	)
	a, leave := Enter("main")
	*a.LineCell() = 57
	if err := plain["Close"].Interface().(func(int) error)(-1); err != unix.EBADF {
		t.Errorf("Close(-1) returned %v", err)
	}
	if got := plain["Getppid"].Interface().(func() int)(); got != unix.Getppid() {
		t.Errorf("Getppid returned %d", got)
	}
	leave()
	plain["Close"].Interface().(func(int) error)(-1)
	var got []string
	for _, e := range r.Drain() {
		got = append(got, e.Actor+" "+itoa(e.Line)+" "+e.Call)
	}
	if want := []string{"main 57 close", "main 57 getppid", "? 0 close"}; !slices.Equal(got, want) {
		t.Errorf("recorded %q, want %q", got, want)
	}
}

func TestPureFunctionsAreLeftAlone(t *testing.T) {
	r := NewRecorder()
	x := tracedUnix(r)
	rights := x["UnixRights"].Interface().(func(...int) []byte)
	if got := rights(3, 4); !slices.Equal(got, unix.UnixRights(3, 4)) {
		t.Errorf("UnixRights(3, 4) = %v", got)
	}
	if e := r.Drain(); len(e) != 0 {
		t.Errorf("UnixRights was recorded: %v", e)
	}
}

func TestActorsHaveNamesOfTheirOwn(t *testing.T) {
	hold := make(chan struct{})
	var all sync.WaitGroup
	all.Add(3)
	names := make(chan string, 3)
	for range 3 {
		Start("client", func() { names <- Current().Name; <-hold }, all.Done)
	}
	got := []string{<-names, <-names, <-names}
	slices.Sort(got)
	if want := []string{"client", "client#2", "client#3"}; !slices.Equal(got, want) {
		t.Errorf("actors are called %q, want %q", got, want)
	}
	close(hold)
	all.Wait()
	all.Add(1)
	Start("client", func() { names <- Current().Name }, all.Done)
	if name := <-names; name != "client" {
		t.Errorf("after all have ended the next is called %q", name)
	}
	all.Wait()
	outer, leaveOuter := Enter("outer")
	_, leaveInner := Enter("inner")
	leaveInner()
	if Current() != outer {
		t.Error("leaving the inner actor does not restore the outer one")
	}
	leaveOuter()
	if Current() != nil {
		t.Error("after leaving there is still an actor")
	}
}

func TestEventJSON(t *testing.T) {
	e := Event{
		Seq:    7,
		Actor:  "server",
		Call:   "recvfrom",
		Func:   "Recvfrom",
		Args:   []string{"5", `"hi"`, "1024", "0", "NULL"},
		Result: "2",
		Enter:  1500,
		Exit:   2500,
		CPU:    900,
		Line:   57,
		FD:     5,
		Bytes:  2,
		Local:  "127.0.0.1:80",
		Remote: "127.0.0.1:4000",
	}
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"i":7,"a":"server","c":"recvfrom","f":"Recvfrom","g":["5","\"hi\"","1024","0","NULL"],"r":"2","t0":1500,"t1":2500,"u":900,"l":57,"d":5,"b":2,"la":"127.0.0.1:80","ra":"127.0.0.1:4000"}`
	if string(text) != want {
		t.Errorf("an event is stored as\n%s\nwant\n%s", text, want)
	}
	var back Event
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, e) {
		t.Errorf("read back: %+v, %v", back, err)
	}
}
