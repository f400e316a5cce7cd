// Package program turns the cells of a chapter into Go.
//
// A chapter is one Go program, its tangle: the imports of its cells merged,
// their types, constants and functions at top level, and their statements in
// order inside main. [New] makes it and checks it as strictly as the compiler
// would, with Go's own words at the Markdown file's lines and columns. From the
// same cells [Standalone] makes the smaller programs of measurements and
// exercises. Each is checked once, and what was checked is given out in three
// forms: [Program.Text] is Go for a reader or for the compiler, [Program.Package]
// has a function for each cell, for an interpreter that runs them one by one, and
// [Program.Needs] tells which of them to run before another.
//
// The rules that make all of them mean the same:
//
//  1. A cell without statements is declarations. Its package-level variables
//     exist from the start, and get their values at the cell's place in main, so
//     that effects come in the order in which they are read. A value that cannot
//     have an effect and depends on no variable stays at the declaration. Within
//     a cell the others come in the order that Go gives them.
//  2. Variables of a cell with statements are local to main. Functions cannot
//     use them.
//  3. A cell that must panic, fail or run into its limit has variables of its
//     own.
//  4. A name is declared above the place that uses it, for cells run from top to
//     bottom; and a variable of main does not hide a name of the top level, for
//     what outlives its cell is of the top level, too.
//  5. return, defer and goto do not leave a cell.
package program

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
	"sync"

	"ioworkbook/runner/chapter"
)

// A Program is a checked Go program made from cells. It is safe for concurrent
// use.
type Program struct {
	comment string // of the package
	parts   []*part
	imports []importSpec // merged, in order of appearance
	alone   bool         // the last part is a program of its own
	outside []string     // the code of cells that are other programs, with the same imports
	errs    Errors       // of cells that are no parts

	asm     *assembly
	view    *checked
	main    *ast.FuncDecl
	stay    []*types.Initializer // of package-level variables, those not left to main
	defines map[token.Pos]*ast.AssignStmt

	mu  sync.Mutex // for what is made on demand, and the maps that it adds to
	pkg *Package
	web *web
}

// New makes the chapter's program, checks it, and checks with it those of its
// measurements (engine=go): all that a run needs. The error is an [Errors] with
// what is wrong in any of them.
//
// Not part of the program are cells that do not run, that must not compile, that
// are compiled on their own (engine=go), and exercises with their solutions and
// checks.
func New(c *chapter.Chapter) (*Program, error) {
	ms := measurements(c)
	p := tangle(c, true)
	err := p.build()
	if len(ms) == 0 || err == nil && p.independent() {
		return p.unless(err)
	}
	// One check of all has failed, which may be because they share it.
	p = tangle(c, false)
	err = p.build()
	var refused Errors
	if err != nil && !errors.As(err, &refused) {
		return nil, err
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
	return p.unless(refused.orNil())
}

// unless returns the program if there is no error.
func (p *Program) unless(err error) (*Program, error) {
	if err != nil {
		return nil, err
	}
	return p, nil
}

// tangle returns the chapter's program, to be built, with or without its
// measurements beside it.
func tangle(c *chapter.Chapter, measured bool) *Program {
	p := &Program{
		comment: fmt.Sprintf("Command main is chapter %d of the workbook, %q, as one program.\n\n"+
			"Code generated from %s; DO NOT EDIT.", c.Number, c.Title, c.Path),
	}
	for _, cell := range c.Cells() {
		switch {
		case inTangle(cell):
			p.add(cell)
		case isMeasurement(cell) && measured:
			if part := p.add(cell); part != nil {
				part.measured = true
			}
		}
		if cell.Attr.Run && !inTangle(cell) {
			p.outside = append(p.outside, cell.Code)
		}
	}
	return p
}

// add makes the cell the next part. It returns nil for one that is not even
// that, whose errors build tells.
func (p *Program) add(cell *chapter.Cell) *part {
	part, errs := cellPart(cell)
	p.errs = append(p.errs, errs...)
	if part != nil {
		part.index = len(p.parts)
		p.parts = append(p.parts, part)
	}
	return part
}

func inTangle(cell *chapter.Cell) bool {
	a := cell.Attr
	return cell.InRun() && a.Engine == "" && a.Expect.Kind != chapter.ExpectCompile
}

// build assembles and checks the program.
func (p *Program) build() error {
	imp, err := NewImporter()
	if err != nil {
		return err
	}
	if errs := append(p.errs, p.assemble()...); len(errs) > 0 {
		return errs.orNil()
	}
	p.view, err = check(imp, p.asm.text.String())
	if err != nil {
		return syntaxErrors(err).orNil() // each part parses, so this is not expected
	}
	for _, d := range p.view.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == mainName {
			p.main = f
		}
	}
	errs := append(p.typeErrors(), p.leaving()...)
	if len(errs) == 0 {
		errs = slices.Concat(p.order(), p.hiding(), p.directives(), p.deferValues())
	}
	return errs.orNil()
}

