// Package program turns the cells of a chapter into Go.
//
// A chapter is one Go program, its tangle: the imports of its cells merged,
// their types, constants and functions at top level, and their statements in
// order inside main. [Tangle] makes it and checks it as strictly as the compiler
// would, with Go's own words at the Markdown file's lines and columns. From the
// same cells [Standalone] makes the smaller programs of measurements and
// exercises. [Program.Package] takes it apart again, into a function for each cell,
// for an interpreter that runs them one by one while the state of earlier ones lives
// on.
//
// The rules that make all of them mean the same:
//
//  1. A cell without statements is declarations. Its package-level variables
//     exist from the start, and get their values at the cell's place in main, so
//     that effects come in the order in which they are read. A value that cannot
//     have an effect and depends on no variable stays at the declaration.
//  2. Variables of a cell with statements are local to main. Functions cannot
//     use them.
//  3. A cell that must panic, fail or run into its limit has variables of its
//     own.
//  4. A name is declared above the place that uses it, for cells run from top to
//     bottom; and a variable of main does not hide a name of the top level, for a
//     session has only one level.
//  5. return, defer and goto do not leave a cell.
package program

import (
	"cmp"
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

// A Program is a checked Go program made from cells.
type Program struct {
	comment string // of the package
	parts   []*part
	imports []importSpec // merged, in order of appearance
	alone   bool         // the last part is a program of its own
	outside []string     // the code of cells that are other programs, with the same imports

	asm  *assembly
	view *checked
	main *ast.FuncDecl

	pkg       *Package          // see Package
	funcs     map[string]string // cell -> its function
	bodies    []*Package        // of generic library code
	needsOnce sync.Once
	needs     map[string]bitset // of each cell, as indexes of parts
}

// Tangle makes the chapter's program and checks it. The error is an [Errors].
//
// Not part of it are cells that do not run, that must not compile, that are
// compiled on their own (engine=go), and exercises with their solutions and
// checks.
func Tangle(c *chapter.Chapter) (*Program, error) {
	parts, errs := tangled(c, nil)
	p := &Program{
		comment: fmt.Sprintf("Command main is chapter %d of the workbook, %q, as one program.\n\n"+
			"Code generated from %s; DO NOT EDIT.", c.Number, c.Title, c.Path),
		parts: parts,
	}
	for _, cell := range c.Cells() {
		if cell.Attr.Run && !inTangle(cell) {
			p.outside = append(p.outside, cell.Code)
		}
	}
	if err := p.build(errs); err != nil {
		return nil, err
	}
	return p, nil
}

// tangled returns the parts of a chapter's program above end, all if it is nil,
// and the syntax errors of the other cells.
func tangled(c *chapter.Chapter, end *chapter.Cell) (parts []*part, errs Errors) {
	for _, cell := range c.Cells() {
		if cell == end {
			break
		}
		if !inTangle(cell) {
			continue
		}
		p, e := cellPart(cell)
		errs = append(errs, e...)
		if p != nil {
			parts = append(parts, p)
		}
	}
	return parts, errs
}

func inTangle(cell *chapter.Cell) bool {
	a := cell.Attr
	return cell.InRun() && a.Engine == "" && a.Expect.Kind != chapter.ExpectCompile
}

// build assembles and checks the program; errs are those of cells that are not
// even parts.
func (p *Program) build(errs Errors) error {
	imp, err := NewImporter()
	if err != nil {
		return err
	}
	errs = append(errs, p.assemble()...)
	if len(errs) > 0 {
		return errs.orNil()
	}
	p.view, err = imp.check(p.asm.text.String())
	if err != nil {
		return syntaxErrors(err).orNil() // each part parses, so this is not expected
	}
	for _, d := range p.view.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == mainName {
			p.main = f
		}
	}
	errs = append(p.typeErrors(), p.leaving()...)
	if len(errs) == 0 {
		errs = append(p.order(), p.hiding()...)
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
		if part.Local {
			// Its own function, as what Text calls with it.
			p.asm.raw("func() {")
		}
		p.asm.add(part, part.body(), inBody)
		if part.Local {
			p.asm.raw("}()\n")
		}
	}
	p.asm.raw("}\n")
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

// usedImports returns the imports that something refers to, and those that are
// there for their effect.
func (p *Program) usedImports() []importSpec {
	used := usedPackages(p.view.info)
	var specs []importSpec
	for _, s := range p.view.file.Imports {
		if used[p.view.packageName(s)] || s.Name != nil && s.Name.Name == "_" {
			specs = append(specs, newImportSpec(s, p.view.offset))
		}
	}
	return specs
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
		return fmt.Sprintf(
			" (it is a variable of cell %q; functions can use variables of cells without statements, or take it as a parameter)",
			cell,
		)
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
	var refused *ast.AssignStmt
	ast.Inspect(p.main, func(n ast.Node) bool {
		if s, ok := n.(*ast.AssignStmt); ok && s.Tok == token.DEFINE &&
			(nothingNew && s.TokPos == at || !nothingNew && slices.ContainsFunc(s.Rhs, func(x ast.Expr) bool { return x.Pos() == at })) {
			refused = s
		}
		return true
	})
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
