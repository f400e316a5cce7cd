//go:build linux

package main

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/kernel"
	"ioworkbook/runner/notebook"
)

// TestWrongAnswers gives every exercise answers that a reader may well come up
// with and that are wrong: the check fails, with words that help. That stubs
// fail and solutions pass is what make check shows.
//
// The answers of a chapter are testdata/answers/<its slug>.txtar. A file is
// named after its exercise and its mistake, as in within/no-restore.go, and
// begins with what the reader must be told, one line for each:
//
//	// says: afterwards the socket waits without a bound
func TestWrongAnswers(t *testing.T) {
	if testing.Short() {
		t.Skip("runs every exercise of the book")
	}
	chapters, err := chapter.LoadDir("../chapters")
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range chapters {
		t.Run(ch.Slug, func(t *testing.T) {
			t.Parallel()
			wrong := wrongAnswers(t, ch)
			for _, stub := range exercises(ch) {
				id := stub.Attr.Exercise
				if len(wrong[id]) == 0 {
					t.Errorf("%s: exercise %q has no wrong answer in testdata/answers", stub.Pos(), id)
				}
				for _, w := range wrong[id] {
					t.Run(w.name, func(t *testing.T) {
						stub.Code = w.code
						w.fails(t, ch, id)
					})
				}
				delete(wrong, id)
			}
			for id := range wrong {
				t.Errorf("%s has no exercise %q", ch.Path, id)
			}
		})
	}
}

// A wrongAnswer is what a reader might write in place of an exercise's stub.
type wrongAnswer struct {
	name string   // EXERCISE/MISTAKE
	says []string // what the reader is told
	code string
}

// wrongAnswers reads the answers to a chapter's exercises.
func wrongAnswers(t *testing.T, ch *chapter.Chapter) map[string][]wrongAnswer {
	data, err := os.ReadFile(filepath.Join("testdata", "answers", ch.Slug+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	answers := map[string][]wrongAnswer{}
	for _, f := range txtar.Parse(data).Files {
		w := wrongAnswer{name: strings.TrimSuffix(f.Name, ".go"), code: string(f.Data)}
		for {
			line, rest, _ := strings.Cut(w.code, "\n")
			words, ok := strings.CutPrefix(line, "// says: ")
			if !ok || words == "" {
				break
			}
			w.says, w.code = append(w.says, words), rest
		}
		if len(w.says) == 0 {
			t.Errorf("%s does not begin with what the reader is told", f.Name)
		}
		id := path.Dir(f.Name)
		answers[id] = append(answers[id], w)
	}
	return answers
}

func (w wrongAnswer) fails(t *testing.T, ch *chapter.Chapter, id string) {
	r, err := kernel.RunExercise(context.Background(), kernel.Config{Chapter: ch}, id, kernel.Stub)
	if err != nil {
		t.Fatal(err)
	}
	told := r.Message
	for _, o := range r.Outputs {
		told += "\n" + o.Text
	}
	switch r.Outcome {
	case notebook.Skipped:
		t.Skip(r.Skipped)
	case notebook.CheckFailed:
	default:
		t.Fatalf("it ended with %q, not with a failed check:\n%s", r.Outcome, told)
	}
	for _, words := range w.says {
		if !strings.Contains(told, words) {
			t.Errorf("the reader is not told %q:\n%s", words, told)
		}
	}
}
