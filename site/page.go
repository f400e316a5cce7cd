package site

import (
	"fmt"
	"html/template"
	"net/url"
	"strings"
)

// A page is one file of the site.
type page struct {
	name string // within Out: 02-blocking.html, assets/site.css
	data []byte

	src  *document // where its ids and links were written; nil for a page of our own
	base string
}

// source and lineOf say where an id or a link of a page was written.
func (p *page) source() string {
	if p.src == nil {
		return p.name
	}
	return p.src.path
}

func (p *page) lineOf(key string) int {
	if p.src == nil {
		return 0
	}
	return p.src.refs[key]
}

// frame is what the base template shows around every body.
type frame struct {
	Kind        string // landing, chapter, appendix, print: the class of <body>
	Title       string
	Description string
	Canonical   string
	Card        string // the address of the picture links are shown with
	CardText    string
	Base        string
	NoIndex     bool
	Chapter     bool
	HasTimeline bool
	Prev, Next  *turn
	Nav         nav
	Machine     string
	Body        template.HTML
	Defs        template.HTML

	asset func(string) string
}

// Asset is the address of a style sheet, script or icon.
func (f frame) Asset(name string) string { return f.asset(name) }

// HeadTitle is the title of the window.
func (f frame) HeadTitle() string {
	if f.Kind == "landing" {
		return "Waiting for Bytes: a runnable workbook on network I/O, in Go"
	}
	return f.Title + " · Waiting for Bytes"
}

type turn struct{ URL, Label string }

type nav struct {
	Chapters   []navChapter
	Appendices []navItem
}

type navChapter struct {
	URL, Title string
	Number     int
	Current    string // what aria-current says of the link
	Sections   []navItem
}

type navItem struct {
	URL, Title string
	Current    bool
}

var appendices = []navItem{
	{URL: "claims.html", Title: "Claims, tested"},
	{URL: "calls.html", Title: "System calls"},
	{URL: "errors.html", Title: "Errors"},
	{URL: "glossary.html", Title: "Glossary"},
	{URL: "print.html", Title: "All on one page"},
}

func (b *book) nav(current string) nav {
	var n nav
	for _, p := range b.chapters {
		item := navChapter{URL: p.url(0), Title: p.doc.title, Number: p.chapter.Number}
		switch part := p.partAt(current); {
		case part == 0:
			item.Current = "page"
		case part > 0:
			item.Current = "true"
		}
		for _, s := range p.doc.sections {
			if s.Level == 2 && item.Current != "" {
				item.Sections = append(item.Sections, navItem{URL: strings.TrimPrefix(p.at(s.ID), current), Title: s.Title})
			}
		}
		n.Chapters = append(n.Chapters, item)
	}
	for _, a := range appendices {
		a.Current = a.URL == current
		n.Appendices = append(n.Appendices, a)
	}
	return n
}

// pages makes every file of the site.
func (b *book) pages() ([]*page, error) {
	var all []*page
	add := func(p *page, err error) error {
		all = append(all, p)
		return err
	}
	if err := add(b.landing()); err != nil {
		return nil, err
	}
	for i := range b.chapters {
		pages, err := b.chapterPages(i)
		if err != nil {
			return nil, err
		}
		all = append(all, pages...)
	}
	for _, make := range []func() (*page, error){b.claimsPage, b.callsPage, b.errorsPage, b.glossaryPage, b.printPage, b.notFoundPage} {
		if err := add(make()); err != nil {
			return nil, err
		}
	}
	for _, name := range sortedKeys(b.assets) {
		all = append(all, &page{name: "assets/" + name, data: b.assets[name]})
	}
	all = append(all, &page{name: ".nojekyll"})
	if b.cfg.BaseURL != "" {
		all = append(all, b.sitemap(all))
	}
	return all, nil
}

// put sets a body into the frame.
func (b *book) put(name string, f frame) (*page, error) {
	f.asset = b.asset
	f.Nav = b.nav(name)
	for _, d := range []struct{ use, defs string }{{"url(#tl-", timelineDefs}, {"url(#point", plotDefs}} {
		if strings.Contains(string(f.Body), d.use) {
			f.Defs += template.HTML(d.defs)
		}
	}
	f.Description = clip(f.Description, 200)
	if b.cfg.BaseURL != "" && !f.NoIndex {
		f.Canonical = b.address(name)
	}
	if b.cardText != "" {
		f.Card, f.CardText = b.address(b.asset(cardName)), b.cardText
	}
	html, err := b.execute("page", f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &page{name: name, data: []byte(html), base: f.Base}, nil
}

// address is where a page will live; index.html is its directory.
func (b *book) address(name string) string {
	return strings.TrimSuffix(b.cfg.BaseURL, "/") + "/" + strings.TrimSuffix(name, "index.html")
}

type chapterBody struct {
	Chapter, Title, Path, Stale string
	Number                      int
	Runs                        template.HTML // of the first part: what the command does
	Lead, Text                  template.HTML
	Parts                       []navItem // of a chapter with several pages
}

// chapterPages makes the pages of a chapter, one for each of its parts.
func (b *book) chapterPages(i int) ([]*page, error) {
	p := b.chapters[i]
	parts, err := p.doc.render()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.chapter.Path, err)
	}
	var pages []*page
	for part, html := range parts {
		body := chapterBody{Number: p.chapter.Number, Chapter: fmt.Sprintf("Chapter %d", p.chapter.Number),
			Title: p.doc.title, Path: p.source(), Stale: staleText(p), Text: template.HTML(html)}
		f := frame{Kind: "chapter", Title: p.doc.title, Description: p.doc.lead, Chapter: true,
			HasTimeline: strings.Contains(html, timelineBox), Machine: p.rec.where,
			Prev: b.turnTo(i, part-1), Next: b.turnTo(i, part+1)}
		if len(parts) > 1 {
			body.Chapter += fmt.Sprintf(", part %d of %d", part+1, len(parts))
			body.Parts = p.parts(part)
		}
		if part == 0 {
			lead, text := cutLead(html)
			body.Lead, body.Text, body.Runs = template.HTML(lead), template.HTML(text), b.runsText(p)
		} else {
			f.Title += fmt.Sprintf(", part %d", part+1)
			opening := p.openingOf(part)
			f.Description = opening.Title + ". " + strings.TrimSpace(opening.Text)
		}
		if f.Body, err = b.execute("chapter", body); err != nil {
			return nil, err
		}
		page, err := b.put(p.url(part), f)
		if err != nil {
			return nil, err
		}
		page.src = p.doc
		pages = append(pages, page)
	}
	return pages, nil
}

