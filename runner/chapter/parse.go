package chapter

import (
	"bytes"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// Parse reads one chapter. The error is an [Errors] with every violation, and
// then there is no chapter. The path is used for messages and for the
// chapter's number; no file is opened.
func Parse(path string, src []byte) (*Chapter, error) {
	p := newParser(path, src)
	p.parse()
	if len(p.errs) > 0 {
		p.errs.sort()
		return nil, p.errs
	}
	return p.chapter, nil
}

// A parser holds one file's parse. All offsets are into chapter.Source.
type parser struct {
	chapter *Chapter
	src     []byte
	lines   []int // offset of each line's first byte
	errs    Errors
	fences  []*fence // the cells, with what only checks need
}

// A fence is a cell together with where its attributes stand.
type fence struct {
	cell *Cell
	at   map[string]int // attribute name -> offset of the word
	open int            // offset of the brace
	node ast.Node
}

func newParser(path string, src []byte) *parser {
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	p := &parser{chapter: &Chapter{Path: path, Source: src}, src: src, lines: []int{0}}
	for i, b := range src {
		if b == '\n' {
			p.lines = append(p.lines, i+1)
		}
	}
	return p
}

func (p *parser) parse() {
	c := p.chapter
	var ok bool
	c.Number, c.Slug, ok = splitName(c.Path)
	if !ok {
		p.errorf(0, "bad file name; %s", fileNameRule)
	}
	p.checkText()

	md := goldmark.New(goldmark.WithExtensions(extension.GFM))
	doc := md.Parser().Parse(text.NewReader(p.src))
	var titles []*ast.Heading
	ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level == 1 {
				titles = append(titles, n)
			}
		case *ast.FencedCodeBlock:
			p.fence(n)
		}
		return ast.WalkContinue, nil
	})
	p.title(titles)
	p.parts()
	p.checkNames()
	p.checkExercises()
	p.checkAfter()
	for _, f := range p.fences {
		p.callouts(f)
	}
}

