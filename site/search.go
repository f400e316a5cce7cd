package site

import (
	"encoding/json"
	"strings"
)

// A searchEntry is one section as the search reads it. The names are short:
// they are written once for every section.
type searchEntry struct {
	URL   string `json:"u"`
	Page  string `json:"p"` // the chapter's title, with its number
	Title string `json:"t"`
	Text  string `json:"x"`
	Cells string `json:"c,omitempty"` // names of cells and of the calls they made
}

// searchData writes the sections as a script that sets one global: a page
// opened from a file may load a script, and nothing else.
func (b *book) searchData() ([]byte, error) {
	var all []searchEntry
	for _, p := range b.chapters {
		for _, s := range p.doc.sections {
			e := searchEntry{URL: p.at(s.ID), Page: p.label(), Title: s.Title, Text: strings.TrimSpace(s.Text)}
			var words []string
			for _, name := range s.Cells {
				words = append(words, name)
				if rec := p.rec.cells[name]; rec != nil {
					words = append(words, rec.Calls...)
				}
			}
			e.Cells = strings.Join(words, " ")
			all = append(all, e)
		}
	}
	for _, s := range b.terms {
		all = append(all, searchEntry{URL: join("glossary.html", s.ID), Page: "Glossary", Title: s.Title, Text: s.Text})
	}
	for _, index := range []struct {
		page, label string
		rows        map[string]*indexRow
	}{{"calls.html", "System calls", b.callRows()}, {"errors.html", "Errors", b.errorRows()}} {
		for _, name := range sortedKeys(index.rows) {
			row := index.rows[name]
			all = append(all, searchEntry{URL: join(index.page, row.ID), Page: index.label, Title: row.Name, Text: row.summary()})
		}
	}
	claims := b.claims()
	for _, id := range sortedKeys(claims) {
		c := claims[id]
		e := searchEntry{URL: join("claims.html", c.Anchor), Page: "Claims", Title: "Claim " + id + ", " + c.Verdict, Text: c.Quote}
		for _, check := range c.Checks {
			e.Text += " " + check.Text
		}
		all = append(all, e)
	}
	for _, p := range b.programs() {
		e := searchEntry{URL: join("claims.html", p.Anchor), Page: "Claims", Title: "Program " + p.ID}
		for _, check := range p.Checks {
			e.Text += " " + check.Text
		}
		all = append(all, e)
	}
	var w strings.Builder
	enc := json.NewEncoder(&w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(all); err != nil {
		return nil, err
	}
	return []byte("window.workbookSections = " + w.String()), nil
}
