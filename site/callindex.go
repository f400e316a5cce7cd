package site

import (
	"html/template"
	"maps"
	"slices"
	"sort"
	"strings"

	"golang.org/x/sys/unix"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
)

// A place is a chapter with the cells in question.
type place struct {
	Chapter string
	Cells   []cellLink
}

type cellLink struct{ Name, URL string }

type indexRow struct {
	ID, Name, Man, Meaning string
	Calls                  []string
	Places                 []place
}

func (r *indexRow) add(p *chapterPage, c *chapter.Cell) {
	name := "Chapter " + itoa(p.chapter.Number)
	if n := len(r.Places); n == 0 || r.Places[n-1].Chapter != name {
		r.Places = append(r.Places, place{Chapter: name})
	}
	last := &r.Places[len(r.Places)-1]
	link := cellLink{c.Name, cellURL(p, c)}
	if !slices.Contains(last.Cells, link) {
		last.Cells = append(last.Cells, link)
	}
}

// summary is the row in a line of text.
func (r *indexRow) summary() string {
	var parts []string
	if r.Meaning != "" {
		parts = append(parts, r.Meaning, "from "+strings.Join(r.Calls, ", "))
	}
	for _, p := range r.Places {
		parts = append(parts, p.Chapter)
	}
	return strings.Join(parts, "; ")
}

// cellURL is where a reader sees a cell: a hidden one has no place of its own.
func cellURL(p *chapterPage, c *chapter.Cell) string {
	if c.Attr.Hide {
		return p.url(p.doc.partOf[c.Name])
	}
	return p.at(c.Name)
}

// callRows are the system calls by name, with the cells that made them.
func (b *book) callRows() map[string]*indexRow {
	rows := map[string]*indexRow{}
	b.eachRecorded(func(p *chapterPage, c *chapter.Cell, rec *notebook.CellRecord) {
		for _, call := range rec.Calls {
			if rows[call] == nil {
				rows[call] = &indexRow{ID: call, Name: call, Man: manURL(call, "2")}
			}
			rows[call].add(p, c)
		}
	})
	return rows
}

func (b *book) callsPage() (*page, error) {
	return b.indexPage("calls", frame{Title: "System calls",
		Description: "Every system call that a recorded cell of this book made, with the cells that made it."}, b.callRows())
}

// errorRows are the errors by name, with the calls and the cells that met them.
func (b *book) errorRows() map[string]*indexRow {
	rows := map[string]*indexRow{}
	b.eachRecorded(func(p *chapterPage, c *chapter.Cell, rec *notebook.CellRecord) {
		for _, failure := range rec.Failures {
			call, name, _ := strings.Cut(failure, " ")
			row := rows[name]
			if row == nil {
				row = &indexRow{ID: strings.ToLower(name), Name: name, Meaning: errnoText(name)}
				rows[name] = row
			}
			if !slices.Contains(row.Calls, call) {
				row.Calls = append(row.Calls, call)
				sort.Strings(row.Calls)
			}
			row.add(p, c)
		}
	})
	return rows
}

func (b *book) errorsPage() (*page, error) {
	return b.indexPage("errors", frame{Title: "Errors you will meet",
		Description: "Every error that a recorded system call of this book returned, with the calls and the cells."}, b.errorRows())
}

func (b *book) indexPage(name string, f frame, rows map[string]*indexRow) (*page, error) {
	var list []*indexRow
	for _, k := range sortedKeys(rows) {
		list = append(list, rows[k])
	}
	body, err := b.execute(name, struct{ Rows []*indexRow }{list})
	if err != nil {
		return nil, err
	}
	f.Kind, f.Body = "appendix", template.HTML(body)
	return b.put(name+".html", f)
}

// errnoText is the C library's description of an error name.
func errnoText(name string) string {
	for i := unix.Errno(1); i < 256; i++ {
		if unix.ErrnoName(i) == name {
			return i.Error()
		}
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
