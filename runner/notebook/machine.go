package notebook

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// ThisMachine describes where it is called, for a run that starts now. What
// the system does not say is left zero.
func ThisMachine() Machine {
	m := Machine{
		CPU:   runtime.GOARCH,
		Cores: runtime.NumCPU(),
		Date:  time.Now().UTC().Truncate(time.Second),
		Go:    runtime.Version(),
		Yaegi: YaegiVersion,
	}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		m.Kernel = unix.ByteSliceToString(u.Release[:])
	}
	// proc_cpuinfo(5): "model name" is there on x86; other architectures give
	// numbers instead of a name.
	if name := procField("/proc/cpuinfo", "model name"); name != "" {
		m.CPU = strings.Join(strings.Fields(name), " ")
	}
	// proc_meminfo(5): "MemTotal: 16301124 kB", in units of 1024 bytes.
	kB, _, _ := strings.Cut(procField("/proc/meminfo", "MemTotal"), " ")
	if n, err := strconv.ParseInt(kB, 10, 64); err == nil {
		m.Memory = n * 1024
	}
	return m
}

// procField returns the first value of a "key : value" line, "" if there is
// none.
func procField(file, key string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		k, v, ok := strings.Cut(s.Text(), ":")
		if ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

// String is like "Linux 6.8.0, 8 cores of AMD EPYC 7B13, 31.3 GiB, go1.26.8".
func (m Machine) String() string {
	s := fmt.Sprintf("Linux %s, %d cores of %s", m.Kernel, m.Cores, m.CPU)
	if m.Cores == 1 {
		s = fmt.Sprintf("Linux %s, 1 core of %s", m.Kernel, m.CPU)
	}
	if m.Memory > 0 {
		s += fmt.Sprintf(", %.1f GiB", float64(m.Memory)/(1<<30))
	}
	return s + ", " + m.Go
}
