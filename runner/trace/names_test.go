package trace

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// harmless calls, each in a form that changes nothing outside the process.
// TestCallNames checks under strace what system calls they make.
func harmless(dir string, fd int) []struct {
	name string
	f    func() error
} {
	zero := func(f func() (int, error)) func() error { return func() error { _, err := f(); return err } }
	buf := make([]byte, 8)
	none := filepath.Join(dir, "none")
	var stat unix.Stat_t
	var limit unix.Rlimit
	return []struct {
		name string
		f    func() error
	}{
		{"Accept", func() error { _, _, err := unix.Accept(fd); return err }},
		{"Chmod", func() error { return unix.Chmod(none, 0) }},
		{"Creat", zero(func() (int, error) { return unix.Creat(none+"/x", 0) })},
		{"Dup", zero(func() (int, error) { return unix.Dup(-1) })},
		{"Dup2", func() error { return unix.Dup2(-1, 5) }},
		{"Dup3", func() error { return unix.Dup3(-1, 5, 0) }},
		{"EpollCreate", zero(func() (int, error) { return unix.EpollCreate(1) })},
		{"EpollCreate1", zero(func() (int, error) { return unix.EpollCreate1(-1) })},
		{"EpollCtl", func() error { return unix.EpollCtl(-1, 0, 0, nil) }},
		{"EpollWait", zero(func() (int, error) { return unix.EpollWait(-1, nil, 0) })},
		{"Eventfd", zero(func() (int, error) { return unix.Eventfd(0, -1) })},
		{"Fadvise", func() error { return unix.Fadvise(-1, 0, 0, 0) }},
		{"FcntlInt", zero(func() (int, error) { return unix.FcntlInt(^uintptr(0), 0, 0) })},
		{"Fstat", func() error { return unix.Fstat(-1, &stat) }},
		{"Fstatat", func() error { return unix.Fstatat(-1, "x", &stat, 0) }},
		{"Getdents", zero(func() (int, error) { return unix.Getdents(-1, buf) })},
		{"Getpeername", func() error { _, err := unix.Getpeername(-1); return err }},
		{"Getrlimit", func() error { return unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) }},
		{"Getsockname", func() error { _, err := unix.Getsockname(fd); return err }},
		{"GetsockoptInt", zero(func() (int, error) { return unix.GetsockoptInt(-1, 0, 0) })},
		{"GetsockoptLinger", func() error { _, err := unix.GetsockoptLinger(-1, 0, 0); return err }},
		{"Getwd", func() error { _, err := unix.Getwd(); return err }},
		{"InotifyInit1", zero(func() (int, error) { return unix.InotifyInit1(-1) })},
		{"IoctlGetInt", zero(func() (int, error) { return unix.IoctlGetInt(-1, 0) })},
		{"Link", func() error { return unix.Link(none, none) }},
		{"Lstat", func() error { return unix.Lstat(none, &stat) }},
		{"MemfdCreate", zero(func() (int, error) { return unix.MemfdCreate("", -1) })},
		{"Mkdir", func() error { return unix.Mkdir(none+"/x", 0) }},
		{"Open", zero(func() (int, error) { return unix.Open(none, 0, 0) })},
		{"Openat", zero(func() (int, error) { return unix.Openat(-1, "x", 0, 0) })},
		{"Pipe", func() error { return unix.Pipe(make([]int, 2)) }},
		{"Pipe2", func() error { return unix.Pipe2(make([]int, 2), -1) }},
		{"Poll", zero(func() (int, error) { return unix.Poll(nil, 0) })},
		{"Ppoll", zero(func() (int, error) { return unix.Ppoll(nil, &unix.Timespec{}, nil) })},
		{"Pread", zero(func() (int, error) { return unix.Pread(-1, buf, 0) })},
		{"Preadv", zero(func() (int, error) { return unix.Preadv(-1, [][]byte{buf}, 0) })},
		{"Pselect", zero(func() (int, error) { return unix.Pselect(0, nil, nil, nil, &unix.Timespec{}, nil) })},
		{"Pwrite", zero(func() (int, error) { return unix.Pwrite(-1, buf, 0) })},
		{"ReadDirent", zero(func() (int, error) { return unix.ReadDirent(-1, buf) })},
		{"Readlink", zero(func() (int, error) { return unix.Readlink(none, buf) })},
		{"Readv", zero(func() (int, error) { return unix.Readv(-1, [][]byte{buf}) })},
		{"Recvfrom", func() error { _, _, err := unix.Recvfrom(-1, buf, 0); return err }},
		{"Recvmsg", func() error { _, _, _, _, err := unix.Recvmsg(-1, buf, nil, 0); return err }},
		{
			"RecvmsgBuffers",
			func() error { _, _, _, _, err := unix.RecvmsgBuffers(-1, [][]byte{buf}, nil, 0); return err },
		},
		{"Rename", func() error { return unix.Rename(none, none) }},
		{"Rmdir", func() error { return unix.Rmdir(none) }},
		{"Seek", func() error { _, err := unix.Seek(-1, 0, 0); return err }},
		{"Select", zero(func() (int, error) { return unix.Select(0, nil, nil, nil, &unix.Timeval{}) })},
		{"Send", func() error { return unix.Send(-1, buf, 0) }},
		{"Sendfile", zero(func() (int, error) { return unix.Sendfile(-1, -1, nil, 0) })},
		{"Sendmsg", func() error { return unix.Sendmsg(-1, buf, nil, nil, 0) }},
		{"SendmsgN", zero(func() (int, error) { return unix.SendmsgN(-1, buf, nil, nil, 0) })},
		{"SendmsgBuffers", zero(func() (int, error) { return unix.SendmsgBuffers(-1, [][]byte{buf}, nil, nil, 0) })},
		{"Sendto", func() error { return unix.Sendto(-1, buf, 0, nil) }},
		{"SetNonblock", func() error { return unix.SetNonblock(fd, true) }},
		{"SetsockoptTimeval", func() error { return unix.SetsockoptTimeval(-1, 0, 0, &unix.Timeval{}) }},
		{"Signalfd", zero(func() (int, error) { return unix.Signalfd(-1, &unix.Sigset_t{}, -1) })},
		{"Splice", func() error { _, err := unix.Splice(-1, nil, -1, nil, 0, 0); return err }},
		{"Stat", func() error { return unix.Stat(none, &stat) }},
		{"Symlink", func() error { return unix.Symlink("x", none+"/x") }},
		{"TimerfdCreate", zero(func() (int, error) { return unix.TimerfdCreate(-1, 0) })},
		{"TimerfdSettime", func() error { return unix.TimerfdSettime(-1, 0, &unix.ItimerSpec{}, nil) }},
		{"Unlink", func() error { return unix.Unlink(none) }},
		{"Utimes", func() error { return unix.Utimes(none, make([]unix.Timeval, 2)) }},
		{"Writev", zero(func() (int, error) { return unix.Writev(-1, [][]byte{buf}) })},
	}
}

