package trace

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Limits that keep a polling loop of a million calls readable and affordable:
// what goes beyond them is summed into one Event per kind of call (Event.Count).
const (
	// keepAlike is how many calls by one actor from one line, on one descriptor,
	// with one outcome, are kept as events of their own.
	keepAlike = 128
	// keepAll is how many events are kept singly between two Resets, and how many
	// prints at all.
	keepAll = 4096
	// shownText is how many bytes of a printed text are kept.
	shownText = 80
)

// Recorder records calls from any number of goroutines.
//
// # Time
//
// Enter and Exit are read from the monotonic clock directly before and after the
// call; the distance contains the Go wrapper of the call, some 50 ns. CPU is the
// advance of CLOCK_THREAD_CPUTIME_ID, with the goroutine locked to its thread,
// less what two reads of that clock themselves take (measured by NewRecorder).
// It includes what the Go runtime does on the thread around a blocking call, a
// few microseconds after a long sleep, and interrupts that hit the thread. So a
// figure is good to about 0.2 µs when the call does not sleep, to some
// microseconds when it does.
type Recorder struct {
	start   time.Time
	overlap int64 // ns of CPU between two clock reads with nothing between

	mu      sync.Mutex
	seq     int
	open    []*call // entered, not left
	done    []*call // left, not drained
	sums    map[sumKey]*sum
	kept    int     // events kept singly since Reset
	prints  []Print // not drained
	printed int     // prints since Reset
	ends    endpoints
	live    func(Event)
	brief   bool
	names   sysnames // system call numbers; read-only after Wrap

	byNumber sync.Map // descriptions of calls made by number
	pool     sync.Pool
}

// NewRecorder returns a recorder whose clock starts now.
func NewRecorder() *Recorder {
	r := &Recorder{start: time.Now(), sums: make(map[sumKey]*sum), ends: endpoints{by: make(map[int]endpoint)}}
	r.pool.New = func() any { return new(call) }
	r.overlap = 1 << 62
	for range 200 {
		runtime.LockOSThread()
		a := threadCPU()
		_ = r.now()
		_ = r.now()
		r.overlap = min(r.overlap, threadCPU()-a)
		runtime.UnlockOSThread()
	}
	return r
}

// Start is the instant that Event times count from.
func (r *Recorder) Start() time.Time { return r.start }

// Live has f called for every call, also those that are only summed: when it is
// entered (Exit < 0) and again when it has returned, on the goroutine that makes
// the call. f must not make traced calls. Set it before the first call; nil ends it.
func (r *Recorder) Live(f func(Event)) {
	r.mu.Lock()
	r.live = f
	r.mu.Unlock()
}

// Summarise has the recorder keep sums only, without CPU time, for code whose
// calls nobody looks at one by one: that is about three times as cheap. Calls
// that were drained while open stay events of their own.
func (r *Recorder) Summarise(on bool) {
	r.mu.Lock()
	r.brief = on
	r.mu.Unlock()
}

// cell is one captured argument or result: a number, and a text for what must be
// read while the call's memory still has that content. What it means is the
// slot's kind; it is rendered when the event is asked for, not when it happens.
type cell struct {
	n int64
	s string
}

// call is an event before rendering.
type call struct {
	fn    *function
	actor string
	line  int32
	seen  bool // drained while open
	seq   int
	enter atomic.Int64
	exit  int64
	cpu   int64
	in    [maxArgs]cell // by parameter
	out   [maxArgs]cell // by shown argument, where the kernel writes it
	res   int64
	errno unix.Errno
	end   endpoint
	// lists, of which only the first entries are kept
	polls, polled []unix.PollFd     // before and after
	reported      []unix.EpollEvent // by epoll_wait

	cpu0 int64 // CPU clock at entry, then exit until finish publishes it
}

// maxArgs is how many arguments of a call are captured: a system call takes six.
const maxArgs = 7

type sumKey struct {
	fn    *function
	actor string
	line  int32
	fd    int64
	errno unix.Errno
}

type sum struct {
	n     int // calls with this key so far
	first *call
	count int
	exit  int64
	cpu   int64
	total int64
	bytes int64
	dirty bool
}

func (r *Recorder) now() int64 { return int64(time.Since(r.start)) }

