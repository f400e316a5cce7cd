package program

import (
	"cmp"
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"ioworkbook/runner/chapter"
)

// A Source is the code of one cell and where it stands.
type Source struct {
	Path string // of the Markdown file, for messages
	Line int    // of the code's first line
	Code string
	Name string // the cell's name; may be empty
	// Local keeps the variables of the code's statements to itself, as a cell
	// that must end in a panic, an error or a timeout does.
	Local bool
}

// A part is a source, cut.
type part struct {
	Source
	chunks []Chunk
	cell   *chapter.Cell // nil if the source is no cell of a chapter
	// declsOnly leaves the statements out: they belong to another program.
	declsOnly bool
	// measured is for a measurement that is checked with its chapter's program
	// and is no part of it.
	measured bool

	index      int                  // in the program's parts
	start, end int                  // of its last section in the checked text
	vars       []*ast.GenDecl       // of the top level, once checked
	inits      []*types.Initializer // those that are left to main, in their order

	// What the views parse to. Subtracting the base from a position gives the
	// offset in the code.
	importTree, declTree, bodyTree tree
}

type tree struct {
	file *ast.File
	base token.Pos
}

func (t tree) offset(pos token.Pos) int { return int(pos - t.base) }

func cellPart(cell *chapter.Cell) (*part, Errors) {
	p, errs := newPart(Source{
		Path: cell.Path, Line: cell.CodeLine, Code: cell.Code, Name: cell.Name,
		Local: isLocal(cell),
	})
	if p != nil {
		p.cell = cell
	}
	return p, errs
}

// isLocal reports that a cell keeps its variables because it does not run to
// its end.
func isLocal(cell *chapter.Cell) bool {
	switch cell.Attr.Expect.Kind {
	case chapter.ExpectPanic, chapter.ExpectError, chapter.ExpectTimeout:
		return true
	}
	return false
}

func newPart(src Source) (*part, Errors) {
	chunks, err := Split(src.Code)
	p := &part{Source: src, chunks: chunks}
	if err != nil {
		return nil, p.locate(syntaxErrors(err))
	}
	if errs := p.syntax(); len(errs) > 0 {
		return nil, errs
	}
	return p, nil
}

// locate turns positions within the code into positions in the file.
func (p *part) locate(errs Errors) Errors {
	for _, e := range errs {
		e.Pos.Filename = p.Path
		e.Pos.Line += p.Line - 1
		e.Cell = p.Name
	}
	return errs
}

// position returns the place in the file of code[off].
func (p *part) position(off int) token.Position {
	before := p.Code[:off]
	return token.Position{
		Filename: p.Path,
		Line:     p.Line + strings.Count(before, "\n"),
		Column:   off - strings.LastIndexByte(before, '\n'),
	}
}

// runs reports that there is something to run when the program comes to the part.
func (p *part) runs() bool { return len(p.inits) > 0 || !p.declsOnly && p.has(Statement) }

// endsInLabel reports that the last statement is a label of nothing.
func (p *part) endsInLabel() bool {
	list := p.wrapped().List
	if len(list) == 0 || p.declsOnly {
		return false
	}
	s := list[len(list)-1]
	l, ok := s.(*ast.LabeledStmt)
	for ok {
		s = l.Stmt
		l, ok = s.(*ast.LabeledStmt)
	}
	_, empty := s.(*ast.EmptyStmt)
	return empty
}

// wrapped returns the part's statements as its own parse has them.
func (p *part) wrapped() *ast.BlockStmt {
	return p.bodyTree.file.Decls[0].(*ast.FuncDecl).Body
}

// declarative reports that the cell has no statements.
func (p *part) declarative() bool { return !p.has(Statement) }

func (p *part) has(k Kind) bool {
	for _, c := range p.chunks {
		if c.Kind == k {
			return true
		}
	}
	return false
}

// A view is the code with all but some kinds of chunks blanked out. Offsets,
// lines and columns are those of the code.
type view func(Kind) bool

