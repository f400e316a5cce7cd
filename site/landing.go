package site

import (
	"html/template"
	"slices"
	"strings"
	"time"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/trace"
)

type heroFigure struct{ Caption, SVG, Source template.HTML }

// landing makes the start page.
func (b *book) landing() (*page, error) {
	type entry struct {
		URL, Title, Lead string
		Number           int
	}
	body := struct {
		First    int
		Play     int // the first chapter with a server, 0 if none has
		Figure   *heroFigure
		Chapters []entry
	}{First: b.chapters[0].chapter.Number, Play: b.firstServer()}
	for _, p := range b.chapters {
		body.Chapters = append(body.Chapters, entry{p.url(0), p.doc.title, p.doc.lead, p.chapter.Number})
	}
	f := frame{Kind: "landing", Title: "Waiting for Bytes",
		Description: "A runnable workbook on network I/O models, in Go, for Linux: every system call of every snippet recorded, drawn and explained.",
		Next:        &turn{b.chapters[0].url(0), b.chapters[0].label()}, Machine: b.chapters[0].rec.where}
	if p, c, rec := b.strikingCell(); c != nil {
		body.Figure = newHero(p, c, rec)
		f.HasTimeline = true
	}
	html, err := b.execute("landing", body)
	if err != nil {
		return nil, err
	}
	f.Body = html
	return b.put("index.html", f)
}

func (b *book) firstServer() int {
	for _, p := range b.chapters {
		for _, c := range p.chapter.Cells() {
			if c.Attr.Play != "" {
				return p.chapter.Number
			}
		}
	}
	return 0
}

// strikingCell picks the figure of the start page: in the first chapter that
// has any, of the drawn cells with few enough calls to take in at a glance, the
// one with the call whose wait most outweighs its work.
func (b *book) strikingCell() (*chapterPage, *chapter.Cell, *notebook.CellRecord) {
	const glance = 16
	var page *chapterPage
	var cell *chapter.Cell
	var rec *notebook.CellRecord
	best := 0.0
	for _, p := range b.chapters {
		for _, c := range p.chapter.Cells() {
			r := p.rec.cells[c.Name]
			if r == nil || !c.InRun() || c.Attr.Hide || c.Attr.Trace != chapter.TraceTimeline || len(r.Events) > glance {
				continue
			}
			if e, ok := longestWait(r.Events); ok && contrast(e) > best {
				page, cell, rec, best = p, c, r, contrast(e)
			}
		}
		if cell != nil {
			break
		}
	}
	return page, cell, rec
}

var inputCalls = []string{"read", "readv", "recvfrom", "recvmsg"}

// longestWait is the input call that waited longest, at least a millisecond,
// and then got bytes.
func longestWait(events []trace.Event) (longest trace.Event, ok bool) {
	for _, e := range events {
		if slices.Contains(inputCalls, e.Call) && e.Calls() == 1 && e.Bytes > 0 &&
			e.Wait() > max(longest.Wait(), time.Millisecond) {
			longest, ok = e, true
		}
	}
	return longest, ok
}

func contrast(e trace.Event) float64 {
	return float64(e.Wait()) / float64(max(e.CPU, time.Microsecond))
}

func newHero(p *chapterPage, c *chapter.Cell, rec *notebook.CellRecord) *heroFigure {
	e, _ := longestWait(rec.Events)
	var svg strings.Builder
	svg.WriteString(timelineBox)
	drawTimeline(&svg, c.Name, c.Name, trace.Build(rec.Events), rec.Duration)
	svg.WriteString(timelineKey + "</div>")
	caption := "One <code>" + esc(e.Call) + "</code>, recorded: <b>" + shortDuration(e.Wait()) + " of waiting</b>, <b class=w>" +
		shortDuration(e.CPU) + " of work</b> to hand over " + sizeText(e.Bytes) + ". Everything in this book is about what a program does with the first number."
	source := "<a href=\"" + cellURL(p, c) + "\">Step through it in chapter " + itoa(p.chapter.Number) + "</a>. Recorded on " + esc(p.rec.where) + "."
	return &heroFigure{template.HTML(caption), template.HTML(svg.String()), template.HTML(source)}
}
