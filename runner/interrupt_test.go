//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// started is this binary run as the command, with a book of its own.
type started struct {
	*exec.Cmd
	lines  *bufio.Scanner
	stderr bytes.Buffer
	mark   string // in the environment of every process it starts
}

func startCommand(t *testing.T, chapter string, args ...string) *started {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "01-book.md"), []byte(chapter), 0o666); err != nil {
		t.Fatal(err)
	}
	s := &started{Cmd: exec.Command(self), mark: "WORK=" + dir}
	s.Args = append([]string{"workbook", args[0], "-dir", dir}, args[1:]...)
	s.Env = append(os.Environ(), s.mark)
	s.Stderr = &s.stderr
	out, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.lines = bufio.NewScanner(out)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	// One that says nothing shall not keep the tests waiting.
	hung := time.AfterFunc(time.Minute, func() { s.Process.Kill() })
	t.Cleanup(func() {
		hung.Stop()
		s.Process.Kill()
	})
	return s
}

// waitFor reads lines up to one that matches and returns its submatches.
func (s *started) waitFor(t *testing.T, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	var read []string
	for s.lines.Scan() {
		read = append(read, s.lines.Text())
		if m := re.FindStringSubmatch(s.lines.Text()); m != nil {
			return m
		}
	}
	s.Wait()
	t.Fatalf("no line matches %s in\n%s\nstandard error:\n%s", pattern, strings.Join(read, "\n"), s.stderr.String())
	return nil
}

// interrupt does what Ctrl-C does and demands a prompt end with one line.
func (s *started) interrupt(t *testing.T) {
	t.Helper()
	if err := s.Process.Signal(unix.SIGINT); err != nil {
		t.Fatal(err)
	}
	for s.lines.Scan() {
	}
	err := s.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("after an interrupt: %v, want exit code %d", err, exitInterrupted)
	}
	want := "interrupted; every process that was started has ended\n"
	if got := s.stderr.String(); got != want {
		t.Errorf("standard error:\n%swant:\n%s", got, want)
	}
	if left := waitUntilNone(s.mark); len(left) > 0 {
		t.Errorf("processes left behind: %s", strings.Join(left, "; "))
	}
}

const endless = `# Endless

` + "```go {name=start}" + `
import (
	"fmt"
	"os/exec"
)

fmt.Println("a process:", exec.Command("sleep", "1000").Start())
` + "```" + `

` + "```go {name=spin timeout=100s}" + `
for {
}
` + "```" + `
`

func TestInterruptChapter(t *testing.T) {
	for _, engine := range []string{"yaegi", "go"} {
		t.Run(engine, func(t *testing.T) {
			s := startCommand(t, endless, "chapter", "1", "-engine", engine)
			s.waitFor(t, `^  │ a process: <nil>$`)
			s.interrupt(t)
		})
	}
}

const upper = `# Upper

` + "```go {name=upper play=serve}" + `
import (
	"bytes"

	"golang.org/x/sys/unix"
)

func serve(ln int) error {
	for {
		conn, _, err := unix.Accept(ln)
		if err != nil {
			return err
		}
		buf := make([]byte, 4096)
		for {
			n, err := unix.Read(conn, buf)
			if err != nil || n == 0 {
				break
			}
			unix.Write(conn, bytes.ToUpper(buf[:n]))
		}
		unix.Close(conn)
	}
}
` + "```" + `

` + "```go {name=absent play=leave}" + `
func leave(ln int) error { return unix.Close(ln) }
` + "```" + `
`

// TestPlay starts the first server of two: nobody has to know its name.
func TestPlay(t *testing.T) {
	for _, engine := range []string{"yaegi", "go"} {
		t.Run(engine, func(t *testing.T) {
			s := startCommand(t, upper, "play", "1", "-port", "0", "-engine", engine)
			addr := s.waitFor(t, `^serve, cell "upper" of \S+:3, listens on (127\.0\.0\.1:[0-9]+) until Ctrl-C\.$`)[1]
			s.waitFor(t, `^Talk to it from another terminal, for instance with nc 127\.0\.0\.1 [0-9]+$`)
			s.waitFor(t, `^The chapter's other servers: SERVER=absent\.$`)
			conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, "hello"); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, 5)
			if _, err := io.ReadFull(conn, got); err != nil || string(got) != "HELLO" {
				t.Errorf("got %q, %v; want HELLO", got, err)
			}
			s.interrupt(t)
		})
	}
}

func TestPlayTrace(t *testing.T) {
	s := startCommand(t, upper, "play", "1", "-port", "0", "-trace")
	addr := s.waitFor(t, `listens on (\S+) until`)[1]
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "hello"); err != nil {
		t.Fatal(err)
	}
	s.waitFor(t, `read\([0-9]+, "hello", 4096\) = 5`)
	s.interrupt(t)
}
