//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// A screen writes lines for a person to read. On a terminal it uses colour
// (unless NO_COLOR is set, see no-color.org) and keeps one transient line, the
// status, below what it has written; anywhere else it writes plain lines only.
type screen struct {
	mu       sync.Mutex
	w        io.Writer
	colour   bool
	terminal bool
	status   string // on the transient line now
}

func newScreen(f *os.File) *screen {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	terminal := err == nil && os.Getenv("TERM") != "dumb"
	return &screen{
		w:        f,
		terminal: terminal,
		colour:   terminal && os.Getenv("NO_COLOR") == "",
	}
}

func (s *screen) printf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
	fmt.Fprintf(s.w, format, args...)
}

// setStatus shows text on the transient line.
func (s *screen) setStatus(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.terminal || text == s.status {
		return
	}
	s.erase()
	fmt.Fprint(s.w, text)
	s.status = text
}

// clear removes the transient line.
func (s *screen) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erase()
}

func (s *screen) erase() {
	if s.status != "" {
		fmt.Fprint(s.w, "\r\x1b[K")
		s.status = ""
	}
}

// waiting keeps the status up to date with the time that has passed since the
// call, until the returned function is called. A wait too short to notice
// shows nothing.
func (s *screen) waiting(what string) (stop func()) {
	if !s.terminal {
		return func() {}
	}
	done := make(chan struct{})
	var ended sync.WaitGroup
	ended.Go(func() {
		started := time.Now()
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				s.setStatus(fmt.Sprintf("%s %.1f s", what, time.Since(started).Seconds()))
			}
		}
	})
	var once sync.Once
	return func() {
		once.Do(func() {
			close(done)
			ended.Wait()
			s.clear()
		})
	}
}

// An ink is a meaning that a terminal shows by colour. Every use also has a
// word or a mark, for those who see no colour.
type ink string

const (
	inkGood  ink = "32"
	inkBad   ink = "31"
	inkName  ink = "1"
	inkFaint ink = "2"
)

func (s *screen) paint(i ink, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return "\x1b[" + string(i) + "m" + text + "\x1b[0m"
}

// say writes sentences of the runner's own behind a mark, each on a line, further
// ones indented under the first. On a terminal it also breaks lines between words;
// elsewhere a sentence is one line, for grep.
func (s *screen) say(mark, text string) {
	indent := strings.Repeat(" ", columns(mark))
	if !s.terminal {
		s.printf("%s%s\n", mark, strings.ReplaceAll(text, "\n", "\n"+indent))
		return
	}
	var b strings.Builder
	b.WriteString(mark)
	for n, line := range strings.Split(text, "\n") {
		if n > 0 {
			b.WriteString("\n" + indent)
		}
		used := columns(mark)
		for i, word := range strings.Fields(line) {
			switch {
			case i == 0:
			case used+1+utf8.RuneCountInString(word) > width:
				b.WriteString("\n" + indent)
				used = len(indent)
			default:
				b.WriteByte(' ')
				used++
			}
			b.WriteString(word)
			used += utf8.RuneCountInString(word)
		}
	}
	s.printf("%s\n", b.String())
}

var painting = regexp.MustCompile("\x1b\\[[0-9;]*m")

// columns is how wide a text is shown, without its colours.
func columns(text string) int {
	return utf8.RuneCountInString(painting.ReplaceAllString(text, ""))
}

// ruled puts a rule before every line, which tells a cell's own words from the
// runner's.
func ruled(rule, text string) string {
	if text == "" {
		return ""
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(rule)
		b.WriteString(strings.TrimSuffix(line, "\n"))
		b.WriteByte('\n')
	}
	return b.String()
}
