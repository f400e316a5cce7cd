package program

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"runtime"
	"sort"
	"strings"
)

// An assembly is a Go file made from views of parts, in which every piece of a
// cell has its Markdown position, by line and by column.
type assembly struct {
	text     strings.Builder
	sections []section
}

// A section is the view of a part at text[start:end] of an assembly.
type section struct {
	start, end int
	part       *part
	in         place
}

// A place is where in a Go file a section stands.
type place int

const (
	inImports place = iota
	atTop
	inBody
)

func (a *assembly) raw(format string, args ...any) { fmt.Fprintf(&a.text, format, args...) }

// add appends a view of p.
func (a *assembly) add(p *part, view string, in place) {
	if strings.TrimSpace(view) == "" {
		return
	}
	a.raw("\n//line %s:%d:1\n", p.Path, p.Line)
	start := a.text.Len()
	a.text.WriteString(view)
	a.sections = append(a.sections, section{start, a.text.Len(), p, in})
	a.raw("\n")
}

// section returns the section that holds an offset of the text, or nil.
func (a *assembly) section(off int) *section {
	i := sort.Search(len(a.sections), func(i int) bool { return a.sections[i].end > off })
	if i < len(a.sections) && a.sections[i].start <= off {
		return &a.sections[i]
	}
	return nil
}

// A checked is a Go file after the type checker.
type checked struct {
	fset *token.FileSet
	file *ast.File
	text string
	tf   *token.File
	info *types.Info
	pkg  *types.Package
	errs []types.Error

	bodies []*Package // of generic library code
}

func (c *checked) offset(pos token.Pos) int { return c.tf.Offset(pos) }

// source returns the text of a node.
func (c *checked) source(n ast.Node) string {
	return c.text[c.offset(n.Pos()):c.offset(n.End())]
}

// check parses and type-checks text. The error is of the parser; those of the
// type checker are in the result.
func (imp *Importer) check(text string) (*checked, error) {
	c := &checked{fset: token.NewFileSet(), text: text, info: newInfo()}
	var err error
	c.file, err = parser.ParseFile(c.fset, "", text, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return nil, err
	}
	c.tf = c.fset.File(c.file.FileStart)
	importer, bodies := imp.For(c.file)
	tc := types.Config{
		Importer:  importer,
		GoVersion: goVersion,
		Sizes:     types.SizesFor("gc", runtime.GOARCH),
		Error:     func(err error) { c.errs = append(c.errs, err.(types.Error)) },
	}
	c.pkg, _ = tc.Check("main", c.fset, []*ast.File{c.file}, c.info)
	c.bodies = bodies()
	return c, nil
}

// goVersion is the language version of go.mod.
const goVersion = "go1.26"

// assignedType returns the type of what an assignment gives its i-th variable.
func (c *checked) assignedType(s *ast.AssignStmt, i int) types.Type {
	if len(s.Lhs) == len(s.Rhs) {
		return c.info.TypeOf(s.Rhs[i])
	}
	if t, ok := c.info.TypeOf(s.Rhs[0]).(*types.Tuple); ok && i < t.Len() {
		return t.At(i).Type()
	}
	return types.Typ[types.Invalid]
}

// missingImport names the imports that would define a name used as a package's.
func (c *checked) missingImport(name string, at token.Pos) string {
	qualifies := false
	ast.Inspect(c.file, func(n ast.Node) bool {
		s, ok := n.(*ast.SelectorExpr)
		qualifies = qualifies || ok && s.X.Pos() == at
		return !qualifies
	})
	if !qualifies {
		return ""
	}
	var imports []string
	for _, path := range packagesNamed(name) {
		imports = append(imports, fmt.Sprintf("import %q", path))
	}
	if len(imports) == 0 {
		return ""
	}
	return " (" + strings.Join(imports, " or ") + " may stand in the cell)"
}

// packageName returns the object an import declares.
func (c *checked) packageName(s *ast.ImportSpec) types.Object {
	if s.Name != nil {
		return c.info.Defs[s.Name]
	}
	return c.info.Implicits[s]
}

// usedPackages returns the imports that some identifier refers to.
func usedPackages(info *types.Info) map[types.Object]bool {
	used := map[types.Object]bool{}
	for _, o := range info.Uses {
		if _, ok := o.(*types.PkgName); ok {
			used[o] = true
		}
	}
	return used
}
