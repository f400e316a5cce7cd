//go:build linux

package main

import (
	"context"
	"os"
	"path/filepath"

	"ioworkbook/site"
)

// runSite builds the pages from the chapters and their recordings. It runs no
// cell.
func runSite(_ context.Context, a *app, args []string) error {
	flags := a.flags("site")
	strict := flags.Bool("strict", false, "refuse recordings older than their chapter")
	base := flags.String("base", "", "`URL` under which the site will be served")
	out := flags.String("out", filepath.FromSlash("site/public"), "`folder` to write")
	if words, err := a.parse(flags, args); err != nil {
		return err
	} else if len(words) > 0 {
		return usagef("site takes no words, only flags: %q", words)
	}
	err := site.Build(site.Config{
		Chapters: a.dir,
		Out:      *out,
		Strict:   *strict,
		BaseURL:  *base,
		Warn:     os.Stderr,
	})
	if err != nil {
		return err
	}
	index, err := filepath.Abs(filepath.Join(*out, "index.html"))
	if err != nil {
		return err
	}
	a.out.printf("The pages are ready: file://%s\n", index)
	return nil
}
