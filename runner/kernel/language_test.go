package kernel

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"ioworkbook/runner/notebook"
)

const languageFile = "testdata/language.txtar"

// A construct is one program of testdata/language.txtar.
type construct struct {
	name            string
	decl, code      string  // a cell of declarations, mostly absent; the cell
	stdout, refused *string // what is expected: one of them
}

func constructs(t *testing.T) (comment []byte, all []*construct) {
	t.Helper()
	a, err := txtar.ParseFile(languageFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		name, file, _ := strings.Cut(f.Name, "/")
		text := string(f.Data)
		if len(all) == 0 || all[len(all)-1].name != name {
			all = append(all, &construct{name: name})
		}
		switch c := all[len(all)-1]; file {
		case "decl.go":
			c.decl = text
		case "cell.go":
			c.code = text
		case "stdout":
			c.stdout = &text
		case "refused":
			c.refused = &text
		default:
			t.Fatalf("%s: %s: a construct has decl.go if need be, cell.go, and stdout or refused", languageFile, f.Name)
		}
	}
	if len(all) == 0 {
		t.Fatalf("%s is empty", languageFile)
	}
	return a.Comment, all
}

// run runs the construct as a chapter.
func (c *construct) run(t *testing.T, engine string) (outcome notebook.Outcome, stdout, message string) {
	t.Helper()
	src := "'''go {name=c timeout=30s}\n" + c.code + "'''\n"
	if c.decl != "" {
		src = "'''go {name=d}\n" + c.decl + "'''\n\n" + src
	}
	ch := parse(t, src)
	run, err := RunChapter(context.Background(), Config{Chapter: ch, Engine: engine})
	if err != nil {
		t.Fatal(err)
	}
	r := run.Results[len(run.Results)-1]
	for _, o := range r.Outputs {
		if o.Stream == "stdout" {
			stdout += o.Text
		}
	}
	return r.Outcome, stdout, r.Message + "\n"
}

// TestLanguage holds that the interpreter prints what compiled Go prints, or
// that the cell is refused before it runs: nothing is silently wrong.
func TestLanguage(t *testing.T) {
	comment, all := constructs(t)
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			outcome, stdout, message := c.run(t, Yaegi)
			if *update {
				c.stdout, c.refused = nil, nil
				if outcome == notebook.Refused {
					c.refused = &message
				} else {
					_, compiled, _ := c.run(t, Go) // what is right is the compiler's to say
					c.stdout = &compiled
				}
			}
			switch {
			case c.refused != nil && c.stdout == nil:
				if outcome != notebook.Refused || message != *c.refused {
					t.Errorf("%s, %s\nwant refused, %s", outcome, message, *c.refused)
				}
			case c.stdout != nil && c.refused == nil:
				if outcome != notebook.OK || stdout != *c.stdout {
					t.Errorf("%s %sprints\n%s\ncompiled it prints\n%s", outcome, message, stdout, *c.stdout)
				}
			default:
				t.Errorf("neither stdout nor refused stands with it; go test -run TestLanguage -update adds what is right")
			}
		})
	}
	if !*update {
		return
	}
	t.Cleanup(func() { // after the parallel subtests
		a := &txtar.Archive{Comment: comment}
		for _, c := range all {
			if c.decl != "" {
				a.Files = append(a.Files, txtar.File{Name: c.name + "/decl.go", Data: []byte(c.decl)})
			}
			a.Files = append(a.Files, txtar.File{Name: c.name + "/cell.go", Data: []byte(c.code)})
			if c.refused != nil {
				a.Files = append(a.Files, txtar.File{Name: c.name + "/refused", Data: []byte(*c.refused)})
			}
			if c.stdout != nil {
				a.Files = append(a.Files, txtar.File{Name: c.name + "/stdout", Data: []byte(*c.stdout)})
			}
		}
		if err := os.WriteFile(languageFile, txtar.Format(a), 0o644); err != nil {
			t.Error(err)
		}
	})
}
