package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

func main() {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		panic(err)
	}
	buf := make([]byte, 1)
	for range 20_000 {
		unix.Write(fds[0], buf)
		unix.Read(fds[1], buf)
	}
	fmt.Println(len(buf))
}
