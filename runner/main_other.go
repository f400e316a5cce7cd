//go:build !linux

// Command workbook runs the chapters of the workbook, on Linux.
package main

import (
	"fmt"
	"os"
	"runtime"
)

func main() {
	fmt.Fprintf(os.Stderr, "The chapters call Linux system calls, so they run on Linux only; this is %s.\n"+
		"Reading works everywhere: chapters/*.md, their recorded runs chapters/*.ipynb, and the site.\n"+
		"To run them here, use a Linux virtual machine or container with Go.\n", runtime.GOOS)
	os.Exit(2)
}
