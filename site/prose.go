package site

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"ioworkbook/runner/chapter"
)

// A document is one Markdown file on its way to HTML.
type document struct {
	path   string
	src    []byte
	lines  lineIndex
	prefix string // put before every id, so that chapters can share one page

	resolve func(dest string, part int) (string, error) // a link as written in a part -> a link on the site
	// chapterURL is where another chapter is, by its number; "" if there is none.
	chapterURL func(number string) string
	cell       func(*chapter.Cell, cellContext) (string, error)
	cells      map[int]*chapter.Cell // by the line of the opening fence

	title    string
	lead     string // the first paragraph as plain text
	sections []section
	parts    int
	partOf   map[string]int // id -> the part it is in
	boxes    []claimBox
	refs     map[string]int // id or href as it stands in the HTML -> line, for the link checker
	errs     *Errors

	root ast.Node
	md   goldmark.Markdown
}

// A section is a heading with the plain text below it, up to the next heading.
type section struct {
	ID, Title string
	Level     int
	Text      string
	Cells     []string
}

// cellContext is what the prose around a cell contributes to its figure.
type cellContext struct {
	Notes string // the ordered list that explains the callouts, rendered
}

// slugStrip removes what a Git host removes from a heading to make its id.
var slugStrip = regexp.MustCompile(`[^\p{L}\p{N}\- _]`)

func slug(title string) string {
	s := slugStrip.ReplaceAllString(strings.ToLower(title), "")
	return strings.ReplaceAll(s, " ", "-")
}

func (d *document) errorf(n ast.Node, format string, args ...any) {
	d.errs.add(d.path, d.lineOf(n), format, args...)
}

// parse reads the Markdown and rewrites its tree into what the renderer below
// knows: cells, boxes, margin notes. Links are resolved by link.
func (d *document) parse() {
	d.lines = newLineIndex(d.src)
	d.refs = map[string]int{}
	d.md = goldmark.New(
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignNone)),
			extension.Strikethrough, extension.Footnote,
			extension.Typographer),
		goldmark.WithRendererOptions(html.WithUnsafe(),
			renderer.WithNodeRenderers(util.Prioritized(proseRenderer{d}, 10))),
	)
	d.root = d.md.Parser().Parse(text.NewReader(d.src), parser.WithContext(parser.NewContext()))
	d.takeNotes()
	d.takeCells()
	d.takeBoxes()
	d.takeTitle()
	d.takeSections()
	d.takeParts()
}

func (d *document) renderNode(n ast.Node) string {
	var b bytes.Buffer
	if err := d.md.Renderer().Render(&b, d.src, n); err != nil {
		d.errorf(n, "%v", err)
	}
	return b.String()
}

// takeTitle removes the H1 (the page's frame writes it) and marks the lead.
func (d *document) takeTitle() {
	for n := d.root.FirstChild(); n != nil; n = n.NextSibling() {
		h, ok := n.(*ast.Heading)
		if !ok || h.Level != 1 {
			continue
		}
		d.title = plainText(h, d.src)
		next := h.NextSibling()
		d.root.RemoveChild(d.root, h)
		if p, ok := next.(*ast.Paragraph); ok {
			p.SetAttributeString("class", []byte("lead"))
			d.lead = plainText(p, d.src)
		}
		return
	}
}

// takeSections gives headings their ids and collects what search reads.
func (d *document) takeSections() {
	used := map[string]int{}
	cur := &section{Level: 1, Title: d.title}
	flush := func() { d.sections = append(d.sections, *cur) }
	for n := d.root.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Heading:
			title := plainText(n, d.src)
			id := slug(title)
			if k := used[id]; k > 0 {
				used[id]++
				id = fmt.Sprintf("%s-%d", id, k)
			} else {
				used[id] = 1
			}
			id = d.prefix + id
			n.SetAttributeString("id", []byte(id))
			d.refs[id] = d.lineOf(n)
			flush()
			cur = &section{ID: id, Title: title, Level: n.Level}
		case *cellNode:
			if n.cell.Name != "" {
				cur.Cells = append(cur.Cells, n.cell.Name)
				d.refs[d.prefix+n.cell.Name] = n.cell.Line
			}
			cur.Text += " " + plainText(n, d.src) // what its callouts say
		default:
			cur.Text += " " + plainText(n, d.src)
		}
	}
	flush()
}

// manPage matches accept(2) and its like: a name and a section of the manual.
var manPage = regexp.MustCompile(`\b([a-z_][a-z0-9_.]*)\(([1-8])\)`)

