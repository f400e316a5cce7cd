package site

import (
	"bytes"
	"fmt"
	"html"
	"sort"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// lineIndex turns byte offsets into line numbers.
type lineIndex []int

func newLineIndex(src []byte) lineIndex {
	ix := lineIndex{0}
	for off := 0; ; {
		i := bytes.IndexByte(src[off:], '\n')
		if i < 0 {
			return ix
		}
		off += i + 1
		ix = append(ix, off)
	}
}

func (ix lineIndex) line(offset int) int {
	return sort.SearchInts(ix, offset+1)
}

// lineOf is the line where a node starts. Inline nodes carry no position of
// their own in goldmark: the first text below or the block above stands in.
func (d *document) lineOf(n ast.Node) int {
	if f, ok := n.(*ast.FencedCodeBlock); ok && f.Info != nil {
		return d.lines.line(f.Info.Segment.Start)
	}
	found := -1
	ast.Walk(n, func(n ast.Node, enter bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && enter {
			found = t.Segment.Start
			return ast.WalkStop, nil
		}
		if n.Type() == ast.TypeBlock && n.Lines().Len() > 0 {
			found = n.Lines().At(0).Start
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	for p := n; found < 0 && p != nil; p = p.Parent() {
		if p.Type() == ast.TypeBlock && p.Lines().Len() > 0 {
			found = p.Lines().At(0).Start
		}
	}
	return d.lines.line(max(found, 0))
}

// An Error is one thing wrong with a source of the site.
type Error struct {
	Path string
	Line int // 0: the file as a whole
	Text string
}

func (e Error) Error() string {
	if e.Line == 0 {
		return e.Path + ": " + e.Text
	}
	return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Text)
}

// Errors is everything wrong, so that one build names it all.
type Errors []Error

func (es *Errors) add(path string, line int, format string, args ...any) {
	e := Error{path, line, fmt.Sprintf(format, args...)}
	for _, old := range *es {
		if old == e {
			return
		}
	}
	*es = append(*es, e)
}

func (es Errors) Error() string {
	lines := make([]string, len(es))
	for i, e := range es {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// sorted puts errors in reading order.
func (es Errors) sorted() Errors {
	sort.SliceStable(es, func(i, j int) bool {
		if es[i].Path != es[j].Path {
			return es[i].Path < es[j].Path
		}
		return es[i].Line < es[j].Line
	})
	return es
}

// esc escapes text; text of Go code is full of quotation marks, which need none.
func esc(s string) string { return textEscaper.Replace(s) }

// attr is the value of an attribute, in double quotes unless it is one word.
func attr(s string) string {
	if s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-_") == "" {
		return s
	}
	return `"` + attrEscaper.Replace(s) + `"`
}

var (
	textEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	attrEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;")
)

func unentity(s string) string { return html.UnescapeString(s) }
