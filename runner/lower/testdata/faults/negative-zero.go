package main

import "fmt"

func inverse(x float64) float64 { return 1 / x }

func main() {
	zero := 0.0
	fmt.Println(inverse(-zero))
}
