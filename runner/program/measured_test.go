package program

import (
	"fmt"
	"strings"
	"testing"
)

// TestFitTogether compares one check of all measurements with a check of each:
// it may say no too often, which only costs time, and never yes wrongly.
func TestFitTogether(t *testing.T) {
	const above = "import \"fmt\"\n\nconst size = 1\n\nfunc show(n int) { fmt.Println(n) }\n"
	for _, test := range []struct {
		name       string
		cells      []string // "go " begins a measurement
		fit, valid bool
	}{
		{"none", nil, true, true},
		{"of their own", []string{"go n := size\nshow(n)", "go n := 2 * size\nfmt.Println(n)\nif n > 1 {\n\treturn\n}"}, true, true},
		{"the same import", []string{"go import \"os\"\nos.Exit(0)", "go import \"os\"\nos.Exit(0)"}, true, true},
		{"an import that a cell repeats", []string{"go import \"os\"\nos.Exit(0)", "import \"os\"\nos.Getpid()", "go os.Exit(0)"}, true, true},
		{"the same name", []string{"go const n = 1\nshow(n)", "go const n = 2\nshow(n)"}, false, true},
		{"one that needs another", []string{"go func f() {}\nf()", "go f()"}, false, false},
		{"one that needs the import of another", []string{"go import \"os\"\nos.Exit(0)", "go os.Exit(0)"}, false, false},
		{"an import that comes too late", []string{"go import \"os\"\nos.Exit(0)", "go os.Exit(0)", "import \"os\"\nos.Getpid()"}, false, false},
		{"an import that another uses", []string{"go import \"os\"\nshow(1)", "go import \"os\"\nos.Exit(0)"}, false, false},
		{"a declaration further down", []string{"go f()", "func f() {}"}, false, false},
		{"a variable of a cell", []string{"n := 1\nshow(n)", "go show(n)"}, false, false},
		{"an unused variable", []string{"go n := 1"}, false, false},
		{"a syntax error", []string{"go show(]"}, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			src := "# T\n\n```go {name=above}\n" + above + "```\n"
			for i, code := range test.cells {
				code, alone := strings.CutPrefix(code, "go ")
				engine := ""
				if alone {
					engine = " engine=go"
				}
				src += fmt.Sprintf("\n```go {name=c%d%s}\n%s\n```\n", i, engine, code)
			}
			c := parse(t, src)
			p := tangle(c, false)
			if err := p.build(); err != nil {
				t.Fatal(err)
			}
			alone := string(p.Text(TextOptions{}))
			valid := true
			for _, cell := range measurements(c) {
				_, err := Standalone(c, cell)
				valid = valid && err == nil
			}
			if valid != test.valid {
				t.Errorf("each is valid alone: %v", valid)
			}
			p = tangle(c, true)
			if fit := p.build() == nil && p.independent(); fit != test.fit || fit && !valid {
				t.Errorf("fit together: %v", fit)
			}
			p, err := New(c)
			if (err == nil) != valid {
				t.Errorf("New: %v", err)
			}
			if err == nil && string(p.Text(TextOptions{})) != alone {
				t.Errorf(
					"the chapter's program depends on its measurements:\n%s\nwithout them:\n%s",
					p.Text(TextOptions{}),
					alone,
				)
			}
		})
	}
}