// openingOf is a part's first section with a heading.
func (p *chapterPage) openingOf(part int) section {
	for _, s := range p.doc.sections {
		if s.ID != "" && p.doc.partOf[s.ID] == part {
			return s
		}
	}
	return section{}
}

// parts lists the pages of a chapter by their first sections.
func (p *chapterPage) parts(current int) []navItem {
	var all []navItem
	for part := range p.doc.parts {
		all = append(all, navItem{URL: p.url(part), Title: p.openingOf(part).Title, Current: part == current})
	}
	return all
}

// turnTo leads to a part of the i-th chapter. What is before the first is the
// last of the chapter before, what is after the last the chapter after.
func (b *book) turnTo(i, part int) *turn {
	switch {
	case part < 0 && i == 0:
		return nil
	case part < 0:
		i--
		part = b.chapters[i].doc.parts - 1
	case part == b.chapters[i].doc.parts:
		i, part = i+1, 0
	}
	if i == len(b.chapters) {
		return &turn{"claims.html", "Claims, tested"}
	}
	p := b.chapters[i]
	t := &turn{p.url(part), p.label()}
	if part > 0 {
		t.Label += fmt.Sprintf(", part %d", part+1)
	}
	return t
}

// cutLead parts the first paragraph, which stands above the commands.
func cutLead(html string) (lead, text string) {
	if i := strings.Index(html, "</p>\n"); strings.HasPrefix(html, `<p class="lead">`) && i > 0 {
		return html[:i+5], html[i+5:]
	}
	return "", html
}

func staleText(p *chapterPage) string {
	n := 0
	for _, c := range p.chapter.Cells() {
		if p.rec.stale[c.Name] {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("Changed since it was recorded: %s, edited or below one that was, marked on the page. make record %d brings all up to date.", plural(n, "cell"), p.chapter.Number)
}

// runsText says what the commands of the chapter are.
func (b *book) runsText(p *chapterPage) template.HTML {
	n, play := 0, ""
	for _, c := range p.chapter.Cells() {
		if c.InRun() {
			n++
		}
		if c.Attr.Play != "" {
			play = fmt.Sprintf(" <code>make play %d</code> starts its server.", p.chapter.Number)
		}
	}
	return template.HTML(fmt.Sprintf("It runs the chapter’s %s, from top to bottom, in your terminal.%s", plural(n, "cell"), play))
}

func (b *book) glossaryPage() (*page, error) {
	html, err := b.glossary.render()
	if err != nil {
		return nil, err
	}
	body, err := b.execute("glossary", struct {
		Title string
		Text  template.HTML
	}{b.glossary.title, template.HTML(html[0])})
	if err != nil {
		return nil, err
	}
	p, err := b.put("glossary.html", frame{Kind: "appendix", Title: b.glossary.title, Description: b.glossary.lead, Body: body})
	if p != nil {
		p.src = b.glossary
	}
	return p, err
}

func (b *book) notFoundPage() (*page, error) {
	body, err := b.execute("notfound", nil)
	if err != nil {
		return nil, err
	}
	// A host serves this page under any address: only a base makes its links right.
	return b.put("404.html", frame{Kind: "appendix", Title: "No such page", Description: "There is no page at this address.",
		NoIndex: true, Base: b.cfg.BaseURL, Body: body})
}

// printPage is the whole book on one page, everything open.
func (b *book) printPage() (*page, error) {
	type part struct {
		Number    int
		ID, Title string
		Text      template.HTML
	}
	var parts []part
	for _, p := range b.chapters {
		prefix := printPrefix(p.chapter.Slug)
		d := b.parseChapter(p, prefix)
		d.link()
		html, err := d.render()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part{p.chapter.Number, prefix + "title", p.doc.title, template.HTML(strings.Join(html, ""))})
	}
	body, err := b.execute("print", struct{ Chapters []part }{parts})
	if err != nil {
		return nil, err
	}
	f := frame{Kind: "print", Title: "All on one page", Description: "The whole workbook on one page, for printing.", NoIndex: true, Body: body}
	return b.put("print.html", f)
}

func (b *book) sitemap(pages []*page) *page {
	var w strings.Builder
	w.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n")
	for _, p := range pages {
		if !strings.HasSuffix(p.name, ".html") || p.name == "404.html" || p.name == "print.html" {
			continue
		}
		u := b.address(p.name)
		if parsed, err := url.Parse(u); err == nil {
			u = parsed.String()
		}
		fmt.Fprintf(&w, "<url><loc>%s</loc></url>\n", esc(u))
	}
	w.WriteString("</urlset>\n")
	return &page{name: "sitemap.xml", data: []byte(w.String())}
}
