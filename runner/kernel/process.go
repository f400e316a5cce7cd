package kernel

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// launch says what to run: a compiled program, or without one this program again,
// as a child that interprets and takes commands.
type launch struct {
	program  *binary
	env      string   // one more variable
	listener *os.File // of a server
}

// childEnvironment is ours, with goroutine labels in crash dumps: they hold the
// actors' names.
func childEnvironment(more ...string) []string {
	debug := "tracebacklabels=1"
	if old := os.Getenv("GODEBUG"); old != "" {
		debug = old + "," + debug
	}
	return append(append(os.Environ(), "GODEBUG="+debug), more...)
}

// A process is a child in a process group of its own. One goroutine owns it
// from start to reaping: it polls the child's pipes and its pidfd.
type process struct {
	pid      int
	commands *os.File      // to the child, nil if it takes none
	gone     chan struct{} // closed when the child is reaped and its last word handed over

	mu     sync.Mutex
	reaped bool
	state  *os.ProcessState // after gone
	lines  lineCells        // as the child left them; after gone
	large  bool             // killed for its memory
	deaf   bool             // killed because it closed its report
}

// start runs a child whose words h hears, all on the one goroutine that polls
// it. The returned process is polled until it has died; nothing
// is left of it, descendants included, once gone is closed.
func start(h *host, l launch) (*process, error) {
	p := &process{gone: make(chan struct{})}
	started := make(chan error)
	go p.poll(h, l, started)
	return p, <-started
}

// signal sends to the child's whole group, unless the child has been reaped and
// its number may belong to someone else.
func (p *process) signal(sig syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return
	}
	// Those that have left the group are found as long as the child lives.
	var strays []int
	if sig == unix.SIGKILL {
		strays = descendants(p.pid)
	}
	// ESRCH: a group of which only dead members are left.
	_ = unix.Kill(-p.pid, sig)
	for _, pid := range strays {
		_ = unix.Kill(pid, sig)
	}
}

// kill ends the child and its descendants and waits until they are gone.
func (p *process) kill() {
	p.signal(unix.SIGKILL)
	<-p.gone
}

// command asks something of the child.
func (p *process) command(c command) {
	line, err := json.Marshal(c)
	if err != nil {
		return
	}
	// A child that does not read is hung: what waits for its answer has a limit.
	_ = p.commands.SetWriteDeadline(time.Now().Add(grace))
	_, _ = p.commands.Write(append(line, '\n'))
}

// giveUp ends what the child runs.
func (p *process) giveUp() {
	if p.commands == nil {
		p.signal(unix.SIGKILL)
		return
	}
	p.command(command{Op: "give up"})
}

// quit ends a child that is late. SIGQUIT first: the runtime then says where
// every goroutine is, with GOTRACEBACK=crash also those that are running on
// other threads.
func (p *process) quit() {
	p.mu.Lock()
	if !p.reaped {
		_ = unix.Kill(p.pid, unix.SIGQUIT)
	}
	p.mu.Unlock()
	time.AfterFunc(grace, func() { p.signal(unix.SIGKILL) })
}

func (p *process) poll(h *host, l launch, started chan<- error) {
	// The kernel sends the parent-death signal when the *thread* that forked
	// ends (PR_SET_PDEATHSIG(2const)), so this goroutine keeps its thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	var src [numSources]source
	for i := range src {
		src[i].fd = -1
	}
	proc, shared, err := p.launch(l, &src)
	started <- err
	if err != nil {
		return
	}
	defer close(p.gone)
	commanded := p.commands != nil
	src[fromControl].line = h.control
	src[fromReport].line = h.report

	mem := memoryOf(p.pid)
	defer mem.close()
	buf := make([]byte, 1<<16)
	var fds [numSources]unix.PollFd
	for {
		for i := range src {
			fds[i] = unix.PollFd{Fd: src[i].fd, Events: unix.POLLIN}
		}
		if _, err := unix.Poll(fds[:], int(memoryInterval/time.Millisecond)); err != nil && err != unix.EINTR {
			p.signal(unix.SIGKILL)
		}
		if mem.resident() > h.cfg.Memory {
			p.mu.Lock()
			p.large = true
			p.mu.Unlock()
			p.signal(unix.SIGKILL)
		}
		ready := func(i int) bool { return fds[i].Revents != 0 }
		ended := ready(fromDeath)
		if ended {
			// Before the child is reaped its group cannot be anyone else's.
			p.signal(unix.SIGKILL)
		}
		reported := src[fromReport].waiting()
		said := src[fromControl].waiting()
		src[fromStdout].take(buf, src[fromStdout].capacity(), func(b []byte) { h.output().text("stdout", b) })
		src[fromStderr].take(buf, src[fromStderr].capacity(), func(b []byte) { h.output().text("stderr", b) })
		src[fromControl].take(buf, said, src[fromControl].split)
		src[fromReport].take(buf, reported, src[fromReport].split)
		if ended {
			break
		}
		if commanded && src[fromReport].fd < 0 && !p.dying(src[fromDeath].fd) {
			p.mu.Lock()
			p.deaf = true
			p.mu.Unlock()
			p.signal(unix.SIGKILL)
		}
	}
	if p.commands != nil {
		p.commands.Close()
	}
	for i := range src {
		src[i].close()
	}
	p.mu.Lock()
	p.lines = shared.private()
	p.reaped = true
	p.state, _ = proc.Wait()
	p.mu.Unlock()
}

