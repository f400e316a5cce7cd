package lab

import (
	"os"
	"strings"
	"unicode/utf8"
)

// Width is how many columns tables and plots use.
const Width = 72

// Table prints rows under a header, aligned; columns of numbers to the right.
func Table(header []string, rows [][]string) {
	os.Stdout.WriteString(table(header, rows))
}

func table(header []string, rows [][]string) string {
	widths := make([]int, len(header))
	for _, row := range append([][]string{header}, rows...) {
		for i := range min(len(row), len(widths)) {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	var b strings.Builder
	for _, row := range append([][]string{header}, rows...) {
		for i := range min(len(row), len(widths)) {
			b.WriteString(row[i] + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(row[i])+2))
		}
		b.WriteByte('\n')
	}
	return b.String()
}
