// Package site builds the static workbook: HTML pages from the chapters and
// their recordings. It runs no cell and knows no engine.
//
//	chapters/*.md ──Parse──▶ document ──┐
//	                                    ├─▶ pages ──check──▶ write ──▶ Out
//	chapters/*.ipynb ──Read──▶ recording┘
//
// A [Build] with the same inputs writes the same bytes. The pages are complete
// without JavaScript, ask no other host, and work from file:// and under any
// path: every link is relative.
//
// # What prose may say
//
// Chapters are CommonMark with GitHub's tables and footnotes, and read well on
// a Git host as they are. On top of that this package gives a meaning to:
//
//   - The first paragraph after the title is the lead; it is also the page's
//     description.
//   - A footnote of one paragraph is a margin note beside its reference.
//   - A blockquote whose first words are bold and end in a full stop is a box.
//     The words are one of: Note, Careful, Canteen, Predict, Hint (folded),
//     Recap, Bug, or "Claim C10, wrong" with right, imprecise or wrong. A claim
//     box has the id c10 and must agree with the lab.Check that settles it.
//   - accept(2) links to the Linux manual.
//   - [text](02-blocking.md#heading) links to another chapter,
//     [text](../site/data/glossary.md#term) to the glossary. A heading's id is
//     what a Git host makes of it, a cell's id is its name.
//   - Fences of go are cells (see package chapter), those of console, c, python,
//     text, sh and diff are shown.
//   - A thematic break (---) before a heading of level 2 begins a new page of
//     the chapter. Links need not know which page a heading or cell is on.
//
// Raw HTML and images are refused: a figure is made by a cell.
//
// # What a page may weigh
//
// Compressed, the style sheet 7 KB, the scripts 6 and a page 30; as they are,
// 24, 14 and 120. A chapter that grows beyond that is too long to be read at
// one go as well: it goes on on another page.
//
// # Where to change what
//
// prose.go, box.go and render.go turn Markdown into HTML, parts.go cuts it into
// pages, cell.go shows a cell and its outputs. timeline.go, axis.go and stave.go
// lay out recorded calls, draw.go and strip.go draw them, calltable.go lists
// them; plot.go and scale.go draw plots. page.go, landing.go, claims.go and
// callindex.go make pages, card.go the picture links are shown with, links.go
// checks pages, write.go stores them. templates/ holds the frames of pages,
// assets/ styles and scripts as they are served, data/ the glossary.
package site

import (
	"embed"
	"io"
)

//go:embed templates/*.html assets/* data/*
var files embed.FS

// Config says what to build and where.
type Config struct {
	Chapters string // directory of NN-slug.md and NN-slug.ipynb
	Out      string // directory for the pages; made if absent

	// Strict refuses recordings that are older than their chapter. Without it
	// the page marks the cells and Warn is told.
	Strict bool

	// BaseURL is where the site will live, with a slash at its end. It makes the
	// sitemap, canonical addresses, the picture that links are shown with and the
	// 404 page's links; without it there is no sitemap and no picture.
	BaseURL string

	// Warn is told what is stale, one line each; nil discards.
	Warn io.Writer
}

// Build writes the site. The error is an [Errors] with everything that is wrong
// in any chapter, recording or link; then nothing is written.
func Build(cfg Config) error {
	b, err := load(cfg)
	if err != nil {
		return err
	}
	pages, err := b.pages()
	if err != nil {
		return err
	}
	b.checkLinks(pages)
	if len(b.errs) > 0 {
		return b.errs.sorted()
	}
	return write(cfg.Out, pages)
}
