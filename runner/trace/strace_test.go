package trace

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"golang.org/x/sys/unix"
)

// What the recorder says is compared with what strace saw of the same calls: the
// test binary runs itself under strace and prints its own events.

const straceChild = "IOWORKBOOK_STRACE_CHILD"

// seen is one call, in the form in which both sides are compared.
type seen struct{ Call, Args, Result string }

func (s seen) String() string { return s.Call + "(" + s.Args + ") " + s.Result }

func TestAgreesWithStrace(t *testing.T) {
	if os.Getenv(straceChild) != "" {
		straceScene(t)
		return
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed: the recorder is not compared with it")
	}
	log := filepath.Join(t.TempDir(), "log")
	cmd := exec.Command(strace, "-f", "-s", strconv.Itoa(shownBytes), "-o", log,
		"-e", "trace=network,desc,epoll_ctl,ppoll,pselect6,getppid,nanosleep",
		os.Args[0], "-test.run=^TestAgreesWithStrace$", "-test.v")
	// The runtime's preemption signals would interrupt waits: EINTR.
	cmd.Env = append(os.Environ(), straceChild+"=1", "GODEBUG=asyncpreemptoff=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		if strings.Contains(string(out), "PTRACE") {
			t.Skipf("strace may not trace here: %s", out)
		}
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	ours := make(map[string][]seen) // by thread
	for line := range strings.Lines(string(out)) {
		if rest, ok := strings.CutPrefix(line, "event "); ok {
			var e struct {
				Thread string
				Event  Event
			}
			if err := json.Unmarshal([]byte(rest), &e); err != nil {
				t.Fatal(err)
			}
			ours[e.Thread] = append(
				ours[e.Thread],
				seen{
					e.Event.Call,
					strings.Join(e.Event.Args, ", "),
					strings.Replace(Outcome(e.Event), " (end of file)", "", 1),
				},
			)
		}
	}
	theirs := readStrace(t, string(text))
	if len(ours) != 2 {
		t.Fatalf("events of %d threads, want 2:\n%s", len(ours), out)
	}
	for thread, calls := range ours {
		want := betweenMarks(theirs[thread])
		got := betweenMarks(calls)
		if len(got) < 10 {
			t.Errorf("thread %s: only %d calls recorded", thread, len(got))
		}
		if !slices.Equal(got, want) {
			t.Errorf("thread %s:\n%s", thread, diff.Diff("strace", []byte(list(want)), "recorded", []byte(list(got))))
		}
	}
}

func list(calls []seen) string {
	var b strings.Builder
	for _, c := range calls {
		fmt.Fprintln(&b, "  ", c)
	}
	return b.String()
}

// betweenMarks cuts to what lies between write(-1, "begin") and write(-1, "end"),
// less the calls that are not the program's own: reads of options by package unix
// (Calls lists them), addresses asked for by the recorder.
func betweenMarks(calls []seen) []seen {
	var out []seen
	on := false
	for _, c := range calls {
		switch {
		case c.Call == "write" && strings.HasPrefix(c.Args, `-1, "begin"`):
			on = true
		case c.Call == "write" && strings.HasPrefix(c.Args, `-1, "end"`):
			on = false
		case !on:
		case c.Call == "mmap", c.Call == "nanosleep" && !strings.HasPrefix(c.Args, "5ms"): // the Go runtime's
		case c.Call == "getsockname", c.Call == "getsockopt" && strings.Contains(c.Args, "SO_PROTOCOL"):
		default:
			out = append(out, c)
		}
	}
	return out
}

var (
	straceLine = regexp.MustCompile(`^(\d+) +(\w+)\((.*)\) += (.*)$`)
	unfinished = regexp.MustCompile(`^(\d+) +(.*?)(?:, +)? *<unfinished \.\.\.>$`)
	resumed    = regexp.MustCompile(`^(\d+) +<\.\.\. \w+ resumed>(.*)$`)
)

