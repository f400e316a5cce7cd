package site

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// A boxNode is a blockquote whose first words are bold and end in a full stop.
type boxNode struct {
	ast.BaseBlock
	kind  string // "note", "claim", ...
	label string // as the reader sees it
	claim claimBox
	line  int
}

// A claimBox is what a chapter says about a claim of the articles, in prose.
type claimBox struct {
	ID, Verdict string // "C10", "wrong"
	Quote       string // the claim itself: the text in quotation marks, if any
	Line        int
}

var kindBox = ast.NewNodeKind("Box")

// id is where a claim's box stands on its page.
func (n *boxNode) id() string { return strings.ToLower(n.claim.ID) }

func (*boxNode) Kind() ast.NodeKind         { return kindBox }
func (n *boxNode) Dump(src []byte, lvl int) { ast.DumpHelper(n, src, lvl, nil, nil) }

const boxKinds = "Note, Careful, Canteen, Predict, Hint, Recap, Bug, Claim C10, wrong (or right, imprecise)"

var (
	plainBox = regexp.MustCompile(`^(Note|Careful|Canteen|Predict|Hint|Recap|Bug)\.$`)
	claimed  = regexp.MustCompile(`^Claim (C\d\d), (right|imprecise|wrong)\.$`)
)

func (d *document) takeBoxes() {
	var quotes []*ast.Blockquote
	ast.Walk(d.root, func(n ast.Node, enter bool) (ast.WalkStatus, error) {
		if q, ok := n.(*ast.Blockquote); ok && enter {
			quotes = append(quotes, q)
		}
		return ast.WalkContinue, nil
	})
	for _, q := range quotes {
		if box := d.boxOf(q); box != nil {
			q.Parent().ReplaceChild(q.Parent(), q, box)
			for c := q.FirstChild(); c != nil; c = q.FirstChild() {
				box.AppendChild(box, c)
			}
		}
	}
}

// boxOf is the box a blockquote stands for, nil for a plain quotation.
func (d *document) boxOf(q *ast.Blockquote) *boxNode {
	p, ok := q.FirstChild().(*ast.Paragraph)
	if !ok {
		return nil
	}
	strong, ok := p.FirstChild().(*ast.Emphasis)
	if !ok || strong.Level != 2 {
		return nil
	}
	words := plainText(strong, d.src)
	if !strings.HasSuffix(words, ".") {
		return nil
	}
	box := &boxNode{line: d.lineOf(q), label: strings.TrimSuffix(words, ".")}
	if m := claimed.FindStringSubmatch(words); m != nil {
		box.kind = "claim"
		box.claim = claimBox{ID: m[1], Verdict: m[2], Quote: quoted(plainText(p, d.src)), Line: box.line}
		d.boxes = append(d.boxes, box.claim)
		d.refs[d.prefix+box.id()] = box.line
	} else if plainBox.MatchString(words) {
		box.kind = strings.ToLower(box.label)
	} else {
		d.errorf(q, "box %q: valid are %s", words, boxKinds)
		return nil
	}
	p.RemoveChild(p, strong)
	if t, ok := p.FirstChild().(*ast.Text); ok {
		t.Segment = t.Segment.TrimLeftSpace(d.src)
	}
	return box
}

// quoted is the text between the first pair of curly quotation marks.
func quoted(s string) string {
	if _, rest, ok := strings.Cut(s, "“"); ok {
		if in, _, ok := strings.Cut(rest, "”"); ok {
			return in
		}
	}
	return ""
}

func (r proseRenderer) renderBox(w util.BufWriter, _ []byte, n ast.Node, enter bool) (ast.WalkStatus, error) {
	b := n.(*boxNode)
	switch {
	case b.kind == "hint" && enter:
		w.WriteString("<details class=\"box hint\"><summary>Hint</summary>\n")
	case b.kind == "hint":
		w.WriteString("</details>\n")
	case b.kind == "claim" && enter:
		label := b.label
		if r.d.prefix != "" { // two chapters of the whole book may settle one claim
			label += ", " + strings.TrimSuffix(r.d.prefix, "-")
		}
		fmt.Fprintf(w, "<aside class=\"box claim %s\" id=\"%s\" aria-label=\"%s\"><p class=label>Claim %s <b class=\"verdict %s\">%s</b></p>\n",
			b.claim.Verdict, r.d.prefix+b.id(), label, b.claim.ID, b.claim.Verdict, b.claim.Verdict)
	case enter:
		fmt.Fprintf(w, "<div class=\"box %s\" role=note aria-label=\"%s\"><p class=label>%s</p>\n", b.kind, b.label, b.label)
	case b.kind == "claim":
		w.WriteString("</aside>\n")
	default:
		w.WriteString("</div>\n")
	}
	return ast.WalkContinue, nil
}

// A noteNode is a margin note at the place of its reference.
type noteNode struct {
	ast.BaseInline
	index int
}

var kindNote = ast.NewNodeKind("Note")

func (*noteNode) Kind() ast.NodeKind         { return kindNote }
func (n *noteNode) Dump(src []byte, lvl int) { ast.DumpHelper(n, src, lvl, nil, nil) }

// takeNotes moves footnotes from the end of the document to where they are
// referred to: the style sheet sets them in the margin there.
func (d *document) takeNotes() {
	notes := map[int]*east.Footnote{}
	var list ast.Node
	var links []*east.FootnoteLink
	ast.Walk(d.root, func(n ast.Node, enter bool) (ast.WalkStatus, error) {
		if !enter {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *east.FootnoteList:
			list = n
		case *east.Footnote:
			notes[n.Index] = n
		case *east.FootnoteLink:
			links = append(links, n)
		}
		return ast.WalkContinue, nil
	})
	for _, link := range links {
		note := notes[link.Index]
		if note == nil {
			d.errorf(link, "footnote %d is referred to twice or not written", link.Index)
			continue
		}
		delete(notes, link.Index)
		p, ok := note.FirstChild().(*ast.Paragraph)
		if !ok || p.NextSibling() != nil {
			d.errorf(link, "a margin note is one paragraph: [^%s] is more", note.Ref)
			continue
		}
		in := &noteNode{index: link.Index}
		for c := p.FirstChild(); c != nil; c = p.FirstChild() {
			if _, back := c.(*east.FootnoteBacklink); back {
				p.RemoveChild(p, c)
				continue
			}
			in.AppendChild(in, c)
		}
		link.Parent().ReplaceChild(link.Parent(), link, in)
	}
	if list != nil {
		list.Parent().RemoveChild(list.Parent(), list)
	}
}

func (r proseRenderer) renderNote(w util.BufWriter, _ []byte, n ast.Node, enter bool) (ast.WalkStatus, error) {
	if enter {
		i := n.(*noteNode).index
		fmt.Fprintf(w, "<sup class=ref>%d</sup><span class=mn role=note><sup>%d</sup> ", i, i)
	} else {
		w.WriteString("</span>")
	}
	return ast.WalkContinue, nil
}
