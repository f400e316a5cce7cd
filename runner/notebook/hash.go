package notebook

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"strings"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/lab"
)

// YaegiVersion is the interpreter's version as go.mod requires it. It is a
// constant because the site, which links no interpreter, has to know it too.
const YaegiVersion = "v0.16.1"

// Hash identifies everything that decides what a cell gives: the versions of
// the engines, the lab package, and the code and behaviour of the cells it can
// see, itself included. Prose is no part of it, nor is anything that only
// changes how a cell is shown.
func Hash(c *chapter.Chapter, cell *chapter.Cell) string {
	h := sha256.New()
	fmt.Fprintf(h, "yaegi %s\ngo %s\nlab %s\n", YaegiVersion, goRelease(runtime.Version()), lab.SourceHash())
	for _, other := range c.Cells() {
		if other == cell {
			fmt.Fprintf(h, "trace %t\n", cell.Attr.Trace != chapter.TraceOff) // whether events are stored
			break
		}
		if sees(cell, other) {
			writeCell(h.Write, other)
		}
	}
	writeCell(h.Write, cell)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// sees reports whether an earlier cell can have an effect on a later one.
func sees(later, earlier *chapter.Cell) bool {
	a := earlier.Attr
	switch {
	case !a.Run || a.Expect.Kind == chapter.ExpectCompile || a.Engine == "go":
		return false // never run, only type-checked, a process of its own
	case a.Exercise != "" || a.Solution != "":
		return later.Attr.Check != "" && later.Attr.Check == a.Exercise+a.Solution
	}
	return a.Check == ""
}

func writeCell(write func([]byte) (int, error), c *chapter.Cell) {
	a := c.Attr
	header := fmt.Sprintf("cell expect=%q timeout=%s needs=%q engine=%q exercise=%q solution=%q check=%q %d\n",
		a.Expect, a.Timeout, a.Needs, a.Engine, a.Exercise, a.Solution, a.Check, len(c.Code))
	write([]byte(header))
	write([]byte(c.Code))
}

// Stale returns the cells whose recording in n is not of the cells as they
// stand in c: edited, recorded by other versions, never recorded, or no longer
// in the chapter. It is empty for a recording that is up to date.
func Stale(c *chapter.Chapter, n *Notebook) map[string]bool {
	stale := map[string]bool{}
	for _, cell := range c.Cells() {
		rec, ok := n.Cell(cell.Name)
		switch {
		case ok && rec.Hash != Hash(c, cell), !ok && cell.InRun():
			stale[cell.Name] = true
		}
	}
	for _, cell := range n.Cells {
		if cell.Record != nil && c.Cell(cell.ID) == nil {
			stale[cell.ID] = true
		}
	}
	return stale
}

// goRelease returns the part of a Go version that decides what a program
// prints: go1.26 of go1.26.8.
func goRelease(version string) string {
	parts := strings.SplitN(version, ".", 3)
	if len(parts) < 2 {
		return version
	}
	return parts[0] + "." + parts[1]
}
