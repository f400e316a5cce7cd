package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"runtime"
	"slices"

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
	site    token.Pos // in the program: the same, or the call by which library code is reached
	sites   map[*ssa.Function]token.Pos

	recursion recursion
	spans     *spans
	allowed   map[string]bool // faults that are not avoided: a test wants to see them
}

// New builds the SSA form of a program. It must be free of type errors.
func New(p *program.Package) *Lowering {
	l := &Lowering{
		fset: p.Fset, info: p.Info, files: slices.Clone(p.Files),
		prog: ssa.NewProgram(p.Fset, ssa.InstantiateGenerics|ssa.BareInits),
		own:  map[*types.Package]bool{},

		recursion: recursion{reaches: map[*types.Named]bool{}, loops: map[*types.Named]bool{}},
	}
	created := map[*types.Package]bool{}
	compiled := func(list []*types.Package) {
		for _, pkg := range list {
			if !created[pkg] {
				created[pkg] = true
				l.prog.CreatePackage(pkg, nil, nil, true)
			}
		}
	}
	var bodies []*ssa.Package
	for _, b := range p.Bodies {
		created[b.Types], l.own[b.Types] = true, true
		l.files = append(l.files, b.Files...)
		compiled(b.Types.Imports())
		bodies = append(bodies, l.prog.CreatePackage(b.Types, b.Files, b.Info, false))
	}
	// Only what is named directly: lowered code refers to nothing else.
	compiled(p.Types.Imports())
	l.own[p.Types] = true
	l.main = l.prog.CreatePackage(p.Types, p.Files, p.Info, false)
	for _, b := range bodies {
		b.Build()
	}
	l.main.Build()
	l.names = newNames(l)
	l.written = newWritten()
	l.sites = map[*ssa.Function]token.Pos{}
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
