package program

import (
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Export data has the signatures of generic code and not its bodies. The library's
// generic functions that a text uses are therefore checked from the toolchain's
// sources, each with the unexported declarations that it needs. The package that the
// text then imports holds them beside the objects of the export data, so that every
// other type is the one that compiled packages mean.
//
// The interpreter's tables lack sync.OnceFunc, which is as good as generic.

// generic are the declarations of the library that cells can have from source.
// A package without a list has them all.
//
// The types iter.Seq and iter.Seq2 are not among them, since signatures of compiled
// packages mention them: they are those of the export data, and need no bodies.
var generic = map[string][]string{
	"cmp": nil, "maps": nil, "slices": nil,
	"iter":         {"Pull", "Pull2"},
	"errors":       {"AsType"},
	"math/rand/v2": {"N"},
	"sync":         {"OnceFunc", "OnceValue", "OnceValues"},
	"sync/atomic":  {"Pointer"},
}

const iterPath = "iter"

// A library is what of the library's generic code is at hand: some declarations, and
// packages that have them. Packages of two libraries do not go together.
type library struct {
	sources *sources
	needs   needs
	imports func(path string) (*types.Package, error) // export data

	mu       sync.Mutex
	packages map[string]*Package
}

// needs are declarations, by package and name.
type needs map[string]map[string]bool

func (n needs) add(path, name string) {
	if n[path] == nil {
		n[path] = map[string]bool{}
	}
	n[path][name] = true
}

func (n needs) has(m needs) bool {
	for path, names := range m {
		for name := range names {
			if !n[path][name] {
				return false
			}
		}
	}
	return true
}

// For returns the importer for the check of one program, and a function that says,
// after the check, of which packages lowering needs the bodies. They stay valid, and
// are the same for a program that uses no other generic names of the library.
//
// The importer is not safe for concurrent use.
func (imp *Importer) For(file *ast.File) (types.Importer, func() []*Package) {
	p := &programImporter{imp: imp, library: imp.libraryFor(file), used: map[string]bool{}}
	return p, p.bodies
}

// libraryFor returns a library that has what a file uses, nil if it uses none.
func (imp *Importer) libraryFor(file *ast.File) *library {
	src := librarySources()
	n := needs{}
	src.uses(file, n)
	if len(n) == 0 {
		return nil
	}
	imp.libraryMu.Lock()
	defer imp.libraryMu.Unlock()
	if l := imp.library; l != nil {
		if l.needs.has(n) {
			return l
		}
		for path, names := range l.needs {
			for name := range names {
				n.add(path, name)
			}
		}
	}
	src.close(n)
	imp.library = &library{sources: src, needs: n, imports: imp.Import, packages: map[string]*Package{}}
	return imp.library
}

// programImporter resolves the imports of one program.
type programImporter struct {
	imp     *Importer
	library *library
	used    map[string]bool
}

func (p *programImporter) Import(path string) (*types.Package, error) {
	if path == iterPath || p.library != nil && p.library.needs[path] != nil {
		p.used[path] = true
	}
	if p.library == nil {
		return p.imp.Import(path)
	}
	p.library.mu.Lock()
	defer p.library.mu.Unlock()
	return p.library.pkg(path)
}

func (p *programImporter) bodies() []*Package {
	if p.library != nil {
		p.library.mu.Lock()
		defer p.library.mu.Unlock()
	}
	var list []*Package
	added := map[string]bool{}
	var add func(path string)
	add = func(path string) {
		if added[path] {
			return
		}
		added[path] = true
		if path == iterPath {
			if pkg, err := p.imp.Import(iterPath); err == nil {
				list = append(list, &Package{Fset: libraryFset, Types: pkg, Info: newInfo()})
			}
		}
		if p.library == nil || p.library.packages[path] == nil {
			return
		}
		pkg := p.library.packages[path]
		for _, i := range pkg.Types.Imports() {
			if i.Path() == iterPath || generic[i.Path()] != nil || p.library.packages[i.Path()] != nil {
				add(i.Path())
			}
		}
		list = append(list, pkg)
	}
	for _, path := range slices.Sorted(maps.Keys(p.used)) {
		add(path)
	}
	return list
}

// pkg returns a package, with the declarations that are needed of it.
func (l *library) pkg(path string) (*types.Package, error) {
	exported, err := l.imports(path)
	if err != nil || l.needs[path] == nil {
		return exported, err
	}
	if p := l.packages[path]; p != nil {
		return p.Types, nil
	}
	pkg, err := l.check(exported)
	if err != nil { // sources of another Go than this one's export data
		delete(l.needs, path)
		return exported, nil
	}
	l.packages[path] = pkg
	return pkg.Types, nil
}

// check type-checks the declarations that are needed of a package, in a scope that
// has the other objects of its export data, as a dot import would.
func (l *library) check(exported *types.Package) (*Package, error) {
	path := exported.Path()
	src := l.sources.pkg(path)
	p := &Package{Fset: libraryFset, Types: types.NewPackage(path, exported.Name()), Info: newInfo()}
	scope := exported.Scope()
	for _, name := range scope.Names() {
		if !l.needs[path][name] {
			p.Types.Scope().Insert(scope.Lookup(name))
		}
	}
	p.Files = src.files(l.needs[path])
	conf := types.Config{
		Importer: importerFunc(l.pkg),
		Sizes:    types.SizesFor("gc", runtime.GOARCH),
	}
	if err := types.NewChecker(&conf, p.Fset, p.Types, p.Info).Files(p.Files); err != nil {
		return nil, err
	}
	// Bodies refer to objects of the export data, whose package nothing else names.
	p.Types.SetImports(append(p.Types.Imports(), exported))
	return p, nil
}

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

func newInfo() *types.Info {
	return &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{},
		Implicits: map[ast.Node]types.Object{}, Scopes: map[ast.Node]*types.Scope{}, FileVersions: map[*ast.File]string{},
	}
}

