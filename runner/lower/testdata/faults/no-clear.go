package main

import "fmt"

func main() {
	m := map[int]int{1: 2}
	clear(m)
	fmt.Println(len(m))
}
