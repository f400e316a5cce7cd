package program

// A Unit is one cell as the interpreter is given it: legal Go that declares
// what the cell declares and a function with its statements. Every piece has
// //line comments with the Markdown position; the file name in them ends in a
// question mark and the unit's number, because yaegi keeps imports apart by the
// base name of the position's file.
type Unit struct {
	Header  string // the package clause
	Imports string
	// Context declares what Decls and Body use of earlier units: types,
	// variables, and functions, of which only generic ones have their bodies. The
	// interpreter has these.
	Context string
	Decls   string // new variables, types, constants and functions
	Body    string // func cell__3() { ... }
	Call    string // cell__3
}

// Source returns the unit as one Go file, and where in it the part for the
// interpreter begins: what is before is context.
func (u *Unit) Source() (src []byte, from int) {
	head := u.Header + u.Imports + u.Context
	return []byte(head + u.Decls + u.Body), len(head)
}

// Text returns what an interpreter that needs no rewriting evaluates: the unit
// without its context.
func (u *Unit) Text() string { return u.Header + u.Imports + u.Decls + u.Body }
