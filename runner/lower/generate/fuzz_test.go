package generate_test

import (
	"flag"
	"fmt"
	"go/format"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"ioworkbook/runner/lower/generate"
)

var (
	firstSeed = flag.Uint64("seed", 1, "the first program of TestFuzz")
	spend     = flag.Duration("spend", 0, "how long TestFuzz runs")
	keep      = flag.String("keep", "", "directory for the programs that differ")
	found     = flag.Int("found", 1, "differences after which TestFuzz ends")
	// Differences are easier to read in a smaller program.
	shrinkTime = flag.Duration("shrink", time.Minute, "how long to make a program that differs smaller")
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
	if *spend == 0 {
		t.Skip("compiles and runs random programs: make fuzz")
	}
	dir := t.TempDir()
	start := time.Now()
	refused := map[string]int{}
	programs, refusals, differences := 0, 0, 0
	kinds := map[string]int{}
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
				// Of those that fail with the same words one is enough to read.
				if kinds[howDiffers(s)]++; howDiffers(s) == "output" || kinds[howDiffers(s)] == 1 {
					report(t, dir, s)
				} else {
					t.Errorf("seed %d is interpreted otherwise than compiled, too: %s", s.seed, howDiffers(s))
				}
			}
		}
		if differences >= *found || time.Since(start) >= *spend {
			break
		}
	}
	t.Logf("%d programs from seed %d, %d differ, %d refused", programs, *firstSeed, differences, refusals)
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		t.Logf("%d differ: %s", kinds[k], strings.TrimSpace(k))
	}
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
	if *shrinkTime > 0 {
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

var blank = regexp.MustCompile(`\n\s*\n`)

// plain is the text of a sample as a program of its own.
func plain(s *sample) string {
	text := strings.NewReplacer(s.suffix, "", "func "+s.entry+"(", "func main(").Replace(s.src)
	text = blank.ReplaceAllString(text, "\n")
	if out, err := format.Source([]byte(text)); err == nil {
		text = string(out)
	}
	return text
}
