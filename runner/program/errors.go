package program

import (
	"cmp"
	"errors"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"ioworkbook/runner/chapter"
)

// An Error is one reason why cells are not a Go program, in the words of Go's
// own tools where it is theirs.
type Error struct {
	Pos  token.Position // in the Markdown file; columns count bytes
	Cell string         // the cell's name, if it has one
	Msg  string
}

// Error returns `chapters/04-nonblocking.md:57:9: cell "accept": undefined: conn`.
func (e *Error) Error() string {
	cell := ""
	if e.Cell != "" {
		cell = `cell "` + e.Cell + `": `
	}
	return e.Pos.String() + ": " + cell + e.Msg
}

// Errors is every error found, sorted by position, never empty when returned
// as an error.
type Errors []*Error

// Error returns one line per error, without a final newline.
func (l Errors) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// add appends e. What the type checker has to add to an error comes from it as
// an error of its own that is indented.
func (l Errors) add(e *Error) Errors {
	more, ok := strings.CutPrefix(e.Msg, "\t")
	if !ok || len(l) == 0 {
		return append(l, e)
	}
	l[len(l)-1].Msg += "\n\t" + e.Pos.String() + ": " + more
	return l
}

// sorted orders l by position and drops repetitions.
func (l Errors) sorted() Errors {
	slices.SortStableFunc(l, func(a, b *Error) int {
		return cmp.Or(cmp.Compare(a.Pos.Filename, b.Pos.Filename), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	return slices.CompactFunc(l, func(a, b *Error) bool { return *a == *b })
}

// orNil returns l as an error, nil if it is empty.
func (l Errors) orNil() error {
	if len(l) == 0 {
		return nil
	}
	return l.sorted()
}

// syntaxErrors converts the errors of the scanner and the parser. Only the
// first of a line counts: the others follow from it.
func syntaxErrors(err error) Errors {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		return Errors{{Msg: err.Error()}}
	}
	list.RemoveMultiples()
	var out Errors
	for _, e := range list {
		msg := e.Msg
		if !strings.HasPrefix(msg, "syntax error: ") {
			msg = "syntax error: " + msg
		}
		out = append(out, &Error{Pos: e.Pos, Msg: msg})
	}
	return out
}

// typeError converts an error of the type checker.
func typeError(e types.Error) *Error {
	msg := e.Msg
	// The importer's own message says more than the checker's frame around it.
	if _, why, ok := strings.Cut(msg, "(a cell cannot import"); ok && strings.HasPrefix(msg, "could not import") {
		msg = "a cell cannot import" + strings.TrimSuffix(why, ")")
	}
	return &Error{Pos: e.Fset.Position(e.Pos), Msg: msg}
}

// unusedImport reports whether e says that an import is not used.
func unusedImport(e types.Error) bool {
	return e.Soft && strings.Contains(e.Msg, " imported ") && strings.HasSuffix(e.Msg, "and not used")
}

// within returns the errors that are in a cell.
func (l Errors) within(cell *chapter.Cell) Errors {
	end := cell.CodeLine + strings.Count(cell.Code, "\n")
	return slices.DeleteFunc(slices.Clone(l), func(e *Error) bool {
		return e.Pos.Line < cell.CodeLine || e.Pos.Line > end
	})
}
