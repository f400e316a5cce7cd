package trace

import (
	"reflect"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWrapRecordsAndPassesThrough(t *testing.T) {
	r := NewRecorder()
	table := r.Wrap(map[string]reflect.Value{
		"Socketpair": reflect.ValueOf(unix.Socketpair), "Write": reflect.ValueOf(unix.Write), "Read": reflect.ValueOf(unix.Read),
		"Close": reflect.ValueOf(unix.Close), "UnixRights": reflect.ValueOf(unix.UnixRights),
	})
	pairOf := table["Socketpair"].Interface().(func(int, int, int, int) ([2]int, error))
	write := table["Write"].Interface().(func(int, int, []byte) (int, error))
	read := table["Read"].Interface().(func(int, int, []byte) (int, error))
	closeFD := table["Close"].Interface().(func(int, int) error)
	p, err := pairOf(7, unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := write(8, p[0], []byte("hello\n")); n != 6 || err != nil {
		t.Fatal(n, err)
	}
	buf := make([]byte, 64)
	if n, err := read(9, p[1], buf); n != 6 || err != nil || string(buf[:6]) != "hello\n" {
		t.Fatal(n, err)
	}
	if _, err := read(10, p[1], buf); err != unix.EAGAIN {
		t.Fatal(err)
	}
	closeFD(11, p[0])
	closeFD(12, p[1])
	if err := closeFD(13, -1); err != unix.EBADF {
		t.Fatal(err)
	}
	var got []string
	for _, e := range r.Drain() {
		got = append(got, e.Call+"("+strings.Join(e.Args, ", ")+") = "+e.Result+" "+e.Errno)
	}
	t.Log(strings.Join(got, "\n"))
	if len(got) != 7 {
		t.Fatalf("%d events, want 7", len(got))
	}
}
