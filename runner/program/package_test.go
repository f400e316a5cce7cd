package program

import (
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/ssa"

	"ioworkbook/runner/chapter"
)

// ssaOf makes the SSA form of a program, as lowering does.
func ssaOf(t *testing.T, p *Program) *ssa.Package {
	t.Helper()
	pkg := p.Package()
	prog := ssa.NewProgram(pkg.Fset, ssa.InstantiateGenerics|ssa.BareInits|ssa.SanityCheckFunctions)
	for _, i := range pkg.Types.Imports() {
		prog.CreatePackage(i, nil, nil, true)
	}
	s := prog.CreatePackage(pkg.Types, pkg.Files, pkg.Info, false)
	s.Build()
	return s
}

// TestPackageOfChapters takes every chapter of the book apart. Each cell with
// statements has a function.
func TestPackageOfChapters(t *testing.T) {
	files, err := filepath.Glob("../../chapters/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d chapters, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c, err := chapter.Parse(file, src)
			if err != nil {
				t.Fatal(err)
			}
			p, err := New(c)
			if err != nil {
				t.Fatal(err)
			}
			s := ssaOf(t, p)
			for _, part := range p.parts {
				name := p.Func(part.Name)
				if (name != "") != (strings.TrimSpace(part.body()) != "" || name != "") {
					t.Errorf("cell %s has the function %q", part.Name, name)
				}
				if name != "" && s.Func(name) == nil {
					t.Errorf("cell %s: there is no function %s", part.Name, name)
				}
			}
		})
	}
}

func TestPackage(t *testing.T) {
	for _, test := range []struct {
		name, text     string
		steps, globals string
		stay           string // variables that have their values from the start
	}{
		{"variables of statements are the package's",
			"```go {name=a}\nx, y := 1, 2\nvar z = x\n_ = y + z\n```\n", "a", "x y z", ""},
		{"those of inner blocks are not",
			"```go {name=a}\nfor i := range 3 {\n\tk := i\n\t_ = k\n}\n```\n", "a", "", ""},
		{"nor those of a cell that must fail",
			"```go {name=a expect=panic:x}\ns := \"x\"\npanic(s)\n```\n", "a", "", ""},
		{"declarations have a step if computing a value may have an effect",
			"```go {name=a}\nvar n = f()\n\nvar m = 3\n\nfunc f() int { return m }\n```\n\n```go {name=b}\ntype T int\n```\n", "a", "m n", "m"},
		{"of a declaration in several variables one may be known",
			"```go {name=a}\nx := 1\n_ = x\n```\n\n```go {name=b}\nx, y := 2, 3\n_, _ = x, y\n```\n", "a b", "x y", ""},
		{"a variable that goto reaches again is zero again",
			"```go {name=a}\nn := 0\nagain:\nvar k int\nk++\nif n++; n < 3 {\n\tgoto again\n}\n_ = k\n```\n", "a", "k n zero__1", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, err := New(parse(t, "# T\n\n"+test.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(p.Steps(), " "); got != test.steps {
				t.Errorf("steps %q, want %q", got, test.steps)
			}
			var globals []string
			for name, m := range ssaOf(t, p).Members {
				if _, ok := m.(*ssa.Global); ok {
					globals = append(globals, name)
				}
			}
			slices.Sort(globals)
			if got := strings.Join(globals, " "); got != test.globals {
				t.Errorf("variables %q, want %q", got, test.globals)
			}
			var stay []string
			for _, i := range p.Package().Info.InitOrder {
				stay = append(stay, names(i.Lhs)...)
			}
			if got := strings.Join(stay, " "); got != test.stay {
				t.Errorf("values from the start %q, want %q", got, test.stay)
			}
		})
	}
}

func names(vars []*types.Var) []string {
	var list []string
	for _, v := range vars {
		list = append(list, v.Name())
	}
	return list
}
