package main

import "fmt"

func main() {
	m := map[string]int{"a": 1}
	for _, k := range []string{"a", "b"} {
		v, ok := m[k]
		fmt.Println(v, ok)
	}
}
