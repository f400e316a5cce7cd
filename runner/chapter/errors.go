package chapter

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Error is one violation of the format.
type Error struct {
	Path      string
	Line, Col int // from 1; Col counts bytes
	Msg       string
}

// Error returns "chapters/04-nonblocking.md:57:9: unknown attribute ...".
// An error of a directory or an unreadable file has no position.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Path + ": " + e.Msg
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.Path, e.Line, e.Col, e.Msg)
}

// Errors is every violation found, sorted by position, never empty when
// returned as an error.
type Errors []*Error

// Error returns one line per violation, without a final newline.
func (l Errors) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

func (l Errors) sort() {
	slices.SortStableFunc(l, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
}