// dying reports whether the child, whose pipe has just come to its end, is on
// its way out: the kernel closes a process's descriptors before it is a zombie.
func (p *process) dying(pidfd int32) bool {
	const enough = 200 // milliseconds
	n, _ := unix.Poll([]unix.PollFd{{Fd: pidfd, Events: unix.POLLIN}}, enough)
	return n > 0
}

// launch creates the pipes and the child, and leaves our ends in src. It returns
// the memory shared with the child, if it is one that takes commands.
func (p *process) launch(l launch, src *[numSources]source) (*os.Process, lineCells, error) {
	var theirs []*os.File
	closeAll := func() {
		for _, f := range theirs {
			f.Close()
		}
	}
	defer closeAll()
	var shared lineCells
	fail := func(err error) (*os.Process, lineCells, error) {
		for i := range src {
			src[i].close()
		}
		shared.private()
		return nil, nil, fmt.Errorf("cannot start the kernel: %w", err)
	}

	null, err := os.Open(os.DevNull)
	if err != nil {
		return fail(err)
	}
	theirs = append(theirs, null)
	hears := []int{fromStdout, fromStderr, fromControl}
	if l.program == nil {
		hears = append(hears, fromReport)
	}
	for _, which := range hears {
		if which == fromReport {
			r, w, err := os.Pipe()
			if err != nil {
				return fail(err)
			}
			theirs = append(theirs, r)
			p.commands = w
		}
		var fd [2]int
		if err := unix.Pipe2(fd[:], unix.O_CLOEXEC); err != nil {
			return fail(err)
		}
		theirs = append(theirs, os.NewFile(uintptr(fd[1]), "child"))
		src[which].fd = int32(fd[0])
		if err := unix.SetNonblock(fd[0], true); err != nil {
			return fail(err)
		}
	}

	args := []string{os.Args[0], childVerb}
	attr := &os.ProcAttr{Sys: &syscall.SysProcAttr{Setpgid: true}}
	path := "/proc/self/exe"
	if l.program == nil {
		cells, f, err := newLineCells()
		if err != nil {
			return fail(err)
		}
		shared, theirs = cells, append(theirs, f)
		attr.Env = childEnvironment("GOGC=off")
		attr.Sys.Pdeathsig = orphaned
	} else {
		path, args = l.program.path(), []string{l.program.path()}
		attr.Env = childEnvironment(controlVariable + "=3")
		attr.Sys.Pdeathsig = unix.SIGKILL
	}
	if l.env != "" {
		attr.Env = append(attr.Env, l.env)
	}
	attr.Files = theirs[:len(theirs):len(theirs)]
	if l.listener != nil {
		attr.Files = append(attr.Files, l.listener)
	}
	for l.program == nil && len(attr.Files) < runtimeBase {
		attr.Files = append(attr.Files, null)
	}
	pidfd := -1
	attr.Sys.PidFD = &pidfd
	proc, err := os.StartProcess(path, args, attr)
	if err == nil && pidfd < 0 {
		_ = proc.Kill()
		_, _ = proc.Wait()
		err = errors.New("process file descriptors are missing; Linux 5.4 or newer is needed")
	}
	if err != nil {
		if p.commands != nil {
			p.commands.Close()
		}
		return fail(err)
	}
	p.pid = proc.Pid
	src[fromDeath].fd = int32(pidfd)
	preferAsVictim(p.pid)
	// A core of hundreds of megabytes helps no reader.
	_ = unix.Prlimit(p.pid, unix.RLIMIT_CORE, &unix.Rlimit{}, nil)
	return proc, shared, nil
}
