package lab

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ioworkbook/runner/trace"
)

const cellChild = "IOWORKBOOK_LAB_CHILD"

// cell is what a tangled chapter might do.
func cell() {
	BeginCell("one")
	Check("C05 right: sockets block", true)
	Check("a claim that fails", false)
	Table([]string{"a"}, [][]string{{"1"}})
	Display("text/plain", []byte("plain\n"))
	Display("image/svg+xml", []byte("<svg/>"))
	Display("image/png", []byte{0x89, 'P', 'N', 'G', 0xff})
	Display("application/x+json", []byte(`{"n": 1}`))
	EndCell()
	ExpectPanic("index out", func() { var v []int; _ = v[len(v)] })
	ExpectError("refused", func() { Must(unix.ECONNREFUSED) })
	ExpectTimeout(10*time.Millisecond, func() { select {} })
	Go("worker", func() { panic("worker is ill") })
	if v, _ := caught(Wait); v == nil || v.(*ActorPanic).Actor != "worker" {
		fmt.Println("Wait did not raise the panic:", v)
	}
	var all sync.WaitGroup
	for range 20 { // longer than PIPE_BUF, from several goroutines
		all.Go(func() { Display("text/plain", bytes.Repeat([]byte("x"), 10000)) })
	}
	all.Wait()
}

// child runs cell in a process of its own, and returns what it printed and what
// it sent to its control descriptor; "" when it has none.
func child(t *testing.T, withControl bool) (stdout, stderr, control string, code int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCell$")
	cmd.Env = append(os.Environ(), cellChild+"=1")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if !withControl {
		cmd.Run()
		return out.String(), errs.String(), "", cmd.ProcessState.ExitCode()
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.ExtraFiles = []*os.File{w}
	cmd.Env = append(cmd.Env, ControlVariable+"=3")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	lines, err := io.ReadAll(r)
	if err != nil {
		t.Error(err)
	}
	cmd.Wait()
	return out.String(), errs.String(), string(lines), cmd.ProcessState.ExitCode()
}

func TestCell(t *testing.T) {
	if os.Getenv(cellChild) != "" {
		cell()
		os.Exit(0)
	}
	stdout, stderr, control, code := child(t, true)
	long := `{"t":"display","mime":"text/plain","text":"` + strings.Repeat("x", 10000) + "\"}\n"
	if n := strings.Count(control, long); n != 20 {
		t.Errorf("%d long lines arrived whole, want 20", n)
	}
	golden(t, "control.txt", section("stdout", stdout)+section("stderr", stderr)+section("control", strings.ReplaceAll(control, long, ""))+fmt.Sprintln("exit", code))
}

func TestCellByItself(t *testing.T) {
	stdout, stderr, _, code := child(t, false)
	stdout = strings.ReplaceAll(stdout, strings.Repeat("x", 10000), "")
	golden(t, "alone.txt", section("stdout", stdout)+section("stderr", stderr)+fmt.Sprintln("exit", code))
}

// section is a section of a golden file, with lines cut to the width.
func section(name, text string) string {
	var b strings.Builder
	b.WriteString("-- " + name + " --\n")
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		for len(line) > Width {
			b.WriteString(line[:Width-1] + "\\\n")
			line = line[Width-1:]
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

func TestMust(t *testing.T) {
	Must(nil)
	_, _, line, _ := runtime.Caller(0)
	v, _ := caught(func() { Must(fmt.Errorf("reading: %w", unix.ECONNRESET)) })
	failure, ok := v.(*Failure)
	if !ok {
		t.Fatalf("Must panicked with %v", v)
	}
	want := fmt.Sprintf("cell_test.go:%d: reading: connection reset by peer", line+1)
	if failure.Error() != want || !errors.Is(failure, unix.ECONNRESET) {
		t.Errorf("got  %v\nwant %s", failure, want)
	}
}

func TestWaitRaisesPanicOfAnActor(t *testing.T) {
	ran := false
	Go("good", func() { ran = true })
	Go("bad", func() { Must(unix.EMFILE) })
	v, panicked := caught(Wait)
	p, ok := v.(*ActorPanic)
	if !panicked || !ok || p.Actor != "bad" || !strings.Contains(p.Error(), "too many open files") {
		t.Errorf("Wait: %v", v)
	}
	if !ran {
		t.Error("Wait returned before an actor")
	}
	Wait() // raised once
	for _, a := range trace.Live() {
		if a.Name == "good" || a.Name == "bad" {
			t.Errorf("actor %s is still live", a)
		}
	}
}

func TestHas(t *testing.T) {
	for _, c := range Capabilities() {
		ok, why := Has(c)
		if ok == (why != "") {
			t.Errorf("Has(%q) = %v, %q: a reason, and only for what is missing", c, ok, why)
		}
		t.Log(c, ok, why)
	}
	if ok, why := Has("quantum"); ok || why != `unknown capability "quantum"; known are aio, io_uring` {
		t.Errorf("Has of an unknown word: %v, %q", ok, why)
	}
}

func TestCounters(t *testing.T) {
	before := OpenFDs()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if n := OpenFDs() - before; n != 2 {
		t.Errorf("a pipe adds %d descriptors, want 2", n)
	}
	r.Close()
	w.Close()
	if Threads() < 1 || RSS() < 1<<20 {
		t.Errorf("%d threads, %d bytes", Threads(), RSS())
	}
	in, out := TCPSegments()
	port := serveOnce(t, func(c *net.TCPConn) { io.Copy(io.Discard, c) })
	if _, err := Peer(port, Send("hello")).Wait(); err != nil {
		t.Fatal(err)
	}
	in2, out2 := TCPSegments()
	if in2-in < 4 || out2-out < 4 {
		t.Errorf("a connection moved %d segments in and %d out, want at least 4 each", in2-in, out2-out)
	}
	cpu := ProcessCPU()
	for x := 0; ProcessCPU()-cpu < time.Millisecond; x++ {
	}
	if ThreadCPU() <= 0 || ThreadCPU() > ProcessCPU() {
		t.Errorf("CPU of the thread %v, of the process %v", ThreadCPU(), ProcessCPU())
	}
}

func TestSwitchesCountSleep(t *testing.T) {
	done := make(chan [2]int)
	Go("sleeper", func() {
		defer close(done)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		before, _ := ThreadSwitches()
		unix.Nanosleep(&unix.Timespec{Nsec: 1e6}, nil)
		after, _ := ThreadSwitches()
		done <- [2]int{before, after}
	})
	if n := <-done; n[1] <= n[0] {
		t.Errorf("voluntary switches %d before a sleep, %d after", n[0], n[1])
	}
	Wait()
	if v, _ := ProcessSwitches(); v < 1 {
		t.Errorf("the process has %d voluntary switches", v)
	}
}

func TestSourceHash(t *testing.T) {
	if h := SourceHash(); len(h) != 16 || h != SourceHash() {
		t.Errorf("SourceHash() = %q", h)
	}
}
