//go:build linux

package main

import (
	"flag"
	"fmt"
	"io"
)

func (a *app) flags(verb string) *flag.FlagSet {
	fs := flag.NewFlagSet(verb, flag.ContinueOnError)
	fs.SetOutput(io.Discard) // parse turns the error into one line
	fs.StringVar(&a.dir, "dir", a.dir, "the folder of the chapters")
	return fs
}

// parse takes flags before, between and after the words and returns the words.
func (a *app) parse(fs *flag.FlagSet, args []string) ([]string, error) {
	var words []string
	for {
		if err := fs.Parse(args); err != nil {
			return nil, usagef("%s: %v\n%s", fs.Name(), err, synopsis(fs))
		}
		rest := fs.Args()
		if len(rest) == 0 {
			return words, nil
		}
		if taken := len(args) - len(rest); taken > 0 && args[taken-1] == "--" {
			return append(words, rest...), nil
		}
		words = append(words, rest[0])
		args = rest[1:]
	}
}

func synopsis(fs *flag.FlagSet) string {
	text := "usage: workbook " + fs.Name()
	fs.VisitAll(func(f *flag.Flag) {
		value := ""
		if b, ok := f.Value.(interface{ IsBoolFlag() bool }); !ok || !b.IsBoolFlag() {
			value, _ = flag.UnquoteUsage(f)
			value = " " + value
		}
		text += fmt.Sprintf(" [-%s%s]", f.Name, value)
	})
	return text
}
