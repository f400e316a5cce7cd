package program

import (
	"errors"
	"fmt"
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

// A library has the generic functions and types of compiled packages from the
// toolchain's sources: export data has their declarations and not their bodies.
//
// A program that uses one imports a facade, a package whose scope holds what the
// compiled package's does, except that what is generic is that of an overlay: a
// package of the same path, checked from source, with nothing in it but the
// generic declarations and the unexported ones that they need. All others they
// refer to are the compiled package's own. Types without methods have no bodies;
// they stay those of the compiled package, which others know.
type library struct {
	imp *Importer

	mu       sync.Mutex
	overlays map[string]*overlay // nil where there is none
	fset     *token.FileSet
}

type overlay struct {
	pkg    *Package
	facade *types.Package
	uses   []*overlay
}

// libraryBase is where positions in the library begin: above those of any
// program, so that one file set can hold both.
const libraryBase = 1 << 29

func newLibrary(imp *Importer) *library {
	l := &library{imp: imp, overlays: map[string]*overlay{}, fset: token.NewFileSet()}
	l.fset.AddFile("library", libraryBase, 0)
	return l
}

// importer returns what a file is to be checked with.
func (l *library) importer(f *ast.File) *libraryImporter {
	l.mu.Lock()
	defer l.mu.Unlock()
	li := &libraryImporter{library: l, used: map[string]*overlay{}}
	li.use(f)
	return li
}

// use notes the overlays of what a file uses.
func (li *libraryImporter) use(f *ast.File) {
	for path, names := range qualified(f) {
		if slices.Contains(packages, path) && (li.self == nil || path != li.self.Path()) && li.anyGeneric(path, names) {
			if o := li.make(path); o != nil {
				li.used[path] = o
			}
		}
	}
}

// A libraryImporter gives facades for the packages in used.
type libraryImporter struct {
	*library
	used map[string]*overlay
	self *types.Package // what dot imports are of
}

func (li *libraryImporter) Import(path string) (*types.Package, error) {
	if o := li.used[path]; o != nil {
		return o.facade, nil
	}
	if li.self != nil && path == li.self.Path() {
		return li.self, nil
	}
	return li.imp.Import(path)
}

// imports replaces facades among the imports of a package by what they stand for.
func (li *libraryImporter) imports(pkg *types.Package) {
	var list []*types.Package
	for _, i := range pkg.Imports() {
		if compiled, err := li.imp.Import(i.Path()); err == nil {
			list = append(list, compiled)
		}
	}
	pkg.SetImports(list)
}

// bodies returns the overlays that are used, and those that they use, and makes
// their positions known to fset.
func (li *libraryImporter) bodies(fset *token.FileSet) []*Package {
	var list []*Package
	var add func(o *overlay)
	add = func(o *overlay) {
		if !slices.Contains(list, o.pkg) {
			list = append(list, o.pkg)
			for _, f := range o.pkg.Files {
				fset.AddExistingFiles(li.fset.File(f.FileStart))
			}
			for _, u := range o.uses {
				add(u)
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(li.used)) {
		add(li.used[path])
	}
	return list
}

// qualified returns the names that a file uses of packages, by import path.
func qualified(f *ast.File) map[string][]string {
	paths := importNames(f)
	used := map[string][]string{}
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := s.X.(*ast.Ident); ok && paths[id.Name] != "" {
				used[paths[id.Name]] = append(used[paths[id.Name]], s.Sel.Name)
			}
		}
		return true
	})
	return used
}

// importNames returns the import paths of a file by the names it has for them.
func importNames(f *ast.File) map[string]string {
	paths := map[string]string{}
	for _, s := range f.Imports {
		i := newImportSpec(s, func(token.Pos) int { return 0 })
		paths[i.local()] = i.path
	}
	return paths
}

func (l *library) anyGeneric(path string, names []string) bool {
	pkg, err := l.imp.Import(path)
	return err == nil &&
		slices.ContainsFunc(names, func(n string) bool { return isGenericObject(pkg.Scope().Lookup(n)) })
}

// isGenericObject reports that an object has bodies with type parameters.
func isGenericObject(o types.Object) bool {
	switch o := o.(type) {
	case *types.Func:
		return o.Signature().TypeParams().Len() > 0
	case *types.TypeName:
		n, ok := o.Type().(*types.Named)
		return ok && n.TypeParams().Len() > 0 && n.NumMethods() > 0
	}
	return false
}

// make returns the overlay of a package, nil if it cannot be had.
func (l *library) make(path string) *overlay {
	if o, ok := l.overlays[path]; ok {
		return o
	}
	l.overlays[path] = nil // none, unless all goes well
	o, err := l.check(path)
	if err == nil {
		l.overlays[path] = o
	}
	return l.overlays[path]
}

