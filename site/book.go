package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"

	"ioworkbook/runner/chapter"
)

// A book is everything that is read before a page is made.
type book struct {
	cfg       Config
	templates *template.Template
	assets    map[string][]byte // by name under assets/
	version   map[string]string // asset -> hash, so that browsers fetch what changed
	chapters  []*chapterPage
	glossary  *document
	terms     []section // of the glossary, for search
	cardText  string    // what the card shows, "" when there is none
	errs      Errors
}

// A chapterPage is a chapter with its recording, on its way to its pages.
type chapterPage struct {
	chapter *chapter.Chapter
	rec     recording
	doc     *document
	prefix  string
}

func (p *chapterPage) label() string { return fmt.Sprintf("%d. %s", p.chapter.Number, p.doc.title) }

// url is the address of a part: 07-epoll.html, 07-epoll-2.html.
func (p *chapterPage) url(part int) string {
	if part == 0 {
		return p.chapter.Slug + ".html"
	}
	return fmt.Sprintf("%s-%d.html", p.chapter.Slug, part+1)
}

// partAt is the part at an address, -1 when the chapter has no such page.
func (p *chapterPage) partAt(url string) int {
	for part := range p.doc.parts {
		if p.url(part) == url {
			return part
		}
	}
	return -1
}

// at is the address of a heading, a cell or a claim's box.
func (p *chapterPage) at(id string) string { return join(p.url(p.doc.partOf[id]), id) }

// source is how messages and commands name the chapter, wherever it was read.
func (p *chapterPage) source() string { return "chapters/" + p.chapter.Slug + ".md" }

// named gives the chapter that name in a text recorded or read elsewhere.
func (p *chapterPage) named(s string) string {
	return strings.ReplaceAll(s, p.chapter.Path, p.source())
}

func load(cfg Config) (*book, error) {
	b := &book{cfg: cfg, assets: map[string][]byte{}, version: map[string]string{}}
	var err error
	if b.templates, err = template.ParseFS(files, "templates/*.html"); err != nil {
		return nil, err
	}
	if err := b.loadAssets(); err != nil {
		return nil, err
	}
	chapters, err := chapter.LoadDir(cfg.Chapters)
	var wrong chapter.Errors
	switch {
	case errors.As(err, &wrong):
		return nil, wrong
	case err != nil:
		return nil, err
	}
	for _, c := range chapters {
		b.chapters = append(b.chapters, &chapterPage{chapter: c, rec: b.readRecording(c)})
	}
	for _, p := range b.chapters {
		p.doc = b.parseChapter(p, "")
	}
	b.glossary = b.parseGlossary()
	for _, p := range b.chapters {
		p.doc.link()
	}
	b.glossary.link()
	b.checkClaims()
	data, err := b.searchData()
	if err != nil {
		return nil, err
	}
	b.setAsset("search-data.js", data)
	return b, b.makeCard()
}

func (b *book) loadAssets() error {
	return fs.WalkDir(files, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := files.ReadFile(name)
		b.setAsset(path.Base(name), data)
		return err
	})
}

func (b *book) setAsset(name string, data []byte) {
	b.assets[name] = data
	sum := sha256.Sum256(data)
	b.version[name] = hex.EncodeToString(sum[:4])
}

// asset is the address of an asset, with its hash as a query: a page never
// meets a style sheet of another build in a browser's cache.
func (b *book) asset(name string) string { return "assets/" + name + "?" + b.version[name] }

// readRecording reads a chapter's notebook. What is missing is an error, what
// is stale a warning, or an error as well when the build is strict: one for the
// chapter, since a cell that was edited makes those below it stale, too.
func (b *book) readRecording(c *chapter.Chapter) recording {
	again := fmt.Sprintf("make record %d", c.Number)
	rec, err := openRecording(c)
	if err != nil {
		b.errs.add(c.Path, 0, "no recording to show: %v; %s makes one", err, again)
		return rec
	}
	stale := slices.DeleteFunc(c.Cells(), func(cell *chapter.Cell) bool { return !rec.stale[cell.Name] })
	if len(stale) == 0 {
		return rec
	}
	first, text := stale[0], "was edited since it was recorded"
	if rec.cells[first.Name] == nil {
		text = "is not in the recording"
	}
	text = fmt.Sprintf("cell %q %s", first.Name, text)
	if n := len(stale) - 1; n > 0 {
		text += fmt.Sprintf(", and %s below depend on it", plural(n, "cell"))
	}
	text += ": " + again
	switch {
	case b.cfg.Strict:
		b.errs.add(c.Path, first.Line, "%s", text)
	case b.cfg.Warn != nil:
		fmt.Fprintf(b.cfg.Warn, "%s: %s\n", first.Pos(), text)
	}
	return rec
}

// parseChapter reads a chapter's prose. With a prefix its ids and links are
// those of the one page that holds the whole book.
func (b *book) parseChapter(p *chapterPage, prefix string) *document {
	cells := map[int]*chapter.Cell{}
	for _, c := range p.chapter.Cells() {
		cells[c.Line] = c
	}
	view := *p
	view.prefix = prefix
	d := &document{
		path: p.chapter.Path, src: p.chapter.Source, prefix: prefix, cells: cells, errs: &b.errs,
		resolve:    func(dest string, part int) (string, error) { return b.resolve(dest, p, part, prefix != "") },
		chapterURL: func(number string) string { return b.chapterURL(number, p, prefix != "") },
		cell: func(c *chapter.Cell, ctx cellContext) (string, error) {
			return b.renderCell(&view, c, ctx, prefix != "")
		},
	}
	view.doc = d
	d.parse()
	return d
}

// printPrefix goes before every id of a chapter on the page of the whole book.
func printPrefix(slug string) string { return "ch" + strings.SplitN(slug, "-", 2)[0] + "-" }

func (b *book) execute(name string, data any) (template.HTML, error) {
	var out bytes.Buffer
	err := b.templates.ExecuteTemplate(&out, name, data)
	return template.HTML(out.String()), err
}
