package main

import "fmt"

func walk(more func(int) bool) {
	var n int
	for {
		if n < 10 {
			if more(n) {
				n++
			} else {
				return
			}
		} else {
			break
		}
	}
}

func main() {
	calls := 0
	walk(func(n int) bool { calls++; return n < 3 })
	fmt.Println(calls)
}
