package lab

import (
	"os"
	"strings"
	"unicode/utf8"
)

// Width is how many columns tables and plots use.
const Width = 72

// Table prints rows under a header, within Width columns. A column whose cells
// are all numbers (a unit may follow) is set to the right. Text that does not
// fit goes on in the next line of its cell.
func Table(header []string, rows [][]string) {
	os.Stdout.WriteString(tableText(header, rows))
}

const tableGap = 2 // columns between two cells

func tableText(header []string, rows [][]string) string {
	columns := len(header)
	for _, row := range rows {
		columns = max(columns, len(row))
	}
	if columns == 0 {
		return ""
	}
	widths, least, right := make([]int, columns), make([]int, columns), make([]bool, columns)
	for i := range columns {
		numbers := 0
		right[i] = true
		for r, row := range append([][]string{header}, rows...) {
			text := cellOf(row, i)
			widths[i] = max(widths[i], columnsOf(text))
			for word := range strings.FieldsSeq(text) {
				least[i] = max(least[i], min(columnsOf(word), 12))
			}
			if r > 0 && text != "" {
				numbers++
				right[i] = right[i] && isNumber(text)
			}
		}
		right[i] = right[i] && numbers > 0
	}
	fit(widths, least)

	var b strings.Builder
	write := func(row []string) {
		cells := make([][]string, columns)
		height := 1
		for i := range columns {
			cells[i] = broken(cellOf(row, i), widths[i])
			height = max(height, len(cells[i]))
		}
		for k := range height {
			line := ""
			for i := range columns {
				text := ""
				if k < len(cells[i]) {
					text = cells[i][k]
				}
				blank := strings.Repeat(" ", max(widths[i]-columnsOf(text), 0))
				if right[i] {
					text = blank + text
				} else {
					text += blank
				}
				if i > 0 {
					line += strings.Repeat(" ", tableGap)
				}
				line += text
			}
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
	}
	rule := make([]string, columns)
	for i, w := range widths {
		rule[i] = strings.Repeat("-", w)
	}
	write(header)
	write(rule)
	for _, row := range rows {
		write(row)
	}
	return b.String()
}

func cellOf(row []string, i int) string {
	if i < len(row) {
		return strings.Join(strings.Fields(row[i]), " ")
	}
	return ""
}

// fit narrows the widest columns, a column at a time, until all fit into Width or
// none can be narrowed without cutting words.
func fit(widths, least []int) {
	for {
		total := tableGap * (len(widths) - 1)
		widest := -1
		for i, w := range widths {
			total += w
			if w > least[i] && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if total <= Width || widest < 0 {
			return
		}
		widths[widest]--
	}
}

// isNumber: digits with sign, point, separators, perhaps a unit: "12,300", "-1",
// "4.2 MiB", "99%", "17x".
func isNumber(s string) bool {
	number, _, _ := strings.Cut(s, " ")
	digits := strings.TrimLeft(number, "+-~<>")
	if digits == "" || digits[0] < '0' || digits[0] > '9' {
		return number == "-" || number == "n/a"
	}
	return strings.Trim(digits, "0123456789.,_") == "" || strings.Trim(strings.TrimRight(digits, "%x×µnumsKMGTiB"), "0123456789.,_") == ""
}

// broken breaks a text into lines of at most n columns, between words where it can.
func broken(text string, n int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		for columnsOf(word) > n {
			if line != "" {
				lines, line = append(lines, line), ""
			}
			head := string([]rune(word)[:max(n, 1)])
			lines, word = append(lines, head), word[len(head):]
		}
		switch {
		case line == "":
			line = word
		case columnsOf(line)+1+columnsOf(word) <= n:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	return append(lines, line)
}

// columnsOf is the width of a text on a terminal; CJK characters take two columns.
func columnsOf(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 || r >= 0xf900 && r <= 0xfaff || r >= 0xff00 && r <= 0xff60 {
			n++
		}
	}
	return n
}
