package kernel

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
)

// parse makes a chapter of Markdown in which three apostrophes stand for a fence.
func parse(t testing.TB, src string) *chapter.Chapter {
	t.Helper()
	c, err := chapter.Parse("chapters/01-test.md", []byte(strings.ReplaceAll("# Test\n\n"+src, "'''", "```")))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func open(t testing.TB, cfg Config) *Session {
	t.Helper()
	s, err := Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// A cell that exits or hangs does not take the others' state with it.
func TestSessionGoesOn(t *testing.T) {
	t.Parallel()
	c := parse(t, `
'''go {name=set}
import (
	"fmt"
	"os"
)

n := 1
'''

'''go {name=leaves}
os.Exit(4)
'''

'''go {name=stuck timeout=100ms}
select {}
'''

'''go {name=get}
n++
fmt.Println("n is", n)
'''
`)
	s := open(t, Config{Chapter: c})
	for _, step := range []struct {
		cell    string
		outcome notebook.Outcome
		prints  string
	}{
		{"set", notebook.OK, ""},
		{"leaves", notebook.Exit, ""},
		{"stuck", notebook.Timeout, ""},
		{"get", notebook.OK, "n is 2\n"},
	} {
		res := s.Run(context.Background(), c.Cell(step.cell))
		got := ""
		for _, o := range res.Outputs {
			got += o.Text
		}
		if res.Outcome != step.outcome || got != step.prints {
			t.Errorf(
				"%s: %s, printed %q; want %s, %q (%s)",
				step.cell,
				res.Outcome,
				got,
				step.outcome,
				step.prints,
				res.Message,
			)
		}
	}
}

// What is printed between two cells belongs to the next.
func TestBackgroundOutput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	signal, printed := filepath.Join(dir, "signal"), filepath.Join(dir, "printed")
	if err := unix.Mkfifo(signal, 0o600); err != nil {
		t.Fatal(err)
	}
	c := parse(t, fmt.Sprintf(`
'''go {name=start}
import (
	"fmt"
	"os"
)

done := make(chan bool)
go func() {
	os.ReadFile(%q)
	fmt.Println("late")
	os.WriteFile(%q, nil, 0o600)
	close(done)
}()
'''

'''go {name=wait}
<-done
'''
`, signal, printed))
	s := open(t, Config{Chapter: c})
	first := s.Run(context.Background(), c.Cell("start"))
	if first.Outcome != notebook.OK || len(first.Outputs) != 0 {
		t.Fatalf("%+v", first)
	}
	if err := os.WriteFile(signal, nil, 0); err != nil { // opens when the reader does
		t.Fatal(err)
	}
	eventually(t, "printed", func() bool {
		_, err := os.Stat(printed)
		return err == nil
	})
	second := s.Run(context.Background(), c.Cell("wait"))
	if len(second.Outputs) != 1 || second.Outputs[0].Text != "late\n" {
		t.Errorf("%+v", second)
	}
}

// Of a chapter only the cells that are named run, with both engines.
func TestCell(t *testing.T) {
	t.Parallel()
	c := parse(t, `
'''go {name=imports}
import "fmt"
'''

'''go {name=set}
n := 1
'''

'''go {name=aside}
panic("nobody needs this")
'''

'''go {name=measured engine=go}
fmt.Println("nor this")
'''

'''go {name=show}
fmt.Println(n)
'''

'''go {name=below}
fmt.Println("below")
'''
`)
	for _, engine := range []string{Yaegi, Go} {
		run, err := RunChapter(context.Background(), Config{Chapter: c, Engine: engine, Cell: "show"})
		if err != nil {
			t.Fatal(err)
		}
		want := "set: ok\nshow: ok\n  stdout: \"1\\n\"\n"
		if got := show(run); got != want {
			t.Errorf("%s:\n%swant:\n%s", engine, got, want)
		}
	}
}

func TestNeeds(t *testing.T) {
	t.Parallel()
	c := parse(t, "'''go {name=a}\npanic(1)\n'''\n")
	c.Cell("a").Attr.Needs = []string{"teleport"}
	for _, engine := range []string{Yaegi, Go} {
		run, err := RunChapter(context.Background(), Config{Chapter: c, Engine: engine})
		if err != nil {
			t.Fatal(err)
		}
		res := run.Results[0]
		if res.Outcome != notebook.Skipped || !strings.Contains(res.Skipped, "teleport") {
			t.Errorf("%s: %+v", engine, res)
		}
	}
}

// The kernel's own descriptors are out of a cell's way, unless it goes there.
func TestCellClosesTheKernelsDescriptors(t *testing.T) {
	t.Parallel()
	c := parse(t, fmt.Sprintf(`
'''go {name=close}
import "golang.org/x/sys/unix"

for fd := %d; fd < %d; fd++ {
	unix.Close(fd)
}
'''
`, descriptorBase, descriptorBase+60))
	s := open(t, Config{Chapter: c})
	res := s.Run(context.Background(), c.Cells()[0])
	if res.Outcome != notebook.Died || !strings.Contains(res.Message, "closed descriptors that are not its own") {
		t.Errorf("%+v", res)
	}
	if !s.Ended() {
		t.Error("the session goes on")
	}
}

func TestGoexit(t *testing.T) {
	t.Parallel()
	c := parse(t, `
'''go {name=goexit}
import "runtime"

runtime.Goexit()
'''
`)
	s := open(t, Config{Chapter: c})
	res := s.Run(context.Background(), c.Cells()[0])
	if res.Outcome != notebook.Panic || !strings.Contains(res.Message, "called runtime.Goexit") {
		t.Errorf("%+v", res)
	}
}

// A stopped child does not answer: it is killed unheard.
func TestHungChild(t *testing.T) {
	t.Parallel()
	c := parse(t, `
'''go {name=stop timeout=100ms}
import "golang.org/x/sys/unix"

unix.Kill(unix.Getpid(), unix.SIGSTOP)
select {}
'''
`)
	s := open(t, Config{Chapter: c})
	if res := s.Run(context.Background(), c.Cells()[0]); res.Outcome != notebook.Timeout {
		t.Errorf("%+v", res)
	}
}

// sleepers is a chapter with a process and one in a session of its own.
const sleepers = `
'''go {name=sleepers timeout=20s}
import "os/exec"

cmd := exec.Command("sh", "-c", "setsid sleep %[1]s & sleep %[1]s")
_ = cmd.Start()
_ = cmd.Wait()
'''
`

// alive counts the processes that run sleep with that argument.
func alive(t *testing.T, arg string) (n int) {
	t.Helper()
	paths, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(paths) == 0 {
		t.Fatalf("/proc: %v", err)
	}
	for _, p := range paths {
		if b, err := os.ReadFile(p); err == nil && string(b) == "sleep\x00"+arg+"\x00" {
			n++
		}
	}
	return n
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for range 1000 {
		if f() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("after ten seconds still not: %s", what)
}

func TestCancelEndsDescendants(t *testing.T) {
	t.Parallel()
	arg := "1001." + strconv.Itoa(os.Getpid())
	c := parse(t, fmt.Sprintf(sleepers, arg))
	ctx, cancel := context.WithCancel(context.Background())
	type outcome struct {
		run *notebook.Run
		err error
	}
	ended := make(chan outcome, 1)
	go func() {
		run, err := RunChapter(ctx, Config{Chapter: c})
		ended <- outcome{run, err}
	}()
	eventually(t, "two sleepers run", func() bool { return alive(t, arg) == 2 })
	cancel()
	end := <-ended
	if end.err != context.Canceled || len(end.run.Results) != 1 || end.run.Results[0].Outcome != notebook.Died {
		t.Errorf("%+v, error %v", end.run, end.err)
	}
	eventually(t, "no sleeper is left", func() bool { return alive(t, arg) == 0 })
}

// TestKilledRunner starts this test binary as a runner of its own and kills it.
func TestKilledRunner(t *testing.T) {
	arg := "1002." + strconv.Itoa(os.Getpid())
	if mine := os.Getenv("KERNEL_TEST_RUNNER"); mine != "" {
		RunChapter(context.Background(), Config{Chapter: parse(t, fmt.Sprintf(sleepers, mine))})
		return
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^TestKilledRunner$")
	cmd.Env = append(os.Environ(), "KERNEL_TEST_RUNNER="+arg)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "two sleepers run", func() bool { return alive(t, arg) == 2 })
	if err := cmd.Process.Signal(unix.SIGKILL); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	eventually(t, "no sleeper is left", func() bool { return alive(t, arg) == 0 })
}

func TestNoLeaksInTheRunner(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	c := parse(t, `
'''go {name=a}
import "fmt"

fmt.Println("x")
'''

'''go {name=b engine=go}
fmt.Println("compiled")
'''
`)
	count := func() (fds, goroutines int) {
		return len(openDescriptors()), runtime.NumGoroutine()
	}
	once := func(i int) {
		s, err := Start(context.Background(), Config{Chapter: c})
		if err != nil {
			t.Fatal(err)
		}
		res := s.Run(context.Background(), c.Cell("a"))
		if i%10 == 0 {
			res = s.Run(context.Background(), c.Cell("b"))
		}
		if res.Outcome != notebook.OK {
			t.Errorf("%+v", res)
		}
		s.Close()
	}
	once(0)
	fds, goroutines := count()
	for i := range 50 {
		once(i)
	}
	eventually(t, "goroutines ended", func() bool { _, g := count(); return g <= goroutines })
	if now, _ := count(); now != fds {
		t.Errorf("%d descriptors, were %d: %v", now, fds, openDescriptors())
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left in the temporary directory: %v %v", left, err)
	}
}