// sourceRoot is where the toolchain's sources are. The go command is only asked
// where they are not of the toolchain that this runner was built with.
var sourceRoot = sync.OnceValues(func() (string, error) {
	root := build.Default.GOROOT
	version, err := os.ReadFile(filepath.Join(root, "VERSION"))
	if err == nil && firstLine(string(version)) == runtime.Version() {
		return filepath.Join(root, "src"), nil
	}
	cmd := exec.Command("go", "env", "GOROOT")
	if cmd.Dir, err = Root(); err != nil {
		return "", err
	}
	out, err := cmd.Output()
	return filepath.Join(strings.TrimSpace(string(out)), "src"), err
})

// sources parses the files of a package that this runner's system would compile.
func (l *library) sources(path string) ([]*ast.File, error) {
	root, err := sourceRoot()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(root, filepath.FromSlash(path))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	ctx := build.Default
	ctx.GOOS, ctx.GOARCH, ctx.Compiler = runtime.GOOS, runtime.GOARCH, "gc"
	var files []*ast.File
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		if ok, err := ctx.MatchFile(dir, e.Name()); !ok || err != nil {
			continue
		}
		f, err := parser.ParseFile(l.fset, filepath.Join(dir, e.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// check makes the overlay of a package.
func (l *library) check(path string) (*overlay, error) {
	compiled, err := l.imp.Import(path)
	if err != nil {
		return nil, err
	}
	files, err := l.sources(path)
	if err != nil {
		return nil, err
	}
	files, err = l.withSubstitutes(path, files)
	if err != nil {
		return nil, err
	}
	chosen := choose(files, compiled)
	if len(chosen) == 0 {
		return nil, fmt.Errorf("%s: nothing can be had from source", path)
	}
	rest := types.NewPackage(path, compiled.Name())
	facade := types.NewPackage(path, compiled.Name())
	for _, name := range compiled.Scope().Names() {
		if o := compiled.Scope().Lookup(name); !chosen.has(name) {
			rest.Scope().Insert(o)
			facade.Scope().Insert(o)
		}
	}
	rest.MarkComplete()
	facade.MarkComplete()
	var own []*ast.File
	for _, f := range files {
		if f := chosen.only(f, path); f != nil {
			own = append(own, f)
		}
	}
	li := &libraryImporter{library: l, used: map[string]*overlay{}, self: rest}
	for _, f := range own {
		li.use(f)
	}
	info := newInfo()
	conf := typesConfig(li)
	var hard []error
	conf.Error = func(err error) {
		var te types.Error
		if errors.As(err, &te) && !te.Soft && !strings.Contains(te.Msg, "missing function body") {
			hard = append(hard, err)
		}
	}
	pkg, _ := conf.Check(path, l.fset, own, info)
	if len(hard) > 0 {
		return nil, fmt.Errorf("%s from source: %w", path, errors.Join(hard...))
	}
	dropUnusable(own, info, compiled)
	for _, name := range pkg.Scope().Names() {
		if o := pkg.Scope().Lookup(name); o.Exported() && compiled.Scope().Lookup(name) != nil {
			facade.Scope().Insert(o)
		}
	}
	li.imports(pkg)
	o := &overlay{facade: facade, pkg: &Package{Fset: l.fset, Types: pkg, Info: info, Files: own}}
	for _, u := range li.used {
		o.uses = append(o.uses, u)
	}
	return o, nil
}

// chosenDecls are the declarations of an overlay, by name; of a method, T.m.
type chosenDecls map[string]bool

func (c chosenDecls) has(name string) bool { return c[name] }

// A source is a declaration of a package, and the imports of its file by name.
type source struct {
	node    ast.Node
	imports map[string]string
}

// choose finds what is generic in a package, and what of the package's own that
// needs and the compiled package does not show. What needs a package that cells
// cannot import is left out.
func choose(files []*ast.File, compiled *types.Package) chosenDecls {
	sources := map[string][]source{} // by name, methods by that of their type
	for _, f := range files {
		imports := importNames(f)
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				name := d.Name.Name
				if d.Recv != nil {
					name = receiver(d.Recv.List[0].Type)
				}
				sources[name] = append(sources[name], source{d, imports})
			case *ast.GenDecl:
				for _, s := range d.Specs {
					for _, n := range specNames(s) {
						sources[n] = append(sources[n], source{s, imports})
					}
				}
			}
		}
	}
	chosen := chosenDecls{}
	all, hasTypes := true, false
	for _, root := range compiled.Scope().Names() {
		if !isGenericObject(compiled.Scope().Lookup(root)) {
			continue
		}
		seen, usable := chosenDecls{}, true
		for todo := []string{root}; len(todo) > 0 && usable; {
			name := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			o := compiled.Scope().Lookup(name)
			if seen[name] || sources[name] == nil || o != nil && o.Exported() && !isGenericObject(o) {
				continue
			}
			seen[name] = true
			for _, s := range sources[name] {
				ast.Inspect(s.node, func(n ast.Node) bool {
					switch n := n.(type) {
					case *ast.Ident:
						todo = append(todo, n.Name)
					case *ast.SelectorExpr:
						if id, ok := n.X.(*ast.Ident); ok && s.imports[id.Name] != "" {
							usable = usable && slices.Contains(packages, s.imports[id.Name])
						}
					}
					return true
				})
			}
		}
		_, isType := compiled.Scope().Lookup(root).(*types.TypeName)
		hasTypes = hasTypes || isType
		all = all && usable
		if usable {
			maps.Copy(chosen, seen)
		}
	}
	if hasTypes && !all {
		return nil // a function of the compiled package returns its type, not this one
	}
	return chosen
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

// topNames returns the names that a declaration adds to its package.
func topNames(d ast.Decl) []string {
	var names []string
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			names = append(names, specNames(s)...)
		}
	}
	return names
}

