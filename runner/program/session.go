package program

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// A Session turns cells into units for an interpreter, one after the other, in
// any order and again and again: what the reader runs. Variables live on from
// cell to cell. A cell may declare what an earlier one did. Then functions that
// use it are sent again when a later cell needs them; a changed type is a new
// type, and variables of the old one have to be set again.
//
// A session is less strict than the tangle: variables and imports may be
// unused, functions may use variables of cells, and return leaves the cell.
type Session struct {
	imp  *Importer
	now  *state
	old  *state // before the last Add
	runs int

	// What was ever sent, whether or not the session still has it.
	last      map[string]int  // highest generation of a name
	variables map[string]bool // names of variables
}

// NewSession returns a session in which nothing is declared.
func NewSession(imp *Importer) *Session {
	return &Session{imp: imp, now: newState(), last: map[string]int{}, variables: map[string]bool{}}
}

// Undo takes back the last successful Add, for a unit that the interpreter did
// not accept.
func (s *Session) Undo() {
	if s.old != nil {
		s.now, s.old = s.old, nil
	}
}

// Add makes the unit for a cell. On an error, an [Errors], the session is as
// before.
func (s *Session) Add(src Source) (*Unit, error) {
	p, errs := newPart(src)
	if len(errs) > 0 {
		return nil, errs.orNil()
	}
	a := &addition{
		Session: s,
		part:    p,
		next:    s.now.clone(),
		run:     s.runs + 1,
		fresh:   map[string]bool{},
	}
	unit, errs := a.unit()
	if len(errs) > 0 {
		return nil, errs.orNil()
	}
	s.runs++
	s.old, s.now = s.now, a.next
	return unit, nil
}

// An addition is one Add under way.
type addition struct {
	*Session
	part  *part
	next  *state
	run   int
	fresh map[string]bool // names this unit declares

	decls []*decl // of the cell, without those the session has in the same words
	skip  []*decl // the others
	vars  []hoisted

	stale  map[string]bool
	seeds  []string // identifiers of what is sent
	needed needed
}

// unit does the work. The steps depend on each other's results in this order.
func (a *addition) unit() (*Unit, Errors) {
	if errs := a.addImports(); len(errs) > 0 {
		return nil, errs
	}
	a.addDecls()
	body, errs := a.hoist()
	if len(errs) > 0 {
		return nil, errs
	}
	a.collect()
	f := a.file(body)
	c, err := config{imp: a.imp}.check(f.text.String())
	if err != nil {
		return nil, a.part.locate(syntaxErrors(err))
	}
	if errs := a.errors(c, f, nil); len(errs) > 0 {
		return nil, errs
	}
	a.commit(c)
	return a.emit(c, f), nil
}

func (a *addition) name() string { return fmt.Sprintf("cell__%d", a.run) }

func (a *addition) addImports() Errors {
	var errs Errors
	for _, i := range a.part.imports() {
		refuse := func(msg string) {
			errs = append(errs, &Error{Pos: a.part.position(i.off), Cell: a.part.Name, Msg: msg})
		}
		old, known := a.next.imports[i.local()]
		switch {
		case i.name == ".":
			refuse(`a cell cannot import with "."; write the package's name before what it exports`)
		case !slices.Contains(packages, i.path):
			refuse(unknownPackage(i.path))
		case known && old.path != i.path:
			refuse(fmt.Sprintf("%s is the package %q in this session; import this one under another name", i.local(), old.path))
		case i.name != "_":
			a.next.imports[i.local()] = i
		}
	}
	return errs
}

// addDecls enters the cell's declarations in the state.
func (a *addition) addDecls() {
	before := a.next.stale(nil)
	forced := map[string]bool{}
	for _, d := range a.part.declared() {
		if len(d.names) > 0 {
			old := a.next.decls[d.names[0]]
			isStale := slices.ContainsFunc(d.names, func(n string) bool { return before[n] })
			if d.same(old) && !isStale && (d.recv == "" || !a.fresh[d.recv]) {
				a.skip = append(a.skip, d)
				continue
			}
			if d.recv != "" && old != nil && !a.fresh[d.recv] {
				forced[d.recv] = true
			}
		}
		for _, n := range d.names {
			a.renew(n)
			a.fresh[n] = true
		}
		a.next.declare(d)
		a.decls = append(a.decls, d)
		a.seeds = append(a.seeds, d.mentions...)
	}
	// A changed method makes its type anew, with all methods.
	for _, t := range slices.Sorted(maps.Keys(forced)) {
		if d := a.next.decls[t]; d != nil && !a.fresh[t] {
			for _, n := range d.names {
				a.renew(n)
				a.fresh[n] = true
			}
			a.seeds = append(a.seeds, d.mentions...)
			a.needed.again = append(a.needed.again, d)
		}
	}
	names, _ := mentions(a.part.wrapped(), nil)
	a.seeds = append(a.seeds, names...)
}

