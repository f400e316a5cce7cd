package main

import "fmt"

func main() {
	var x uintptr = 3
	x++
	fmt.Println(x)
}
