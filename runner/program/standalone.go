package program

import (
	"fmt"
	"slices"

	"ioworkbook/runner/chapter"
)

// Standalone makes the program of one cell that is not part of the tangle: a
// measurement (engine=go) or an exercise's check, with the stub or the solution
// as extra. It consists of the top-level declarations of the tangle's cells
// above, the declarations of the extra cells, and the cell. Variables of
// statement cells are not in it. The error is an [Errors].
func Standalone(c *chapter.Chapter, cell *chapter.Cell, extra ...*chapter.Cell) (*Program, error) {
	p := above(c, cell)
	p.alone = true
	p.comment = fmt.Sprintf(
		"Command main is cell %q of chapter %d of the workbook, with the declarations above it.\n\n"+
			"Code generated from %s; DO NOT EDIT.",
		cell.Name,
		c.Number,
		c.Path,
	)
	for _, part := range p.parts {
		part.declsOnly = true
	}
	for _, x := range append(slices.Clip(extra), cell) {
		p.add(x)
	}
	return p.unless(p.build())
}

// above returns the part of a chapter's program that is above a cell, or all.
func above(c *chapter.Chapter, end *chapter.Cell) *Program {
	p := &Program{}
	for _, cell := range c.Cells() {
		if cell == end {
			break
		}
		if inTangle(cell) {
			p.add(cell)
		}
	}
	return p
}

// CompileErrors checks a cell that must not compile (expect=compile:) as if it
// came after the cells above it. The [Errors] are those of the cell alone; none
// means that it compiles. The other error says that it could not be checked.
func CompileErrors(c *chapter.Chapter, cell *chapter.Cell) (Errors, error) {
	p := above(c, cell)
	if len(p.errs) > 0 {
		return nil, p.errs
	}
	if p.add(cell) == nil {
		return p.errs, nil
	}
	err := p.build()
	if err == nil {
		return nil, nil
	}
	all, ok := err.(Errors)
	if !ok {
		return nil, err
	}
	return all.within(cell), nil // what the cells above declare may be used only below
}