// renew gives a name its next generation.
func (a *addition) renew(name string) {
	a.next.gen[name] = max(a.last[name], a.next.gen[name]) + 1
}

// hoist finds the cell's variables and returns its statements without their
// declarations.
func (a *addition) hoist() (string, Errors) {
	code := a.part.view(bodyView)
	if !a.part.hoists() {
		return code, nil
	}
	a.collect()
	f := a.file(code)
	c, err := config{imp: a.imp, prepare: a.dropBodies}.check(f.text.String())
	if err != nil {
		return "", a.part.locate(syntaxErrors(err))
	}
	body := a.function(c).Body
	isVar := map[token.Pos]bool{}
	vars, errs := a.find(c, body)
	for _, h := range vars {
		isVar[h.id.Pos()] = true
	}
	if e := a.errors(c, f, isVar); len(e) > 0 {
		return "", e
	}
	if len(errs) > 0 {
		return "", errs
	}
	a.vars = vars
	kept, retyped := map[string]bool{}, map[string]bool{}
	hasLabels := hasLabel(body)
	for _, h := range vars {
		v := a.next.vars[h.name]
		kept[h.name] = v != nil || hasLabels
		if v != nil && v.typ == h.text && !a.stale[h.name] {
			continue
		}
		retyped[h.name] = v != nil && !a.stale[h.name]
		a.renew(h.name)
		a.fresh[h.name] = true
		delete(a.next.decls, h.name)
		nv := &variable{typ: h.text, uses: typeMentions(h.text)}
		a.next.vars[h.name] = nv
		a.seeds = append(a.seeds, nv.uses...)
	}
	for id, o := range c.info.Uses {
		if retyped[id.Name] && o.Parent() == c.pkg.Scope() && body.Pos() <= id.Pos() && id.Pos() < body.End() {
			errs = append(errs, a.errorAt(c, id.Pos(), fmt.Sprintf(
				"%s has the type %s here and gets another in this cell; choose another name for the new variable", id.Name, o.Type())))
		}
	}
	start := f.bodyStart()
	text := assigned(code, body, func(p token.Pos) int { return c.offset(p) - start }, vars, kept)
	return text, errs
}

func hasLabel(body *ast.BlockStmt) bool {
	return slices.ContainsFunc(body.List, func(s ast.Stmt) bool {
		_, ok := s.(*ast.LabeledStmt)
		return ok
	})
}

// dropBodies leaves the cell's function its body alone: variables of the cell
// that other functions use are not variables of the package yet.
func (a *addition) dropBodies(f *ast.File) {
	for _, d := range f.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name != a.name() {
			f.Body = nil
		}
	}
}

// function returns the cell's function.
func (a *addition) function(c *checked) *ast.FuncDecl {
	for _, d := range slices.Backward(c.file.Decls) {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == a.name() {
			return f
		}
	}
	return nil
}

// errors returns what the type checker found, except that a session's imports
// may be unused, and while variables are still local to the cell, they too.
func (a *addition) errors(c *checked, f *unitFile, local map[token.Pos]bool) Errors {
	var errs Errors
	for _, e := range c.errs {
		if e.Soft {
			switch {
			case unusedImport(e),
				local != nil && strings.Contains(e.Msg, "missing function body"),
				strings.HasPrefix(e.Msg, "declared and not used") && local[e.Pos]:
				continue
			}
		}
		te := typeError(e)
		te.Cell = f.cell(c.offset(e.Pos))
		if name, ok := strings.CutPrefix(te.Msg, "undefined: "); ok {
			if a.stale[name] && a.next.vars[name] != nil {
				te.Msg += fmt.Sprintf(" (type %s was redefined: run the cell that sets %s again)",
					a.next.redefined(a.next.vars[name], a.stale), name)
			} else {
				te.Msg += c.missingImport(name, e.Pos)
			}
		}
		errs = errs.add(te)
	}
	return errs
}

func (a *addition) errorAt(c *checked, pos token.Pos, msg string) *Error {
	return &Error{Pos: c.fset.Position(pos), Cell: a.part.Name, Msg: msg}
}
