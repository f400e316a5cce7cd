package trace

import (
	"os"
	"reflect"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// BenchmarkCall compares a call through reflection, as an interpreter makes it,
// with the same call traced. The difference is what tracing costs; cpu-ns/op is
// the CPU time of the thread, which other load on the machine disturbs less.
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

	for _, call := range []struct {
		name, function string
		args           []any
	}{
		{"Write", "Write", []any{fd, buf}},
		{"RecvfromEAGAIN", "Recvfrom", []any{pair[0], buf, 0}},
		{"Poll", "Poll", []any{[]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}, 0}},
		{"ListenByReflection", "Listen", []any{fd, 1}},
	} {
		plain := reflect.ValueOf(unixFunctions[call.function])
		var args []reflect.Value
		for _, a := range call.args {
			args = append(args, reflect.ValueOf(a))
		}
		run := func(name string, f reflect.Value, args []reflect.Value, each func(n int)) {
			b.Run(call.name+"/"+name, func(b *testing.B) {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				_, leave := Enter("bench")
				defer leave()
				start := threadCPU()
				n := 0
				for b.Loop() {
					f.Call(args)
					n++
					each(n)
				}
				b.ReportMetric(float64(threadCPU()-start)/float64(n), "cpu-ns/op")
			})
		}
		run("plain", plain, args, func(int) {})
		r := NewRecorder()
		traced := r.Wrap(map[string]reflect.Value{call.function: plain})[call.function]
		args = append([]reflect.Value{reflect.ValueOf(12)}, args...)
		run("kept", traced, args, func(n int) {
			// Below the limits, so that every call is an event of its own.
			if n%keepAlike == 0 {
				r.Reset()
			}
		})
		r.Reset()
		run("folded", traced, args, func(int) {})
		r.Summarise(true)
		run("summarised", traced, args, func(int) {})
	}
}
