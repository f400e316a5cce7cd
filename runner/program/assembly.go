package program

import (
	"fmt"
	"sort"
	"strings"
)

// An assembly is a Go file made from views of parts, in which every piece of a
// cell has its Markdown position, by line and by column.
type assembly struct {
	text     strings.Builder
	sections []section
}

// A section is the view of a part at text[start:end] of an assembly.
type section struct {
	start, end int
	part       *part
	in         place
}

// A place is where in a Go file a section stands.
type place int

const (
	inImports place = iota
	atTop
	inBody
)

func (a *assembly) raw(format string, args ...any) { fmt.Fprintf(&a.text, format, args...) }

// add appends a view of p.
func (a *assembly) add(p *part, view string, in place) {
	if strings.TrimSpace(view) == "" {
		return
	}
	a.raw("\n//line %s:%d:1\n", p.Path, p.Line)
	start := a.text.Len()
	a.text.WriteString(view)
	p.start, p.end = start, a.text.Len()
	a.sections = append(a.sections, section{p.start, p.end, p, in})
	a.raw("\n")
}

// section returns the section that holds an offset of the text, or nil.
func (a *assembly) section(off int) *section {
	i := sort.Search(len(a.sections), func(i int) bool { return a.sections[i].end > off })
	if i < len(a.sections) && a.sections[i].start <= off {
		return &a.sections[i]
	}
	return nil
}