func specNames(s ast.Spec) []string {
	var names []string
	switch s := s.(type) {
	case *ast.TypeSpec:
		names = append(names, s.Name.Name)
	case *ast.ValueSpec:
		for _, n := range s.Names {
			names = append(names, n.Name)
		}
	}
	return names
}

// only returns a file with the chosen declarations, the imports they use, and
// what the compiled package exports. It returns nil if there are none.
func (c chosenDecls) only(f *ast.File, path string) *ast.File {
	out := *f
	out.Decls, out.Imports = nil, nil
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil && c[receiver(d.Recv.List[0].Type)] || d.Recv == nil && c[d.Name.Name] {
				out.Decls = append(out.Decls, d)
			}
		case *ast.GenDecl:
			if d.Tok == token.IMPORT {
				continue
			}
			g := *d
			g.Specs = slices.DeleteFunc(slices.Clone(d.Specs), func(s ast.Spec) bool {
				return !slices.ContainsFunc(specNames(s), c.has)
			})
			if d.Tok == token.CONST && len(g.Specs) > 0 {
				g.Specs = d.Specs // one may repeat the values of another
			}
			if len(g.Specs) > 0 {
				out.Decls = append(out.Decls, &g)
			}
		}
	}
	if len(out.Decls) == 0 {
		return nil
	}
	out.Imports = f.Imports
	used := qualified(&out)
	out.Imports = nil
	imports := &ast.GenDecl{TokPos: f.Name.End(), Tok: token.IMPORT, Lparen: f.Name.End()}
	for _, s := range f.Imports {
		if p, _ := strconv.Unquote(s.Path.Value); used[p] != nil {
			imports.Specs = append(imports.Specs, s)
			out.Imports = append(out.Imports, s)
		}
	}
	self := &ast.ImportSpec{
		Name: &ast.Ident{NamePos: f.Name.End(), Name: "."},
		Path: &ast.BasicLit{ValuePos: f.Name.End(), Kind: token.STRING, Value: strconv.Quote(path)},
	}
	imports.Specs = append(imports.Specs, self)
	out.Decls = append([]ast.Decl{imports}, out.Decls...)
	return &out
}

// substitutes take the place of declarations that reach into what only the
// compiled package has. A function without a body is one of the runtime of lowered
// text, there exported.
var substitutes = map[string]string{
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
	"math/rand/v2": `package rand

var globalRand global

type global struct{}

func (global) uint64n(n uint64) uint64 { return Uint64N(n) }
`,
	"reflect": `package reflect

func TypeFor[T any]() Type { return TypeOf((*T)(nil)).Elem() }
`,
}

// withSubstitutes adds the substitutes of a package, and drops what they replace.
func (l *library) withSubstitutes(path string, files []*ast.File) ([]*ast.File, error) {
	text, ok := substitutes[path]
	if !ok {
		return files, nil
	}
	sub, err := parser.ParseFile(l.fset, path, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	replaced := map[string]bool{}
	for _, d := range sub.Decls {
		for _, n := range topNames(d) {
			replaced[n] = true
		}
	}
	for _, f := range files {
		f.Decls = slices.DeleteFunc(f.Decls, func(d ast.Decl) bool {
			return slices.ContainsFunc(topNames(d), func(n string) bool { return replaced[n] })
		})
	}
	return append(files, sub), nil
}

// dropUnusable takes the bodies off functions that use what only the compiled
// package has.
func dropUnusable(files []*ast.File, info *types.Info, compiled *types.Package) {
	for _, f := range files {
		for _, d := range f.Decls {
			d, ok := d.(*ast.FuncDecl)
			if !ok || d.Body == nil {
				continue
			}
			usable := true
			ast.Inspect(d.Body, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					if o := info.Uses[id]; o != nil && o.Pkg() == compiled && !o.Exported() {
						usable = false
					}
				}
				return usable
			})
			if !usable {
				d.Body = nil
			}
		}
	}
}
