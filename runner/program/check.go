package program

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"runtime"
	"strings"
)

// A checked is a Go file after the type checker.
type checked struct {
	fset *token.FileSet
	file *ast.File
	text string
	tf   *token.File
	info *types.Info
	pkg  *types.Package
	errs []types.Error

	bodies []*Package // see [Package.Bodies]

	qualifiers map[token.Pos]bool // where something is selected from; for messages
}

func (c *checked) offset(pos token.Pos) int { return c.tf.Offset(pos) }

// source returns the text of a node.
func (c *checked) source(n ast.Node) string {
	return c.text[c.offset(n.Pos()):c.offset(n.End())]
}

// check parses and type-checks text. The error is of the parser; those of the
// type checker are in the result.
func check(imp *Importer, text string) (*checked, error) {
	c := &checked{fset: token.NewFileSet(), text: text, info: newInfo()}
	var err error
	c.file, err = parser.ParseFile(c.fset, "", text, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		return nil, err
	}
	c.tf = c.fset.File(c.file.FileStart)
	lib := imp.library.importer(c.file)
	conf := typesConfig(lib)
	conf.Error = func(err error) { c.errs = append(c.errs, err.(types.Error)) }
	c.pkg, _ = conf.Check("main", c.fset, []*ast.File{c.file}, c.info)
	lib.imports(c.pkg)
	c.bodies = lib.bodies(c.fset)
	return c, nil
}

// Check type-checks a Go program that is no chapter's. The error is of the parser;
// those of the type checker come with the package.
func Check(text string) (*Package, []types.Error, error) {
	imp, err := NewImporter()
	if err != nil {
		return nil, nil, err
	}
	c, err := check(imp, text)
	if err != nil {
		return nil, nil, err
	}
	p := &Package{Fset: c.fset, Types: c.pkg, Info: c.info, Files: []*ast.File{c.file}, Bodies: c.bodies}
	return p, c.errs, nil
}

func newInfo() *types.Info {
	return &types.Info{
		Types:        map[ast.Expr]types.TypeAndValue{},
		Instances:    map[*ast.Ident]types.Instance{},
		Defs:         map[*ast.Ident]types.Object{},
		Uses:         map[*ast.Ident]types.Object{},
		Implicits:    map[ast.Node]types.Object{},
		Selections:   map[*ast.SelectorExpr]*types.Selection{},
		Scopes:       map[ast.Node]*types.Scope{},
		FileVersions: map[*ast.File]string{},
	}
}

// typesConfig is how the compiler that the runner was built with checks, for the
// architecture that the runner was built for.
func typesConfig(imp types.Importer) *types.Config {
	return &types.Config{Importer: imp, GoVersion: goVersion, Sizes: types.SizesFor("gc", runtime.GOARCH)}
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
	if c.qualifiers == nil {
		c.qualifiers = map[token.Pos]bool{}
		ast.Inspect(c.file, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				c.qualifiers[s.X.Pos()] = true
			}
			return true
		})
	}
	if !c.qualifiers[at] {
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