// TestCallNames checks the table of system calls by function: what strace saw of a
// function must be what Calls lists, or the beginning of it when the first failed.
func TestCallNames(t *testing.T) {
	if os.Getenv(straceChild) != "" {
		runtime.LockOSThread()
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.Listen(fd, 1); err != nil {
			t.Fatal(err)
		}
		for _, h := range harmless(os.Getenv(straceChild), fd) {
			if h.name == "Accept" {
				unix.SetNonblock(fd, true) // or it waits for ever
			}
			unix.Write(-1, []byte("begin "+h.name))
			h.f()
			unix.Write(-1, []byte("end"))
			unix.SetNonblock(fd, false)
		}
		return
	}
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed: the names of system calls are not compared with it")
	}
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	// The Go runtime's own calls on the thread are left out.
	cmd := exec.Command(
		strace,
		"-f",
		"-o",
		log,
		"-e",
		"trace=!futex,?futex_time64,rt_sigreturn,sched_yield,nanosleep,madvise,mmap,munmap,tgkill,getpid",
		os.Args[0],
		"-test.run=^TestCallNames$",
	)
	cmd.Env = append(os.Environ(), straceChild+"="+dir, "GODEBUG=asyncpreemptoff=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "PTRACE") {
			t.Skipf("strace may not trace here: %s", out)
		}
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	known := systemCalls(systemCallNumbers())
	checked := 0
	for _, calls := range readStrace(t, string(text)) {
		for i, c := range calls {
			name, ok := strings.CutPrefix(c.Args, `-1, "begin `)
			if c.Call != "write" || !ok {
				continue
			}
			name, _, _ = strings.Cut(name, `"`)
			var got []string
			for _, c := range calls[i+1:] {
				if c.Call == "write" && strings.HasPrefix(c.Args, `-1, "end"`) {
					break
				}
				got = append(got, c.Call)
			}
			want := slices.Clone(Calls(name))
			want[0] = known.of(name)
			if name == "Getrlimit" && runtime.GOARCH == "386" {
				want[0] = "prlimit64"
			}
			if len(got) == 0 || len(got) > len(want) || !slices.Equal(got, want[:len(got)]) {
				t.Errorf("%s makes %q; Calls has %q", name, got, want)
			}
			checked++
		}
	}
	if n := len(harmless("", 0)); checked != n {
		t.Errorf("strace saw %d functions, want %d", checked, n)
	}
}

// systemCallNumbers are those of the calls whose name has an underscore that a
// function's name lacks, as a symbol table would hold them.
func systemCallNumbers() map[string]reflect.Value {
	return map[string]reflect.Value{
		"SYS_TIMERFD_CREATE": reflect.ValueOf(
			unix.SYS_TIMERFD_CREATE,
		), "SYS_TIMERFD_SETTIME": reflect.ValueOf(unix.SYS_TIMERFD_SETTIME),
		"SYS_INOTIFY_INIT1": reflect.ValueOf(unix.SYS_INOTIFY_INIT1),
		"SYS_MEMFD_CREATE":  reflect.ValueOf(unix.SYS_MEMFD_CREATE),
		"SYS_GETPPID":       reflect.ValueOf(unix.SYS_GETPPID),
	}
}

// Every form has to fit its function.
func TestFormsFit(t *testing.T) {
	for name, form := range forms {
		f, ok := unixFunctions[name]
		if !ok {
			t.Errorf("the form of %s is not checked: add the function to unixFunctions", name)
			continue
		}
		typ := reflect.TypeOf(f)
		params := 0
		for word := range strings.FieldsSeq(form) {
			switch {
			case word == "bytes":
			case word[0] == '>':
				if i := int(word[1] - '0'); i >= typ.NumOut() {
					t.Errorf("%s has no result %d", name, i)
				}
			default:
				params++
			}
		}
		if params != typ.NumIn() {
			t.Errorf("%s has %d parameters, its form %d", name, typ.NumIn(), params)
		}
		fn := describe(name, typ, sysnames{})
		if fn.err < 0 && name != "Getppid" {
			t.Errorf("%s: no error among the results", name)
		}
		// What a zero argument looks like must not panic.
		c := &call{fn: fn, exit: 1}
		for i, k := range fn.params {
			c.in[i] = k.before(reflect.Zero(typ.In(i)), c)
		}
		c.event()
	}
}
