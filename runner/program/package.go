package program

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A Package is type-checked Go as lowering reads it. Positions in Fset are those
// of the Markdown file.
type Package struct {
	Fset  *token.FileSet
	Types *types.Package
	Info  *types.Info // all maps but FileVersions' are needed, and InitOrder
	Files []*ast.File

	// Bodies are packages of the standard library whose generic functions the
	// program uses, each from the toolchain's sources.
	Bodies []*Package
}