var (
	importView view = func(k Kind) bool { return k == Import }
	// What goes to the top level from a cell with statements, and what stays.
	topView  view = func(k Kind) bool { return k == Type || k == Const || k == Func }
	bodyView view = func(k Kind) bool { return k == Statement || k == Var }
	// What goes to the top level from a cell without statements.
	declView view = func(k Kind) bool { return topView(k) || k == Var }
)

func (p *part) view(v view) string {
	b := []byte(p.Code)
	for _, c := range p.chunks {
		if !v(c.Kind) {
			blank(b[c.Start:c.End])
		}
	}
	return string(b)
}

// decls is the part's text for the top level of a program.
func (p *part) decls() string {
	if p.declarative() {
		return p.view(declView)
	}
	return p.view(topView)
}

// body is the part's text for the inside of a function.
func (p *part) body() string {
	if p.declarative() || p.declsOnly {
		return ""
	}
	return p.view(bodyView)
}

func blank(b []byte) {
	for i := range b {
		if b[i] != '\n' {
			b[i] = ' '
		}
	}
}

// syntax parses the part's views on their own, so that an error in one cell
// leaves the others alone.
func (p *part) syntax() Errors {
	var errs Errors
	for _, v := range []struct {
		tree                *tree
		before, code, after string
	}{
		{&p.importTree, "package p\n", p.view(importView), ""},
		{&p.declTree, "package p\n", p.view(declView), ""},
		{&p.bodyTree, "package p; func _() {\n", p.view(bodyView), "\n}"},
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "", v.before+v.code+v.after, parser.SkipObjectResolution|parser.AllErrors)
		var list scanner.ErrorList
		if !errors.As(err, &list) {
			*v.tree = tree{f, f.FileStart + token.Pos(len(v.before))}
			continue
		}
		for _, e := range list {
			e.Pos.Line-- // that of v.before
		}
		// What is found at the end follows from an error before it.
		end := strings.Count(p.Code, "\n") + 1
		if i := slices.IndexFunc(list, func(e *scanner.Error) bool { return e.Pos.Line >= end }); i > 0 {
			list = list[:i]
		}
		errs = append(errs, p.locate(syntaxErrors(list))...)
	}
	errs = append(errs, p.reserved()...)
	// A var chunk is in two views, and so are its errors.
	return errs.sorted()
}

// reserved reports functions that mean something to Go by their name alone, or
// that have no body: the type checker takes them for another language's.
func (p *part) reserved() Errors {
	if p.declTree.file == nil {
		return nil
	}
	var errs Errors
	for _, d := range p.declTree.file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if ok && f.Body == nil {
			errs = append(errs, &Error{Pos: p.position(p.declTree.offset(f.Name.Pos())), Cell: p.Name,
				Msg: "missing function body"})
		}
		if ok && f.Recv == nil && (f.Name.Name == "main" || f.Name.Name == "init") {
			errs = append(errs, &Error{Pos: p.position(p.declTree.offset(f.Name.Pos())), Cell: p.Name,
				Msg: "a cell cannot declare " + f.Name.Name + "; write its statements in a cell, or choose another name"})
		}
	}
	return errs
}

// An importSpec is one import of a cell.
type importSpec struct {
	name string // as written before the path; empty if nothing is
	path string
	off  int // of the spec in the part's code
	end  int
}

// String returns the spec as Go text.
func (i importSpec) String() string {
	if i.name == "" {
		return strconv.Quote(i.path)
	}
	return i.name + " " + strconv.Quote(i.path)
}

// imports lists the part's imports.
func (p *part) imports() []importSpec {
	var specs []importSpec
	for _, s := range p.importTree.file.Imports {
		specs = append(specs, newImportSpec(s, p.importTree.offset))
	}
	return specs
}

func newImportSpec(s *ast.ImportSpec, offset func(token.Pos) int) importSpec {
	i := importSpec{off: offset(s.Pos()), end: offset(s.End())}
	i.path, _ = strconv.Unquote(s.Path.Value)
	if s.Name != nil {
		i.name = s.Name.Name
	}
	return i
}

// local returns the name by which code refers to the import.
func (i importSpec) local() string { return cmp.Or(i.name, baseName(i.path)) }
