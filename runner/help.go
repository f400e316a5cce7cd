//go:build linux

package main

import (
	"context"
	"strings"
)

func runHelp(_ context.Context, a *app, _ []string) error {
	a.out.printf("%s\n\n", a.out.paint(inkName, "Waiting for Bytes: a runnable workbook on network I/O models"))
	all := append(verbs(),
		verb{name: "test", summary: "everything that must hold"},
		verb{name: "test-long", summary: "… and what takes hours"},
		verb{name: "fuzz", summary: "a minute of random texts and programs", variables: "SPEND= SEED="})
	for _, v := range all {
		a.out.printf("  make %-15s %s\n", strings.TrimSpace(v.name+" "+v.words), v.summary)
		if v.variables != "" {
			a.out.printf("%23s%s\n", "", a.out.paint(inkFaint, "with "+v.variables))
		}
	}
	a.out.printf("\n%s\n", a.contents())
	return nil
}
