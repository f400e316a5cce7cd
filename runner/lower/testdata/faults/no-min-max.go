package main

import "fmt"

func main() {
	x, y := 3, 4
	fmt.Println(min(x, y), max(x, y))
}
