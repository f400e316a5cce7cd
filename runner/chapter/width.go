package chapter

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// MaxColumns is how wide a line of code in the book may be, a tab counted as
// TabColumns: what fits a phone turned sideways and half a screen.
const (
	MaxColumns = 72
	TabColumns = 4
)

// WideLines returns an error for each line of code that is too wide. It is a
// rule of the book, not of the format: a reader's edit may break it.
func (c *Chapter) WideLines() Errors {
	var errs Errors
	for _, cell := range c.Cells() {
		n := cell.CodeLine
		for line := range strings.Lines(cell.Code) {
			line = strings.TrimSuffix(line, "\n")
			width := utf8.RuneCountInString(line) + strings.Count(line, "\t")*(TabColumns-1)
			if width > MaxColumns {
				errs = append(errs, &Error{Path: c.Path, Line: n, Col: columnAfter(line, MaxColumns),
					Msg: fmt.Sprintf("line of code is %d columns wide, more than %d; break it", width, MaxColumns)})
			}
			n++
		}
	}
	return errs
}

// columnAfter returns the byte column of the first character beyond width.
func columnAfter(line string, width int) int {
	used := 0
	for i, r := range line {
		used++
		if r == '\t' {
			used += TabColumns - 1
		}
		if used > width {
			return i + 1
		}
	}
	return len(line) + 1
}
