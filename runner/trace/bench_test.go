package trace

import (
	"os"
	"reflect"
	"testing"

	"golang.org/x/sys/unix"
)

// BenchmarkCall compares a call through reflection, as an interpreter makes it,
// with the same call traced. The difference is what tracing costs.
func BenchmarkCall(b *testing.B) {
	null, err := os.OpenFile("/dev/null", os.O_RDWR, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer null.Close()
	fd := int(null.Fd())
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		b.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	buf := make([]byte, 1024)

	calls := []struct {
		name string
		f    any
		args []any
	}{
		{"Write", unix.Write, []any{fd, buf}},
		{"RecvfromEAGAIN", unix.Recvfrom, []any{pair[0], buf, 0}},
		{"Poll", unix.Poll, []any{[]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, 0}},
		{"Getppid", unix.Getppid, nil},
		{"Listen", unix.Listen, []any{fd, 1}},
	}
	for _, call := range calls {
		var args []reflect.Value
		for _, a := range call.args {
			args = append(args, reflect.ValueOf(a))
		}
		plain := reflect.ValueOf(call.f)
		b.Run(call.name+"/plain", func(b *testing.B) {
			for b.Loop() {
				plain.Call(args)
			}
		})
		r := NewRecorder()
		name := call.name
		if name == "RecvfromEAGAIN" {
			name = "Recvfrom"
		}
		traced := r.Wrap(map[string]reflect.Value{name: plain})[name]
		with := append([]reflect.Value{reflect.ValueOf(12)}, args...)
		b.Run(call.name+"/traced", func(b *testing.B) {
			_, leave := Enter("bench")
			defer leave()
			n := 0
			for b.Loop() {
				traced.Call(with)
				// Below the limits, so that every call is an event of its own.
				if n++; n%100 == 0 {
					b.StopTimer()
					r.Drain()
					r.Reset()
					b.StartTimer()
				}
			}
		})
		b.Run(call.name+"/summed", func(b *testing.B) {
			r.Summarise(true)
			for b.Loop() {
				traced.Call(with)
			}
		})
	}
}
