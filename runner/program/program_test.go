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

// TestDeclarations has a session take what a chapter declares, and call a
// function of it.
func TestDeclarations(t *testing.T) {
	c := parse(t, "# T\n\n"+
		"```go {name=a}\nimport \"fmt\"\n\nvar greeting = word()\n\nfunc word() string { return \"hello\" }\n```\n\n"+
		"```go {name=b}\nfmt.Println(\"not this\")\nn := 1\nfmt.Println(n)\n\nconst name = \"reader\"\n```\n\n"+
		"```go {name=c}\nfunc serve(ln int) error {\n\tfmt.Println(greeting, name, ln)\n\treturn nil\n}\n```\n\n"+
		"```go {name=d expect=panic:x}\npanic(\"x\")\n```\n")
	p, err := Tangle(c)
	if err != nil {
		t.Fatal(err)
	}
	imp, err := NewImporter()
	if err != nil {
		t.Fatal(err)
	}
	s := NewSession(imp)
	y := newYaegi(t)
	var names []string
	for _, src := range append(p.Declarations(), Source{Path: "play", Line: 1, Code: "serve(3)"}) {
		u, err := s.Add(src)
		if err != nil {
			t.Fatal(err)
		}
		if out := y.run(t, u); out != "" {
			names = append(names, src.Name+": "+out)
		}
	}
	if got, want := strings.Join(names, ""), ": hello reader 3\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSources has a session run the program of an exercise.
func TestSources(t *testing.T) {
	c := parse(t, "# T\n\n"+
		"```go {name=a}\nimport \"fmt\"\n\nvar n = 1\n\nfmt.Println(\"not this\")\n\nfunc one() int { return 1 }\n```\n\n"+
		"```go {name=stub exercise=x}\nfunc two() int { return 0 }\n```\n\n"+
		"```go {name=solution solution=x}\nfunc two() int { return 2 * one() }\n```\n\n"+
		"```go {name=check check=x}\nfmt.Println(two())\n```\n")
	for extra, want := range map[string]string{"stub": "0\n", "solution": "2\n"} {
		p, err := Standalone(c, c.Cell("check"), c.Cell(extra))
		if err != nil {
			t.Fatal(err)
		}
		imp, err := NewImporter()
		if err != nil {
			t.Fatal(err)
		}
		s, y, got := NewSession(imp), newYaegi(t), ""
		for _, src := range p.Sources() {
			u, err := s.Add(src)
			if err != nil {
				t.Fatal(err)
			}
			got += y.run(t, u)
		}
		if got != want {
			t.Errorf("with the %s: got %q, want %q", extra, got, want)
		}
	}
}

// TestUndo takes back a unit that an interpreter refused.
func TestUndo(t *testing.T) {
	imp, err := NewImporter()
	if err != nil {
		t.Fatal(err)
	}
	s := NewSession(imp)
	add := func(code string) (*Unit, error) { return s.Add(Source{Path: "x.md", Line: 1, Code: code}) }
	if _, err := add("x := 1"); err != nil {
		t.Fatal(err)
	}
	if _, err := add("y := x\nfunc f() {}"); err != nil {
		t.Fatal(err)
	}
	s.Undo()
	if _, err := add("_ = y"); err == nil {
		t.Error("y is still declared")
	}
	u, err := add("func f() int { return x }")
	if err != nil {
		t.Fatal(err)
	}
	// The interpreter may have seen the first f.
	if !strings.Contains(u.Decls, "func f__2() int { return x }") {
		t.Errorf("f has no name of its own:\n%s", u.Decls)
	}
}

// TestPositions checks what yaegi is told about where the text is from.
func TestPositions(t *testing.T) {
	imp, err := NewImporter()
	if err != nil {
		t.Fatal(err)
	}
	s := NewSession(imp)
	for i, code := range []string{"import \"fmt\"\n\nvar a = 1\n", "func f() {\n\tfmt.Println(a)\n}\n\n// five\nf()\n"} {
		u, err := s.Add(Source{Path: "chapters/07-test.md", Line: 11, Code: code})
		if err != nil {
			t.Fatal(err)
		}
		src, _ := u.Source()
		c, err := config{imp: imp}.check(string(src))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := c.fset.Position(c.file.Package).Filename, fmt.Sprintf("chapters/07-test.md?%d", i+1); got != want {
			t.Errorf("package clause in %q, want %q", got, want)
		}
		if strings.HasPrefix(u.Text(), "func") {
			t.Error("yaegi would run it again with every later unit")
		}
		for _, d := range c.file.Decls {
			for _, pos := range []struct {
				name string
				line int
			}{{"f", 11}} {
				if names := declNames(d); len(names) > 0 && names[0] == pos.name {
					if got := c.fset.Position(d.Pos()); got.Line != pos.line {
						t.Errorf("%s is at %v, want line %d", pos.name, got, pos.line)
					}
				}
			}
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

// BenchmarkAdd adds a chapter of forty cells to a session, and one cell to that.
func BenchmarkAdd(b *testing.B) {
	imp, err := NewImporter()
	if err != nil {
		b.Fatal(err)
	}
	full := func() *Session {
		s := NewSession(imp)
		for i := range 40 {
			for _, code := range benchCell(i) {
				if _, err := s.Add(Source{Path: "chapters/07-test.md", Line: 10*i + 1, Code: code}); err != nil {
					b.Fatal(err)
				}
			}
		}
		return s
	}
	b.Run("chapter", func(b *testing.B) {
		for b.Loop() {
			full()
		}
	})
	s := full()
	b.Run("last", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Add(Source{Path: "chapters/07-test.md", Line: 1000, Code: benchCell(39)[1]}); err != nil {
				b.Fatal(err)
			}
		}
	})
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
