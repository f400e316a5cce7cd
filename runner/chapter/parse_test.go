package chapter

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"

	"ioworkbook/runner/lab"
)

var update = flag.Bool("update", false, "rewrite testdata/parse/*.want")

// TestGolden parses each testdata/parse/NAME.md and compares the report of its
// errors, or the outline of the chapter, with NAME.want.
func TestGolden(t *testing.T) {
	files := corner(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c, err := Parse("chapters/"+filepath.Base(file), src)
			got := ""
			if err != nil {
				got = err.Error() + "\n"
			} else {
				got = outline(c)
			}
			golden := strings.TrimSuffix(file, ".md") + ".want"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatalf("%v; run with -update and read what it wrote", err)
			}
			if got != string(want) {
				t.Errorf("%s", diff.Diff(golden, want, "got", []byte(got)))
			}
		})
	}
	goldens, _ := filepath.Glob("testdata/parse/*.want")
	if len(goldens) != len(files) {
		t.Errorf("%d goldens for %d chapters", len(goldens), len(files))
	}
}

// corner returns the chapters that are written for the tests.
func corner(t testing.TB) []string {
	files, err := filepath.Glob("testdata/parse/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("no chapters in testdata/parse: %v", err)
	}
	return files
}

// outline shows everything Parse found out.
func outline(c *Chapter) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d %s %q\n", c.Path, c.Number, c.Slug, c.Title)
	for _, p := range c.Parts {
		kind := "prose"
		if p.Kind == CellPart {
			kind = "cell"
		}
		fmt.Fprintf(&b, "line %d, bytes %d-%d: %s\n", p.Line, p.Start, p.End, kind)
		if p.Cell == nil {
			continue
		}
		fmt.Fprintf(&b, "\t%s %q code at line %d: %q\n\t%+v\n", p.Cell.Pos(), p.Cell.Name, p.Cell.CodeLine, p.Cell.Code, p.Cell.Attr)
		for _, n := range p.Cell.Callouts {
			fmt.Fprintf(&b, "\tcallout %d on line %d of the code\n", n.Number, n.Line)
		}
	}
	return b.String()
}

// TestLineEnds checks that CRLF and a byte order mark change no position and
// no code.
func TestLineEnds(t *testing.T) {
	lf := "# T\n\n```go {name=a}\nx := 1 // (1)\n\n\ty := 2\n```\n\n1. one\n"
	want, err := Parse("01-t.md", []byte(lf))
	if err != nil {
		t.Fatal(err)
	}
	for name, src := range map[string]string{
		"CRLF":             strings.ReplaceAll(lf, "\n", "\r\n"),
		"BOM":              "\ufeff" + lf,
		"BOM and CRLF":     "\ufeff" + strings.ReplaceAll(lf, "\n", "\r\n"),
		"no final newline": strings.TrimSuffix(lf, "\n"),
	} {
		c, err := Parse("01-t.md", []byte(src))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		checkRanges(t, c)
		got, want := c.Cell("a"), want.Cell("a")
		if got.Code != want.Code || got.Line != want.Line || got.CodeLine != want.CodeLine || len(got.Callouts) != 1 || c.Title != "T" {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
		if stored := strings.TrimPrefix(src, "\ufeff"); string(c.Source) != stored {
			t.Errorf("%s: source %q, want %q", name, c.Source, stored)
		}
	}
}

func TestBadText(t *testing.T) {
	const cell = "```go {name=a}\nx := 1\n```\n"
	for _, tt := range []struct{ src, want string }{
		{"# T\n\xff\n", `01-t.md:2:1: byte 0xff is not UTF-8; save the file as UTF-8`},
		{"# T\na\x00b\n", `01-t.md:2:2: NUL byte; remove it`},
		{"# T\nab\rc\n", `01-t.md:2:3: carriage return without line feed; end lines with LF or CRLF`},
		{"", `01-t.md:1:1: no title; add one level-one heading: # Title`},
		{"# T\n" + strings.TrimSuffix(cell, "```\n"), "01-t.md:2:1: fence is never closed; end the code with a line ```"},
		{"# T\n```go {name=a}", "01-t.md:2:1: fence is never closed; end the code with a line ```\n01-t.md:2:1: the cell is empty; write code in it or remove it"},
		{"# T\n\t```go {name=a}\n\tx := 1\n\t```\n", ""}, // an indented code block: prose
		{"# T\n<!--\n" + cell + "-->\n", ""},
	} {
		_, err := Parse("01-t.md", []byte(tt.src))
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%q:\ngot  %s\nwant %s", tt.src, got, tt.want)
		}
	}
}