// mainName is main in the text that is checked: a cell's own function of that
// name has to be found by its position, not by a clash with ours.
const mainName = "main__"

// assemble writes the text that is type-checked.
func (p *Program) assemble() Errors {
	p.asm = &assembly{}
	p.asm.raw("package main\n")
	var errs Errors
	for _, part := range p.parts {
		text, e := p.mergeImports(part)
		errs = append(errs, e...)
		p.asm.add(part, text, inImports)
	}
	for _, part := range p.parts {
		p.asm.add(part, part.decls(), atTop)
	}
	p.asm.raw("\nfunc %s() {\n", mainName)
	for _, part := range p.parts {
		switch {
		case part.measured:
		case part.Local: // its own function, as what Text calls with it
			p.asm.raw("func() {")
			p.asm.add(part, part.body(), inBody)
			p.asm.raw("}()\n")
		default:
			p.asm.add(part, part.body(), inBody)
			if part.endsInLabel() {
				p.asm.raw(";\n") // else it would be the next cell's
			}
		}
	}
	p.asm.raw("}\n")
	for _, part := range p.parts {
		if part.measured {
			p.asm.raw("\nfunc measured__%d() {\n", part.index)
			p.asm.add(part, part.body(), inBody)
			p.asm.raw("}\n")
		}
	}
	return errs
}

// mergeImports adds the part's imports to the program's and returns the view of
// those that are new.
func (p *Program) mergeImports(part *part) (string, Errors) {
	var errs Errors
	refuse := func(i importSpec, msg string) {
		errs = append(errs, &Error{Pos: part.position(i.off), Cell: part.Name, Msg: msg})
	}
	specs := part.imports()
	if len(specs) == 0 {
		return "", nil
	}
	text := []byte(part.view(importView))
	for _, c := range part.chunks {
		if c.Kind != Import {
			continue
		}
		fresh := 0
		for _, i := range specs {
			if i.off < c.Off || i.off >= c.End {
				continue
			}
			switch {
			case i.name == ".":
				refuse(i, `a cell cannot import with "."; write the package's name before what it exports`)
			case !slices.Contains(packages, i.path):
				refuse(i, unknownPackage(i.path))
			case slices.ContainsFunc(p.imports, func(o importSpec) bool { return o.name == i.name && o.path == i.path }):
				blank(text[i.off:specEnd(part.Code, i.end)])
			default:
				p.imports = append(p.imports, i)
				fresh++
			}
		}
		if fresh == 0 {
			blank(text[c.Start:c.End])
		}
	}
	return string(text), errs
}

// specEnd moves past the semicolon after an import that shares its line.
func specEnd(code string, end int) int {
	rest := strings.TrimLeft(code[end:], " \t")
	if strings.HasPrefix(rest, ";") {
		return len(code) - len(rest) + 1
	}
	return end
}

// usedImports returns the imports that something in the program refers to, and
// those that are there for their effect.
func (p *Program) usedImports() []importSpec {
	used := map[types.Object]bool{}
	for id, o := range p.view.info.Uses {
		if _, ok := o.(*types.PkgName); ok && !used[o] && p.holds(id.Pos()) {
			used[o] = true
		}
	}
	var specs []importSpec
	for _, s := range p.view.file.Imports {
		if used[p.view.packageName(s)] || s.Name != nil && s.Name.Name == "_" {
			specs = append(specs, newImportSpec(s, p.view.offset))
		}
	}
	return specs
}

// holds reports that a position is in the program itself, not in a measurement
// that is checked with it.
func (p *Program) holds(pos token.Pos) bool {
	part := p.partAt(pos)
	return part == nil || !part.measured
}

