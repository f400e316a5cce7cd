package main

import "fmt"

func count(more func(int) bool) int {
	n := 0
	for {
		if more(n) {
			n++
		} else {
			return n
		}
		if n > 9 {
			return -1
		}
	}
}

func main() {
	fmt.Println(count(func(n int) bool { return n < 3 }))
}