// readStrace reads a log of strace -f into calls by thread.
func readStrace(t *testing.T, log string) map[string][]seen {
	calls := make(map[string][]seen)
	open := make(map[string]string)
	for line := range strings.Lines(log) {
		line = strings.TrimRight(line, "\n")
		if m := unfinished.FindStringSubmatch(line); m != nil {
			open[m[1]] = m[2]
			continue
		}
		if m := resumed.FindStringSubmatch(line); m != nil {
			begin := open[m[1]]
			if rest := strings.TrimLeft(m[2], " "); begin != "" && !strings.HasSuffix(begin, "(") &&
				!strings.HasPrefix(rest, ")") {
				begin = strings.TrimRight(begin, ", ") + ", "
				line = m[1] + " " + begin + strings.TrimPrefix(rest, ", ")
			} else {
				line = m[1] + " " + begin + rest
			}
		}
		m := straceLine.FindStringSubmatch(line)
		if m == nil {
			continue // exits and signals
		}
		s := seen{m[2], m[3], "= " + m[4]}
		if name, ok := variants[s.Call]; ok && runtime.GOARCH == "386" {
			s.Call = name
		}
		if s.Call == "ppoll" {
			s.Args = withRevents(s.Args, m[4])
		}
		for _, n := range notations {
			if n.call == "" || slices.Contains(strings.Fields(n.call), s.Call) {
				s.Args = n.strace.ReplaceAllString(s.Args, n.ours)
				s.Result = n.strace.ReplaceAllString(s.Result, n.ours)
			}
		}
		s.Args = octal.ReplaceAllStringFunc(s.Args, func(o string) string {
			n, _ := strconv.ParseUint(o[1:], 8, 8)
			return fmt.Sprintf("\\x%02x", n)
		})
		calls[m[1]] = append(calls[m[1]], s)
	}
	return calls
}

// variants are system calls that only a 32-bit machine has, with the names that
// events give them.
var variants = map[string]string{
	"_llseek": "lseek", "_newselect": "pselect6", "fadvise64_64": "fadvise64", "fcntl64": "fcntl", "fstat64": "fstat",
	"fstatat64": "newfstatat", "lstat64": "newfstatat", "sendfile64": "sendfile", "stat64": "newfstatat",
}

// notations are the differences between strace's notation and ours. Everything
// else has to be equal.
var notations = []struct {
	call   string // "" for all
	strace *regexp.Regexp
	ours   string
}{
	{
		"",
		regexp.MustCompile(`\{sa_family=AF_INET, sin_port=htons\((\d+)\), sin_addr=inet_addr\("([^"]+)"\)\}`),
		"$2:$1",
	},
	{"", regexp.MustCompile(`\{events=([A-Z|]+), data=\{u32=(\d+), u64=\d+\}\}`), "{$1, fd=$2}"},
	{"", regexp.MustCompile(`^(= -1 E[A-Z]+) \(.*\)$`), "$1"},
	{"", regexp.MustCompile(`\(Timeout\)`), "(timeout)"},
	{"", regexp.MustCompile(`^(= \d+) \((\[|in |left ).*\)$`), "$1"},
	{"socket", regexp.MustCompile(`IPPROTO_IP$`), "0"},
	{"connect bind", regexp.MustCompile(`, \d+$`), ""},
	{"accept4", regexp.MustCompile(`, \[\d+ => \d+\]`), ""},
	{"recvfrom", regexp.MustCompile(`, 0x[0-9a-f]+, \[\d+ => \d+\]$`), ", NULL"},
	{"recvfrom", regexp.MustCompile(`, 0x[0-9a-f]+, \[\d+\]$`), ", …"},
	{"recvfrom", regexp.MustCompile(`0x[0-9a-f]+`), "…"},
	{"sendto", regexp.MustCompile(`, NULL, 0$`), ""},
	{"ppoll", regexp.MustCompile(`, \d+, NULL, NULL, 0$`), ", -1"},
	{"ppoll", regexp.MustCompile(`, \d+, \{tv_sec=0, tv_nsec=(\d+)000000\}, NULL, 0$`), ", $1"},
	{"ppoll", regexp.MustCompile(`, \d+, \{tv_sec=0, tv_nsec=0\}, NULL, 0$`), ", 0"},
	{"pselect6", regexp.MustCompile(`, \{tv_sec=(\d+), tv_nsec=0\}, NULL$`), ", ${1}s"},
	{"pselect6", regexp.MustCompile(`, \{tv_sec=(\d+), tv_usec=0\}$`), ", ${1}s"},
	{"nanosleep", regexp.MustCompile(`\{tv_sec=0, tv_nsec=5000000\}`), "5ms"},
	{"epoll_pwait", regexp.MustCompile(`, NULL, 0$`), ""},
	{"setsockopt", regexp.MustCompile(`\[(\d+)\], \d+$`), "$1"},
	{"getsockopt", regexp.MustCompile(`, \[\d+\]$`), ""},
	{"writev", regexp.MustCompile(`iov_base=("[^"]*"), iov_len=`), "$1, "},
	{"writev", regexp.MustCompile(`, \d+$`), ""},
}

var octal = regexp.MustCompile(`\\[0-7]{1,3}`)

// withRevents puts what poll returned into the one entry of its list.
func withRevents(args, result string) string {
	m := regexp.MustCompile(`revents=[A-Z|]+`).FindString(result)
	if m == "" {
		return args
	}
	return strings.Replace(args, "}]", ", "+m+"}]", 1)
}

