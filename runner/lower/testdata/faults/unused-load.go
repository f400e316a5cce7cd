package main

import "fmt"

func main() {
	defer func() { fmt.Println(recover() != nil) }()
	var p *int
	_ = *p
	fmt.Println("not reached")
}