// libraryFset has the positions of library code. They begin where those of no text
// end: a text's file set knows none of them, and no line of the text is taken for
// one of the library.
var libraryFset = func() *token.FileSet {
	fset := token.NewFileSet()
	fset.AddFile("", 1<<30, 0)
	return fset
}()

// sources are the toolchain's, each package parsed when it is first wanted.
type sources struct {
	root string // GOROOT, "" if there is none

	mu       sync.Mutex
	packages map[string]*source
}

// A source is the declarations of one package.
type source struct {
	decls   map[string]*declaration
	methods map[string][]*declaration // by the type's name
	parsed  []*ast.File
}

type declaration struct {
	file *ast.File
	decl ast.Decl
	name string
}

var librarySources = sync.OnceValue(func() *sources {
	return &sources{packages: map[string]*source{}}
})

// goroot is where the toolchain's sources are: a binary built with -trimpath does
// not know.
var goroot = sync.OnceValue(func() string {
	for _, root := range []func() string{
		func() string { return build.Default.GOROOT },
		func() string {
			out, _ := exec.Command("go", "env", "GOROOT").Output()
			return strings.TrimSpace(string(out))
		},
	} {
		if dir := root(); dir != "" {
			if info, err := os.Stat(filepath.Join(dir, "src", "slices")); err == nil && info.IsDir() {
				return dir
			}
		}
	}
	return ""
})

// pkg returns the declarations of a package. It has none if there are no sources.
func (s *sources) pkg(path string) *source {
	s.mu.Lock()
	defer s.mu.Unlock()
	if src := s.packages[path]; src != nil {
		return src
	}
	src := &source{decls: map[string]*declaration{}, methods: map[string][]*declaration{}}
	s.packages[path] = src
	if goroot() == "" {
		return src
	}
	dir := filepath.Join(goroot(), "src", filepath.FromSlash(path))
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return src
	}
	for _, name := range names {
		base := filepath.Base(name)
		if strings.HasSuffix(base, "_test.go") {
			continue
		}
		if ok, err := build.Default.MatchFile(dir, base); err != nil || !ok {
			continue
		}
		text, err := os.ReadFile(name)
		if err == nil && wanted(path, string(text)) {
			src.parse(name, text)
		}
	}
	if text := replaced[path]; text != "" && len(src.parsed) > 0 {
		src.parse(path, []byte(text))
	}
	return src
}

