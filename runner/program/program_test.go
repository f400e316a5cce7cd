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
	if _, err := New(c); err != nil {
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

// TestPlay has a cell that is not the chapter's call a function of it: none of
// the chapter's statements are in that program.
func TestPlay(t *testing.T) {
	c := parse(t, "# T\n\n"+
		"```go {name=a}\nimport \"fmt\"\n\nvar greeting = word()\n\nfunc word() string { return \"hello\" }\n```\n\n"+
		"```go {name=b}\nfmt.Println(\"not this\")\nn := 1\nfmt.Println(n)\n\nconst name = \"reader\"\n```\n\n"+
		"```go {name=c}\nfunc serve(ln int) error {\n\tfmt.Println(greeting, name, ln)\n\treturn nil\n}\n```\n\n"+
		"```go {name=d expect=panic:x}\npanic(\"x\")\n```\n\n"+
		"```go {name=e}\nvar later = word()\n```\n")
	call := &chapter.Cell{
		Path: c.Path, Name: "call", Line: 1, CodeLine: 1, Code: "import lab__ \"ioworkbook/runner/lab\"\nlab__.Must(serve(3))\n",
		Attr: chapter.Attributes{Name: "call", Run: true},
	}
	p, err := Standalone(c, call)
	if err != nil {
		t.Fatal(err)
	}
	buildSSA(t, p)
	if got := fmt.Sprintf("%s %q %q %q", p.Needs("call"), p.Func("a"), p.Func("b"), p.Func("call")); got != `[a] "cell__0" "" "cell__5"` {
		t.Errorf("needs and functions: %s", got)
	}
	if strings.Contains(string(p.Text(TextOptions{})), "not this") {
		t.Error("a statement of the chapter is in the program")
	}
}

// TestExercise has the check of an exercise use the stub or the solution.
func TestExercise(t *testing.T) {
	c := parse(t, "# T\n\n"+
		"```go {name=a}\nimport \"fmt\"\n\nvar n = 1\n\nfmt.Println(\"not this\", n)\n\nfunc one() int { return 1 }\n```\n\n"+
		"```go {name=stub exercise=x}\nfunc two() int { return 0 }\n```\n\n"+
		"```go {name=solution solution=x}\nvar calls = one()\n\nfunc two() int { return calls + one() }\n```\n\n"+
		"```go {name=check check=x}\none := two()\nfmt.Println(one)\n```\n")
	for extra, want := range map[string]string{"stub": "[]", "solution": "[solution]"} {
		p, err := Standalone(c, c.Cell("check"), c.Cell(extra))
		if err != nil {
			t.Fatal(err)
		}
		main := buildSSA(t, p)
		if got := fmt.Sprint(p.Needs("check")); got != want {
			t.Errorf("with the %s, the check needs %s, not %s", extra, want, got)
		}
		if main.Var("one") != nil {
			t.Error("a variable of the check hides a function of the chapter")
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

// BenchmarkNew makes a chapter of eighty cells.
func BenchmarkNew(b *testing.B) {
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
		if _, err := New(c); err != nil {
			b.Fatal(err)
		}
	}
}