func TestLoadDir(t *testing.T) {
	const ok = "# T\n"
	for _, tt := range []struct {
		name   string
		files  map[string]string
		loaded int
		want   string // D stands for the directory
	}{
		{"empty", map[string]string{"notes.txt": ""}, 0, "D: no chapter here; " + fileNameRule},
		{"sorted", map[string]string{"02-b.md": ok, "01-a.md": ok, "01-a.ipynb": ""}, 2, ""},
		{"from zero", map[string]string{"00-b.md": ok, "01-a.md": ok}, 2, ""},
		{"gap", map[string]string{"03-a.md": ok, "07-b.md": ok}, 2, ""},
		{"duplicate", map[string]string{"01-a.md": ok, "01-b.md": ok, "02-c.md": ok}, 3, "D/01-b.md: chapter number 1 is taken by D/01-a.md"},
		{"all at once", map[string]string{"01-a.md": "", "02-b.md": ok, "README.md": ok}, 1,
			"D/01-a.md:1:1: no title; add one level-one heading: # Title\nD/README.md:1:1: bad file name; " + fileNameRule},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, src := range tt.files {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(src), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			chapters, err := LoadDir(dir)
			got := ""
			if err != nil {
				got = strings.ReplaceAll(err.Error(), dir, "D")
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if len(chapters) != tt.loaded {
				t.Errorf("%d chapters loaded, want %d", len(chapters), tt.loaded)
			}
			for i := 1; i < len(chapters); i++ {
				if chapters[i-1].Path >= chapters[i].Path {
					t.Errorf("%s before %s", chapters[i-1].Path, chapters[i].Path)
				}
			}
		})
	}
	if _, err := LoadDir(filepath.Join(t.TempDir(), "none")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("missing directory: %v", err)
	}
}

// TestBook parses the chapters of the book.
func TestBook(t *testing.T) {
	files, _ := filepath.Glob("../../chapters/*.md")
	if len(files) == 0 {
		t.Skip("no chapters in ../../chapters")
	}
	chapters, err := LoadDir("../../chapters")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range chapters {
		checkRanges(t, c)
	}
}

// FuzzParse holds Parse to what every input must keep: no panic, parts that
// concatenate to the source, cells that lie where they say, errors with a
// position inside the file.
func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("../../chapters/*.md")
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	for _, file := range corner(f) {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
		f.Add(bytes.ReplaceAll(src, []byte("\n"), []byte("\r\n")))
	}
	for _, s := range []string{
		"", "\ufeff# T", "```", "~~~go {name=a", "```go {name=a}\n```\n```go {name=b}\nx\n```",
		"1. ```go {name=a}\n   x // (1)\n   ```\n2. b\n", "> # T\n>\t```go {a=\"\\\"}\n", "\t\t```go {}\n", "# \x00\r```go {",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		p := newParser("chapters/01-t.md", src)
		p.parse()
		checkRanges(t, p.chapter)
		lines := bytes.Split(p.src, []byte("\n"))
		for _, e := range p.errs {
			if e.Line < 1 || e.Line > len(lines) || e.Col < 1 || e.Col > len(lines[e.Line-1])+1 {
				t.Errorf("position outside of the file: %v", e)
			}
			if strings.ContainsAny(e.Msg, "\n\x00") || e.Msg == "" {
				t.Errorf("message %q", e.Msg)
			}
		}
		c, err := Parse("chapters/01-t.md", src)
		var list Errors
		switch {
		case err == nil && (c == nil || len(p.errs) > 0):
			t.Errorf("no error, %v; want %v", c, p.errs)
		case err != nil && (!errors.As(err, &list) || len(list) == 0):
			t.Errorf("error %v is no Errors", err)
		}
	})
}

// checkRanges fails unless the parts are the source and the cells are where
// they say.
func checkRanges(t *testing.T, c *Chapter) {
	t.Helper()
	done := 0
	lineOf := func(at int) int { return bytes.Count(c.Source[:at], []byte("\n")) + 1 }
	for _, p := range c.Parts {
		if p.Start != done || p.End <= p.Start || p.End > len(c.Source) {
			t.Fatalf("part %d-%d follows byte %d of %d", p.Start, p.End, done, len(c.Source))
		}
		done = p.End
		if p.Line != lineOf(p.Start) {
			t.Errorf("part at byte %d has line %d, want %d", p.Start, p.Line, lineOf(p.Start))
		}
		if (p.Cell != nil) != (p.Kind == CellPart) {
			t.Errorf("part of kind %d has cell %v", p.Kind, p.Cell)
		}
		cell := p.Cell
		if cell == nil {
			continue
		}
		if cell.Start != p.Start || cell.End != p.End || cell.CodeStart < p.Start || cell.CodeEnd < cell.CodeStart || cell.CodeEnd > p.End {
			t.Errorf("cell %+v outside of its part %+v", cell, p)
		}
		stored := strings.ReplaceAll(string(c.Source[cell.CodeStart:cell.CodeEnd]), "\r\n", "\n")
		if stored != cell.Code || cell.Line != p.Line || cell.CodeLine != cell.Line+1 {
			t.Errorf("cell %+v, its source is %q", cell, stored)
		}
		for i, n := range cell.Callouts {
			if lines := strings.Split(cell.Code, "\n"); n.Number != i+1 || n.Line > len(lines) || !strings.Contains(lines[n.Line-1], fmt.Sprint(n.Number)) {
				t.Errorf("callout %+v of %q", n, cell.Code)
			}
		}
	}
	if done != len(c.Source) {
		t.Errorf("parts end at byte %d of %d", done, len(c.Source))
	}
}

// TestCapabilities holds the values of needs= to what can be probed.
func TestCapabilities(t *testing.T) {
	if got, want := Capabilities(), lab.Capabilities(); !slices.Equal(got, want) {
		t.Errorf("needs= takes %v, lab probes %v", got, want)
	}
}

func TestWideLines(t *testing.T) {
	exact := "\t// " + strings.Repeat("ü", 65) // 4 + 3 + 65 columns
	c, err := Parse("01-t.md", []byte("# T\n```go {name=a}\n"+exact+"\nx := 1\n"+exact+"!\n```\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := "01-t.md:5:135: line of code is 73 columns wide, more than 72; break it"
	if got := c.WideLines().Error(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