// threadCPU reads the thread's CPU clock without telling the scheduler, as the
// vDSO has no fast path for it: one system call of about 0.2 µs.
func threadCPU() int64 {
	var ts unix.Timespec
	unix.RawSyscall(unix.SYS_CLOCK_GETTIME, unix.CLOCK_THREAD_CPUTIME_ID, uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano()
}

// noSleep is a time in ns within which a thread is not put to sleep and woken
// again: two context switches take longer. A call as short was all work.
const noSleep = 2000

// prepare returns a call to be filled in and entered.
func (r *Recorder) prepare(fn *function, line int) *call {
	c := r.pool.Get().(*call)
	c.fn, c.line = fn, int32(line)
	c.actor = "?"
	if a := Current(); a != nil {
		c.actor = a.Name
		if line == 0 {
			c.line = int32(a.Line())
		}
	}
	return c
}

func (r *Recorder) enter(c *call) {
	r.mu.Lock()
	r.seq++
	c.seq = r.seq
	c.exit = -1
	c.enter.Store(r.now())
	r.open = append(r.open, c)
	live := r.live
	brief := r.brief
	r.mu.Unlock()
	if live != nil {
		live(c.event())
	}
	if brief {
		c.cpu = unmeasured
	} else {
		runtime.LockOSThread()
		c.cpu0 = threadCPU()
	}
	c.enter.Store(r.now())
}

// unmeasured is the CPU time of calls that are only summed: the clock costs more
// than everything else.
const unmeasured = -1

// leave must be the first thing after the call.
func (r *Recorder) leave(c *call) {
	exit := r.now()
	if c.cpu != unmeasured {
		if c.cpu = exit - c.enter.Load(); c.cpu >= noSleep {
			c.cpu = min(max(threadCPU()-c.cpu0-r.overlap, 0), c.cpu)
		}
		runtime.UnlockOSThread()
	}
	c.cpu0 = exit // published as exit by finish, when all results are in
}

func (r *Recorder) finish(c *call) {
	r.ask(c)
	r.mu.Lock()
	c.exit = c.cpu0
	for i, o := range r.open {
		if o == c {
			last := len(r.open) - 1
			r.open[i] = r.open[last]
			r.open[last] = nil
			r.open = r.open[:last]
			break
		}
	}
	r.ends.learn(c)
	live := r.live
	r.keep(c)
	r.mu.Unlock()
	if live != nil {
		live(c.event())
	}
}

// ask completes what is known of the call's descriptor with the kernel's help.
func (r *Recorder) ask(c *call) {
	if c.errno != 0 && c.errno != unix.EINPROGRESS {
		return
	}
	switch c.fn.does {
	case connects, binds:
		c.end.local = localAddress(int(c.fd()))
	case accepts:
		c.end.local = localAddress(int(c.res))
	case sends: // the first datagram of an unbound socket
		fd := int(c.fd())
		r.mu.Lock()
		known := r.ends.by[fd].local != ""
		r.mu.Unlock()
		if !known && given(c.in[3].s) != "" {
			c.end.local = localAddress(fd)
		}
	}
}

// keep files a finished call as an event of its own, or adds it to a sum.
func (r *Recorder) keep(c *call) {
	key := sumKey{c.fn, c.actor, c.line, c.fd(), c.errno}
	if r.kept >= keepAll {
		key.line, key.fd = 0, 0
	}
	s := r.sums[key]
	if s == nil {
		s = new(sum)
		r.sums[key] = s
	}
	s.n++
	if (s.n <= keepAlike && r.kept < keepAll && !r.brief) || c.seen {
		r.kept++
		r.done = append(r.done, c)
		return
	}
	wall := c.exit - c.enter.Load()
	if s.first == nil {
		s.first = c
	}
	s.count++
	s.exit = c.exit
	if s.cpu += c.cpu; c.cpu == unmeasured {
		s.cpu = unmeasured
	}
	s.total += wall
	s.bytes += int64(c.bytes())
	s.dirty = true
	if s.first != c && r.live == nil {
		r.recycle(c)
	}
}

func (r *Recorder) recycle(c *call) {
	*c = call{}
	r.pool.Put(c)
}

// Print records that the calling actor is about to print text.
func (r *Recorder) Print(text []byte) {
	p := Print{Actor: "?"}
	if a := Current(); a != nil {
		p.Actor, p.Line = a.Name, a.Line()
	}
	n := len(text)
	if n > shownText {
		for n = shownText; n > 0 && !utf8.RuneStart(text[n]); n-- {
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.printed++; r.printed > keepAll {
		return
	}
	p.At, p.Text = time.Duration(r.now()), string(text[:n])
	if n < len(text) {
		p.Text += "…"
	}
	r.prints = append(r.prints, p)
}

// Prints returns what was printed since the last time, in order.
func (r *Recorder) Prints() []Print {
	r.mu.Lock()
	defer r.mu.Unlock()
	prints := r.prints
	r.prints = nil
	return prints
}

// Drain returns what is new since the last Drain, in order of Seq: calls that
// returned, calls that were entered and are still open, sums that grew. A later
// event replaces an earlier one of the same Seq.
func (r *Recorder) Drain() []Event { return r.collect(true) }

// Snapshot returns every event that has not been drained as returned, and
// consumes nothing.
func (r *Recorder) Snapshot() []Event { return r.collect(false) }

func (r *Recorder) collect(consume bool) []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	events := make([]Event, 0, len(r.done)+len(r.open))
	for _, c := range r.done {
		events = append(events, c.event())
	}
	for _, c := range r.open {
		if consume && c.seen {
			continue
		}
		events = append(events, c.event())
		c.seen = c.seen || consume
	}
	for _, s := range r.sums {
		if s.first == nil || (consume && !s.dirty) {
			continue
		}
		e := s.first.event()
		if s.count > 1 {
			e.Count, e.Total = s.count, time.Duration(s.total)
			e.Exit, e.CPU, e.Bytes = time.Duration(s.exit), time.Duration(s.cpu), int(s.bytes)
		}
		events = append(events, e)
		if consume {
			s.dirty = false
		}
	}
	if consume {
		if r.live == nil {
			for _, c := range r.done {
				r.recycle(c)
			}
		}
		clear(r.done)
		r.done = r.done[:0]
	}
	slices.SortFunc(events, func(a, b Event) int { return a.Seq - b.Seq })
	return events
}

// Reset forgets what was recorded and starts the limits anew. Calls still open
// are kept; the clock, the numbering and what is known of descriptors go on.
func (r *Recorder) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done = nil
	r.sums = make(map[sumKey]*sum)
	r.kept = 0
	r.prints, r.printed = nil, 0
	for _, c := range r.open {
		c.seen = false
	}
}
