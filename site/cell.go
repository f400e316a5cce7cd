package site

import (
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
)

// cellView is what the cell template shows.
type cellView struct {
	ID, Name  string
	Caption   string // the name, or what a nameless cell is
	Classes   []string
	Tags      []string
	Code      template.HTML
	Notes     template.HTML
	Fold      bool
	FoldLabel string
	Open      bool // what is folded or asked stands open: print
	Predict   bool
	Outputs   []outputView
	Trace     template.HTML
	Ran       string
	StaleNote string
}

// outputView is one output with the label that tells it from the others.
type outputView struct {
	Class, Label string
	Body         template.HTML
}

// longOutput is how many lines of an output are shown before the rest folds.
const longOutput = 24

// renderCell writes the figure of a cell with what was recorded of it.
func (b *book) renderCell(p *chapterPage, c *chapter.Cell, ctx cellContext, open bool) (string, error) {
	if c.Attr.Hide {
		return "", nil
	}
	v := cellView{Name: c.Name, Caption: c.Name, Open: open,
		Code: template.HTML(pre("Code", c.Code, highlightGo(c.Code))), Notes: template.HTML(ctx.Notes)}
	if c.Name != "" {
		v.ID = p.prefix + c.Name
	}
	if ctx.Notes != "" {
		v.Classes = append(v.Classes, "noted")
	}
	describe(&v, p.chapter, c)
	if r := p.rec.cells[c.Name]; r != nil && c.InRun() {
		b.addResult(&v, p, c, r)
	}
	switch {
	case p.rec.stale[c.Name] && p.rec.cells[c.Name] != nil:
		v.StaleNote = "Edited since recorded. "
	case p.rec.stale[c.Name]:
		v.StaleNote = "Not recorded yet. "
	}
	if v.StaleNote != "" {
		v.StaleNote += fmt.Sprintf("make record %d brings it up to date.", p.chapter.Number)
	}
	var out strings.Builder
	if err := b.templates.ExecuteTemplate(&out, "cell", v); err != nil {
		return "", fmt.Errorf("cell %q: %w", c.Name, err)
	}
	return out.String(), nil
}

// describe says what kind of cell it is.
func describe(v *cellView, ch *chapter.Chapter, c *chapter.Cell) {
	a := c.Attr
	switch {
	case !a.Run:
		v.Caption = "shown, not run"
		v.Classes = append(v.Classes, "shown")
	case a.Exercise != "":
		v.Classes = append(v.Classes, "exercise")
		v.Tags = append(v.Tags, "yours to fill in, then: make exercise "+itoa(ch.Number))
	case a.Solution != "":
		v.Fold, v.FoldLabel = true, "Show a solution"
		v.Classes = append(v.Classes, "solution")
	case a.Check != "":
		v.Fold, v.FoldLabel = true, "Show how the answer is checked"
		v.Classes = append(v.Classes, "checks")
	}
	if a.Fold && !v.Fold {
		v.Fold = true
		v.FoldLabel = fmt.Sprintf("Show the code (%d lines)", strings.Count(c.Code, "\n"))
	}
	if a.Engine == "go" && a.Run {
		v.Tags = append(v.Tags, "compiled, its own program")
	}
	if a.Play != "" {
		v.Tags = append(v.Tags, playCommand(ch, c))
	}
	if len(a.Needs) > 0 {
		v.Tags = append(v.Tags, "needs "+strings.Join(a.Needs, ", "))
	}
	if a.Expect.Kind == chapter.ExpectCompile {
		v.Tags = append(v.Tags, "does not compile")
	}
	v.Predict = a.Predict
}

// playCommand starts a server: the chapter's first needs no name.
func playCommand(ch *chapter.Chapter, server *chapter.Cell) string {
	play := "make play " + itoa(ch.Number)
	cells := ch.Cells()
	first := slices.IndexFunc(cells, func(c *chapter.Cell) bool { return c.Attr.Play != "" })
	if server == cells[first] {
		return play
	}
	return play + " SERVER=" + server.Name
}

func (b *book) addResult(v *cellView, p *chapterPage, c *chapter.Cell, r *notebook.CellRecord) {
	for _, o := range r.Outputs {
		o.Text = p.named(o.Text)
		if view, ok := b.outputOf(p, c, o); ok {
			v.Outputs = append(v.Outputs, view)
		}
	}
	if view, ok := endingOf(p, c, r); ok {
		v.Outputs = append(v.Outputs, view)
	}
	if c.Attr.Trace != chapter.TraceOff && len(r.Events) > 0 {
		v.Trace = template.HTML(traceHTML(p, c, r))
		v.Classes = append(v.Classes, "wide")
	}
	if len(v.Outputs) > 0 || v.Trace != "" { // declarations take no time worth telling
		v.Ran = ranText(r, p.rec)
	}
	v.Predict = v.Predict && (len(v.Outputs) > 0 || v.Trace != "")
}

