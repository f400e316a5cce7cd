package site

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"ioworkbook/runner/trace"
)

// The card is the picture a link to the book is shown with. Who shows it wants
// pixels and a whole address, so it is drawn here and only for a site whose
// address is known. It shows the start page's call at true scale.
const (
	cardName              = "card.png"
	cardWidth, cardHeight = 1200, 630
	cardMargin            = 80
	cardBarTop            = 350
	cardBarBottom         = 430
)

var (
	cardPaper = color.RGBA{0xff, 0xfd, 0xf8, 0xff}
	cardInk   = color.RGBA{0x23, 0x20, 0x1c, 0xff}
	cardSoft  = color.RGBA{0x63, 0x5c, 0x52, 0xff}
	cardWait  = color.RGBA{0x66, 0x55, 0x8f, 0xff}
	cardWork  = color.RGBA{0xa0, 0x3c, 0x0c, 0xff}
)

// makeCard draws the start page's figure, if there is one, and an address.
func (b *book) makeCard() error {
	_, cell, rec := b.strikingCell()
	if cell == nil || b.cfg.BaseURL == "" {
		return nil
	}
	e, _ := longestWait(rec.Events)
	png, err := card(e)
	b.setAsset(cardName, png)
	b.cardText = "One " + e.Call + ", recorded: " + shortDuration(e.Wait()) + " of waiting, " + shortDuration(e.CPU) + " of work."
	return err
}

// card draws the wait and the work of one call.
func card(e trace.Event) ([]byte, error) {
	c := canvas{image.NewRGBA(image.Rect(0, 0, cardWidth, cardHeight))}
	c.fill(c.Bounds(), cardPaper)
	bold, err := face(gobold.TTF)
	if err != nil {
		return nil, err
	}
	regular, err := face(goregular.TTF)
	if err != nil {
		return nil, err
	}
	c.text(bold(84), cardInk, cardMargin, 150, "Waiting for Bytes")
	c.text(regular(36), cardSoft, cardMargin, 215, "A runnable workbook on network I/O models, in Go")

	bar := image.Rect(cardMargin, cardBarTop, cardWidth-cardMargin, cardBarBottom)
	c.text(regular(32), cardInk, bar.Min.X, bar.Min.Y-24, "One "+e.Call+", recorded:")
	c.hatch(bar)
	work := bar
	work.Min.X = bar.Max.X - max(3, int(float64(bar.Dx())*float64(e.CPU)/float64(max(e.Duration(), time.Nanosecond))))
	c.fill(work, cardWork)
	c.text(bold(48), cardWait, bar.Min.X, bar.Max.Y+75, shortDuration(e.Wait())+" of waiting")
	words := shortDuration(e.CPU) + " of work"
	f := bold(48)
	c.text(f, cardWork, bar.Max.X-font.MeasureString(f, words).Ceil(), bar.Max.Y+75, words)

	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, c)
	return out.Bytes(), err
}

type canvas struct{ *image.RGBA }

func (c canvas) fill(r image.Rectangle, with color.Color) {
	draw.Draw(c, r, image.NewUniform(with), image.Point{}, draw.Src)
}

// hatch fills with the book's sign for waiting.
func (c canvas) hatch(r image.Rectangle) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if (x+y)%20 < 4 || y < r.Min.Y+3 || y >= r.Max.Y-3 {
				c.Set(x, y, cardWait)
			}
		}
	}
}

func (c canvas) text(f font.Face, ink color.Color, x, y int, s string) {
	d := font.Drawer{Dst: c, Src: image.NewUniform(ink), Face: f, Dot: fixed.P(x, y)}
	d.DrawString(s)
}

// face reads a font and gives its faces by size in pixels.
func face(ttf []byte) (func(size float64) font.Face, error) {
	parsed, err := opentype.Parse(ttf)
	return func(size float64) font.Face {
		f, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72})
		if err != nil {
			panic(err) // no size the font refuses is asked here
		}
		return f
	}, err
}
