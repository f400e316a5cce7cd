package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"runtime"

	"golang.org/x/tools/go/ssa"

	"ioworkbook/runner/program"
)

// sizes are those of the architecture that the interpreter runs on.
var sizes = types.SizesFor("gc", runtime.GOARCH)

// A Lowering translates one program, in units: the interpreter keeps what earlier
// units declared. It is not safe for concurrent use.
type Lowering struct {
	fset  *token.FileSet
	prog  *ssa.Program
	main  *ssa.Package
	info  *types.Info
	files []*ast.File

	own     map[*types.Package]bool // packages that are lowered: main and generic library code
	names   *names
	written written // in this unit or an earlier one
	unit    *unit   // the one being written
	units   int
	pos     token.Pos // of what is being written

	recursion recursion
	spans     *spans
	allowed   map[string]bool // faults that are not avoided: a test wants to see them
}

// New builds the SSA form of a program. It must be free of type errors.
func New(p *program.Package) *Lowering {
	l := &Lowering{
		fset: p.Fset, info: p.Info, files: p.Files,
		prog: ssa.NewProgram(p.Fset, ssa.InstantiateGenerics|ssa.BareInits),
		own:  map[*types.Package]bool{},

		recursion: recursion{reaches: map[*types.Named]bool{}, loops: map[*types.Named]bool{}},
	}
	created := map[*types.Package]bool{types.Unsafe: true}
	l.prog.CreatePackage(types.Unsafe, nil, nil, true)
	source := map[*types.Package]*program.Package{}
	for _, b := range p.Bodies {
		source[b.Types] = b
	}
	var create func(pkg *types.Package)
	create = func(pkg *types.Package) {
		if created[pkg] {
			return
		}
		created[pkg] = true
		b := source[pkg]
		if b == nil {
			l.prog.CreatePackage(pkg, nil, nil, true)
			return
		}
		for _, i := range pkg.Imports() {
			create(i)
		}
		l.own[pkg] = true
		l.prog.CreatePackage(pkg, b.Files, b.Info, true).Build()
	}
	for _, b := range p.Bodies {
		create(b.Types)
	}
	// Only what is named directly: lowered code refers to nothing else.
	for _, i := range p.Types.Imports() {
		create(i)
	}
	l.own[p.Types] = true
	l.main = l.prog.CreatePackage(p.Types, p.Files, p.Info, false)
	l.main.Build()
	l.names = newNames(l)
	l.written = newWritten()
	return l
}

// line is the source line of a position, 0 if it has none.
func (l *Lowering) line(pos token.Pos) int {
	if !pos.IsValid() {
		return 0
	}
	return l.fset.Position(pos).Line
}

// isOwnFunc reports a function that is lowered: it has a body here.
func isOwnFunc(fn *ssa.Function) bool { return fn.Blocks != nil }