func (b *book) outputOf(p *chapterPage, c *chapter.Cell, o notebook.Output) (outputView, bool) {
	switch {
	case o.MIME == notebook.TimelineMIME:
		return outputView{}, false // drawn from the events
	case o.MIME == notebook.PlotMIME:
		svg, err := plotHTML(o.Data)
		if err != nil {
			b.errs.add(p.rec.path, 0, "cell %q: a plot that cannot be drawn: %v", c.Name, err)
		}
		return outputView{Class: "plotted", Label: "plot", Body: template.HTML(svg)}, true
	case o.MIME == "image/svg+xml":
		return outputView{}, false // a static picture of what is drawn here
	case o.Stream == "" && o.Text == "" && o.MIME != "":
		var s string
		if json.Unmarshal(o.Data, &s) != nil {
			s = string(o.Data)
		}
		return outputView{Class: "shown", Label: o.MIME, Body: outputPre(s, o.MIME)}, true
	case o.Text == "":
		return outputView{}, false
	case o.Stream == "stderr":
		return outputView{Class: "stderr", Label: "stderr", Body: outputPre(o.Text, "stderr")}, true
	case c.Attr.Varies:
		return outputView{Class: "varies", Label: "output, another at every run", Body: outputPre(o.Text, "output")}, true
	}
	return outputView{Class: "stdout", Label: "output", Body: outputPre(o.Text, "output")}, true
}

// outputPre shows text; what is very long shows its first lines and folds the
// rest.
func outputPre(s, label string) template.HTML {
	s = strings.TrimSuffix(s, "\n")
	lines := strings.SplitAfter(s, "\n")
	if len(lines) <= longOutput+6 {
		return template.HTML(pre(label, s, markChecks(s)))
	}
	first, rest := strings.Join(lines[:longOutput], ""), strings.Join(lines[longOutput:], "")
	return template.HTML(fmt.Sprintf("%s<details class=more><summary>%d more lines</summary>%s</details>",
		pre(label, first, markChecks(first)), len(lines)-longOutput, pre("rest of the "+label, rest, markChecks(rest))))
}

// markChecks colours the marks of lab.Check; the mark itself tells them apart.
// A claim may be longer than a line: unlike a table, it can be broken.
func markChecks(s string) string {
	lines := strings.Split(esc(s), "\n")
	for i, l := range lines {
		if claim, ok := strings.CutPrefix(l, "✓ "); ok {
			lines[i] = "<span class=ok>✓</span> <span>" + claim + "</span>"
		}
	}
	return strings.Join(lines, "\n")
}

// endingOf shows how the cell ended when that is more than its output.
func endingOf(p *chapterPage, c *chapter.Cell, r *notebook.CellRecord) (outputView, bool) {
	text := func(class, label, s string) (outputView, bool) {
		return outputView{Class: class, Label: label, Body: outputPre(s, label)}, true
	}
	switch {
	case r.Outcome == notebook.Skipped:
		return text("skipped", "skipped", "skipped when recorded: "+r.Skipped)
	case r.Outcome == notebook.NotRun:
		return text("skipped", "not run", "an earlier cell ended the run")
	case r.Outcome == notebook.OK && c.Attr.Expect.Kind != chapter.ExpectNone:
		return text("expected", expectLabel[c.Attr.Expect.Kind], orText(p.named(r.Message), "still running after "+c.Attr.Timeout.String()))
	case r.Outcome != notebook.OK && r.Outcome != notebook.CheckFailed:
		return text("error", string(r.Outcome), orText(p.named(r.Message), string(r.Outcome)))
	}
	return outputView{}, false
}

var expectLabel = map[chapter.ExpectKind]string{
	chapter.ExpectError:   "error, as it should",
	chapter.ExpectPanic:   "panic, as it should",
	chapter.ExpectTimeout: "stopped at its limit, as it should be",
	chapter.ExpectCompile: "what the compiler says",
}

// shortDuration writes a duration with three digits and a unit.
func shortDuration(d time.Duration) string {
	switch {
	case d < time.Microsecond:
		return fmt.Sprintf("%d ns", d.Nanoseconds())
	case d < time.Millisecond:
		return sig(float64(d)/1e3) + " µs"
	case d < time.Second:
		return sig(float64(d)/1e6) + " ms"
	}
	return sig(d.Seconds()) + " s"
}

// sig keeps three significant digits at most and no trailing zero.
func sig(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
	}
	return strings.TrimSuffix(strings.TrimSuffix(fmt.Sprintf("%.2f", v), "0"), ".0")
}

// sizeText writes a number of bytes.
func sizeText(n int) string {
	switch {
	case n >= 1<<20:
		return sig(float64(n)/(1<<20)) + " MiB"
	case n >= 10<<10:
		return sig(float64(n)/(1<<10)) + " KiB"
	}
	return itoa(n) + " B"
}