// checkText reports what would make positions or code mean something else to
// Markdown, to the Go compiler and to an editor.
func (p *parser) checkText() {
	for i := 0; i < len(p.src); {
		r, size := utf8.DecodeRune(p.src[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			p.errorf(i, "byte 0x%02x is not UTF-8; save the file as UTF-8", p.src[i])
			return // a file in another encoding has one on every line
		case r == 0:
			p.errorf(i, "NUL byte; remove it")
			return
		case r == '\r' && !bytes.HasPrefix(p.src[i+1:], []byte("\n")):
			p.errorf(i, "carriage return without line feed; end lines with LF or CRLF")
			return
		}
		i += size
	}
}

func (p *parser) title(titles []*ast.Heading) {
	if len(titles) == 0 {
		p.errorf(0, "no title; add one level-one heading: # Title")
		return
	}
	p.chapter.Title = plainText(titles[0], p.src)
	if p.chapter.Title == "" {
		p.errorf(offset(titles[0]), "the title is empty; write # Title")
	}
	first, _ := p.position(offset(titles[0]))
	for _, h := range titles[1:] {
		p.errorf(offset(h), "second level-one heading; the chapter's title is on line %d; write ## here", first)
	}
}

var openingInCode = regexp.MustCompile("(?m)^(```+|~~~+)[ \t]*go[ \t]*\\{")

// fence reads one fenced code block: a cell, an error, or prose.
func (p *parser) fence(n *ast.FencedCodeBlock) {
	at := offset(n)
	lineStart := p.lineStart(at)
	topLevel := n.Parent() != nil && n.Parent().Kind() == ast.KindDocument
	info, infoAt := "", at
	if n.Info != nil {
		info, infoAt = string(n.Info.Segment.Value(p.src)), n.Info.Segment.Start
	}

	codeStart := p.nextLine(at)
	codeEnd := codeStart
	if l := n.Lines().Len(); l > 0 {
		codeEnd = n.Lines().At(l - 1).Stop
	}
	end := p.nextLine(codeEnd)
	if topLevel {
		marks := len(p.src[at:]) - len(bytes.TrimLeft(p.src[at:], string(p.src[at])))
		mark := string(p.src[at : at+marks])
		if codeEnd >= len(p.src) {
			p.errorf(at, "fence is never closed; end the code with a line %s", mark)
		}
		if m := openingInCode.FindSubmatchIndex(p.src[codeStart:codeEnd]); m != nil && m[3]-m[2] >= marks && p.src[codeStart+m[2]] == mark[0] {
			line, _ := p.position(at)
			p.errorf(codeStart+m[2], "a cell opens inside the fence of line %d; close that one first with a line %s (to show a fence, open the outer one with more marks)", line, mark)
		}
	}

	attrs, braceAt, isCell := p.infoString(info, infoAt)
	if !isCell {
		return
	}
	switch {
	case !topLevel:
		p.errorf(at, "a Go fence inside a list or quote; a cell starts in column 1, outside of both")
	case at != lineStart:
		p.errorf(at, "an indented Go fence; a cell starts in column 1")
	}
	cell := &Cell{
		Path: p.chapter.Path, Name: attrs.values.Name, Attr: attrs.values,
		Code:  strings.ReplaceAll(string(p.src[codeStart:codeEnd]), "\r\n", "\n"),
		Start: lineStart, End: end, CodeStart: codeStart, CodeEnd: codeEnd,
	}
	cell.Line, _ = p.position(at)
	cell.CodeLine = cell.Line + 1
	if strings.TrimSpace(cell.Code) == "" {
		p.errorf(at, "the cell is empty; write code in it or remove it")
	}
	if !topLevel {
		return // its range may overlap a neighbour's
	}
	f := &fence{cell: cell, at: attrs.at, open: braceAt, node: n}
	p.fences = append(p.fences, f)
	p.checkConflicts(f)
}

// parts cuts the source at the cells.
func (p *parser) parts() {
	c, done := p.chapter, 0
	add := func(kind PartKind, end int, cell *Cell) {
		if end > done {
			line, _ := p.position(done)
			c.Parts = append(c.Parts, Part{Kind: kind, Start: done, End: end, Line: line, Cell: cell})
			done = end
		}
	}
	for _, f := range p.fences {
		add(Prose, f.cell.Start, nil)
		add(CellPart, f.cell.End, f.cell)
	}
	add(Prose, len(p.src), nil)
}

func (p *parser) errorf(at int, format string, args ...any) {
	line, col := p.position(at)
	p.errs = append(p.errs, &Error{Path: p.chapter.Path, Line: line, Col: col, Msg: fmt.Sprintf(format, args...)})
}

// position converts an offset to a line and a column in bytes, from 1.
func (p *parser) position(at int) (line, col int) {
	at = min(max(at, 0), len(p.src))
	line = sort.SearchInts(p.lines, at+1)
	return line, at - p.lines[line-1] + 1
}

func (p *parser) lineStart(at int) int {
	line, _ := p.position(at)
	return p.lines[line-1]
}

// nextLine returns the offset of the line after the one that holds at.
func (p *parser) nextLine(at int) int {
	line, _ := p.position(at)
	if line < len(p.lines) {
		return p.lines[line]
	}
	return len(p.src)
}

// offset returns where a block begins; goldmark gives -1 for a node it made up.
func offset(n ast.Node) int { return max(n.Pos(), 0) }

// plainText returns a heading's words without markup.
func plainText(n ast.Node, src []byte) string {
	var b strings.Builder
	ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			switch n := n.(type) {
			case *ast.Text:
				b.Write(n.Segment.Value(src))
				if n.SoftLineBreak() || n.HardLineBreak() {
					b.WriteByte(' ')
				}
			case *ast.String:
				b.Write(n.Value)
			}
		}
		return ast.WalkContinue, nil
	})
	return strings.TrimSpace(b.String())
}