// wanted reports a file that declares what cells can have from source.
func wanted(path, text string) bool {
	if generic[path] == nil {
		return true
	}
	return slices.ContainsFunc(generic[path], func(name string) bool {
		return strings.Contains(text, "\nfunc "+name+"[") || strings.Contains(text, "\ntype "+name+"[") ||
			strings.Contains(text, "\nfunc "+name+"(")
	})
}

// parse adds the declarations of a file. They replace those of the same names.
func (s *source) parse(name string, text []byte) {
	file, err := parser.ParseFile(libraryFset, name, text, parser.SkipObjectResolution)
	if err != nil {
		return
	}
	s.parsed = append(s.parsed, file)
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			one := &declaration{file, d, d.Name.Name}
			if d.Recv == nil {
				s.decls[d.Name.Name] = one
			} else if base := baseType(d.Recv.List[0].Type); base != "" {
				s.methods[base] = append(s.methods[base], one)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				// A group of constants that count needs all of them.
				one := &declaration{file: file, decl: d}
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					one.decl = &ast.GenDecl{TokPos: d.TokPos, Tok: d.Tok, Specs: []ast.Spec{spec}}
					one.name = spec.Name.Name
					s.decls[spec.Name.Name] = one
				case *ast.ValueSpec:
					for _, id := range spec.Names {
						if id.Name != "_" {
							s.decls[id.Name] = one
						}
					}
				}
			}
		}
	}
}

// baseType is the name of a receiver's type.
func baseType(t ast.Expr) string {
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// uses adds what a file uses of the library's generic code. A selector may be of
// something else that has the name of a package: that adds too much and does no harm.
func (s *sources) uses(file *ast.File, n needs) {
	names := map[string]string{} // what a package is called -> its path
	var dots []string
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if _, ok := generic[path]; err != nil || !ok {
			continue
		}
		switch {
		case spec.Name == nil:
			names[packageName(path)] = path
		case spec.Name.Name == ".":
			dots = append(dots, path)
		default:
			names[spec.Name.Name] = path
		}
	}
	if len(names)+len(dots) == 0 {
		return
	}
	ast.Inspect(file, func(x ast.Node) bool {
		switch x := x.(type) {
		case *ast.SelectorExpr:
			if id, ok := x.X.(*ast.Ident); ok && names[id.Name] != "" && s.isGeneric(names[id.Name], x.Sel.Name) {
				n.add(names[id.Name], x.Sel.Name)
			}
		case *ast.Ident:
			for _, path := range dots {
				if s.isGeneric(path, x.Name) {
					n.add(path, x.Name)
				}
			}
		}
		return true
	})
}

// isGeneric reports a name of a package that cells can have from source.
func (s *sources) isGeneric(path, name string) bool {
	if list := generic[path]; list != nil && !slices.Contains(list, name) {
		return false
	}
	return ast.IsExported(name) && s.pkg(path).decls[name] != nil
}

// packageName is the name of a package of the standard library.
func packageName(path string) string {
	path = strings.TrimSuffix(path, "/v2")
	return path[strings.LastIndexByte(path, '/')+1:]
}

// close adds what the declarations themselves use.
func (s *sources) close(n needs) {
	type one struct{ path, name string }
	var todo []one
	need := func(path, name string) {
		if !n[path][name] {
			n.add(path, name)
			todo = append(todo, one{path, name})
		}
	}
	for path, names := range n {
		for name := range names {
			todo = append(todo, one{path, name})
		}
	}
	for len(todo) > 0 {
		next := todo[0]
		todo = todo[1:]
		src := s.pkg(next.path)
		decls := slices.Clone(src.methods[next.name])
		if d := src.decls[next.name]; d != nil {
			decls = append(decls, d)
		}
		for _, d := range decls {
			imports := d.imports()
			ast.Inspect(d.decl, func(x ast.Node) bool {
				switch x := x.(type) {
				case *ast.SelectorExpr:
					id, ok := x.X.(*ast.Ident)
					if !ok {
						return true
					}
					if path := imports[id.Name]; path != "" {
						if _, ok := generic[path]; ok && s.isGeneric(path, x.Sel.Name) {
							need(path, x.Sel.Name)
						}
						return false
					}
				case *ast.Ident:
					if src.decls[x.Name] != nil && (!ast.IsExported(x.Name) || s.isGeneric(next.path, x.Name)) {
						need(next.path, x.Name)
					}
				}
				return true
			})
		}
	}
}

