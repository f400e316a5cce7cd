package main

import "fmt"

func main() {
	c := make(<-chan int, 2)
	fmt.Println(cap(c))
}
