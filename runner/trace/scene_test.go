package trace

import (
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// unixFunctions are the functions that the tests call traced.
var unixFunctions = map[string]any{
	"Accept": unix.Accept, "Accept4": unix.Accept4, "Bind": unix.Bind, "ClockGettime": unix.ClockGettime, "Close": unix.Close,
	"Connect": unix.Connect, "Dup": unix.Dup, "Dup2": unix.Dup2, "Dup3": unix.Dup3, "EpollCreate1": unix.EpollCreate1,
	"EpollCtl": unix.EpollCtl, "EpollWait": unix.EpollWait, "Eventfd": unix.Eventfd, "FcntlInt": unix.FcntlInt,
	"Getpeername": unix.Getpeername, "Getppid": unix.Getppid, "Getsockname": unix.Getsockname,
	"GetsockoptInt": unix.GetsockoptInt, "Listen": unix.Listen, "Nanosleep": unix.Nanosleep, "Open": unix.Open,
	"Openat": unix.Openat, "Pipe": unix.Pipe, "Pipe2": unix.Pipe2, "Poll": unix.Poll, "Ppoll": unix.Ppoll,
	"Pread": unix.Pread, "Pselect": unix.Pselect, "Pwrite": unix.Pwrite, "Read": unix.Read, "Readv": unix.Readv,
	"Recvfrom": unix.Recvfrom, "Recvmsg": unix.Recvmsg, "Select": unix.Select, "Send": unix.Send, "Sendfile": unix.Sendfile,
	"Sendmsg": unix.Sendmsg, "SendmsgN": unix.SendmsgN, "Sendto": unix.Sendto, "SetNonblock": unix.SetNonblock,
	"SetsockoptInt": unix.SetsockoptInt, "Shutdown": unix.Shutdown, "Socket": unix.Socket, "Socketpair": unix.Socketpair,
	"Splice": unix.Splice, "Syscall": unix.Syscall, "UnixRights": unix.UnixRights, "Write": unix.Write, "Writev": unix.Writev,
}

// traced calls functions of package unix through a recorder's table, with the
// line of the test as source line.
type traced map[string]reflect.Value

func tracedUnix(r *Recorder) traced {
	table := systemCallNumbers()
	for name, f := range unixFunctions {
		table[name] = reflect.ValueOf(f)
	}
	return traced(r.Wrap(table))
}

// call returns the results as they are; an error is the last.
func (x traced) call(name string, args ...any) []any {
	_, _, line, _ := runtime.Caller(1)
	t := x[name].Type()
	in := []reflect.Value{reflect.ValueOf(line)}
	for i, a := range args {
		if a == nil {
			in = append(in, reflect.Zero(t.In(i+1)))
			continue
		}
		in = append(in, reflect.ValueOf(a).Convert(t.In(i+1)))
	}
	var out []any
	for _, v := range x[name].Call(in) {
		out = append(out, v.Interface())
	}
	return out
}

// n makes a call that returns a number, and fails the test on an error.
func (x traced) n(t *testing.T, name string, args ...any) int {
	t.Helper()
	out := x.call(name, args...)
	if err := out[len(out)-1]; err != nil {
		t.Errorf("%s%v: %v", name, args, err)
	}
	n, _ := out[0].(int)
	return n
}

// lines shows events without what differs from run to run.
func lines(events []Event) string {
	var b strings.Builder
	for _, e := range events {
		b.WriteString(e.Actor + ": " + e.Call + "(" + strings.Join(e.Args, ", ") + ") " + Outcome(e) + "\n")
	}
	return b.String()
}

var loopback4 = [4]byte{127, 0, 0, 1}

func listener(t *testing.T, x traced) (fd, port int) {
	t.Helper()
	fd = x.n(t, "Socket", unix.AF_INET, unix.SOCK_STREAM, 0)
	x.n(t, "Bind", fd, &unix.SockaddrInet4{Addr: loopback4})
	x.n(t, "Listen", fd, 5)
	sa, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	return fd, sa.(*unix.SockaddrInet4).Port
}

func itoa(n int) string { return strconv.Itoa(n) }
