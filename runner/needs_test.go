package main

import (
	"context"
	"flag"
	"path/filepath"
	"slices"
	"testing"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/kernel"
	"ioworkbook/runner/notebook"
)

var long = flag.Bool("long", false, "run what takes minutes, too")

// TestCellsAlone runs every cell of the book with only what it needs. It must end as
// in the chapter's recorded run, and print the same where that is declared.
func TestCellsAlone(t *testing.T) {
	if !*long {
		t.Skip("takes minutes: make test-long")
	}
	chapters, err := chapter.LoadDir("../chapters")
	if err != nil || len(chapters) == 0 {
		t.Fatalf("%d chapters, %v", len(chapters), err)
	}
	for _, c := range chapters {
		recorded, err := notebook.Read(notebook.Path(c.Path))
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range c.Cells() {
			if !cell.InProgram() {
				continue
			}
			t.Run(filepath.Base(c.Path)+"/"+cell.Name, func(t *testing.T) {
				run, err := kernel.RunChapter(context.Background(), kernel.Config{Chapter: c, Cell: cell.Name})
				if err != nil {
					t.Fatal(err)
				}
				result := run.Results[len(run.Results)-1]
				if result.Cell != cell.Name {
					t.Fatalf("the last cell is %s", result.Cell)
				}
				run.Results, run.Leaks = []notebook.Result{result}, nil
				alone := *recorded
				alone.Leaks = nil
				alone.Cells = slices.DeleteFunc(slices.Clone(alone.Cells), func(n notebook.Cell) bool { return n.ID != cell.Name })
				if diff := notebook.Compare(&alone, run); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}