// link resolves links, links manual pages and chapters that are named, and
// refuses what a page of this site cannot hold. Every document that a link may lead to has been parsed.
func (d *document) link() {
	var texts []*ast.Text
	section := map[*ast.Text]int{} // which of the document's sections a text is in
	sections, part := 0, 0
	ast.Walk(d.root, func(n ast.Node, enter bool) (ast.WalkStatus, error) {
		if !enter {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.RawHTML, *ast.HTMLBlock:
			d.errorf(n, "raw HTML: write it in Markdown (see the package comment of site)")
		case *ast.Image:
			d.errorf(n, "an image: figures are made by cells (trace=timeline, lab.Plot) or a text fence")
		case *ast.ThematicBreak:
			if d.beginsPart(n) {
				part++
			}
		case *ast.Link:
			d.takeLink(n, part)
			return ast.WalkSkipChildren, nil
		case *ast.Heading:
			if n.Level == 2 {
				sections++
			}
			ast.Walk(n, func(in ast.Node, _ bool) (ast.WalkStatus, error) {
				if in.Kind() == ast.KindLink {
					d.errorf(n, "a link in a heading, which is a link to itself: put it into the text")
				}
				return ast.WalkContinue, nil
			})
			return ast.WalkSkipChildren, nil
		case *ast.CodeSpan, *ast.AutoLink:
			return ast.WalkSkipChildren, nil
		case *east.TableCell:
			if n.Alignment == east.AlignRight {
				n.SetAttributeString("class", []byte("num")) // the policy forbids style=
			}
		case *ast.Text:
			joinText(n)
			texts = append(texts, n)
			section[n] = sections
		}
		return ast.WalkContinue, nil
	})
	// The first mention in a section is linked: a page of blue words reads badly.
	linked := map[string]int{}
	for _, t := range texts {
		d.linkMentions(t, func(dest string) bool {
			was, before := linked[dest]
			linked[dest] = section[t]
			return !before || was != section[t]
		})
	}
}

func (d *document) takeLink(n *ast.Link, part int) {
	dest, err := d.resolve(string(n.Destination), part)
	if err != nil {
		d.errorf(n, "%v", err)
		return
	}
	n.Destination = []byte(dest)
	if _, ok := d.refs[dest]; !ok {
		d.refs[dest] = d.lineOf(n)
	}
}

// joinText takes the texts that follow n in the source into it: the parser cuts
// at every character that might have meant something, as in epoll_wait.
func joinText(n *ast.Text) {
	for {
		next, ok := n.NextSibling().(*ast.Text)
		if !ok || n.SoftLineBreak() || n.HardLineBreak() || n.Segment.Stop != next.Segment.Start || n.IsRaw() || next.IsRaw() {
			return
		}
		n.Segment = n.Segment.WithStop(next.Segment.Stop)
		n.SetSoftLineBreak(next.SoftLineBreak())
		n.SetHardLineBreak(next.HardLineBreak())
		n.Parent().RemoveChild(n.Parent(), next)
	}
}

// chapterMention matches "chapter 6".
var chapterMention = regexp.MustCompile(`\b[Cc]hapter (\d\d?)\b`)

// A mention is a part of a text that names something with an address.
type mention struct {
	from, to int
	dest     string
}

// mentions finds manual pages and other chapters, in order.
func (d *document) mentions(s string) []mention {
	var all []mention
	for _, m := range manPage.FindAllStringSubmatchIndex(s, -1) {
		all = append(all, mention{m[0], m[1], manURL(s[m[2]:m[3]], s[m[4]:m[5]])})
	}
	for _, m := range chapterMention.FindAllStringSubmatchIndex(s, -1) {
		if dest := d.chapterURL(s[m[2]:m[3]]); dest != "" {
			all = append(all, mention{m[0], m[1], dest})
		}
	}
	slices.SortFunc(all, func(a, b mention) int { return a.from - b.from })
	return all
}

func (d *document) linkMentions(t *ast.Text, first func(dest string) bool) {
	seg := t.Segment
	s := string(seg.Value(d.src))
	parent, at := t.Parent(), 0
	for _, m := range d.mentions(s) {
		if !first(m.dest) {
			continue
		}
		if m.from > at {
			parent.InsertBefore(parent, t, ast.NewTextSegment(text.NewSegment(seg.Start+at, seg.Start+m.from)))
		}
		link := ast.NewLink()
		link.Destination = []byte(m.dest)
		link.AppendChild(link, ast.NewTextSegment(text.NewSegment(seg.Start+m.from, seg.Start+m.to)))
		parent.InsertBefore(parent, t, link)
		at = m.to
	}
	t.Segment = seg.WithStart(seg.Start + at)
}

// manURL is the address of a page of the Linux manual.
func manURL(name, section string) string {
	return "https://man7.org/linux/man-pages/man" + section + "/" + name + "." + section + ".html"
}

// plainText is the text of a node without markup; code of fences is left out.
func plainText(n ast.Node, src []byte) string {
	var b strings.Builder
	ast.Walk(n, func(n ast.Node, enter bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Text:
			if enter {
				b.Write(n.Segment.Value(src))
				if n.SoftLineBreak() || n.HardLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.String:
			if enter {
				b.WriteString(unentity(string(n.Value)))
			}
		case *noteNode:
			return ast.WalkSkipChildren, nil
		default:
			if !enter && n.Type() == ast.TypeBlock {
				b.WriteByte(' ')
			}
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(strings.Fields(b.String()), " ")
}
