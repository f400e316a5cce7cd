package chapter

import (
	"go/scanner"
	"go/token"
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
)

var calloutComment = regexp.MustCompile(`^//[ \t]*\(([0-9]{1,3})\)[ \t]*$`)

// callouts finds the cell's callouts and checks them against the list after
// the fence. A callout is a comment of Go, so the text (1) in a string is none.
func (p *parser) callouts(f *fence) {
	cell := f.cell
	src := []byte(cell.Code)
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, scanner.ScanComments) // bad code is the type checker's to report
	codeLine := 0
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		place := file.PositionFor(pos, false) // a //line comment moves nothing here
		line := place.Line
		if tok != token.COMMENT {
			if tok != token.SEMICOLON || lit != "\n" {
				codeLine = line + strings.Count(lit, "\n")
			}
			continue
		}
		m := calloutComment.FindStringSubmatch(lit)
		if m == nil {
			continue
		}
		at := p.lines[cell.CodeLine-1+line-1] + place.Column - 1
		number, _ := strconv.Atoi(m[1])
		switch want := len(cell.Callouts) + 1; {
		case codeLine != line:
			p.errorf(at, "callout (%d) stands alone; put it at the end of a line of code", number)
			continue
		case number != want:
			p.errorf(at, "callout (%d); number them from top to bottom: this one is (%d)", number, want)
			return
		}
		cell.Callouts = append(cell.Callouts, Callout{number, line})
	}
	if len(cell.Callouts) == 0 {
		return
	}

	list, ok := f.node.NextSibling().(*ast.List)
	first := p.lines[cell.CodeLine-1+cell.Callouts[0].Line-1]
	switch {
	case !ok || !list.IsOrdered():
		p.errorf(first, "the cell has callouts; follow the fence with an ordered list that explains them, one item each")
	case list.Start != 1:
		p.errorf(offset(list), "the list of callouts starts with %d; start with 1", list.Start)
	case list.ChildCount() != len(cell.Callouts):
		p.errorf(offset(list), "items in this list: %d, callouts in the cell on line %d: %d; write one item each", list.ChildCount(), cell.Line, len(cell.Callouts))
	}
}
