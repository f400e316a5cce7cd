package program

import (
	"bytes"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/traefik/yaegi/interp"
	"github.com/traefik/yaegi/stdlib"
)

// TestSession runs sequences of cells, each file of an archive one cell, and
// compares what each prints with the file .out after it. A name that ends in
// " local" is a cell with its own scope.
//
// The cells keep to Go that the interpreter gets right by itself. What it gets
// wrong, and how that is repaired, is tested where that is done.
func TestSession(t *testing.T) {
	imp, err := NewImporter()
	if err != nil {
		t.Fatal(err)
	}
	goldens(t, "session", func(t *testing.T, g *golden) {
		s := NewSession(imp)
		y := newYaegi(t)
		var cells []string
		for _, f := range g.archive.Files {
			if !strings.HasSuffix(f.Name, ".out") {
				cells = append(cells, f.Name)
			}
		}
		for i, name := range cells {
			code, _ := g.input(name)
			base, local := strings.CutSuffix(name, " local")
			u, err := s.Add(Source{Path: "chapters/07-test.md", Line: 100*i + 101, Code: code, Name: base, Local: local})
			if err != nil {
				g.compare(base+".out", err.Error())
				continue
			}
			legal(t, imp, u)
			g.compare(base+".out", y.run(t, u))
		}
	})
}

// legal demands that a unit with its context is a Go file without errors.
func legal(t *testing.T, imp *Importer, u *Unit) {
	t.Helper()
	src, from := u.Source()
	c, err := config{imp: imp}.check(string(src))
	if err != nil {
		t.Errorf("%v\n%s", err, src)
		return
	}
	for _, e := range c.errs {
		t.Errorf("%v\n%s", e, src)
	}
	if got := string(src[from:]); got != u.Decls+u.Body {
		t.Errorf("from is not where the context ends: %q", got)
	}
}

// yaegi is the interpreter, with its output kept.
type yaegi struct {
	*interp.Interpreter
	out bytes.Buffer
}

func newYaegi(t *testing.T) *yaegi {
	y := &yaegi{}
	y.Interpreter = interp.New(interp.Options{Stdout: &y.out, Stderr: &y.out})
	if err := y.Use(stdlib.Symbols); err != nil {
		t.Fatal(err)
	}
	// Printing goes through the options.
	return y
}

// run evaluates a unit, calls its function and returns what was printed.
func (y *yaegi) run(t *testing.T, u *Unit) string {
	t.Helper()
	y.out.Reset()
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintln(&y.out, "panic:", r)
		}
	}()
	var f reflect.Value
	_, err := y.Eval(u.Text())
	if err == nil {
		f, err = y.Eval(u.Call)
	}
	if err != nil {
		t.Errorf("%v\n%s", err, u.Text())
		return ""
	}
	func() {
		defer func() {
			if r := recover(); r != nil {
				fmt.Fprintln(&y.out, "panic:", r)
			}
		}()
		f.Interface().(func())()
	}()
	return y.out.String()
}

// FuzzAdd looks for cells that a session panics on, and for units that are not
// legal Go. Two cells, for the second may redefine what the first has.
func FuzzAdd(f *testing.F) {
	names, err := filepath.Glob("testdata/session/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		last := ""
		for _, file := range a.Files {
			if !strings.HasSuffix(file.Name, ".out") {
				f.Add(last, string(file.Data))
				last = string(file.Data)
			}
		}
	}
	imp, err := NewImporter()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		s := NewSession(imp)
		for _, code := range []string{first, second, first, second} {
			u, err := s.Add(Source{Path: "x.md", Line: 1, Code: code})
			if err != nil {
				continue
			}
			legal(t, imp, u)
		}
	})
}
