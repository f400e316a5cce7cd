package generate_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/txtar"
)

var (
	fuzzed = flag.String("file", "../testdata/fuzzed.txtar", "the archive that TestFuzzed reads")
	known  = flag.Bool("known", false, "interpret the programs that have differed, too")
	update = flag.Bool("update", false, "compile the programs of the archive and store what they print")
)

// TestFuzzed compiles the programs that have differed once. What they print must
// be what is stored for the tests of the lowering.
func TestFuzzed(t *testing.T) {
	a, err := txtar.ParseFile(*fuzzed)
	if err != nil {
		t.Fatal(err)
	}
	var files []txtar.File
	for _, f := range a.Files {
		name, ok := strings.CutSuffix(f.Name, ".go")
		if !ok {
			continue
		}
		s := &sample{entry: "cell__1", src: strings.Replace(string(f.Data), "\nfunc main() {", "\nfunc cell__1() {", 1)}
		dir := t.TempDir()
		if err := runCompiled(dir, []*sample{s}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		files = append(files, f, txtar.File{Name: name + ".out", Data: []byte(s.compiled)})
		if !*known {
			continue
		}
		if s.lower(); s.refused != nil {
			t.Errorf("%s is refused: %s", name, s.refused)
			continue
		}
		if err := runInterpreted(dir, []*sample{s}); err != nil {
			t.Fatal(err)
		}
		if s.differs() {
			t.Errorf("%s:\n%s", name, diff.Diff("compiled", []byte(s.compiled), "interpreted", []byte(s.interpreted)))
		}
	}
	old, new := txtar.Format(a), txtar.Format(&txtar.Archive{Comment: a.Comment, Files: files})
	if *update {
		if err := os.WriteFile(*fuzzed, new, 0o644); err != nil {
			t.Error(err)
		}
	} else if !bytes.Equal(old, new) {
		t.Errorf("%s", diff.Diff("stored", old, "compiled", new))
	}
}
