package main

import "fmt"

func shifted(x int8, n uint16) int8 {
	var y int8
	y = x << (n + 255)
	return y
}

func main() { fmt.Println(shifted(1, 1)) }
