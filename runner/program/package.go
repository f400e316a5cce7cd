package program

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A Package is type-checked Go as lowering reads it. Positions in Fset are those
// of the Markdown file, and of the toolchain's sources for what is in Bodies.
//
// Types.Imports are the compiled packages, never one of Bodies: an object of the
// library is either a compiled package's or of one of Bodies.
type Package struct {
	Fset  *token.FileSet
	Types *types.Package
	Info  *types.Info // InitOrder has only the values that are not left to a cell
	Files []*ast.File

	// Bodies are packages of the standard library whose generic functions and
	// types the program uses, each from the toolchain's sources: these alone, and
	// what they need. Functions that nothing but the compiled package can have are
	// without a body.
	Bodies []*Package
}
