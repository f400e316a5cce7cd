package program

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"ioworkbook/runner/chapter"
)

// TextOptions says for whom the text of a program is. The zero value is for a
// reader: formatted Go, with comments that name the cells.
type TextOptions struct {
	// Bracket is for a runner: the same code with //line comments, so that a
	// panic names the chapter's line, and lab.BeginCell and lab.EndCell around
	// each cell, so that output can be told apart.
	Bracket bool

	// Skip names cells whose statements are compiled and not run: what they need
	// is absent from this machine. Only cells that are skipped, too, can use
	// their variables.
	Skip map[string]bool
}

// Text returns the program as a Go file.
func (p *Program) Text(opt TextOptions) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := &writer{p: p, opt: opt, taken: p.names(), imports: p.usedImports()}
	top, body := w.top(), w.main() // these find out which imports are missing

	var b bytes.Buffer
	for line := range strings.Lines(p.comment) {
		b.WriteString(strings.TrimRight("// "+line, " \n") + "\n")
	}
	b.WriteString("package main\n\n" + importBlock(w.imports) + top + "\nfunc main() {\n" + body + "}\n")
	if opt.Bracket {
		return b.Bytes()
	}
	text, err := format.Source(b.Bytes())
	if err != nil {
		return b.Bytes() // the same text passed the parser: not expected, and still a program
	}
	return text
}

// A writer makes the text of a program for one purpose.
type writer struct {
	p       *Program
	opt     TextOptions
	taken   map[string]bool
	imports []importSpec
}

// name returns the name under which the text can use a package, importing it if
// it has to.
func (w *writer) name(path string) string {
	for _, i := range w.imports {
		if i.path == path && i.name != "_" {
			return cmp.Or(i.name, baseName(path))
		}
	}
	i := importSpec{path: path}
	if w.taken[baseName(path)] {
		i.name = aliasOf(path)
	}
	w.imports = append(w.imports, i)
	return cmp.Or(i.name, baseName(path))
}

// baseName returns the name of the package with an import path of [Packages].
func baseName(path string) string {
	path = strings.TrimSuffix(path, "/v2")
	return path[strings.LastIndex(path, "/")+1:]
}

// aliasOf returns a name for an import that no cell uses.
func aliasOf(path string) string {
	return strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(path) + "__"
}

func (w *writer) qualify(p *types.Package) string {
	if p == w.p.view.pkg {
		return ""
	}
	return w.name(p.Path())
}

// top writes what stands outside of functions.
func (w *writer) top() string {
	var b strings.Builder
	for i := range w.p.asm.sections {
		s := &w.p.asm.sections[i]
		if s.in == atTop && !s.part.measured {
			w.begin(&b, s.part)
			w.place(&b, s.part.Path, s.part.Line, w.p.withoutValues(s, w.qualify))
		}
	}
	return b.String()
}

// main writes the statements of main.
func (w *writer) main() string {
	var b, skipped strings.Builder
	for _, part := range w.p.parts {
		if part.measured {
			continue
		}
		body := part.body()
		bracket := w.opt.Bracket && !part.declsOnly && (!w.p.alone || part == w.p.ownProgram())
		if strings.TrimSpace(body) == "" && len(part.inits) == 0 && !bracket {
			continue
		}
		w.begin(&b, part)
		if bracket {
			fmt.Fprintf(&b, "%s.BeginCell(%q)\n", w.lab(), part.Name)
		}
		values := func(to *strings.Builder) {
			for _, i := range part.inits {
				w.place(to, part.Path, w.p.view.fset.Position(i.Rhs.Pos()).Line, w.p.assignment(i))
			}
		}
		if !part.Local {
			values(&b)
		}
		if strings.TrimSpace(body) != "" || part.Local && len(part.inits) > 0 {
			to := &b
			if w.opt.Skip[part.Name] {
				to = &skipped
			}
			before, after := w.around(part)
			to.WriteString(before)
			if part.Local {
				values(to) // it is they that must fail
			}
			if strings.TrimSpace(body) != "" {
				w.place(to, part.Path, part.Line, body)
			}
			to.WriteString(after)
		}
		if bracket {
			fmt.Fprintf(&b, "%s.EndCell()\n", w.lab())
		}
	}
	if skipped.Len() > 0 { // in one block: they see each other's variables
		b.WriteString("if false {\n" + skipped.String() + "}\n")
	}
	return strings.TrimLeft(b.String(), "\n")
}

// begin writes the comment that names a cell.
func (w *writer) begin(b *strings.Builder, part *part) {
	if !w.opt.Bracket {
		fmt.Fprintf(b, "\n// cell %s\n", part.Name)
	}
}

// place writes text that begins on a line of the Markdown file.
func (w *writer) place(b *strings.Builder, path string, line int, text string) {
	if w.opt.Bracket {
		fmt.Fprintf(b, "\n//line %s:%d\n%s\n", path, line, text)
		return
	}
	text = strings.Trim(text, " \n") + "\n"
	if strings.HasPrefix(text, "/") {
		text = "\n" + text // a comment of its own, not more of the cell's
	}
	b.WriteString(text)
}

// around returns what encloses a cell's statements.
func (w *writer) around(part *part) (before, after string) {
	if part == w.p.ownProgram() && w.opt.Bracket {
		return "func() {\n", "}()\n" // EndCell comes after a return, too
	}
	if !part.Local {
		return "", ""
	}
	text := strconv.Quote(part.cell.Attr.Expect.Text)
	switch part.cell.Attr.Expect.Kind {
	case chapter.ExpectPanic:
		before = w.lab() + ".ExpectPanic(" + text
	case chapter.ExpectError:
		before = w.lab() + ".ExpectError(" + text
	case chapter.ExpectTimeout:
		n, unit := part.cell.Attr.Timeout.Milliseconds(), "Millisecond"
		if n%1000 == 0 {
			n, unit = n/1000, "Second"
		}
		before = fmt.Sprintf("%s.ExpectTimeout(%d*%s.%s", w.lab(), n, w.name("time"), unit)
	}
	return before + ", func() {\n", "})\n"
}

// lab returns the name of package lab, for a runner one that no cell can hide.
func (w *writer) lab() string {
	if !w.opt.Bracket {
		return w.name(labPath)
	}
	private := importSpec{name: aliasOf(labPath), path: labPath}
	if !slices.Contains(w.imports, private) {
		w.imports = append(w.imports, private)
	}
	return private.name
}

// importBlock writes imports as gofmt leaves them, the standard library's first.
func importBlock(imports []importSpec) string {
	if len(imports) == 0 {
		return ""
	}
	groups := make([][]importSpec, 2)
	for _, i := range imports {
		g := 0
		if i.path == unixPath || i.path == labPath {
			g = 1
		}
		groups[g] = append(groups[g], i)
	}
	var b strings.Builder
	b.WriteString("import (\n")
	for n, g := range groups {
		slices.SortFunc(g, func(a, b importSpec) int {
			return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.name, b.name))
		})
		if n > 0 && len(g) > 0 && len(groups[0]) > 0 {
			b.WriteString("\n")
		}
		for _, i := range g {
			fmt.Fprintf(&b, "\t%s\n", i)
		}
	}
	b.WriteString(")\n")
	return b.String()
}
