package program

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ioworkbook/runner/chapter"
)

func parse(t testing.TB, src string) *chapter.Chapter {
	t.Helper()
	c, err := chapter.Parse("chapters/07-test.md", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCompileErrors(t *testing.T) {
	c := parse(t, "# T\n\n"+
		"```go {name=a}\nimport \"fmt\"\n\nx := 1\n```\n\n"+
		"```go {name=type expect=compile:mismatched}\ny := x + \"a\"\nfmt.Println(y, z)\n```\n\n"+
		"```go {name=syntax expect=compile:unexpected}\nfmt.Println(])\n```\n\n"+
		"```go {name=fine expect=compile:x}\nfmt.Println(x)\n```\n\n"+
		"```go {name=again expect=compile:variables}\nx := 2\n```\n\n"+
		"```go {name=b}\nfmt.Println(x)\n```\n")
	if _, err := Tangle(c); err != nil {
		t.Errorf("cells that must not compile are not part of the tangle: %v", err)
	}
	for name, want := range map[string]string{
		"type":   "chapters/07-test.md:10:6: cell \"type\": invalid operation: x + \"a\" (mismatched types int and untyped string)\nchapters/07-test.md:11:16: cell \"type\": undefined: z",
		"syntax": "chapters/07-test.md:15:13: cell \"syntax\": syntax error: unexpected ], expecting )",
		"fine":   "",
		"again":  "chapters/07-test.md:23:3: cell \"again\": no new variables on left side of := (x is declared in cell \"a\", line 6; cells share one scope: use =, take another name, or put your lines in { })",
	} {
		errs, err := CompileErrors(c, c.Cell(name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := errs.Error(); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}

// TestPackages imports every package that cells may import.
func TestPackages(t *testing.T) {
	imp, err := NewImporter()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range Packages() {
		p, err := imp.Import(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if p.Name() != baseName(path) {
			t.Errorf("%s has the name %s; baseName says %s", path, p.Name(), baseName(path))
		}
	}
	if _, err := imp.Import("internal/poll"); err == nil {
		t.Error("internal/poll was imported")
	}
}

// TestExportsDamaged has a damaged store made again.
func TestExportsDamaged(t *testing.T) {
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	for _, damage := range []string{"", "not an index\n", "{"} {
		if damage != "" {
			key, err := exportsKey(root)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(cache, "exports-"+key), []byte(damage), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		x, err := openExports(root, cache)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := x.open("fmt"); err != nil {
			t.Error(err)
		} else {
			r.Close()
		}
	}
	left, err := filepath.Glob(filepath.Join(cache, "*.tmp"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// BenchmarkGrowth checks chapters of one-line cells, and takes them apart: the time
// for each cell should not grow with their number.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range []int{100, 1600, 10000} {
		var md strings.Builder
		md.WriteString("# T\n")
		for i := range n {
			fmt.Fprintf(&md, "\n```go {name=c%d}\nx%d := %d\n_ = x%d\n```\n", i, i, i, i)
		}
		c := parse(b, md.String())
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				p, err := New(c)
				if err != nil {
					b.Fatal(err)
				}
				p.Package()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/cell")
		})
	}
}

// benchCell returns cells of the size and shape of a chapter's.
func benchCell(i int) []string {
	r := strings.NewReplacer("§", fmt.Sprint(i))
	return []string{
		r.Replace(`import (
	"fmt"

	"golang.org/x/sys/unix"
)

type conn§ struct {
	fd  int
	out []byte
}

func (c *conn§) flush() error {
	for len(c.out) > 0 {
		n, err := unix.Write(c.fd, c.out)
		if err == unix.EAGAIN {
			return nil
		}
		if err != nil {
			return fmt.Errorf("write: %w", err)
		}
		c.out = c.out[n:]
	}
	return nil
}

func pair§() (a, b int, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	return fds[0], fds[1], err
}
`),
		r.Replace(`a§, b§, err := pair§()
if err != nil {
	fmt.Println(err)
}
c§ := &conn§{fd: a§, out: []byte("hello")}
fmt.Println(c§.flush(), b§)
for i := 0; i < 3; i++ {
	go func() { fmt.Println(i, c§.fd) }()
}
unix.Close(a§)
unix.Close(b§)
`),
	}
}

// BenchmarkTangle checks a chapter of eighty cells.
func BenchmarkTangle(b *testing.B) {
	var md strings.Builder
	md.WriteString("# T\n")
	for i := range 40 {
		for j, code := range benchCell(i) {
			code = strings.ReplaceAll(code, ", err := pair", ", err"+fmt.Sprint(i)+" := pair")
			code = strings.ReplaceAll(code, "if err != nil {\n\tfmt", "if err"+fmt.Sprint(i)+" != nil {\n\tfmt")
			code = strings.ReplaceAll(code, "fmt.Println(err)", "fmt.Println(err"+fmt.Sprint(i)+")")
			fmt.Fprintf(&md, "\n```go {name=c%d-%d}\n%s```\n", i, j, code)
		}
	}
	c := parse(b, md.String())
	for b.Loop() {
		if _, err := Tangle(c); err != nil {
			b.Fatal(err)
		}
	}
}
