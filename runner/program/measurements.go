package program

import (
	"errors"
	"go/types"
	"slices"
	"strings"

	"ioworkbook/runner/chapter"
)

// New is [Tangle], and checks with the chapter's program those of its measurements
// (engine=go): all that a run needs. The error is an [Errors] with what is wrong in
// any of them.
func New(c *chapter.Chapter) (*Program, error) {
	ms := measurements(c)
	fit := make(chan bool, 1)
	go func() { fit <- fitTogether(c, ms) }()
	p, err := Tangle(c)
	var refused Errors
	if err != nil && !errors.As(err, &refused) {
		return nil, err
	}
	if <-fit && err == nil {
		return p, nil
	}
	for _, cell := range ms {
		_, err := Standalone(c, cell)
		var more Errors
		if err != nil && !errors.As(err, &more) {
			return nil, err
		}
		// What is wrong above is told as the chapter's program has it.
		refused = append(refused, more.within(cell)...)
	}
	if err := refused.orNil(); err != nil {
		return nil, err
	}
	return p, nil
}

func measurements(c *chapter.Chapter) []*chapter.Cell {
	var cells []*chapter.Cell
	for _, cell := range c.Cells() {
		if isMeasurement(cell) {
			cells = append(cells, cell)
		}
	}
	return cells
}

func isMeasurement(cell *chapter.Cell) bool {
	a := cell.Attr
	return cell.InRun() && a.Engine != "" && a.Expect.Kind != chapter.ExpectCompile
}

// fitTogether reports that the measurements are valid programs, from one check of
// all. Each alone would check the declarations above it again, which for a
// chapter's twelve takes a moment that a reader notices. It says no where one
// needs another, and where two declare the same: then each has to be looked at.
func fitTogether(c *chapter.Chapter, measurements []*chapter.Cell) bool {
	if len(measurements) == 0 {
		return true
	}
	p := &Program{}
	var own []*part
	for _, cell := range c.Cells() {
		if !inTangle(cell) && !isMeasurement(cell) {
			continue
		}
		part, errs := cellPart(cell)
		if len(errs) > 0 {
			return false
		}
		if isMeasurement(cell) {
			part.Local = true
			own = append(own, part)
		} else {
			part.declsOnly = true
		}
		p.parts = append(p.parts, part)
	}
	return p.build(nil) == nil && p.independent(own)
}

// independent reports that none of the parts uses what another of them declares
// or imports, and that each uses what it imports itself.
func (p *Program) independent(parts []*part) bool {
	used := map[*part][]string{} // paths of packages
	for id, o := range p.view.info.Uses {
		if o.Pkg() != p.view.pkg {
			continue
		}
		user, owner := p.partAt(id.Pos()), p.partAt(o.Pos())
		path := ""
		if pkg, ok := o.(*types.PkgName); ok {
			path = pkg.Imported().Path()
			used[user] = append(used[user], path)
		}
		if user == owner || !slices.Contains(parts, owner) {
			continue
		}
		// Of several imports of a package the program has the first.
		until := slices.Index(p.parts, user) + 1
		if !slices.ContainsFunc(p.parts[:until], func(above *part) bool {
			return (above == user || above.declsOnly) && above.hasImport(path)
		}) {
			return false
		}
	}
	for _, part := range parts {
		for _, i := range part.imports() {
			if i.name != "_" && !slices.Contains(used[part], i.path) {
				return false
			}
		}
	}
	return true
}

func (p *part) hasImport(path string) bool {
	return slices.ContainsFunc(p.imports(), func(i importSpec) bool { return i.path == path })
}

// within returns the errors that are in a cell.
func (l Errors) within(cell *chapter.Cell) Errors {
	end := cell.CodeLine + strings.Count(cell.Code, "\n")
	return slices.DeleteFunc(slices.Clone(l), func(e *Error) bool {
		return e.Pos.Line < cell.CodeLine || e.Pos.Line > end
	})
}
