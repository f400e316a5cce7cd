package site

import (
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"

	"ioworkbook/runner/chapter"
)

// A cellNode stands where a cell's fence stood, with the list that explains
// its callouts.
type cellNode struct {
	ast.BaseBlock
	cell  *chapter.Cell
	notes ast.Node
}

var kindCell = ast.NewNodeKind("Cell")

func (*cellNode) Kind() ast.NodeKind         { return kindCell }
func (n *cellNode) Dump(src []byte, lvl int) { ast.DumpHelper(n, src, lvl, nil, nil) }

// takeCells replaces the fences that package chapter found by cells.
func (d *document) takeCells() {
	for n := d.root.FirstChild(); n != nil; {
		next := n.NextSibling()
		fence, ok := n.(*ast.FencedCodeBlock)
		if ok && fence.Info != nil {
			if c := d.cells[d.lineOf(fence)]; c != nil {
				cell := &cellNode{cell: c}
				d.root.ReplaceChild(d.root, fence, cell)
				if list, ok := next.(*ast.List); ok && list.IsOrdered() && len(c.Callouts) > 0 {
					next = list.NextSibling()
					cell.AppendChild(cell, list) // leaves the root
					cell.notes = list
				}
			}
		}
		n = next
	}
}

func (r proseRenderer) renderCell(w util.BufWriter, src []byte, n ast.Node, enter bool) (ast.WalkStatus, error) {
	if !enter {
		return ast.WalkContinue, nil
	}
	cell := n.(*cellNode)
	var ctx cellContext
	if cell.notes != nil {
		ctx.Notes = r.d.renderNode(cell.notes)
	}
	html, err := r.d.cell(cell.cell, ctx)
	w.WriteString(html)
	return ast.WalkSkipChildren, err
}
