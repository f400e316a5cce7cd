package program

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ioworkbook/runner/chapter"
)

func TestSplit(t *testing.T) {
	for _, test := range []struct{ name, code, want string }{
		{"empty", "", ""},
		{"comment only", "// nothing\n\n", "blank[// nothing|]"},
		{"one of each", "import \"fmt\"\ntype T int\nconst c = 1\nvar v = 2\nfunc f() {}\nf()\n",
			"import[import \"fmt\"] type[type T int] const[const c = 1] var[var v = 2] func[func f() {}] statement[f()]"},
		{"comments", "// above\nx := 1 // beside\n\n// of y\ny := 2 /* a\nb */\n// last\n",
			"statement[// above|x := 1 // beside] statement[|// of y|y := 2 /* a|b */|// last]"},
		{"groups", "import (\n\t\"a\"\n)\nvar (\n\ta = 1\n\tb = 2\n)\n", "import[import (|\t\"a\"|)] var[var (|\ta = 1|\tb = 2|)]"},
		{"one line", "a := 1; type T int; b()", "statement[a := 1;] type[ type T int;] statement[ b()]"},
		{"method", "func (t *T) m() {}\nfunc (l *L[K, V]) m() {}\n", "func[func (t *T) m() {}] func[func (l *L[K, V]) m() {}]"},
		{"function literal", "func() {\n\tf()\n}()\nfunc(a int) int { return a }(1)\n",
			"statement[func() {|\tf()|}()] statement[func(a int) int { return a }(1)]"},
		{"generic function", "func f[T any](t T) {}\n", "func[func f[T any](t T) {}]"},
		{"headers", "for i := 0; i < 3; i++ {\n\tf(i)\n}\nif err := f(); err != nil {\n} else {\n}\nswitch x := f(); x {\n}\n",
			"statement[for i := 0; i < 3; i++ {|\tf(i)|}] statement[if err := f(); err != nil {|} else {|}] statement[switch x := f(); x {|}]"},
		{"labels", "outer:\nfor ; ; {\n\tbreak outer\n}\ninner: other: x := 1\n",
			"statement[outer:|for ; ; {|\tbreak outer|}] statement[inner: other: x := 1]"},
		{"stray semicolons", ";;x()\n", "statement[;] statement[;] statement[x()]"},
		{"raw string", "s := `type T int\nfunc f() {`\ntype U int\n", "statement[s := `type T int|func f() {`] type[type U int]"},
		{"several lines", "x := f(\n\t1,\n) +\n\t2\ny()", "statement[x := f(|\t1,|) +|\t2] statement[y()]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			chunks, err := Split(test.code)
			if err != nil {
				t.Fatal(err)
			}
			if got := chunkText(test.code, chunks); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// chunkText shows chunks with | for the breaks between lines.
func chunkText(code string, chunks []Chunk) string {
	var out []string
	for _, c := range chunks {
		text := strings.ReplaceAll(strings.TrimSuffix(code[c.Start:c.End], "\n"), "\n", "|")
		out = append(out, fmt.Sprintf("%s[%s]", c.Kind, text))
	}
	return strings.Join(out, " ")
}

func TestSplitErrors(t *testing.T) {
	for _, test := range []struct{ code, want string }{
		{"f() {\n", "1:5: syntax error: { is not closed in this cell"},
		{"x := []int{1, 2)\n", "1:16: syntax error: unexpected ), expecting }"},
		{"f()\n}\n", "2:1: syntax error: unexpected }, nothing is open"},
		{"s := \"abc\n", "1:6: string literal not terminated"},
		{"s := `abc\n", "1:6: raw string literal not terminated"},
		{"a := #\n", "1:6: illegal character U+0023 '#'"},
		{"/* open\n", "1:1: comment not terminated"},
	} {
		_, err := Split(test.code)
		if err == nil || err.Error() != test.want {
			t.Errorf("%q: got %v, want %s", test.code, err, test.want)
		}
	}
}

// FuzzSplit looks for code that Split panics on, or whose chunks are not the
// code, and takes what it can read through the rest of the front end.
func FuzzSplit(f *testing.F) {
	names, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, code := range strings.Split(string(text), "```") {
			f.Add(code)
		}
	}
	f.Fuzz(func(t *testing.T, code string) {
		chunks, err := Split(code)
		if err != nil {
			return
		}
		end := 0
		for _, c := range chunks {
			if c.Start != end || c.End < c.Start || c.Off < c.Start || c.Off > c.End {
				t.Fatalf("chunks %v do not follow each other", chunks)
			}
			end = c.End
		}
		if end != len(code) {
			t.Fatalf("chunks end at %d of %d", end, len(code))
		}
		p, errs := newPart(Source{Path: "x.md", Line: 1, Code: code})
		if len(errs) > 0 {
			return
		}
		for _, v := range []string{p.view(importView), p.view(topView), p.view(bodyView)} {
			if len(v) != len(code) || strings.Count(v, "\n") != strings.Count(code, "\n") {
				t.Fatalf("view %q of %q", v, code)
			}
		}
	})
}

func TestFormatted(t *testing.T) {
	for _, test := range []struct{ name, code, want string }{
		{"statements", "x := 1 // (1)\nlonger := 2\n", ""},
		{"alignment", "x := 1   // a\nlonger := 2 // b\n", `x.md:11:1: cell "c": gofmt would write: x := 1      // a`},
		{"declarations", "import \"fmt\"\n\ntype T struct {\n\ta  int\n\tbb int\n}\n\nfunc f() {}\n", ""},
		{"mixed", "import \"fmt\"\n\nx := 1\n\nfunc f() {\n\tfmt.Println()\n}\n\n// y\ny := 2\nf()\n", ""},
		{"no blank lines", "x := 1\nfunc f() {}\ny := 2\n", ""},
		{"indented", "x := 1\n\ty := 2\n", `x.md:12:1: cell "c": gofmt would write: y := 2`},
		{"first line indented", "  x := 1\n", `x.md:11:1: cell "c": gofmt would write: x := 1`},
		{"blank lines", "x := 1\n\n\ny := 2\n", `x.md:13:1: cell "c": gofmt would remove this blank line`},
		{"blank lines at a function", "x := 1\n\n\nfunc f() {}\n", `x.md:13:1: cell "c": gofmt would remove this blank line`},
		{"blank line first", "\nx := 1\n", `x.md:11:1: cell "c": gofmt would remove this blank line`},
		{"blank line last", "x := 1\n\n", `x.md:12:1: cell "c": gofmt would remove this blank line`},
		{"trailing space", "x := 1 \n", `x.md:11:1: cell "c": gofmt would write: x := 1`},
		{"raw string", "s := `a\n\n\n  b`\n", ""},
		{"in a function", "func f() {\nx()\n}\n", `x.md:12:1: cell "c": gofmt would write: ` + "\tx()"},
		{"syntax", "x := )\n", `x.md:11:6: cell "c": syntax error: unexpected ), nothing is open`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			if err := Formatted(&chapter.Cell{Path: "x.md", Name: "c", CodeLine: 11, Code: test.code}); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
