package site

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
)

// A document makes one page, and a further one from each thematic break (---)
// on. Its parts are counted from 0.

func (d *document) beginsPart(n ast.Node) bool {
	h, ok := n.NextSibling().(*ast.Heading)
	return n.Kind() == ast.KindThematicBreak && n.Parent() == d.root && ok && h.Level == 2
}

// takeParts says which part every id of the document is in.
func (d *document) takeParts() {
	d.parts, d.partOf = 1, map[string]int{}
	put := func(id string) {
		if part, taken := d.partOf[id]; taken && part != d.parts-1 && d.prefix == "" {
			d.errs.add(d.path, d.refs[id], "id %q twice in the chapter: rename the heading or the cell", id)
		}
		d.partOf[id] = d.parts - 1
	}
	ast.Walk(d.root, func(n ast.Node, enter bool) (ast.WalkStatus, error) {
		if !enter {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.ThematicBreak:
			if d.beginsPart(n) {
				d.parts++
				break
			}
			place := n.NextSibling() // a break has no position of its own
			if place == nil {
				place = n.PreviousSibling()
			}
			d.errorf(place, "a thematic break begins a new page: it stands before a heading of level 2")
		case *ast.Heading:
			if id, ok := n.AttributeString("id"); ok {
				put(string(id.([]byte)))
			}
		case *cellNode:
			if n.cell.Name != "" {
				put(d.prefix + n.cell.Name)
			}
		case *boxNode:
			if n.kind == "claim" {
				put(d.prefix + n.id())
			}
		}
		return ast.WalkContinue, nil
	})
}

// render writes the parts.
func (d *document) render() ([]string, error) {
	parts, out := make([]string, 0, d.parts), bytes.Buffer{}
	for n := d.root.FirstChild(); n != nil; n = n.NextSibling() {
		if d.beginsPart(n) {
			parts = append(parts, out.String())
			out.Reset()
			continue
		}
		if err := d.md.Renderer().Render(&out, d.src, n); err != nil {
			return nil, err
		}
	}
	return append(parts, out.String()), nil
}
