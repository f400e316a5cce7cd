package trace

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// calls maps functions of package unix to the system calls they make on Linux
// with x/sys v0.49, where that is not simply the function's name in lower case.
// The first is the one an Event is named after. strace shows all of them. Where a
// 32-bit machine has a wider variant, fcntl64, the name is that of 64-bit ones, as
// in the chapters.
var calls = map[string][]string{
	"Accept":         {"accept4", "getsockopt"}, // getsockopt(SO_PROTOCOL), to tell the type of an IPv4 address
	"Accept4":        {"accept4", "getsockopt"},
	"BindToDevice":   {"setsockopt"},
	"Chmod":          {"fchmodat"},
	"Creat":          {"openat"},
	"Dup2":           {"dup3"},
	"EpollCreate":    {"epoll_create1"},
	"EpollCreate1":   {"epoll_create1"},
	"EpollCtl":       {"epoll_ctl"},
	"EpollWait":      {"epoll_pwait"},
	"Eventfd":        {"eventfd2"},
	"Exit":           {"exit_group"},
	"FcntlFlock":     {"fcntl"},
	"FcntlInt":       {"fcntl"},
	"Fstatat":        {"newfstatat"},
	"Getpeername":    {"getpeername", "getsockopt"},
	"Getpgrp":        {"getpgid"},
	"Getsockname":    {"getsockname", "getsockopt"},
	"Getwd":          {"getcwd"},
	"InotifyInit":    {"inotify_init1"},
	"Link":           {"linkat"},
	"Listns":         {"listns"},
	"Lstat":          {"newfstatat"},
	"Mkdir":          {"mkdirat"},
	"Mkfifo":         {"mknodat"},
	"Mkfifoat":       {"mknodat"},
	"Mknod":          {"mknodat"},
	"MmapPtr":        {"mmap"},
	"MremapPtr":      {"mremap"},
	"MunmapPtr":      {"munmap"},
	"Open":           {"openat"},
	"Pipe":           {"pipe2"},
	"Poll":           {"ppoll"},
	"PrctlRetInt":    {"prctl"},
	"Pread":          {"pread64"},
	"Prlimit":        {"prlimit64"},
	"Pselect":        {"pselect6"},
	"PthreadSigmask": {"rt_sigprocmask"},
	"Pwrite":         {"pwrite64"},
	"ReadDirent":     {"getdents64"},
	"Getdents":       {"getdents64"},
	"Readlink":       {"readlinkat"},
	"Recvfrom":       {"recvfrom", "getsockopt"},
	"RecvmsgBuffers": {"recvmsg", "getsockopt"},
	"Recvmsg":        {"recvmsg", "getsockopt"},
	"Rename":         {"renameat"},
	"Rmdir":          {"unlinkat"},
	"Seek":           {"lseek"},
	"Select":         {"pselect6"},
	"Send":           {"sendto"},
	"SendmsgBuffers": {"sendmsg"},
	"SendmsgN":       {"sendmsg"},
	"SetNonblock":    {"fcntl", "fcntl"}, // F_GETFL, then F_SETFL where the flag changes
	"Setrlimit":      {"prlimit64"},
	"Signalfd":       {"signalfd4"},
	"Stat":           {"newfstatat"},
	"Symlink":        {"symlinkat"},
	"Unlink":         {"unlinkat"},
	"Unmount":        {"umount2"},
	"Utimes":         {"utimensat"},
	"UtimesNano":     {"utimensat"},
	"UtimesNanoAt":   {"utimensat"},
	"Fadvise":        {"fadvise64"},
}

// families are prefixes of functions that all make one system call.
var families = []struct{ prefix, call string }{
	{"Getsockopt", "getsockopt"}, {"Setsockopt", "setsockopt"}, {"Ioctl", "ioctl"},
	{"Ptrace", "ptrace"}, {"Keyctl", "keyctl"}, {"Fsconfig", "fsconfig"},
}

// Calls names the system calls that a function of package unix makes, the one an
// event is named after first.
func Calls(function string) []string {
	if names, ok := calls[function]; ok {
		return names
	}
	for _, f := range families {
		if strings.HasPrefix(function, f.prefix) {
			return []string{f.call}
		}
	}
	return []string{strings.ToLower(function)}
}

// pure are functions that make no system call (Getpagesize: the runtime knows),
// or that change the process image and must stay exactly what they are.
var pure = map[string]bool{
	"Auxv": true, "BytePtrFromString": true, "BytePtrToString": true, "ByteSliceFromString": true,
	"ByteSliceToString": true, "Clearenv": true, "CmsgLen": true, "CmsgSpace": true, "Environ": true,
	"ErrnoName": true, "Exec": true, "Exit": true, "FdToClockID": true, "Getenv": true, "Getpagesize": true,
	"Major": true, "Minor": true, "Mkdev": true, "NewIfreq": true, "NsecToTimespec": true,
	"NsecToTimeval": true, "PktInfo4": true, "PktInfo6": true, "Setenv": true, "SignalName": true,
	"SignalNum": true, "TimeToTimespec": true, "TimespecToNsec": true, "TimevalToNsec": true,
	"UnixCredentials": true, "UnixRights": true, "Unsetenv": true,
}

// Pure reports whether a function of package unix makes no system call. Such a
// function is not traced.
func Pure(function string) bool {
	return pure[function] || strings.HasPrefix(function, "Parse")
}

// sysnames are the system calls of the running architecture.
type sysnames struct {
	byNumber   map[int64]string
	bySquashed map[string]string // "timerfdcreate" -> "timerfd_create"
}

// systemCalls reads the SYS_ constants of a symbol table. An interpreter's table
// holds untyped constants as go/constant values, which print as their number.
func systemCalls(pkg map[string]reflect.Value) sysnames {
	s := sysnames{make(map[int64]string), make(map[string]string)}
	for name, v := range pkg {
		name, ok := strings.CutPrefix(name, "SYS_")
		if !ok || !v.IsValid() {
			continue
		}
		n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
		if err != nil {
			continue
		}
		name = strings.ToLower(name)
		s.byNumber[n] = name
		s.bySquashed[strings.ReplaceAll(name, "_", "")] = name
	}
	return s
}

func (s sysnames) name(number int64) string {
	if n, ok := s.byNumber[number]; ok {
		return n
	}
	return fmt.Sprintf("syscall_%d", number)
}

// of names the system call that an event of the function is named after. What
// Calls puts in lower case may have lost its underscores.
func (s sysnames) of(function string) string {
	name := Calls(function)[0]
	if known, ok := s.bySquashed[name]; ok {
		return known
	}
	return name
}
