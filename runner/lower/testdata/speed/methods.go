package main

import "fmt"

type conn struct{ fd, n int }

func (c *conn) add(k int) { c.n += k }

func main() {
	conns := map[int]*conn{}
	for i := range 1000 {
		conns[i] = &conn{fd: i}
	}
	for round := range 200 {
		for i := range 1000 {
			conns[i].add(round)
		}
	}
	fmt.Println(conns[7].n)
}
