package lab

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// ControlVariable names the environment variable that holds the number of the
// control descriptor. Unset: the program runs by itself.
const ControlVariable = "IOWORKBOOK_CONTROL"

// control is the way to the runner: one JSON object per line.
var control struct {
	once sync.Once
	mu   sync.Mutex
	file *os.File
}

func controlFile() *os.File {
	control.once.Do(func() {
		if fd, err := strconv.Atoi(os.Getenv(ControlVariable)); err == nil && fd > 2 {
			control.file = os.NewFile(uintptr(fd), "control")
		}
	})
	return control.file
}

// ControlLine writes one line to the control descriptor, whole and never mixed
// with another: a write longer than PIPE_BUF is not atomic in itself (pipe(7)).
// It reports whether there is such a descriptor. Cells do not need it.
func ControlLine(line []byte) bool {
	f := controlFile()
	if f == nil {
		return false
	}
	control.mu.Lock()
	defer control.mu.Unlock()
	if _, err := f.Write(append(line[:len(line):len(line)], '\n')); err != nil {
		return false
	}
	awaitReader(f)
	return true
}

// awaitReader returns when the line has been read. The runner takes all text
// that was printed before a line; text printed after it must not be there yet,
// or it would come before a figure that it follows, or in the cell before its own.
func awaitReader(f *os.File) {
	const patience = time.Second // nobody reads: the order is lost, the cell is not
	for start := time.Now(); time.Since(start) < patience; {
		// FIONREAD: bytes written to the pipe and not read (pipe(7)).
		if n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCINQ); err != nil || n == 0 {
			return
		}
		// time.Sleep would take a millisecond where nothing else runs.
		_ = unix.Nanosleep(&unix.Timespec{Nsec: 10_000}, nil)
	}
}

type message struct {
	Type    string          `json:"t"`
	Claim   string          `json:"claim,omitempty"`
	OK      *bool           `json:"ok,omitempty"`
	MIME    string          `json:"mime,omitempty"`
	Data    json.RawMessage `json:"data,omitempty"`
	Text    string          `json:"text,omitempty"`
	Cell    string          `json:"cell,omitempty"`
	Kind    string          `json:"kind,omitempty"`
	Actor   string          `json:"actor,omitempty"`
	Line    int             `json:"line,omitempty"`
	Message string          `json:"message,omitempty"`
}

func send(m message) bool {
	line, err := json.Marshal(m)
	if err != nil {
		return false
	}
	return ControlLine(line)
}

// Display shows data of a MIME type in the notebook: text/plain, image/svg+xml,
// a +json type. A terminal, and the program run by itself, print text/plain and
// note the rest.
func Display(mime string, data []byte) {
	m := message{Type: "display", MIME: mime, Data: data}
	switch {
	case mime == "text/plain":
		m.Data, m.Text = nil, string(data)
	case strings.HasSuffix(mime, "json") && json.Valid(data):
	case utf8.Valid(data):
		m.Data, _ = json.Marshal(string(data)) // a string always marshals
	default:
		m.Data, _ = json.Marshal(base64.StdEncoding.EncodeToString(data))
	}
	if m.Text == "" {
		m.Text = "(" + mime + ", " + strconv.Itoa(len(data)) + " bytes)\n"
	}
	if !send(m) {
		os.Stdout.WriteString(m.Text)
	}
}