// imports are the imports of a declaration's file, by name.
func (d *declaration) imports() map[string]string {
	m := map[string]string{}
	for _, spec := range d.file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		name := packageName(path)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		m[name] = path
	}
	return m
}

// files returns the files of a package with only these declarations.
func (s *source) files(names map[string]bool) []*ast.File {
	chosen := map[ast.Decl]bool{}
	var list []*declaration
	choose := func(d *declaration) {
		if d != nil && !chosen[d.decl] {
			chosen[d.decl] = true
			list = append(list, d)
		}
	}
	for name := range names {
		choose(s.decls[name])
		for _, d := range s.methods[name] {
			choose(d)
		}
	}
	slices.SortFunc(list, func(a, b *declaration) int { return int(a.decl.Pos() - b.decl.Pos()) })
	var files []*ast.File
	for _, parsed := range s.parsed {
		file := &ast.File{
			Package: parsed.Package, Name: parsed.Name, FileStart: parsed.FileStart, FileEnd: parsed.FileEnd,
			GoVersion: parsed.GoVersion,
		}
		used := map[string]bool{}
		for _, d := range list {
			if d.file == parsed {
				file.Decls = append(file.Decls, d.decl)
				ast.Inspect(d.decl, func(x ast.Node) bool {
					if sel, ok := x.(*ast.SelectorExpr); ok {
						if id, ok := sel.X.(*ast.Ident); ok {
							used[id.Name] = true
						}
					}
					return true
				})
			}
		}
		if len(file.Decls) == 0 {
			continue
		}
		var decls []ast.Decl
		for _, spec := range parsed.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil || spec.Name != nil && spec.Name.Name == "_" {
				continue
			}
			if spec.Name == nil && used[packageName(path)] || spec.Name != nil && used[spec.Name.Name] {
				file.Imports = append(file.Imports, spec)
				decls = append(decls, &ast.GenDecl{TokPos: spec.Pos(), Tok: token.IMPORT, Specs: []ast.Spec{spec}})
			}
		}
		file.Decls = append(decls, file.Decls...)
		files = append(files, file)
	}
	return files
}

// replaced are declarations that stand for those of the sources which call what only
// the compiler and the runtime can: they do the same.
//
// A function without a body is one of package runner/lower/rt, there exported.
var replaced = map[string]string{
	"iter": `package iter

func pull(seq func(yield func() bool)) (next func() bool, stop func())

func Pull[V any](seq Seq[V]) (next func() (V, bool), stop func()) {
	var v, zero V
	step, stop := pull(func(yield func() bool) {
		seq(func(x V) bool {
			v = x
			return yield()
		})
	})
	next = func() (V, bool) {
		if step() {
			return v, true
		}
		return zero, false
	}
	return next, stop
}

func Pull2[K, V any](seq Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	var k, zeroK K
	var v, zeroV V
	step, stop := pull(func(yield func() bool) {
		seq(func(x K, y V) bool {
			k, v = x, y
			return yield()
		})
	})
	next = func() (K, V, bool) {
		if step() {
			return k, v, true
		}
		return zeroK, zeroV, false
	}
	return next, stop
}
`,
	"maps": `package maps

func Clone[M ~map[K]V, K comparable, V any](m M) M {
	if m == nil {
		return nil
	}
	r := make(M, len(m))
	for k, v := range m {
		r[k] = v
	}
	return r
}
`,
	"slices": `package slices

func overlaps[E any](a, b []E) bool {
	for i := range a {
		if len(b) > 0 && &a[i] == &b[0] {
			return true
		}
	}
	for i := range b {
		if len(a) > 0 && &b[i] == &a[0] {
			return true
		}
	}
	return false
}
`,
	"math/rand/v2": `package rand

func N[Int intType](n Int) Int {
	if n <= 0 {
		panic("invalid argument to N")
	}
	return Int(Uint64N(uint64(n)))
}
`,
}
