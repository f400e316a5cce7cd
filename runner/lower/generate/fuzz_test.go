package generate_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"ioworkbook/runner/lower/generate"
)

var (
	firstSeed = flag.Uint64("seed", 1, "the first program of TestFuzz")
	spend     = flag.Duration("spend", 0, "how long TestFuzz runs; without it, a few fixed programs")
	keep      = flag.String("keep", "", "directory for the programs that differ")
	found     = flag.Int("found", 1, "differences after which TestFuzz ends")
	shrink    = flag.Bool("shrink", true, "make programs that differ smaller")
)

func TestMain(m *testing.M) {
	if names := os.Getenv("FUZZ_INTERPRET"); names != "" {
		interpretAll(strings.Fields(names))
		return
	}
	os.Exit(m.Run())
}

func newSample(seed uint64, i int) *sample {
	s := &sample{seed: seed, entry: fmt.Sprintf("cell__%d", i+1), suffix: fmt.Sprintf("_p%dq", i+1)}
	s.src = generate.Program(seed, generate.Options{Suffix: s.suffix, Entry: s.entry, Avoid: avoided})
	return s
}

const batchSize = 25

// TestFuzz compares what random programs print when compiled and when lowered
// and interpreted.
func TestFuzz(t *testing.T) {
	dir := t.TempDir()
	start := time.Now()
	refused := map[string]int{}
	programs, refusals, differences := 0, 0, 0
	for seed := *firstSeed; ; seed += batchSize {
		var batch []*sample
		for i := range batchSize {
			batch = append(batch, newSample(seed+uint64(i), i))
		}
		if err := compare(dir, batch); err != nil {
			t.Fatal(err)
		}
		for _, s := range batch {
			programs++
			if s.refused != nil {
				refusals++
			}
			for _, r := range s.refused {
				refused[r]++
			}
			if s.differs() {
				differences++
				report(t, dir, s)
			}
		}
		if differences >= *found || time.Since(start) >= *spend {
			break
		}
	}
	t.Logf("%d programs from seed %d, %d differ, %d refused", programs, *firstSeed, differences, refusals)
	for _, r := range slices.Sorted(maps.Keys(refused)) {
		t.Logf("refused %d times: %s", refused[r], r)
	}
	if refusals*10 > programs {
		t.Errorf("more than a tenth of the programs are refused")
	}
}

// report says what a program prints both ways, after making it smaller.
func report(t *testing.T, dir string, s *sample) {
	t.Helper()
	if *keep != "" {
		save(t, s, fmt.Sprintf("seed%d", s.seed))
	}
	if *shrink {
		s = minimize(t, filepath.Join(dir, "shrink"), s)
	}
	t.Errorf("seed %d is interpreted otherwise than compiled:\n%s\n%s", s.seed, plain(s),
		head(string(diff.Diff("compiled", []byte(s.compiled), "interpreted", []byte(s.interpreted)))))
	if *keep != "" {
		save(t, s, fmt.Sprintf("small%d", s.seed))
	}
}

func save(t *testing.T, s *sample, name string) {
	for ext, text := range map[string]string{
		".go": plain(s), ".out": s.compiled, ".wrong": s.interpreted, ".lowered": s.lowered,
	} {
		if err := os.WriteFile(filepath.Join(*keep, name+ext), []byte(text), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// plain is the text of a sample as a program of its own.
func plain(s *sample) string {
	return strings.NewReplacer(s.suffix, "", "func "+s.entry+"(", "func main(").Replace(s.src)
}
