package main

import "fmt"

func main() {
	s := []int{1, 2}
	i := 5
	defer func() { fmt.Println(recover()) }()
	fmt.Println(s[i])
}
