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
		p, err := Tangle(g.parse())
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
		p, err := Tangle(g.parse())
		if err == nil {
			t.Fatalf("no error; the program is\n%s", p.Text(TextOptions{}))
		}
		if _, ok := err.(Errors); !ok {
			t.Fatalf("%T: %v", err, err)
		}
		g.compare("errors", err.Error())
	})
}
