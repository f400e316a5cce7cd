package lower

import (
	"strconv"
	"strings"
)

// settleTests moves the tests in a text in front of the statements that they
// belong to. A block begins with "{ " and a statement ends with "; ": braces and
// semicolons of types and values have no space after them.
func settleTests(text string) string {
	if !hasTests(text) {
		return text
	}
	type brace struct {
		block bool
		start int // of the statement, in out
	}
	out := make([]byte, 0, len(text)+64)
	open := []brace{{block: true}}
	quote := byte(0)
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0:
			if c == '\\' {
				out = append(out, c)
				i++
				c = text[i]
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '\x03':
			j := i + strings.IndexByte(text[i:], '\x04')
			test := text[i+1 : j]
			i = j
			k := len(open) - 1
			for !open[k].block {
				k--
			}
			at := open[k].start
			out = append(out[:at], append([]byte(test), out[at:]...)...)
			for ; k < len(open); k++ {
				open[k].start += len(test)
			}
			continue
		case c == '{':
			isBlock := i+1 < len(text) && text[i+1] == ' '
			open = append(open, brace{isBlock, len(out) + 1})
		case c == '}':
			if len(open) > 1 {
				open = open[:len(open)-1]
			}
		case c == ' ' && i > 0 && text[i-1] == ';' && open[len(open)-1].block:
			open[len(open)-1].start = len(out) + 1
		}
		out = append(out, c)
	}
	return string(out)
}

// emit lays text with marks out over the lines of src: a mark's text goes to the
// mark's line, or as soon after it as a line break is possible and never later
// lines than src has. Line directives of src stay where they are.
func emit(text string, start int, directives map[int]string, last int) string {
	text = settleTests(text)
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
