package main

import "fmt"

type parser struct {
	buf        []byte
	pos        int
	sum, words int
}

func (p *parser) more() bool { return p.pos < len(p.buf) }

func (p *parser) next() byte {
	c := p.buf[p.pos]
	p.pos++
	return c
}

func (p *parser) run() {
	n, in := 0, false
	for p.more() {
		c := p.next()
		switch {
		case c >= '0' && c <= '9':
			n = n*10 + int(c-'0')
			in = true
		case c == ' ' || c == ',':
			if in {
				p.sum += n
				p.words++
			}
			n, in = 0, false
		}
	}
}

func main() {
	p := &parser{}
	for i := range 5000 {
		p.buf = append(p.buf, fmt.Sprintf("%d, ", i)...)
	}
	p.run()
	fmt.Println(p.sum, p.words)
}
