package trace

import (
	"reflect"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// System is the handful of calls that compiled helpers make on behalf of a cell
// (a client that behaves as told). They take a line like every traced call.
type System struct {
	Socket           func(line, domain, typ, proto int) (int, error)
	Connect          func(line, fd int, sa unix.Sockaddr) error
	Read             func(line, fd int, p []byte) (int, error)
	Write            func(line, fd int, p []byte) (int, error)
	Send             func(line, fd int, p []byte, flags int) (int, error)
	Shutdown         func(line, fd, how int) error
	SetsockoptLinger func(line, fd, level, opt int, l *unix.Linger) error
	Close            func(line, fd int) error
}

var active atomic.Pointer[System]

// Activate has r record the calls that compiled helpers make through Active.
func (r *Recorder) Activate() {
	traced := r.Wrap(map[string]reflect.Value{
		"Socket": reflect.ValueOf(unix.Socket), "Connect": reflect.ValueOf(unix.Connect),
		"Read": reflect.ValueOf(unix.Read), "Write": reflect.ValueOf(unix.Write),
		"SendmsgN": reflect.ValueOf(unix.SendmsgN),
		"Shutdown": reflect.ValueOf(unix.Shutdown), "SetsockoptLinger": reflect.ValueOf(unix.SetsockoptLinger),
		"Close": reflect.ValueOf(unix.Close),
	})
	s := new(System)
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		if f, ok := traced[v.Type().Field(i).Name]; ok {
			v.Field(i).Set(f)
		}
	}
	sendmsg := traced["SendmsgN"].Interface().(func(int, int, []byte, []byte, unix.Sockaddr, int) (int, error))
	s.Send = func(line, fd int, p []byte, flags int) (int, error) { return sendmsg(line, fd, p, nil, nil, flags) }
	active.Store(s)
}

// Active is the system as the activated recorder sees it, or the plain one.
func Active() *System {
	if s := active.Load(); s != nil {
		return s
	}
	return &plainSystem
}

var plainSystem = System{
	Socket:   func(_, domain, typ, proto int) (int, error) { return unix.Socket(domain, typ, proto) },
	Connect:  func(_, fd int, sa unix.Sockaddr) error { return unix.Connect(fd, sa) },
	Read:     func(_, fd int, p []byte) (int, error) { return unix.Read(fd, p) },
	Write:    func(_, fd int, p []byte) (int, error) { return unix.Write(fd, p) },
	Send:     func(_, fd int, p []byte, flags int) (int, error) { return unix.SendmsgN(fd, p, nil, nil, flags) },
	Shutdown: func(_, fd, how int) error { return unix.Shutdown(fd, how) },
	SetsockoptLinger: func(_, fd, level, opt int, l *unix.Linger) error {
		return unix.SetsockoptLinger(fd, level, opt, l)
	},
	Close: func(_, fd int) error { return unix.Close(fd) },
}