// errorAt makes an error at a position of the checked text.
func (p *Program) errorAt(pos token.Pos, format string, args ...any) *Error {
	return &Error{Pos: p.view.fset.Position(pos), Cell: p.cellAt(pos), Msg: fmt.Sprintf(format, args...)}
}

// cellAt returns the name of the cell that holds a position, or "".
func (p *Program) cellAt(pos token.Pos) string {
	if part := p.partAt(pos); part != nil {
		return part.Name
	}
	return ""
}

func (p *Program) partAt(pos token.Pos) *part {
	if !pos.IsValid() {
		return nil
	}
	if s := p.asm.section(p.view.offset(pos)); s != nil {
		return s.part
	}
	return nil
}

func (p *Program) typeErrors() Errors {
	var errs Errors
	for _, e := range p.view.errs {
		part := p.partAt(e.Pos)
		if part != nil && unusedImport(e) && (part.declsOnly || p.usedOutside(e.Pos)) {
			continue // used by what is left out
		}
		te := typeError(e)
		te.Cell = p.cellAt(e.Pos)
		if name, ok := strings.CutPrefix(te.Msg, "undefined: "); ok {
			te.Msg += cmp.Or(p.elsewhere(name, e.Pos), p.view.missingImport(name, e.Pos))
		} else {
			te.Msg += p.sharedScope(te.Msg, e.Pos)
		}
		errs = errs.add(te)
	}
	return errs
}

// usedOutside reports whether a cell that is not in the program may use the package
// of an import.
func (p *Program) usedOutside(at token.Pos) bool {
	i := slices.IndexFunc(p.view.file.Imports, func(s *ast.ImportSpec) bool { return s.Pos() == at })
	if i < 0 {
		return false
	}
	use := regexp.MustCompile(`\b` + p.view.packageName(p.view.file.Imports[i]).Name() + `\.\pL`)
	return slices.ContainsFunc(p.outside, use.MatchString)
}

// elsewhere explains why a name that is undefined at a place is a variable of
// main all the same.
func (p *Program) elsewhere(name string, at token.Pos) string {
	v := p.view.info.Scopes[p.main.Type].Lookup(name)
	if v == nil {
		return ""
	}
	cell := p.cellAt(v.Pos())
	if at < p.main.Pos() {
		return fmt.Sprintf(" (it is a variable of cell %q; "+
			"functions can use variables of cells without statements, or take it as a parameter)", cell)
	}
	return fmt.Sprintf(" (it is declared further down, in cell %q)", cell)
}

// sharedScope explains a := that does not declare what it assigns to, because
// cells above have: their author may never have seen the cell that Go refuses.
func (p *Program) sharedScope(msg string, at token.Pos) string {
	nothingNew := strings.HasPrefix(msg, "no new variables")
	if !nothingNew && !strings.HasSuffix(msg, " in assignment") {
		return ""
	}
	refused := p.defineAt(at)
	if refused == nil {
		return ""
	}
	var where []string
	for i, x := range refused.Lhs {
		id, _ := x.(*ast.Ident)
		v := p.view.info.Uses[id]
		if v == nil || !nothingNew && types.AssignableTo(p.view.assignedType(refused, i), v.Type()) {
			continue
		}
		if cell := p.partAt(v.Pos()); cell != nil && cell != p.partAt(at) {
			where = append(where, fmt.Sprintf("%s is declared in cell %q, line %d",
				id.Name, cell.Name, p.view.fset.Position(v.Pos()).Line))
		}
	}
	if len(where) == 0 {
		return ""
	}
	wayOut := "use =, take another name, or put your lines in { }"
	if !nothingNew {
		wayOut = "take another name, or put your lines in { }"
	}
	return " (" + strings.Join(where, "; ") + "; cells share one scope: " + wayOut + ")"
}

// defineAt returns the := that stands at a position, or that has a value there.
func (p *Program) defineAt(pos token.Pos) *ast.AssignStmt {
	if p.defines == nil {
		p.defines = map[token.Pos]*ast.AssignStmt{}
		ast.Inspect(p.main, func(n ast.Node) bool {
			if s, ok := n.(*ast.AssignStmt); ok && s.Tok == token.DEFINE {
				p.defines[s.TokPos] = s
				for _, x := range s.Rhs {
					p.defines[x.Pos()] = s
				}
			}
			return true
		})
	}
	return p.defines[pos]
}
