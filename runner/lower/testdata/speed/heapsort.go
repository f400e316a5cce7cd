package main

import "fmt"

func sift(a []int, low, high int) {
	root := low
	for {
		child := 2*root + 1
		if child >= high {
			return
		}
		if child+1 < high && a[child] < a[child+1] {
			child++
		}
		if a[root] >= a[child] {
			return
		}
		a[root], a[child] = a[child], a[root]
		root = child
	}
}

func main() {
	a := make([]int, 10_000)
	x := uint32(1)
	for i := range a {
		x = x*1664525 + 1013904223
		a[i] = int(x >> 8)
	}
	for i := len(a)/2 - 1; i >= 0; i-- {
		sift(a, i, len(a))
	}
	for i := len(a) - 1; i >= 0; i-- {
		a[0], a[i] = a[i], a[0]
		sift(a, 0, i)
	}
	for i := 1; i < len(a); i++ {
		if a[i-1] > a[i] {
			panic("not sorted")
		}
	}
	fmt.Println(a[0], a[len(a)-1])
}
