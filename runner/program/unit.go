package program

import (
	"fmt"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// A Unit is one cell as the interpreter is given it: legal Go that declares
// what the cell declares and a function with its statements. Every piece has
// //line comments with the Markdown position; the file name in them ends in a
// question mark and the unit's number, because yaegi keeps imports apart by the
// base name of the position's file.
type Unit struct {
	Header  string // the package clause
	Imports string
	// Context declares what Decls and Body use of earlier units: functions
	// without their bodies, types and variables. The interpreter has these.
	Context string
	Decls   string // new variables, types, constants and functions
	Body    string // func cell__3() { ... }
	Call    string // cell__3

	imp     *Importer
	aliases map[string]string // import path -> name, of imports that only types need
}

// Source returns the unit as one Go file that compiles but for functions of
// earlier units, and where in it the part for the interpreter begins: what is
// before is context.
func (u *Unit) Source() (src []byte, from int) {
	head := u.Header + u.Imports + u.Context
	return []byte(head + u.Decls + u.Body), len(head)
}

// Text returns what the interpreter evaluates: the unit without its context.
// The argument is what follows the context in the unit's source, after any
// rewriting; nil stands for the unit's own.
func (u *Unit) Text(rewritten []byte) string {
	var b strings.Builder
	b.WriteString(u.Header)
	b.WriteString(u.Imports)
	for _, path := range slices.Sorted(maps.Keys(u.aliases)) {
		fmt.Fprintf(&b, "import %s %q\n", u.aliases[path], path)
	}
	if rewritten == nil {
		b.WriteString(u.Decls + u.Body)
	}
	b.Write(rewritten)
	return b.String()
}

// reader is the position of a file or of a unit without the unit's number.
func reader(p token.Position) token.Position {
	if i := strings.LastIndexByte(p.Filename, '?'); i >= 0 {
		p.Filename = p.Filename[:i]
	}
	return p
}
