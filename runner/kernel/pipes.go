package kernel

import (
	"bytes"

	"golang.org/x/sys/unix"
)

// sources of a poll. What a child wrote to them in some order must be handled
// in that order, or a figure lands before the text above it and the last words
// of a cell go to the next one. A line on control was written after the text
// before it, a report after both. So each turn looks first how many bytes of
// report and of control there are, then takes all text, and then no more than
// those bytes: the text before them is taken by then. For text after a line,
// runner/lab waits until its line has been read.
const (
	fromStdout = iota
	fromStderr
	fromControl
	fromReport
	fromDeath
	numSources
)

type source struct {
	fd      int32 // -1 once at its end
	pending []byte
	line    func([]byte)
}

// waiting returns how many bytes are in the pipe. At the end of the stream it
// returns 1, so that take sees it. (TIOCINQ is FIONREAD; see pipe(7).)
func (s *source) waiting() int {
	if s.fd < 0 {
		return 0
	}
	n, err := unix.IoctlGetInt(int(s.fd), unix.TIOCINQ)
	if err != nil {
		return 1
	}
	return max(n, 1)
}

// capacity is more than can be in the pipe at one moment: a writer that never
// stops does not keep the others waiting.
func (s *source) capacity() int {
	if s.fd < 0 {
		return 0
	}
	n, err := unix.FcntlInt(uintptr(s.fd), unix.F_GETPIPE_SZ, 0)
	if err != nil {
		return 1 << 16
	}
	return n
}

// take reads up to limit bytes, as far as they are there.
func (s *source) take(buf []byte, limit int, use func([]byte)) {
	for limit > 0 && s.fd >= 0 {
		n, err := unix.Read(int(s.fd), buf[:min(limit, len(buf))])
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			return
		case err != nil || n == 0:
			s.close()
			return
		}
		limit -= n
		use(buf[:n])
	}
}

// split hands over whole lines and keeps the beginning of the next.
func (s *source) split(b []byte) {
	for {
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			if s.pending = append(s.pending, b...); len(s.pending) > maxLine {
				s.pending = nil // nothing of ours: its rest will not parse
			}
			return
		}
		line := b[:i]
		if len(s.pending) > 0 {
			line = append(s.pending, line...)
			s.pending = nil
		}
		s.line(line)
		b = b[i+1:]
	}
}

func (s *source) close() {
	if s.fd >= 0 {
		unix.Close(int(s.fd))
		s.fd = -1
	}
}
