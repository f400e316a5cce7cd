package lower_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ioworkbook/runner/lower"
)

// rows are the names of the table in faults.go.
func rows(t *testing.T) (list []string) {
	t.Helper()
	table, err := os.ReadFile("faults.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\t(\w+) += fault\{name: "([a-z-]+)",$`).FindAllStringSubmatch(string(table), -1) {
		list = append(list, m[2])
		if !asked(t, m[1]) {
			t.Errorf("%s: nothing in the lowering asks whether it is avoided", m[2])
		}
	}
	return list
}

// asked reports whether the lowering consults a row.
func asked(t *testing.T, variable string) bool {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(file string) bool {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(src), "avoids("+variable+")")
	})
}

// TestYaegiFaults runs a program for each row of the table. The interpreter must get
// it wrong, or else there is nothing to avoid, and right when it is lowered.
func TestYaegiFaults(t *testing.T) {
	list := rows(t)
	files, err := filepath.Glob("testdata/faults/*.go")
	if err != nil || len(list) == 0 {
		t.Fatalf("%d rows, %v", len(list), err)
	}
	for _, file := range files {
		if name := strings.TrimSuffix(filepath.Base(file), ".go"); !slices.Contains(list, name) {
			t.Errorf("%s: no row of faults.go is called so", file)
		}
	}
	for _, name := range list {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(filepath.Join("testdata/faults", name+".go"))
			if err != nil {
				t.Fatal(err)
			}
			compiled := runCompiled(t, sample{name: name, src: src})
			if raw := withoutLine(runLowered(t, string(src), "")); raw == compiled {
				t.Errorf("the interpreter runs the program right as it is:\n%s", raw)
			}
			text, call, err := lowered(src)
			if err != nil {
				t.Fatal(err)
			}
			if out := withoutLine(runLowered(t, text, call)); out != compiled {
				t.Errorf("lowered it prints\n%s\nand compiled\n%s", out, compiled)
			}
		})
	}
}

// TestAllowed checks that a row can be taken out of the table.
func TestAllowed(t *testing.T) {
	p, err := packageOf([]byte("package main\n\nfunc main() { var x uintptr; for { x++ } }\n"))
	if err != nil {
		t.Fatal(err)
	}
	l := lower.New(p)
	l.Allow("increment")
	text, _, err := l.Unit("main__")
	if err != nil || !strings.Contains(text, "++") {
		t.Errorf("increments are not written as such: %v\n%s", err, text)
	}
}
