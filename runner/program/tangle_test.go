package program

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ioworkbook/runner/chapter"
)

// TestTangle compares the programs of small chapters with the stored ones, and
// has the real toolchain accept both texts.
func TestTangle(t *testing.T) {
	goldens(t, "tangle", func(t *testing.T, g *golden) {
		p, err := New(g.parse())
		if err != nil {
			t.Fatal(err)
		}
		reader := p.Text(TextOptions{})
		g.compare("tangle.go", string(reader))
		toolchain(t, reader, "vet")
		toolchain(t, reader, "build", "-o", os.DevNull)
		bracketed := p.Text(TextOptions{Bracket: true})
		g.compare("bracket.go", string(bracketed))
		toolchain(t, bracketed, "build", "-o", os.DevNull)
	})
}

// TestSkippedCellsShareVariables has the toolchain accept a program in which a
// cell that is skipped uses what an earlier one declares, and run it: of the
// skipped cells nothing must be done.
func TestSkippedCellsShareVariables(t *testing.T) {
	c, err := chapter.Parse("chapters/01-skip.md", []byte(strings.Join([]string{
		"# Skip", "",
		"```go {name=all}", `import "fmt"`, "", "n := 1", "```", "",
		"```go {name=rare needs=io_uring}", "m := n + 1", "```", "",
		"```go {name=between}", `fmt.Println("here", n)`, "```", "",
		"```go {name=rarer needs=io_uring}", `fmt.Println("not here", m)`, "```", "",
	}, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	text := p.Text(TextOptions{Bracket: true, Skip: map[string]bool{"rare": true, "rarer": true}})
	name := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "run", name).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "here 1") || strings.Contains(string(out), "not here") {
		t.Errorf("it printed %q, %v; the program is\n%s", out, err, text)
	}
}

// TestStandalone does the same for programs of one cell. The comment of an
// archive names the cell and its extra cells.
func TestStandalone(t *testing.T) {
	goldens(t, "standalone", func(t *testing.T, g *golden) {
		c := g.parse()
		var cells []*chapter.Cell
		for _, name := range strings.Fields(string(g.archive.Comment)) {
			cell := c.Cell(name)
			if cell == nil {
				t.Fatalf("no cell %q", name)
			}
			cells = append(cells, cell)
		}
		p, err := Standalone(c, cells[0], cells[1:]...)
		if err != nil {
			t.Fatal(err)
		}
		reader := p.Text(TextOptions{})
		g.compare("program.go", string(reader))
		toolchain(t, reader, "vet")
		bracketed := p.Text(TextOptions{Bracket: true})
		g.compare("bracket.go", string(bracketed))
		toolchain(t, bracketed, "build", "-o", os.DevNull)
	})
}

// toolchain runs the go command on a program as a file of its own.
func toolchain(t *testing.T, text []byte, args ...string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(name, text, 0o666); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", append(args, name)...).CombinedOutput()
	if err != nil {
		t.Errorf("go %s: %v\n%s", args[0], err, out)
	}
}

// TestErrors compares all that is wrong with a chapter, by position and wording.
func TestErrors(t *testing.T) {
	goldens(t, "errors", func(t *testing.T, g *golden) {
		p, err := New(g.parse())
		if err == nil {
			t.Fatalf("no error; the program is\n%s", p.Text(TextOptions{}))
		}
		if _, ok := err.(Errors); !ok {
			t.Fatalf("%T: %v", err, err)
		}
		g.compare("errors", err.Error())
	})
}
