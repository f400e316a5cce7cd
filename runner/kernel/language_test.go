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

// TestLanguage holds that interpreted cells print what compiled Go prints: the
// closures, goroutines and errors of a server, by the ten thousand.
func TestLanguage(t *testing.T) {
	a, err := txtar.ParseFile(languageFile)
	if err != nil || len(a.Files) == 0 {
		t.Fatalf("%s: %d files, %v", languageFile, len(a.Files), err)
	}
	cells, want := map[string]string{}, map[string]string{}
	var names []string
	for _, f := range a.Files {
		switch name, file, _ := strings.Cut(f.Name, "/"); file {
		case "cell.go":
			names = append(names, name)
			cells[name] = string(f.Data)
		case "stdout":
			want[name] = string(f.Data)
		default:
			t.Fatalf("%s: %s: a program has cell.go and stdout", languageFile, f.Name)
		}
	}
	if *update { // what is right is the compiler's to say
		a.Files = nil
		for _, name := range names {
			_, want[name] = printed(t, cells[name], Go)
			a.Files = append(a.Files,
				txtar.File{Name: name + "/cell.go", Data: []byte(cells[name])},
				txtar.File{Name: name + "/stdout", Data: []byte(want[name])})
		}
		if err := os.WriteFile(languageFile, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, got := printed(t, cells[name], Yaegi)
			if want[name] == "" || r.Outcome != notebook.OK || got != want[name] {
				t.Errorf("%s %s\nprints   %s\ncompiled %s", r.Outcome, r.Message, got, want[name])
			}
		})
	}
}

// printed runs a chapter of one cell and returns what it wrote to stdout.
func printed(t *testing.T, code, engine string) (notebook.Result, string) {
	t.Helper()
	c := parse(t, "'''go {name=c timeout=60s}\n"+code+"'''\n")
	run, err := RunChapter(context.Background(), Config{Chapter: c, Engine: engine})
	if err != nil {
		t.Fatal(err)
	}
	text := ""
	for _, o := range run.Results[0].Outputs {
		if o.Stream == "stdout" {
			text += o.Text
		}
	}
	return run.Results[0], text
}
