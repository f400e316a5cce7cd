package lab

import (
	"fmt"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Capabilities are the words that Has knows.
func Capabilities() []string { return []string{"aio", "io_uring"} }

// Has tries whether this kernel, in this sandbox, offers a capability. When it
// does not, the text says why.
func Has(capability string) (bool, string) {
	switch capability {
	case "io_uring":
		return hasIOUring()
	case "aio":
		return hasAIO()
	}
	return false, fmt.Sprintf("unknown capability %q; known are %s", capability, strings.Join(Capabilities(), ", "))
}

func hasIOUring() (bool, string) {
	var params [120]byte // struct io_uring_params, zero
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, uintptr(unsafe.Pointer(&params)), 0)
	switch errno {
	case 0:
		unix.Close(int(fd))
		return true, ""
	case unix.ENOSYS:
		return false, "io_uring_setup: ENOSYS: the kernel has no io_uring, or a seccomp filter hides it"
	case unix.EPERM:
		text, err := os.ReadFile("/proc/sys/kernel/io_uring_disabled")
		if err == nil && strings.TrimSpace(string(text)) != "0" {
			return false, "io_uring_setup: EPERM: kernel.io_uring_disabled is " + strings.TrimSpace(string(text))
		}
		return false, "io_uring_setup: EPERM: refused by a seccomp filter, as container runtimes set"
	}
	return false, fmt.Sprintf("io_uring_setup: %s: %v", unix.ErrnoName(errno), errno)
}

func hasAIO() (bool, string) {
	var ctx uintptr
	_, _, errno := unix.Syscall(unix.SYS_IO_SETUP, 1, uintptr(unsafe.Pointer(&ctx)), 0)
	switch errno {
	case 0:
		unix.Syscall(unix.SYS_IO_DESTROY, ctx, 0, 0)
		return true, ""
	case unix.ENOSYS:
		return false, "io_setup: ENOSYS: the kernel was built without CONFIG_AIO, or a seccomp filter hides it"
	case unix.EAGAIN:
		return false, "io_setup: EAGAIN: fs.aio-max-nr is used up"
	case unix.EPERM:
		return false, "io_setup: EPERM: refused by a seccomp filter"
	}
	return false, fmt.Sprintf("io_setup: %s: %v", unix.ErrnoName(errno), errno)
}
