package trace

import (
	"reflect"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fast returns a hand-typed twin of a function, or an invalid value when the one
// made by reflection will do.
//
// Most are here because loops make these calls, and reflection costs half a
// microsecond of each. Send, Sendto, Sendmsg and SetNonblock are here because
// package unix keeps from its caller what the kernel returned, or makes two
// system calls of one.
func (r *Recorder) fast(fn *function, f any) reflect.Value {
	var twin any
	switch fn.name {
	case "Read", "Write":
		twin = r.transfer(fn, f)
	case "Recvfrom":
		twin = r.recvfrom(fn, f)
	case "Accept":
		twin = r.accept(fn, f)
	case "Accept4":
		twin = r.accept4(fn, f)
	case "Close":
		twin = r.close(fn, f)
	case "Poll":
		twin = r.poll(fn, f)
	case "EpollWait":
		twin = r.epollWait(fn, f)
	case "EpollCtl":
		twin = r.epollCtl(fn, f)
	case "Send":
		twin = r.send(fn)
	case "Sendto":
		twin = r.sendto(fn, f)
	case "Sendmsg":
		twin = r.sendmsg(fn)
	case "SetNonblock":
		twin = r.setNonblock(fn)
	case "Syscall", "RawSyscall":
		twin = r.syscall(fn, f)
	case "Syscall6", "RawSyscall6":
		twin = r.syscall6(fn, f)
	case "SyscallNoError", "RawSyscallNoError":
		twin = r.syscallNoError(fn, f)
	}
	return reflect.ValueOf(twin)
}

// returned closes the record of a call with the value and error it returned.
func (r *Recorder) returned(c *call, n int, err error) {
	c.result(n, err)
	r.finish(c)
}

func (c *call) result(n int, err error) {
	c.res = int64(n)
	if err != nil {
		c.fail(err)
	}
}

func (c *call) fail(err error) {
	c.res = -1
	errno, ok := err.(unix.Errno)
	if !ok {
		errno = notErrno
	}
	c.errno = errno
}

func (r *Recorder) transfer(fn *function, f any) any {
	do := f.(func(int, []byte) (int, error))
	in := fn.args[1].kind == inBuf
	return func(line, fd int, p []byte) (int, error) {
		c := r.prepare(fn, line)
		c.in[0].n, c.in[1].n = int64(fd), int64(len(p))
		if in {
			c.in[1] = excerpt(p)
		}
		r.enter(c)
		n, err := do(fd, p)
		r.leave(c)
		if !in && n > 0 {
			c.out[1] = excerpt(p[:n])
		}
		r.returned(c, n, err)
		return n, err
	}
}

func (r *Recorder) recvfrom(fn *function, f any) any {
	do := f.(func(int, []byte, int) (int, unix.Sockaddr, error))
	return func(line, fd int, p []byte, flags int) (int, unix.Sockaddr, error) {
		c := r.prepare(fn, line)
		c.in[0].n, c.in[1].n, c.in[2].n = int64(fd), int64(len(p)), int64(flags)
		r.enter(c)
		n, from, err := do(fd, p, flags)
		r.leave(c)
		if n > 0 {
			c.out[1] = excerpt(p[:min(n, len(p))]) // more with MSG_TRUNC
		}
		c.out[3].s = address(from)
		r.returned(c, n, err)
		return n, from, err
	}
}

func (r *Recorder) accept(fn *function, f any) any {
	do := f.(func(int) (int, unix.Sockaddr, error))
	return func(line, fd int) (int, unix.Sockaddr, error) {
		c := r.prepare(fn, line)
		c.in[0].n = int64(fd)
		r.enter(c)
		n, sa, err := do(fd)
		r.leave(c)
		c.out[1].s = address(sa)
		r.returned(c, n, err)
		return n, sa, err
	}
}

func (r *Recorder) accept4(fn *function, f any) any {
	do := f.(func(int, int) (int, unix.Sockaddr, error))
	return func(line, fd, flags int) (int, unix.Sockaddr, error) {
		c := r.prepare(fn, line)
		c.in[0].n, c.in[1].n = int64(fd), int64(flags)
		r.enter(c)
		n, sa, err := do(fd, flags)
		r.leave(c)
		c.out[1].s = address(sa)
		r.returned(c, n, err)
		return n, sa, err
	}
}

func (r *Recorder) close(fn *function, f any) any {
	do := f.(func(int) error)
	return func(line, fd int) error {
		c := r.prepare(fn, line)
		c.in[0].n = int64(fd)
		r.enter(c)
		err := do(fd)
		r.leave(c)
		r.returned(c, 0, err)
		return err
	}
}

func (r *Recorder) poll(fn *function, f any) any {
	do := f.(func([]unix.PollFd, int) (int, error))
	return func(line int, fds []unix.PollFd, ms int) (int, error) {
		c := r.prepare(fn, line)
		c.polls, c.in[0].n, c.in[1].n = polled(fds), int64(len(fds)), int64(ms)
		r.enter(c)
		n, err := do(fds, ms)
		r.leave(c)
		if err == nil {
			c.polled = polled(fds)
		}
		r.returned(c, n, err)
		return n, err
	}
}

func (r *Recorder) epollWait(fn *function, f any) any {
	do := f.(func(int, []unix.EpollEvent, int) (int, error))
	return func(line, epfd int, events []unix.EpollEvent, ms int) (int, error) {
		c := r.prepare(fn, line)
		c.in[0].n, c.in[1].n, c.in[2].n = int64(epfd), int64(len(events)), int64(ms)
		r.enter(c)
		n, err := do(epfd, events, ms)
		r.leave(c)
		if err == nil {
			c.reported = reported(events[:n])
		}
		r.returned(c, n, err)
		return n, err
	}
}

func (r *Recorder) epollCtl(fn *function, f any) any {
	do := f.(func(int, int, int, *unix.EpollEvent) error)
	return func(line, epfd, op, fd int, event *unix.EpollEvent) error {
		c := r.prepare(fn, line)
		c.in[0].n, c.in[1].n, c.in[2].n, c.in[3] = int64(epfd), int64(op), int64(fd), epollEvent(event)
		r.enter(c)
		err := do(epfd, op, fd, event)
		r.leave(c)
		r.returned(c, 0, err)
		return err
	}
}

// send does what unix.Send does and sees how much was sent, which unix.Send
// does not tell.
func (r *Recorder) send(fn *function) any {
	return func(line, fd int, p []byte, flags int) error {
		c := r.prepare(fn, line)
		c.in[0].n, c.in[1], c.in[2].n = int64(fd), excerpt(p), int64(flags)
		r.enter(c)
		n, err := sendto(fd, p, flags)
		r.leave(c)
		r.returned(c, n, err)
		return err
	}
}

// sendto without an address; errors are unix.Errno, equal to those of package unix.
func sendto(fd int, p []byte, flags int) (int, error) {
	var first unsafe.Pointer
	if len(p) > 0 {
		first = unsafe.Pointer(&p[0])
	}
	n, _, errno := unix.Syscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(first), uintptr(len(p)), uintptr(flags), 0, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}

func (r *Recorder) sendto(fn *function, f any) any {
	do := f.(func(int, []byte, int, unix.Sockaddr) error)
	return func(line, fd int, p []byte, flags int, to unix.Sockaddr) error {
		c := r.prepare(fn, line)
		c.in[0].n, c.in[1], c.in[2].n, c.in[3].s = int64(fd), excerpt(p), int64(flags), address(to)
		// With an address it is a datagram, which is sent whole or not at all.
		n := len(p)
		var err error
		r.enter(c)
		if to == nil {
			n, err = sendto(fd, p, flags)
		} else {
			err = do(fd, p, flags, to)
		}
		r.leave(c)
		r.returned(c, n, err)
		return err
	}
}

// sendmsg is unix.Sendmsg, which is unix.SendmsgN without the count.
func (r *Recorder) sendmsg(fn *function) any {
	return func(line, fd int, p, oob []byte, to unix.Sockaddr, flags int) error {
		c := r.prepare(fn, line)
		c.in[0].n, c.in[1], c.in[2], c.in[3].s, c.in[4].n = int64(
			fd,
		), excerpt(
			p,
		), cell{
			n: int64(len(oob)),
		}, address(
			to,
		), int64(
			flags,
		)
		r.enter(c)
		n, err := unix.SendmsgN(fd, p, oob, to, flags)
		r.leave(c)
		r.returned(c, n, err)
		return err
	}
}

// setNonblock does what unix.SetNonblock does, as the two calls it makes: the
// second only if the flag changes.
func (r *Recorder) setNonblock(fn *function) any {
	get := *fn
	get.args = []arg{{kind: fdArg}, {kind: kindNamed("fcntlcmd"), index: 1}}
	set := get
	set.args = append(get.args[:2:2], arg{kind: kindNamed("fcntlarg"), index: 2})
	fcntl := func(fn *function, line, fd, cmd, arg int) (int, error) {
		c := r.prepare(fn, line)
		c.in[0].n, c.in[1].n, c.in[2].n = int64(fd), int64(cmd), int64(arg)
		r.enter(c)
		n, err := unix.FcntlInt(uintptr(fd), cmd, arg)
		r.leave(c)
		r.returned(c, n, err)
		return n, err
	}
	return func(line, fd int, nonblocking bool) error {
		flags, err := fcntl(&get, line, fd, unix.F_GETFL, 0)
		if err != nil {
			return err
		}
		changed := flags &^ unix.O_NONBLOCK
		if nonblocking {
			changed |= unix.O_NONBLOCK
		}
		if changed == flags {
			return nil
		}
		_, err = fcntl(&set, line, fd, unix.F_SETFL, changed)
		return err
	}
}
