package trace

import (
	"strconv"

	"golang.org/x/sys/unix"
)

// rawArgs is how many arguments the system calls that are made by number take;
// the others are shown with as many as the function passes.
var rawArgs = map[string]int{
	"close": 1, "dup": 1, "epoll_pwait": 6, "epoll_pwait2": 6, "epoll_wait": 4, "fcntl": 3, "futex": 6,
	"getpid": 0, "getppid": 0, "gettid": 0, "io_cancel": 3, "io_destroy": 1, "io_getevents": 5, "io_setup": 2,
	"io_submit": 3, "io_uring_enter": 6, "io_uring_register": 4, "io_uring_setup": 2, "kill": 2, "listen": 2,
	"madvise": 3, "mmap": 6, "munmap": 2, "poll": 3, "ppoll": 5, "pselect6": 6, "read": 3, "recvfrom": 6,
	"recvmmsg": 5, "recvmsg": 3, "rt_sigprocmask": 4, "sched_yield": 0, "select": 5, "sendmmsg": 4, "sendmsg": 3,
	"sendto": 6, "setsockopt": 5, "shutdown": 2, "tgkill": 3, "write": 3,
}

// rawFD are the system calls among them whose first argument is a descriptor;
// true where the return value counts bytes.
var rawFD = map[string]bool{
	"close": false, "dup": false, "epoll_pwait": false, "epoll_pwait2": false, "epoll_wait": false, "fcntl": false,
	"io_uring_enter": false, "io_uring_register": false, "listen": false, "read": true, "recvfrom": true,
	"recvmmsg": false, "recvmsg": true, "sendmmsg": false, "sendmsg": true, "sendto": true, "setsockopt": false,
	"shutdown": false, "write": true,
}

// numbered is the function description of a system call made by number.
func (r *Recorder) numbered(fn *function, trap uintptr, args int) *function {
	type key struct {
		fn   *function
		trap uintptr
	}
	if f, ok := r.byNumber.Load(key{fn, trap}); ok {
		return f.(*function)
	}
	r.mu.Lock()
	name := r.names.name(int64(trap))
	r.mu.Unlock()
	f := &function{name: fn.name, call: name, fdIn: -1}
	if n, ok := rawArgs[name]; ok {
		args = min(args, n)
	}
	for i := range args {
		a := arg{kind: word, index: i}
		if bytes, ok := rawFD[name]; ok && i == 0 {
			a.kind, f.fdIn, f.bytes = fdArg, 0, bytes
		}
		f.args = append(f.args, a)
	}
	stored, _ := r.byNumber.LoadOrStore(key{fn, trap}, f)
	return stored.(*function)
}

// wordText shows an argument of unknown meaning: numbers as numbers, what looks
// like an address or a mask in hexadecimal.
func wordText(n int64) string {
	if n >= -4096 && n < 1<<20 {
		return strconv.FormatInt(n, 10)
	}
	return "0x" + strconv.FormatUint(uint64(uintptr(n)), 16)
}

func (r *Recorder) syscall(fn *function, f any) any {
	do := f.(func(trap, a1, a2, a3 uintptr) (uintptr, uintptr, unix.Errno))
	return func(line int, trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err unix.Errno) {
		c := r.prepare(r.numbered(fn, trap, 3), line)
		c.words(a1, a2, a3)
		r.enter(c)
		r1, r2, err = do(trap, a1, a2, a3)
		r.leave(c)
		r.raw(c, r1, err)
		return r1, r2, err
	}
}

func (r *Recorder) syscall6(fn *function, f any) any {
	do := f.(func(trap, a1, a2, a3, a4, a5, a6 uintptr) (uintptr, uintptr, unix.Errno))
	return func(line int, trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err unix.Errno) {
		c := r.prepare(r.numbered(fn, trap, 6), line)
		c.words(a1, a2, a3, a4, a5, a6)
		r.enter(c)
		r1, r2, err = do(trap, a1, a2, a3, a4, a5, a6)
		r.leave(c)
		r.raw(c, r1, err)
		return r1, r2, err
	}
}

func (r *Recorder) syscallNoError(fn *function, f any) any {
	do := f.(func(trap, a1, a2, a3 uintptr) (uintptr, uintptr))
	return func(line int, trap, a1, a2, a3 uintptr) (r1, r2 uintptr) {
		c := r.prepare(r.numbered(fn, trap, 3), line)
		c.words(a1, a2, a3)
		r.enter(c)
		r1, r2 = do(trap, a1, a2, a3)
		r.leave(c)
		r.raw(c, r1, 0)
		return r1, r2
	}
}

func (c *call) words(args ...uintptr) {
	for i, a := range args {
		c.in[i].n = int64(int(a)) // a word of 32 bits may be -1 too
	}
}

func (r *Recorder) raw(c *call, r1 uintptr, errno unix.Errno) {
	c.res, c.errno = int64(int(r1)), errno
	if errno != 0 {
		c.res = -1
	}
	r.finish(c)
}
