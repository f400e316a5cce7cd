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
	parts, errs := tangled(c, cell)
	for _, part := range parts {
		part.declsOnly = true
	}
	for _, x := range append(slices.Clip(extra), cell) {
		part, e := cellPart(x)
		errs = append(errs, e...)
		if part != nil {
			parts = append(parts, part)
		}
	}
	p := &Program{
		comment: fmt.Sprintf(
			"Command main is cell %q of chapter %d of the workbook, with the declarations above it.\n\n"+
				"Code generated from %s; DO NOT EDIT.",
			cell.Name,
			c.Number,
			c.Path,
		),
		parts: parts,
		alone: true,
	}
	if err := p.build(errs); err != nil {
		return nil, err
	}
	return p, nil
}

// CompileErrors checks a cell that must not compile (expect=compile:) as if it
// came after the cells above it. The [Errors] are those of the cell alone; none
// means that it compiles. The other error says that it could not be checked.
func CompileErrors(c *chapter.Chapter, cell *chapter.Cell) (Errors, error) {
	parts, above := tangled(c, cell)
	if len(above) > 0 {
		return nil, above
	}
	part, errs := cellPart(cell)
	if part == nil {
		return errs, nil
	}
	p := &Program{parts: append(parts, part)}
	err := p.build(nil)
	if err == nil {
		return nil, nil
	}
	all, ok := err.(Errors)
	if !ok {
		return nil, err
	}
	return all.within(cell), nil // what the cells above declare may be used only below
}
