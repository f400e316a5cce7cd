package chapter

import "slices"

// checkNames reports names used twice.
func (p *parser) checkNames() {
	first := map[string]*fence{}
	for _, f := range p.fences {
		name := f.cell.Name
		if name == "" {
			continue
		}
		if g := first[name]; g != nil {
			p.errorf(f.at["name"], "cell name %q is taken by the cell on line %d", name, g.cell.Line)
			continue
		}
		first[name] = f
	}
}

// checkExercises reports stubs, solutions and checks that lack a partner.
func (p *parser) checkExercises() {
	stubs, solutions, checks := map[string]*fence{}, map[string]*fence{}, map[string]*fence{}
	var ids []string
	for _, f := range p.fences {
		for _, role := range []struct {
			attr, id string
			seen     map[string]*fence
		}{
			{"exercise", f.cell.Attr.Exercise, stubs},
			{"solution", f.cell.Attr.Solution, solutions},
			{"check", f.cell.Attr.Check, checks},
		} {
			if role.id == "" {
				continue
			}
			if g := role.seen[role.id]; g != nil {
				p.errorf(f.at[role.attr], "%s=%s is already on line %d", role.attr, role.id, g.cell.Line)
				continue
			}
			role.seen[role.id] = f
			if role.attr == "exercise" {
				ids = append(ids, role.id)
			}
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		stub := stubs[id]
		for _, want := range []struct {
			attr string
			seen map[string]*fence
		}{{"check", checks}, {"solution", solutions}} {
			switch f := want.seen[id]; {
			case f == nil:
				p.errorf(stub.at["exercise"], "exercise %q has no %s; add a cell with %s=%s", id, want.attr, want.attr, id)
			case f.cell.Start < stub.cell.Start:
				p.errorf(f.at[want.attr], "the %s of exercise %q stands before it; put the exercise, on line %d, first", want.attr, id, stub.cell.Line)
			}
		}
	}
	for _, f := range p.fences {
		for attr, id := range map[string]string{"check": f.cell.Attr.Check, "solution": f.cell.Attr.Solution} {
			if id != "" && stubs[id] == nil {
				p.errorf(f.at[attr], "%s=%s belongs to no exercise%s; add a cell with exercise=%s", attr, id, didYouMean(id, ids), id)
			}
		}
	}
}

// checkAfter reports values of after= that are not cells above which leave
// something behind for those that follow.
func (p *parser) checkAfter() {
	byName := map[string]*fence{}
	for _, f := range p.fences {
		if f.cell.Name != "" && byName[f.cell.Name] == nil {
			byName[f.cell.Name] = f
		}
	}
	var above []string // cells that can be named
	for _, f := range p.fences {
		if name := f.cell.Attr.After; name != "" {
			at := f.at["after"]
			switch other := byName[name]; {
			case other == nil:
				p.errorf(at, "after=%s names no cell%s; valid: the name of a cell above that runs", name, didYouMean(name, above))
			case other == f:
				p.errorf(at, "after=%s is the cell itself; valid: the name of a cell above that runs", name)
			case !other.cell.InProgram():
				p.errorf(at, "after=%s: the cell on line %d leaves nothing behind, for it is not part of the chapter's program; valid: the name of a cell above that runs", name, other.cell.Line)
			case other.cell.Start > f.cell.Start:
				p.errorf(at, "after=%s: that cell is further down, on line %d; valid: the name of a cell above that runs", name, other.cell.Line)
			}
		}
		if f.cell.Name != "" && f.cell.InProgram() {
			above = append(above, f.cell.Name)
		}
	}
}
