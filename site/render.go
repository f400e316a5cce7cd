package site

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"
)

// proseRenderer writes the node kinds whose HTML differs from goldmark's own.
type proseRenderer struct{ d *document }

func (r proseRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(kindCell, r.renderCell)
	reg.Register(kindBox, r.renderBox)
	reg.Register(kindNote, r.renderNote)
	reg.Register(ast.KindHeading, r.renderHeading)
	reg.Register(ast.KindFencedCodeBlock, r.renderFence)
	reg.Register(ast.KindCodeBlock, r.renderFence)
	reg.Register(east.KindTable, r.renderTable)
	reg.Register(east.KindTableCell, r.renderTableCell)
}

func (r proseRenderer) renderHeading(w util.BufWriter, src []byte, n ast.Node, enter bool) (ast.WalkStatus, error) {
	h := n.(*ast.Heading)
	level := h.Level
	if r.d.prefix != "" { // below another page's H1
		level = min(level+1, 6)
	}
	id, _ := h.AttributeString("id")
	if enter {
		fmt.Fprintf(w, "<h%d id=%s><a href=\"#%[2]s\">", level, id)
	} else {
		fmt.Fprintf(w, "</a></h%d>\n", level)
	}
	return ast.WalkContinue, nil
}

// fenceLabel is the name a reader sees over a fence that is only shown.
var fenceLabel = map[string]string{
	"console": "in your shell", "c": "C", "python": "Python", "text": "", "": "", "go": "Go", "sh": "shell", "diff": "difference",
}

func (r proseRenderer) renderFence(w util.BufWriter, src []byte, n ast.Node, enter bool) (ast.WalkStatus, error) {
	if !enter {
		return ast.WalkContinue, nil
	}
	lang := ""
	if f, ok := n.(*ast.FencedCodeBlock); ok {
		lang = string(f.Language(src))
	}
	label, known := fenceLabel[lang]
	if !known {
		r.d.errorf(n, "fence language %q: valid are console, c, python, text, sh, diff, go", lang)
	}
	body := fenceText(n, src)
	name := label
	if name == "" {
		name = "listing"
	}
	fmt.Fprintf(w, "<div class=\"listing %s\">", "l-"+orText(lang, "text"))
	if label != "" {
		fmt.Fprintf(w, "<p class=label>%s</p>", esc(label))
	}
	html := esc(body)
	switch lang {
	case "go":
		html = highlightGo(body)
	case "console":
		html = highlightConsole(body)
	}
	w.WriteString(pre(fmt.Sprintf("%s, line %d", name, r.d.lineOf(n)), body, "<code>"+html+"</code>") + "</div>\n")
	return ast.WalkContinue, nil
}

func (r proseRenderer) renderTable(w util.BufWriter, src []byte, n ast.Node, enter bool) (ast.WalkStatus, error) {
	if enter {
		fmt.Fprintf(w, "<div class=scroll tabindex=0 role=group aria-label=\"Table, line %d\"><table>\n", r.d.lineOf(n))
	} else {
		w.WriteString("</table></div>\n")
	}
	return ast.WalkContinue, nil
}

// renderTableCell gives every cell a header: the cell above it, and the first
// of its row when the corner of the table is empty.
func (r proseRenderer) renderTableCell(w util.BufWriter, src []byte, n ast.Node, enter bool) (ast.WalkStatus, error) {
	row, first := n.Parent(), n.PreviousSibling() == nil
	table := row.Parent()
	corner := table.FirstChild().FirstChild()
	tag, scope := "td", ""
	switch head := row.Kind() == east.KindTableHeader; {
	case head && n.ChildCount() > 0:
		tag, scope = "th", " scope=col"
	case !head && first && corner.ChildCount() == 0:
		tag, scope = "th", " scope=row"
	}
	if !enter {
		fmt.Fprintf(w, "</%s>", tag)
		return ast.WalkContinue, nil
	}
	fmt.Fprintf(w, "<%s%s", tag, scope)
	if n.Attributes() != nil {
		html.RenderAttributes(w, n, html.GlobalAttributeFilter)
	}
	w.WriteByte('>')
	return ast.WalkContinue, nil
}

func fenceText(n ast.Node, src []byte) string {
	var b strings.Builder
	for i := 0; i < n.Lines().Len(); i++ {
		seg := n.Lines().At(i)
		b.Write(seg.Value(src))
	}
	return b.String()
}

func orText(s, or string) string {
	if s == "" {
		return or
	}
	return s
}
