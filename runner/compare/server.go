//go:build linux

package compare

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/kernel"
	"ioworkbook/runner/program"
)

// A server is a process that clients can connect to.
type server struct {
	addr netip.AddrPort
	pid  int
	stop func()
	died chan error // why, should it end by itself
}

// startTaught compiles and starts a server from its chapter, as make play does
// with ENGINE=go.
func startTaught(ctx context.Context, cfg Config, t taught) (*server, error) {
	var ch *chapter.Chapter
	for _, one := range cfg.Chapters {
		if one.Number == t.chapter {
			ch = one
		}
	}
	if ch == nil {
		return nil, fmt.Errorf("there is no chapter %d", t.chapter)
	}
	ctx, cancel := context.WithCancel(ctx)
	s := &server{died: make(chan error, 1)}
	listening, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		s.died <- kernel.Play(ctx, kernel.PlayConfig{
			Chapter: ch,
			Server:  t.cell,
			Engine:  kernel.Go,
			Out:     cfg.Out,
			Listening: func(_ *chapter.Cell, addr netip.AddrPort, pid int) {
				s.addr, s.pid = addr, pid
				close(listening)
			},
		})
	}()
	s.stop = func() { cancel(); <-ended }
	select {
	case <-listening:
		return s, nil
	case <-ended:
		err := errors.Join(<-s.died, ctx.Err())
		cancel()
		return nil, err
	}
}

// libraryPath is the library that the module in libraryDir is about.
const (
	libraryPath = "github.com/cloudwego/netpoll"
	libraryDir  = "runner/compare/netpoll"
)

// A library is a compiled server on somebody else's event loop.
type library struct {
	dir  string
	name string // with its version
}

func (l *library) path() string { return filepath.Join(l.dir, "server") }

func (l *library) remove() { os.RemoveAll(l.dir) }

// buildLibrary compiles the server, for which the go command may have to
// download the library.
func buildLibrary(ctx context.Context) (*library, error) {
	root, err := program.Root()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "ioworkbook-compare-")
	if err != nil {
		return nil, err
	}
	l := &library{dir: dir}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", l.path(), ".")
	cmd.Dir = filepath.Join(root, libraryDir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if said, err := cmd.CombinedOutput(); err != nil {
		l.remove()
		return nil, fmt.Errorf("%w: %s", err, complaint(string(said)))
	}
	info, err := buildinfo.ReadFile(l.path())
	if err != nil {
		l.remove()
		return nil, err
	}
	for _, m := range info.Deps {
		if m.Path == libraryPath {
			l.name = strings.TrimSpace("netpoll " + m.Version)
		}
	}
	return l, nil
}

// complaint is what the go command said, in one line, without its progress.
func complaint(said string) string {
	var lines []string
	for line := range strings.Lines(said) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "go: downloading ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}

// start runs the server on a listener that it inherits, as those of the
// chapters do. It ends when its standard input does, thus also when we are
// killed.
func (l *library) start(ctx context.Context) (*server, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer listener.Close()
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	cmd := exec.CommandContext(ctx, l.path())
	cmd.ExtraFiles = []*os.File{file}
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{
		addr: listener.Addr().(*net.TCPAddr).AddrPort(),
		pid:  cmd.Process.Pid,
		died: make(chan error, 1),
	}
	ended := make(chan struct{})
	go func() {
		s.died <- cmd.Wait()
		close(ended)
	}()
	s.stop = func() { stdin.Close(); <-ended }
	return s, nil
}

// cpu is the processor time that the server's process has used. The kernel
// writes such a clock's number as the complement of the process's, shifted,
// with a 2 for "of a process, in nanoseconds".
func (s *server) cpu() (time.Duration, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(int32(^s.pid<<3|2), &t); err != nil {
		return 0, fmt.Errorf("processor time: %w", err)
	}
	return time.Duration(t.Nano()), nil
}
