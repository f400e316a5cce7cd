package program

import (
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// An Importer resolves the imports of cells for the type checker. It is safe
// for concurrent use, and a package is read when it is first imported.
type Importer struct {
	mu sync.Mutex
	gc types.Importer

	library *library
}

// NewImporter returns the process's importer. The first call opens the stored
// export data, and makes it, with the go command, if the Go version, the
// module's dependencies or the lab package changed since it was stored: that
// takes from half a second to some ten, with a cold build cache.
//
// Every call returns the same importer: what it has read stays valid as long as
// the process, and types of two importers would not be identical.
func NewImporter() (*Importer, error) { return shared() }

var shared = sync.OnceValues(func() (*Importer, error) {
	root, err := Root()
	if err != nil {
		return nil, err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	x, err := openExports(root, filepath.Join(cache, moduleName))
	if err != nil {
		return nil, err
	}
	imp := &Importer{
		gc: importer.ForCompiler(token.NewFileSet(), "gc", x.open),
	}
	imp.library = newLibrary(imp)
	// The largest package by far, and nearly every chapter wants it: read it
	// while the caller is still reading Markdown and starting a child.
	go imp.Import(unixPath)
	return imp, nil
})

// Import implements [types.Importer].
func (imp *Importer) Import(path string) (*types.Package, error) {
	imp.mu.Lock()
	defer imp.mu.Unlock()
	if !slices.Contains(packages, path) {
		return nil, errors.New(unknownPackage(path))
	}
	return imp.gc.Import(path)
}

// unknownPackage says that a cell cannot import path, and what it can.
func unknownPackage(path string) string {
	msg := fmt.Sprintf("a cell cannot import %q", path)
	if near := packagesNamed(path[strings.LastIndex(path, "/")+1:]); len(near) > 0 {
		return msg + "; did you mean " + strings.Join(near, " or ") + "?"
	}
	return msg + "; it can import the standard library's packages that a network program uses, " +
		unixPath + " and " + labPath
}
