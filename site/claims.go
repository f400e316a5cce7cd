package site

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
)

// The five source articles make the claims C01 to C71, and print or describe the
// programs P01 to P17.
const (
	articleClaims   = 71
	articlePrograms = 17
)

// A settledClaim is a claim of the articles with every check that settles it.
type settledClaim struct {
	ID, Anchor, Verdict, Quote string
	Checks                     []claimCheck
}

type claimCheck struct {
	Text         string
	OK           bool
	URL, Cell    string
	Chapter      string
	pos, verdict string
	line         int
}

// claimOf matches the head of a lab.Check that settles claims:
// "C10 C11 wrong: 300,000 EAGAINs sent no segment".
var claimOf = regexp.MustCompile(`^((?:C\d\d[ ,]+)+)(right|imprecise|wrong): (.+)$`)

var claimID = regexp.MustCompile(`C\d\d`)

// checks is every recorded lab.Check of the book, in order.
func (b *book) checks() []claimCheck {
	var all []claimCheck
	b.eachRecorded(func(p *chapterPage, c *chapter.Cell, rec *notebook.CellRecord) {
		for _, check := range rec.Checks {
			all = append(all, claimCheck{Text: check.Claim, OK: check.OK, URL: cellURL(p, c), Cell: c.Name,
				Chapter: "chapter " + itoa(p.chapter.Number), pos: p.chapter.Path, line: c.Line})
		}
	})
	return all
}

// claims gathers what the recorded checks say, by claim.
func (b *book) claims() map[string]*settledClaim {
	all := map[string]*settledClaim{}
	for _, check := range b.checks() {
		m := claimOf.FindStringSubmatch(check.Text)
		if m == nil {
			continue
		}
		check.Text, check.verdict = m[3], m[2]
		for _, id := range claimID.FindAllString(m[1], -1) {
			s := all[id]
			if s == nil {
				s = &settledClaim{ID: id, Anchor: strings.ToLower(id), Verdict: m[2]}
				all[id] = s
			}
			s.Checks = append(s.Checks, check)
		}
	}
	for _, p := range b.chapters {
		for _, box := range p.doc.boxes {
			if s := all[box.ID]; s != nil && s.Quote == "" {
				s.Quote = box.Quote
			}
		}
	}
	return all
}

// A triedProgram is a program of the articles with the checks that name it.
type triedProgram struct {
	ID, Anchor string
	Checks     []claimCheck
}

var programID = regexp.MustCompile(`\bP\d\d`)

// programs gathers the recorded checks by the program they name.
func (b *book) programs() []*triedProgram {
	var all []*triedProgram
	checks := b.checks()
	for i := 1; i <= articlePrograms; i++ {
		p := &triedProgram{ID: fmt.Sprintf("P%02d", i), Anchor: fmt.Sprintf("p%02d", i)}
		for _, check := range checks {
			if slices.Contains(programID.FindAllString(check.Text, -1), p.ID) {
				p.Checks = append(p.Checks, check)
			}
		}
		if p.Checks != nil {
			all = append(all, p)
		}
	}
	return all
}

// checkClaims demands that all that is said about a claim agrees: the checks
// with each other, the boxes in the text with the checks. A chapter that was
// edited since it was recorded may have checks that the recording does not.
func (b *book) checkClaims() {
	all := b.claims()
	for _, id := range sortedKeys(all) {
		for _, c := range all[id].Checks {
			if c.verdict != all[id].Verdict {
				b.errs.add(c.pos, c.line, "cell %q finds claim %s %s; %s finds it %s", c.Cell, id, c.verdict, all[id].Checks[0].Cell, all[id].Verdict)
			}
		}
	}
	for _, p := range b.chapters {
		for _, box := range p.doc.boxes {
			switch s := all[box.ID]; {
			case len(p.rec.stale) > 0 && !b.cfg.Strict:
			case s == nil && p.rec.found:
				b.errs.add(p.chapter.Path, box.Line, "claim %s: no recorded lab.Check settles it; a check's text begins with \"%s %s: \"", box.ID, box.ID, box.Verdict)
			case s != nil && s.Verdict != box.Verdict:
				b.errs.add(p.chapter.Path, box.Line, "claim %s is called %s here; the check in cell %q finds it %s", box.ID, box.Verdict, s.Checks[0].Cell, s.Verdict)
			}
		}
	}
}

func (b *book) claimsPage() (*page, error) {
	all := b.claims()
	body := struct {
		Lead, Open string
		Rows       []*settledClaim
		Programs   []*triedProgram
		Tally      []struct {
			Verdict string
			Count   int
		}
	}{}
	body.Programs = b.programs()
	for _, id := range sortedKeys(all) {
		body.Rows = append(body.Rows, all[id])
	}
	for _, v := range []string{"right", "imprecise", "wrong"} {
		n := 0
		for _, s := range all {
			if s.Verdict == v {
				n++
			}
		}
		body.Tally = append(body.Tally, struct {
			Verdict string
			Count   int
		}{v, n})
	}
	body.Lead = fmt.Sprintf("Five articles on network I/O make %d claims. This book runs them: each verdict below is a check in a cell, and make check runs it again. %d are settled so far.", articleClaims, len(all))
	if len(all) == articleClaims {
		body.Lead = fmt.Sprintf("Five articles on network I/O make %d claims. This book runs them: each verdict below is a check in a cell, and make check runs it again.", articleClaims)
	}
	var open []string
	for i := 1; i <= articleClaims; i++ {
		if id := fmt.Sprintf("C%02d", i); all[id] == nil {
			open = append(open, id)
		}
	}
	if len(open) > 0 {
		body.Open = fmt.Sprintf("The %s written so far leave open: %s.", plural(len(b.chapters), "chapter"), strings.Join(open, ", "))
	}
	html, err := b.execute("claims", body)
	if err != nil {
		return nil, err
	}
	return b.put("claims.html", frame{Kind: "appendix", Title: "Claims, tested", Description: body.Lead, Body: html})
}
