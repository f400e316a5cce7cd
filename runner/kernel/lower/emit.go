package lower

import (
	"strconv"
	"strings"
)

// emit lays text with marks out over the lines of src: a mark's text goes to the
// mark's line, or as soon after it as a line break is possible and never later
// lines than src has. Line directives of src stay where they are.
func emit(text string, start int, directives map[int]string, last int) string {
	var b strings.Builder
	b.Grow(len(text) + 64)
	line, want := start, start
	flush := func() {
		for line < want {
			b.WriteByte('\n')
			line++
			if d := directives[line]; d != "" {
				b.WriteString(d)
				if want == line {
					want++
				}
			}
		}
	}
	quote := byte(0)
	safe := true // a line break here is no end of a statement
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\x01':
			j := i + strings.IndexByte(text[i:], '\x02')
			n, _ := strconv.Atoi(text[i+1 : j])
			want = max(want, min(n, last))
			i = j
			continue
		case quote != 0:
			b.WriteByte(c)
			switch {
			case c == '\\':
				i++
				b.WriteByte(text[i])
			case c == quote:
				quote = 0
				safe = false
			}
			continue
		case c == ' ' || c == '\n':
			if b.Len() > 0 && !safe {
				b.WriteByte(' ')
			}
			continue
		}
		if safe && want > line {
			flush()
		}
		if c == '"' || c == '\'' {
			quote = c
		}
		b.WriteByte(c)
		safe = strings.IndexByte("{(,;", c) >= 0
	}
	want = last
	flush()
	return b.String()
}
