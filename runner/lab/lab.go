// Package lab is the small compiled package that cells import: actors with a
// lane of their own, checks, tables, plots, TCP peers that behave as told,
// counters of the kernel and of the process.
//
// In a cell it reports to the runner on a control descriptor. In a program run
// by itself (a tangled chapter) it prints text only; both print the same text.
package lab

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"strings"
)

//go:embed *.go
var sources embed.FS

// SourceHash identifies this package's code: 16 hexadecimal digits over its
// sources, tests apart. A recording made with other code is stale.
func SourceHash() string {
	sum := sha256.New()
	names, _ := fs.Glob(sources, "*.go") // sorted; the pattern is well formed
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, _ := sources.ReadFile(name) // an embedded file cannot be missing
		sum.Write([]byte(name + "\x00"))
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}
