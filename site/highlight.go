package site

import (
	"fmt"
	"go/scanner"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"ioworkbook/runner/trace"
)

// calloutMark is a comment that is only a number in parentheses.
var calloutMark = regexp.MustCompile(`^//\s*\((\d+)\)$`)

// highlightGo writes Go source as HTML with five short elements: b keyword,
// em string, i comment, dfn declared function, u a call into the kernel. The
// last has the colour the whole book uses for the kernel at work. A callout
// comment becomes a mark that copying leaves out. Elements of one letter, not
// classes: a chapter has a thousand of them.
func highlightGo(src string) string {
	var s scanner.Scanner
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	s.Init(file, []byte(src), func(token.Position, string) {}, scanner.ScanComments)

	type lexeme struct {
		off int
		tok token.Token
		lit string
	}
	var toks []lexeme
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON && lit == "\n" {
			continue // inserted by the scanner, not in the source
		}
		toks = append(toks, lexeme{file.Offset(pos), tok, lit})
	}

	var b strings.Builder
	at := 0
	mark := func(element string, from, to int) {
		b.WriteString(esc(src[at:from]))
		b.WriteString("<" + element + ">" + esc(src[from:to]) + "</" + element + ">")
		at = to
	}
	for i, t := range toks {
		end := t.off + len(t.lit)
		switch {
		case t.off < at: // consumed with an earlier token
		case t.tok == token.COMMENT:
			end = commentEnd(src, t.off, t.lit)
			if m := calloutMark.FindStringSubmatch(strings.TrimSpace(t.lit)); m != nil {
				b.WriteString(strings.TrimRight(esc(src[at:t.off]), " \t"))
				b.WriteString(" <span class=co>" + m[1] + "</span>")
				at = end
				continue
			}
			mark("i", t.off, end)
		case t.tok.IsKeyword():
			mark("b", t.off, end)
		case t.tok == token.STRING, t.tok == token.CHAR:
			// lit of a raw string lacks carriage returns; so does the source.
			mark("em", t.off, end)
		case t.tok == token.IDENT && t.lit == "unix" && i+3 < len(toks) &&
			toks[i+1].tok == token.PERIOD && toks[i+2].tok == token.IDENT && toks[i+3].tok == token.LPAREN && !trace.Pure(toks[i+2].lit):
			mark("u", t.off, toks[i+2].off+len(toks[i+2].lit))
		case t.tok == token.IDENT && declaresFunc(i, func(k int) token.Token { return toks[k].tok }):
			mark("dfn", t.off, end)
		}
	}
	b.WriteString(esc(src[at:]))
	return b.String()
}

// declaresFunc reports whether the identifier at i is the name in a function
// declaration: it follows func, or the receiver that follows func.
func declaresFunc(i int, tok func(int) token.Token) bool {
	if i == 0 {
		return false
	}
	if tok(i-1) == token.FUNC {
		return true
	}
	if tok(i-1) != token.RPAREN {
		return false
	}
	for k := i - 2; k >= 0 && k > i-8; k-- {
		if tok(k) == token.LPAREN {
			return k > 0 && tok(k-1) == token.FUNC
		}
	}
	return false
}

// commentEnd is the end of a comment in the source; lit may have lost
// carriage returns.
func commentEnd(src string, off int, lit string) int {
	if strings.HasPrefix(lit, "//") {
		if i := strings.IndexByte(src[off:], '\n'); i >= 0 {
			return off + i
		}
		return len(src)
	}
	return off + len(lit)
}

// highlightConsole sets apart what a reader types: lines that begin with $.
func highlightConsole(src string) string {
	var b strings.Builder
	for _, line := range strings.SplitAfter(src, "\n") {
		if cmd, ok := strings.CutPrefix(line, "$ "); ok {
			b.WriteString("<span class=prompt>$ </span><b>" + esc(strings.TrimSuffix(cmd, "\n")) + "</b>")
			if strings.HasSuffix(cmd, "\n") {
				b.WriteByte('\n')
			}
			continue
		}
		b.WriteString(esc(line))
	}
	return b.String()
}

// narrowest is how many columns of code fit a window of 320 px.
const narrowest = 32

// pre wraps HTML of a text in a box that can scroll sideways. Only what may
// have to scroll is reached by the Tab key, and then it has a name.
func pre(label, text, html string) string {
	for line := range strings.Lines(text) {
		if utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    ")) > narrowest {
			return fmt.Sprintf("<pre tabindex=0 role=group aria-label=%s>%s</pre>", attr(label), html)
		}
	}
	return "<pre>" + html + "</pre>"
}

func itoa(n int) string { return strconv.Itoa(n) }
