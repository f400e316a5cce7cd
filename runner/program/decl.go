package program

import (
	"go/ast"
	"go/token"
	"slices"
)

// A decl is a declaration of types, of constants or of a function, as a cell
// has it.
type decl struct {
	names []string // of a method, "T.m"
	at    []int    // where each name stands in text
	kind  Kind
	recv  string // the type of a method
	text  string
	body  int // where the body begins in text that a stub can do without
	off   int // where text stands in its cell
	path  string
	line  int
	cell  string

	mentions     []string // every identifier in text
	bodyMentions int      // index of the first of them that is in the body

	// deps are the names of the session that the declaration refers to, with
	// their generations when it was last sent to the interpreter.
	deps map[string]int
}

// stub returns the declaration with a body that only makes it legal, unless its
// body is needed.
func (d *decl) stub() string {
	if d.body == len(d.text) {
		return d.text
	}
	return d.text[:d.body] + "{ panic(0) }"
}

// context returns the identifiers of stub.
func (d *decl) context() []string { return d.mentions[:d.bodyMentions] }

// textWithout returns the text with the names for which dropped is true made
// blank: a later declaration has them. Only one of a group can be dropped, so
// what is left is a declaration.
func (d *decl) textWithout(text string, dropped func(string) bool) string {
	var edits []edit
	if len(d.names) > 1 {
		for i, n := range d.names {
			if dropped(n) {
				edits = append(edits, edit{d.at[i], d.at[i] + len(n), "_"})
			}
		}
	}
	return apply(text, edits)
}

// declared lists the part's types, constants and functions.
func (p *part) declared() []*decl {
	var decls []*decl
	for _, d := range p.declTree.file.Decls {
		from, to := p.declTree.offset(d.Pos()), p.declTree.offset(d.End())
		nd := &decl{
			text: p.Code[from:to], body: to - from,
			off: from, path: p.Path, line: p.position(from).Line, cell: p.Name,
		}
		add := func(id *ast.Ident, name string) {
			if id.Name != "_" {
				nd.names = append(nd.names, name)
				nd.at = append(nd.at, p.declTree.offset(id.Pos())-from)
			}
		}
		switch d := d.(type) {
		case *ast.FuncDecl:
			nd.kind = Func
			name := d.Name.Name
			if d.Recv != nil && len(d.Recv.List) > 0 {
				nd.recv = receiver(d.Recv.List[0].Type)
				name = nd.recv + "." + name
			}
			add(d.Name, name)
			if d.Body != nil && !isGeneric(d) {
				nd.body = p.declTree.offset(d.Body.Pos()) - from
			}
		case *ast.GenDecl:
			switch d.Tok {
			case token.TYPE:
				nd.kind = Type
			case token.CONST:
				nd.kind = Const
			default:
				continue
			}
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					add(s.Name, s.Name.Name)
				case *ast.ValueSpec:
					for _, n := range s.Names {
						add(n, n.Name)
					}
				}
			}
		}
		nd.mentions, nd.bodyMentions = mentions(d, func(id *ast.Ident) bool {
			return p.declTree.offset(id.Pos())-from >= nd.body
		})
		decls = append(decls, nd)
	}
	return decls
}

// mentions lists the identifiers of a tree that can stand for something at top
// level, each once: from index split those that are only where last is true.
func mentions(n ast.Node, last func(*ast.Ident) bool) (names []string, split int) {
	var late []string
	seen := map[string]bool{}
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr: // what is selected is a field, a method or another package's
			ast.Inspect(n.X, visit)
			return false
		case *ast.Field: // a field or a parameter is named by it
			if n.Type != nil {
				ast.Inspect(n.Type, visit)
			}
			return false
		case *ast.Ident:
			switch {
			case last != nil && last(n):
				late = append(late, n.Name)
			case !seen[n.Name]:
				seen[n.Name] = true
				names = append(names, n.Name)
			}
		}
		return true
	}
	ast.Inspect(n, visit)
	split = len(names)
	for _, l := range late {
		if !seen[l] {
			seen[l] = true
			names = append(names, l)
		}
	}
	return names, split
}

// receiver returns the name of a method's type.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.ParenExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// isGeneric reports whether a function or its receiver has type parameters. Who
// instantiates it in another cell needs its body.
func isGeneric(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Type.TypeParams.NumFields() > 0
	}
	t := d.Recv.List[0].Type
	if p, ok := t.(*ast.StarExpr); ok {
		t = p.X
	}
	switch t.(type) {
	case *ast.IndexExpr, *ast.IndexListExpr:
		return true
	}
	return false
}

// same reports that o declares the same names in the same words.
func (d *decl) same(o *decl) bool {
	return o != nil && d.text == o.text && slices.Equal(d.names, o.names)
}
