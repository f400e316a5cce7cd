package kernel

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// makeRoom closes what kept small numbers for cells, and takes those that the
// runtime left free of its own.
func makeRoom() {
	// The runtime opens its epoll instance for the first file that it can poll.
	if r, w, err := os.Pipe(); err == nil {
		r.Close()
		w.Close()
	}
	for {
		fd, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, runtimeBase)
		if err != nil {
			break
		}
		if fd >= runtimeEnd {
			unix.Close(fd)
			break
		}
	}
	var st unix.Stat_t
	if unix.Fstat(listenerInChild, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFSOCK {
		_ = unix.Dup3(listenerInChild, 3, unix.O_CLOEXEC)
		unix.Close(listenerInChild)
	} else {
		unix.Close(3)
	}
	_ = unix.CloseRange(4, runtimeBase-1, 0)
}

// high returns a descriptor of the same file from descriptorBase up.
func high(fd int) int {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, descriptorBase)
	if err != nil {
		fmt.Fprintf(os.Stderr, "the limit on open files is too low: cells need numbers up to %d (ulimit -n)\n",
			descriptorBase+64)
		os.Exit(1)
	}
	return n
}

// restore undoes what a cell did to standard output and standard error, so that
// later cells are heard, and says what that was.
func (c *child) restore() (what string) {
	names := []string{1: "standard output", 2: "standard error"}
	for fd := 2; fd >= 1; fd-- {
		var now, was unix.Stat_t
		if unix.Fstat(c.standard[fd], &was) != nil {
			continue
		}
		err := unix.Fstat(fd, &now)
		if err == nil && now.Dev == was.Dev && now.Ino == was.Ino {
			continue
		}
		what = fmt.Sprintf("closed %s (descriptor %d) or put something else in its place; "+
			"what was printed there since is lost", names[fd], fd)
		_ = unix.Dup3(c.standard[fd], fd, 0)
	}
	return what
}

// descriptor reads and writes without the runtime's poller, which is the cells'.
type descriptor int

func (d descriptor) Read(b []byte) (int, error) {
	for {
		n, err := unix.Read(int(d), b)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

func (d descriptor) Write(b []byte) (int, error) {
	written := 0
	for written < len(b) {
		n, err := unix.Write(int(d), b[written:])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return written, err
		}
		written += n
	}
	return written, nil
}

// openDescriptors lists this process's descriptors, without the one that is
// used for listing them.
func openDescriptors() []Descriptor {
	const dir = "/proc/self/fd"
	d, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil
	}
	var list []Descriptor
	for _, name := range names {
		fd, err := strconv.Atoi(name)
		if err != nil || fd == int(d.Fd()) {
			continue
		}
		is, err := os.Readlink(dir + "/" + name)
		if err != nil {
			continue
		}
		list = append(list, Descriptor{FD: fd, Is: is})
	}
	slices.SortFunc(list, func(a, b Descriptor) int { return a.FD - b.FD })
	return list
}
