package program

import (
	"go/format"
	"strings"

	"ioworkbook/runner/chapter"
)

// Formatted reports where gofmt would change a cell: an [Errors] with the first
// such line, or with the syntax errors that keep gofmt from reading it. Width is
// not gofmt's business; see [chapter.Chapter.WideLines].
func Formatted(cell *chapter.Cell) error {
	p, errs := cellPart(cell)
	if p == nil {
		return errs.orNil()
	}
	want := p.formatted()
	if want == p.Code {
		return nil
	}
	line, is, has := firstDifference(p.Code, want)
	msg := "gofmt would write: " + has
	switch {
	case strings.TrimSpace(is) == "":
		msg = "gofmt would remove this blank line"
	case strings.TrimSpace(has) == "":
		msg = "gofmt would put a blank line here"
	}
	e := &Error{Msg: msg}
	e.Pos.Line, e.Pos.Column = line, 1
	return p.locate(Errors{e})
}

// formatted returns the code as gofmt leaves it. gofmt takes a list of top-level
// declarations or a list of statements, and a cell may have both: each stretch
// of the same sort is formatted on its own, with at most one blank line between.
func (p *part) formatted() string {
	var out strings.Builder
	between := ""
	for _, run := range p.stretches() {
		code := strings.Trim(run, " \t\n")
		text, err := format.Source([]byte(code))
		if err != nil {
			text = []byte(code) // each part parses, so this is not expected
		}
		if strings.HasPrefix(run, "\n") && out.Len() > 0 {
			between = "\n\n"
		}
		out.WriteString(between)
		out.Write(text)
		between = "\n"
		if strings.HasSuffix(run, "\n\n") {
			between = "\n\n"
		}
	}
	return out.String() + "\n"
}

// stretches cuts the code where gofmt cannot read on.
func (p *part) stretches() []string {
	var runs []string
	start, sort := 0, Blank
	for _, c := range p.chunks {
		k := c.Kind
		switch k {
		case Import:
			k = Func // as a function, only outside of functions
		case Type, Const, Var, Blank:
			k = sort // in both
		}
		if sort != Blank && k != sort {
			runs = append(runs, p.Code[start:c.Start])
			start = c.Start
		}
		sort = k
	}
	return append(runs, p.Code[start:])
}

// firstDifference returns the first line, from 1, in which a and b differ, as
// it is in each.
func firstDifference(a, b string) (line int, inA, inB string) {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for line < len(as) && line < len(bs) && as[line] == bs[line] {
		line++
	}
	line = min(line, len(bs)-1) // of blank lines at the end, the first
	if line < len(as) {
		inA = as[line]
	}
	if line < len(bs) {
		inB = bs[line]
	}
	return line + 1, inA, inB
}
