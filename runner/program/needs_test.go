package program

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ioworkbook/runner/chapter"
)

// TestNeeds compares what the cells of small chapters need.
func TestNeeds(t *testing.T) {
	goldens(t, "needs", func(t *testing.T, g *golden) {
		c := g.parse()
		p, err := Tangle(c)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, cell := range c.Cells() {
			fmt.Fprintf(&b, "%s:", cell.Name)
			for _, n := range p.Needs(cell.Name) {
				b.WriteString(" " + n)
			}
			b.WriteString("\n")
		}
		g.compare("needs", b.String())
		if p.Needs("no such cell") != nil {
			t.Error("a cell that is not there needs something")
		}
	})
}

// book returns the programs of the book's chapters.
func book(t *testing.T) map[string]*Program {
	files, err := filepath.Glob("../../chapters/*.md")
	if err != nil || len(files) == 0 {
		t.Skip("no chapters in ../../chapters")
	}
	programs := map[string]*Program{}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := chapter.Parse(file, src)
		if err != nil {
			t.Fatal(err)
		}
		if programs[c.Slug], err = Tangle(c); err != nil {
			t.Fatal(err)
		}
	}
	return programs
}

// TestNeedsOfBook holds the needs of all cells of the book to their order and to
// being closed. In the log is what part of the earlier cells a cell needs.
func TestNeedsOfBook(t *testing.T) {
	var share float64
	var cells int
	for slug, p := range book(t) {
		index := map[string]int{}
		var sum float64
		var n, earlier int
		for i, part := range p.parts {
			index[part.Name] = i
			needs := p.Needs(part.Name)
			for k, need := range needs {
				if at, ok := index[need]; !ok || at >= i || k > 0 && index[needs[k-1]] >= at {
					t.Errorf("%s: %s needs %v: %s is out of order", slug, part.Name, needs, need)
				}
				for _, more := range p.Needs(need) {
					if !slices.Contains(needs, more) {
						t.Errorf("%s: %s needs %s, but not its %s", slug, part.Name, need, more)
					}
				}
			}
			if part.declarative() {
				continue
			}
			if earlier > 0 {
				sum += float64(len(needs)) / float64(earlier)
				n++
			}
			earlier++
		}
		share, cells = share+sum, cells+n
		t.Logf("%s: %.0f%% of the statement cells above", slug, 100*sum/float64(max(n, 1)))
	}
	if cells > 0 {
		t.Logf("the book: %.0f%%", 100*share/float64(cells))
	}
}

// TestNeededProgram type-checks, for each cell of the book, the program of its
// declarations and the cells it needs. A variable whose declaring cell is left
// out is declared by the test, but only if a statement of its own assigns it
// before anything else mentions it.
func TestNeededProgram(t *testing.T) {
	imp, err := NewImporter()
	if err != nil {
		t.Fatal(err)
	}
	for slug, p := range book(t) {
		for _, part := range p.parts {
			if part.declarative() {
				continue
			}
			if err := neededProgram(imp, p, part); err != nil {
				t.Errorf("%s: %s with %v: %v", slug, part.Name, p.Needs(part.Name), err)
			}
		}
	}
}

func neededProgram(imp *Importer, p *Program, last *part) error {
	keep := append(slices.Clone(p.Needs(last.Name)), last.Name)
	in := func(pos token.Pos) bool {
		part := p.partAt(pos)
		return part != nil && slices.Contains(keep, part.Name)
	}
	var list, vars []ast.Stmt
	seen := map[types.Object]bool{}
	for _, s := range p.main.Body.List {
		at := s.Pos()
		if p.partAt(at) == nil { // a cell of its own
			at = s.(*ast.ExprStmt).X.(*ast.CallExpr).Fun.(*ast.FuncLit).Body.List[0].Pos()
		}
		if !in(at) {
			continue
		}
		list = append(list, s)
		assigned := map[types.Object]bool{}
		if a, ok := s.(*ast.AssignStmt); ok && (a.Tok == token.ASSIGN || a.Tok == token.DEFINE) {
			for _, x := range a.Lhs {
				if id, ok := x.(*ast.Ident); ok {
					assigned[p.view.info.Uses[id]] = true
				}
			}
			for _, x := range a.Rhs {
				ast.Inspect(x, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						delete(assigned, p.view.info.Uses[id])
					}
					return true
				})
			}
		}
		var missing error
		ast.Inspect(s, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			v, ok := p.view.info.Uses[id].(*types.Var)
			if !ok || v.Parent() != p.view.info.Scopes[p.main.Type] || seen[v] || in(v.Pos()) {
				return true
			}
			if !assigned[v] {
				missing = fmt.Errorf("%s is read before it is assigned", v.Name())
			}
			seen[v] = true
			vars = append(vars, &ast.DeclStmt{Decl: &ast.GenDecl{Tok: token.VAR, Specs: []ast.Spec{
				&ast.ValueSpec{Names: []*ast.Ident{ast.NewIdent(v.Name())}, Type: typeExpr(v.Type(), p)},
			}}})
			return true
		})
		if missing != nil {
			return missing
		}
	}
	body := p.main.Body.List
	defer func() { p.main.Body.List = body }()
	p.main.Body.List = append(vars, list...)
	var first error
	conf := types.Config{Importer: imp, GoVersion: goVersion, Error: func(err error) {
		if msg := err.(types.Error).Msg; first == nil && !strings.HasPrefix(msg, "declared and not used") &&
			!strings.Contains(msg, "imported and not used") {
			first = err
		}
	}}
	conf.Check("main", p.view.fset, []*ast.File{p.view.file}, nil)
	return first
}

// typeExpr writes a type as the program itself would.
func typeExpr(t types.Type, p *Program) ast.Expr {
	text := types.TypeString(t, func(o *types.Package) string {
		if o == p.view.pkg {
			return ""
		}
		return o.Name()
	})
	return ast.NewIdent(text)
}

// BenchmarkNeeds looks at a chapter of a thousand cells.
func BenchmarkNeeds(b *testing.B) {
	var src strings.Builder
	src.WriteString(
		"# T\n\n```go {name=c0}\nimport \"golang.org/x/sys/unix\"\n\nfunc use(fds ...int) {}\n\nfd0, err := unix.Dup(0)\nuse(fd0)\n```\n",
	)
	for i := 1; i < 1000; i++ {
		fmt.Fprintf(
			&src,
			"\n```go {name=c%d}\nfd%d, err := unix.Dup(%d)\nuse(fd%d)\nprintln(err, fd%d)\n",
			i,
			i,
			i,
			i,
			i-1,
		)
		if i%10 == 0 {
			fmt.Fprintf(&src, "use(fd%d, fd%d)\n", i, i-5)
		}
		src.WriteString("```\n")
	}
	p, err := Tangle(parse(b, src.String()))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if needs := findNeeds(p); len(needs) != 1000 {
			b.Fatal(len(needs))
		}
	}
}
