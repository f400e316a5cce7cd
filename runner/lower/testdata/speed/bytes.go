package main

import "fmt"

func upper(b []byte) {
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
}

func main() {
	b := make([]byte, 500_000)
	for i := range b {
		b[i] = byte('a' + i%26)
	}
	upper(b)
	fmt.Println(string(b[:5]))
}
