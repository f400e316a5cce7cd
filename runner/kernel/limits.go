package kernel

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Limits of a session. A cell's time is its own attribute.
const (
	// DefaultOutputCap is how many bytes of text a cell may print before the
	// rest is counted and dropped.
	DefaultOutputCap = 256 << 10
	// DefaultMemory is how many bytes a child may have resident. Not an address
	// space limit (RLIMIT_AS): the Go runtime reserves far more than it uses, and
	// so do cells that map files or start thousands of threads.
	DefaultMemory = 2 << 30
	// maxStack bounds the stack of one goroutine, in bytes. The runtime's own
	// bound of 1 GB takes seconds and all of the memory to reach.
	maxStack = 64 << 20
	// maxLine bounds a pending line of JSON, in bytes.
	maxLine = 64 << 20
	// maxRendering bounds one figure or table, in bytes of JSON.
	maxRendering = 8 << 20

	memoryInterval = 50 * time.Millisecond
	// eventInterval is how often a running cell's events are sent on.
	eventInterval = 50 * time.Millisecond
	// lineInterval is how often the lines of live actors are sent on when they
	// changed: what is known of a cell that takes its process with it.
	lineInterval = 10 * time.Millisecond
	// grace is how long after a cell's limit the child may take to say where
	// its actors are before it is killed unheard.
	grace = time.Second
	// compiling is how long, beyond its limit, the interpreter may take to
	// compile a cell before the child is thought to hang.
	compiling = 2 * time.Second
	// loading is how long a compiled program may take to reach its first cell.
	loading = 5 * time.Second
	// settle is how long a cell may go on after one of its actors panicked.
	settle = 200 * time.Millisecond
)

// memory reads the resident set of a process.
type memory struct {
	statm *os.File
	page  int64
}

func memoryOf(pid int) *memory {
	f, err := os.Open(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		f = nil // dead already: the pidfd will say so
	}
	return &memory{f, int64(os.Getpagesize())}
}

// resident returns bytes, 0 when the process is gone. See statm in
// proc_pid_statm(5): the second field is the resident set in pages.
func (m *memory) resident() int64 {
	if m.statm == nil {
		return 0
	}
	var buf [128]byte
	n, err := m.statm.ReadAt(buf[:], 0)
	if n == 0 && err != nil {
		return 0
	}
	fields := bytes.Fields(buf[:n])
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * m.page
}

func (m *memory) close() {
	if m.statm != nil {
		m.statm.Close()
	}
}

// preferAsVictim makes the kernel's out-of-memory killer choose the child
// before anything of the reader's (proc_pid_oom_score_adj(5)).
func preferAsVictim(pid int) {
	// Refused in some containers; the limit on resident memory stands.
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte("1000"), 0)
}

// descendants lists the processes below pid, as /proc/pid/task/tid/children has
// them (proc_tid_children(5)). The child adopts those whose own parent ends, so
// that none is missing.
func descendants(pid int) []int {
	var list []int
	paths, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, path := range paths {
		text, _ := os.ReadFile(path)
		for _, f := range strings.Fields(string(text)) {
			if child, err := strconv.Atoi(f); err == nil {
				list = append(append(list, child), descendants(child)...)
			}
		}
	}
	return list
}
