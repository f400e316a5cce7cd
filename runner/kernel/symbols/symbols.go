// Package symbols holds what interpreted cells see of compiled packages: yaegi
// finds an imported package in a table from exported name to reflect.Value.
//
// The standard library's tables are yaegi's own, in the variant whose os.Exit
// and log.Fatal panic instead of ending the process. The tables of
// golang.org/x/sys/unix and of runner/lab are generated here; a test regenerates
// them and fails on any difference.
package symbols

import (
	"reflect"

	"github.com/traefik/yaegi/stdlib"
	"github.com/traefik/yaegi/stdlib/syscall"
	"github.com/traefik/yaegi/stdlib/unrestricted"
	"github.com/traefik/yaegi/stdlib/unsafe"
)

//go:generate go run ./generate

// Table maps "import/path/name" to the exported names of that package, the
// shape yaegi's Interpreter.Use takes.
type Table = map[string]map[string]reflect.Value

// Standard returns the tables of the standard library, with syscall, unsafe and
// os/exec.
func Standard() Table {
	const exec = "os/exec/exec"
	all := make(Table, len(stdlib.Symbols)+3)
	all[exec] = unrestricted.Symbols[exec]
	for _, part := range []Table{stdlib.Symbols, syscall.Symbols, unsafe.Symbols} {
		for path, names := range part {
			all[path] = names
		}
	}
	return all
}

// Unix returns the table of golang.org/x/sys/unix for the running architecture.
func Unix() map[string]reflect.Value { return unixTable() }

// Lab returns the table of ioworkbook/runner/lab.
func Lab() map[string]reflect.Value { return labTable() }
