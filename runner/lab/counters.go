package lab

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ThreadCPU is the CPU time the calling thread has used. The figure belongs to
// the goroutine only under runtime.LockOSThread.
func ThreadCPU() time.Duration { return cpuClock(unix.CLOCK_THREAD_CPUTIME_ID) }

// ProcessCPU is the CPU time all threads of the process have used.
func ProcessCPU() time.Duration { return cpuClock(unix.CLOCK_PROCESS_CPUTIME_ID) }

func cpuClock(clock int32) time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(clock, &ts); err != nil {
		return 0 // both clocks exist on every Linux since 2.6.12
	}
	return time.Duration(ts.Nano())
}

// ThreadSwitches counts the context switches of the calling thread: voluntary
// when it went to sleep, involuntary when it was pushed off the CPU (getrusage(2)).
func ThreadSwitches() (voluntary, involuntary int) { return switches(unix.RUSAGE_THREAD) }

// ProcessSwitches is ThreadSwitches for all threads of the process.
func ProcessSwitches() (voluntary, involuntary int) { return switches(unix.RUSAGE_SELF) }

func switches(who int) (voluntary, involuntary int) {
	var u unix.Rusage
	if unix.Getrusage(who, &u) != nil {
		return 0, 0 // only a bad pointer or who can fail
	}
	return int(u.Nvcsw), int(u.Nivcsw)
}

// TCPSegments are the counters InSegs and OutSegs of /proc/net/snmp: segments
// received and sent by the whole network namespace, loopback included.
func TCPSegments() (in, out int) {
	text, err := os.ReadFile("/proc/net/snmp")
	Must(err)
	var names []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != "Tcp:" {
			continue
		}
		if names == nil {
			names = fields
			continue
		}
		for i, name := range names {
			n, _ := strconv.Atoi(fields[i])
			switch name {
			case "InSegs":
				in = n
			case "OutSegs":
				out = n
			}
		}
		return in, out
	}
	Must(errors.New("/proc/net/snmp has no Tcp line"))
	return 0, 0
}

// OpenFDs counts the open descriptors of the process.
func OpenFDs() int {
	list, err := os.ReadDir("/proc/self/fd")
	Must(err)
	return len(list) - 1 // the directory itself was open
}

// Threads counts the threads of the process.
func Threads() int {
	list, err := os.ReadDir("/proc/self/task")
	Must(err)
	return len(list)
}

// RSS is the memory of the process that is resident now, in bytes.
func RSS() int {
	text, err := os.ReadFile("/proc/self/statm")
	Must(err)
	var size, resident int
	_, err = fmt.Sscan(string(text), &size, &resident)
	Must(err)
	return resident * os.Getpagesize()
}
