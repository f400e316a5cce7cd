package program

import (
	"fmt"
	"go/scanner"
	"go/token"
	"strings"
)

// Kind tells what a chunk of a cell declares, or that it is a statement.
type Kind int

const (
	Statement Kind = iota
	Import
	Type
	Const
	Var
	Func
	Blank // comments and empty lines only: a cell without code
)

func (k Kind) String() string {
	return [...]string{"statement", "import", "type", "const", "var", "func", "blank"}[k]
}

// A Chunk is one top-level declaration or statement of a cell with the comments
// that belong to it: those above it, and those that follow on its last line. A
// cell's chunks concatenate to its text.
type Chunk struct {
	Kind       Kind
	Start, End int // code[Start:End]
	Off        int // its first token
	Line       int // of Off, from 1
}

// Split cuts a cell into chunks. It works on tokens: a cell is neither a file,
// for it has statements, nor a function body, for it has functions and imports,
// so no parser takes it whole. The error is a [scanner.ErrorList] with positions
// within the cell.
//
// A statement with semicolons in its header may come as several Statement
// chunks when a literal in the header ends in a brace: for s := []int{1}; ...
func Split(code string) ([]Chunk, error) {
	s := newSplitter(code)
	if s.scan(); s.errs.Len() > 0 {
		s.errs.RemoveMultiples()
		return nil, s.errs
	}
	if len(s.tokens) == 0 {
		if code == "" {
			return nil, nil
		}
		return []Chunk{{Kind: Blank, End: len(code), Line: 1}}, nil
	}
	var chunks []Chunk
	start := 0
	for i := 0; i < len(s.tokens); {
		end := s.chunkEnd(i)
		first := s.tokens[i]
		c := Chunk{Kind: s.kind(i, end), Start: start, Off: first.off, Line: s.file.Line(s.file.Pos(first.off))}
		c.End = s.textEnd(end)
		chunks = append(chunks, c)
		start, i = c.End, end
	}
	chunks[len(chunks)-1].End = len(code)
	return chunks, nil
}

type tokenAt struct {
	tok   token.Token
	off   int
	end   int  // offset after it; that of an automatic semicolon is its off
	depth int  // brackets open before it
	auto  bool // a semicolon the scanner inserted
}

type splitter struct {
	code     string
	file     *token.File
	tokens   []tokenAt
	comments []tokenAt
	errs     scanner.ErrorList
}

func newSplitter(code string) *splitter {
	fset := token.NewFileSet()
	return &splitter{code: code, file: fset.AddFile("", -1, len(code))}
}

func (s *splitter) errorf(off int, format string, args ...any) {
	s.errs.Add(s.file.Position(s.file.Pos(off)), fmt.Sprintf(format, args...))
}

// scan reads all tokens and pairs the brackets.
func (s *splitter) scan() {
	var sc scanner.Scanner
	sc.Init(s.file, []byte(s.code), func(p token.Position, msg string) { s.errs.Add(p, msg) }, scanner.ScanComments)
	var open []tokenAt
	for {
		pos, tok, lit := sc.Scan()
		if tok == token.EOF {
			break
		}
		t := tokenAt{tok: tok, off: s.file.Offset(pos), depth: len(open)}
		switch {
		case tok == token.COMMENT:
			t.end = t.off + len(lit)
			s.comments = append(s.comments, t)
			continue
		case tok == token.SEMICOLON && lit == "\n":
			t.end, t.auto = t.off, true
		case lit != "":
			t.end = t.off + len(lit)
		default:
			t.end = t.off + len(tok.String())
		}
		switch tok {
		case token.LBRACE, token.LPAREN, token.LBRACK:
			open = append(open, t)
		case token.RBRACE, token.RPAREN, token.RBRACK:
			if len(open) == 0 {
				s.errorf(t.off, "syntax error: unexpected %s, nothing is open", tok)
				return
			}
			last := open[len(open)-1]
			if want := closing(last.tok); tok != want {
				s.errorf(t.off, "syntax error: unexpected %s, expecting %s", tok, want)
				return
			}
			open = open[:len(open)-1]
			t.depth--
		}
		s.tokens = append(s.tokens, t)
	}
	if len(open) > 0 && s.errs.Len() == 0 {
		last := open[len(open)-1]
		s.errorf(last.off, "syntax error: %s is not closed in this cell", last.tok)
	}
}

func closing(open token.Token) token.Token {
	switch open {
	case token.LBRACE:
		return token.RBRACE
	case token.LPAREN:
		return token.RPAREN
	}
	return token.RBRACK
}

// chunkEnd returns the index after the chunk that begins with token i: after
// the first semicolon outside brackets, but not inside the header of a compound
// statement.
func (s *splitter) chunkEnd(i int) int {
	compound := isCompound(s.tokens[s.afterLabels(i)].tok)
	for j := i; j < len(s.tokens); j++ {
		t := s.tokens[j]
		if t.tok != token.SEMICOLON || t.depth > 0 {
			continue
		}
		if compound && !t.auto && s.tokens[j-1].tok != token.RBRACE {
			continue
		}
		return j + 1
	}
	return len(s.tokens)
}

// afterLabels returns the index of the first token at or after i that is not
// part of a label.
func (s *splitter) afterLabels(i int) int {
	for i+2 < len(s.tokens) && s.tokens[i].tok == token.IDENT && s.tokens[i+1].tok == token.COLON {
		i += 2
	}
	return i
}

func isCompound(t token.Token) bool {
	switch t {
	case token.FOR, token.IF, token.SWITCH, token.SELECT:
		return true
	}
	return false
}

// kind classifies tokens[i:end].
func (s *splitter) kind(i, end int) Kind {
	switch s.tokens[i].tok {
	case token.IMPORT:
		return Import
	case token.TYPE:
		return Type
	case token.CONST:
		return Const
	case token.VAR:
		return Var
	case token.FUNC:
		if s.declaresFunc(i+1, end) {
			return Func
		}
	}
	return Statement
}

// declaresFunc tells "func f(" and "func (r T) m(" from the function literal of
// an expression statement, func() { ... }().
func (s *splitter) declaresFunc(i, end int) bool {
	if i < end && s.tokens[i].tok == token.LPAREN {
		depth := s.tokens[i].depth
		for i++; i < end && s.tokens[i].depth > depth; i++ {
		}
		i++ // the closing parenthesis
		return i+1 < end && s.tokens[i].tok == token.IDENT && s.tokens[i+1].tok == token.LPAREN
	}
	return i < end && s.tokens[i].tok == token.IDENT
}

// textEnd returns where the text of a chunk ends whose last token is
// tokens[end-1]: after comments on the same line and, unless more code follows
// there, after the line break.
func (s *splitter) textEnd(end int) int {
	off := s.tokens[end-1].end
	for _, c := range s.comments {
		if c.off >= off && s.blankBetween(off, c.off) && (end == len(s.tokens) || c.off < s.tokens[end].off) {
			off = c.end
		}
	}
	if n := strings.IndexByte(s.code[off:], '\n'); n >= 0 && strings.TrimSpace(s.code[off:off+n]) == "" {
		return off + n + 1
	}
	return off
}

func (s *splitter) blankBetween(from, to int) bool {
	return strings.Trim(s.code[from:to], " \t\r") == ""
}