// straceScene makes the calls that are compared, on two threads.
func straceScene(t *testing.T) {
	r := NewRecorder()
	x := tracedUnix(r)
	ln, port := listener(t, x)
	thread := make(map[string]string)
	var mu sync.Mutex
	var all sync.WaitGroup
	actor := func(name string, f func()) {
		all.Add(1)
		Go(name, func() {
			defer all.Done()
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			mu.Lock()
			thread[name] = strconv.Itoa(unix.Gettid())
			mu.Unlock()
			x.call("Write", -1, []byte("begin"))
			f()
			x.call("Write", -1, []byte("end"))
		})
	}
	actor("server", func() { serverScene(t, x, ln) })
	actor("client", func() { clientScene(t, x, port) })
	all.Wait()
	for _, e := range r.Snapshot() {
		if thread[e.Actor] == "" {
			continue
		}
		text, err := json.Marshal(map[string]any{"Thread": thread[e.Actor], "Event": e})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("event %s\n", text)
	}
}

func serverScene(t *testing.T, x traced, ln int) {
	c := x.n(t, "Accept4", ln, unix.SOCK_CLOEXEC)
	buf := make([]byte, 100)
	x.n(t, "Recvfrom", c, buf, 0)
	x.n(t, "SetNonblock", c, true)
	x.n(t, "SetNonblock", c, true)
	x.call("Recvfrom", c, buf, unix.MSG_PEEK)
	x.n(t, "Poll", []unix.PollFd{{Fd: int32(c), Events: unix.POLLIN | unix.POLLOUT}}, 100)
	x.n(t, "Poll", []unix.PollFd{{Fd: int32(c), Events: unix.POLLIN}}, 0)
	ep := x.n(t, "EpollCreate1", unix.EPOLL_CLOEXEC)
	x.call("EpollCtl", ep, unix.EPOLL_CTL_ADD, c, &unix.EpollEvent{Events: unix.EPOLLOUT | unix.EPOLLET, Fd: int32(c)})
	x.call("EpollCtl", ep, unix.EPOLL_CTL_ADD, c, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(c)})
	x.n(t, "EpollWait", ep, make([]unix.EpollEvent, 4), 1000)
	x.call("EpollCtl", ep, unix.EPOLL_CTL_DEL, c, nil)
	x.n(t, "Send", c, []byte("an answer that is longer than what is shown of it"), unix.MSG_NOSIGNAL)
	x.n(t, "SetsockoptInt", c, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	x.n(t, "SetsockoptInt", c, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	x.n(t, "GetsockoptInt", c, unix.SOL_SOCKET, unix.SO_ERROR)
	x.n(t, "Shutdown", c, unix.SHUT_WR)
	x.n(t, "Close", ep)
	x.n(t, "Close", c)
	x.n(t, "Close", ln)
}

func clientScene(t *testing.T, x traced, port int) {
	c := x.n(t, "Socket", unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	x.call("Connect", c, &unix.SockaddrInet4{Port: port, Addr: loopback4})
	x.n(t, "Poll", []unix.PollFd{{Fd: int32(c), Events: unix.POLLOUT}}, -1)
	x.n(t, "FcntlInt", c, unix.F_SETFL, 0)
	x.n(t, "Nanosleep", &unix.Timespec{Nsec: 5e6}, nil)
	x.n(t, "Write", c, []byte("hello\n"))
	buf := make([]byte, 1000)
	x.n(t, "Read", c, buf)
	x.n(t, "Recvfrom", c, buf, 0)
	x.n(t, "Close", c)
	p := x.call("Socketpair", unix.AF_UNIX, unix.SOCK_DGRAM, 0)[0].([2]int)
	x.n(t, "Write", p[0], []byte{0, 1, 'a', '"', '\\', 0xff})
	x.n(t, "Recvfrom", p[1], buf, unix.MSG_DONTWAIT)
	x.call("Recvfrom", p[1], buf, unix.MSG_DONTWAIT)
	x.n(t, "Close", p[0])
	x.n(t, "Close", p[1])
	x.call("Close", p[1])
	pipe := make([]int, 2)
	x.n(t, "Pipe2", pipe, unix.O_CLOEXEC|unix.O_NONBLOCK)
	x.n(t, "Writev", pipe[1], [][]byte{[]byte("one"), []byte("two")})
	set := new(unix.FdSet)
	set.Set(pipe[0])
	x.n(t, "Select", pipe[0]+1, set, nil, nil, &unix.Timeval{Sec: 1})
	x.n(t, "Close", pipe[0])
	x.n(t, "Close", pipe[1])
	x.call("Syscall", unix.SYS_GETPPID, 0, 0, 0)
}
