package generate_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

var (
	seedFaults = flag.Bool(
		"faults",
		false,
		"build the lowering with each fault, of testdata or the interpreter's own, and find it",
	)
	onlyFault = flag.String("fault", "", "the only faults to look for, with commas between")
	faultTime = flag.Duration("faulttime", 10*time.Minute, "how long a fault may stay unfound")
)

// fault is a change of the lowering's source that makes it wrong.
type fault struct {
	name, file string
	old, new   string
}

// readFaults reads the archive of faults: a section is called "NAME FILE" and holds
// the text to replace, a line "=>", and what replaces it. A row of the table of
// yaegi's faults, not avoided, is one more.
func readFaults(t *testing.T, root string) (list []fault) {
	a, err := txtar.ParseFile("../testdata/seeded.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range a.Files {
		name, file, ok := strings.Cut(f.Name, " ")
		before, after, ok2 := strings.Cut(string(f.Data), "=>\n")
		if !ok || !ok2 {
			t.Fatalf("fault %q is not written as readFaults says", f.Name)
		}
		list = append(list, fault{name, file, before, after})
	}
	const table = "runner/lower/faults.go"
	src, err := os.ReadFile(filepath.Join(root, table))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range row.FindAllSubmatch(src, -1) {
		list = append(
			list,
			fault{string(m[1]), table, "return !l.allowed[f.name]", fmt.Sprintf("return f.name != %q", m[1])},
		)
	}
	for _, f := range list {
		src, err := os.ReadFile(filepath.Join(root, f.file))
		if n := strings.Count(string(src), f.old); n != 1 {
			t.Errorf("%s: what it replaces occurs %d times in %s (%v)", f.name, n, f.file, err)
		}
	}
	return list
}

var row = regexp.MustCompile(`fault\{name: "([a-z-]+)"`)

// TestFaults makes the lowering wrong in one way at a time. The programs have to
// tell, by one that does not differ when the lowering is as it is.
func TestFaults(t *testing.T) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	list := readFaults(t, root)
	if !*seedFaults {
		t.Skip("needs -faults")
	}
	dir := t.TempDir()
	known := map[uint64]map[string]bool{} // by first seed, what differs without a fault
	for i, f := range list {
		if *onlyFault != "" && !slices.Contains(strings.Split(*onlyFault, ","), f.name) {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			binary := buildFaulty(t, filepath.Join(dir, fmt.Sprint(i)), root, f)
			start := time.Now()
			for seed := *firstSeed; time.Since(start) < *faultTime; seed += batchSize {
				if known[seed] == nil {
					known[seed] = differingSeeds(os.Args[0], seed)
				}
				for s := range differingSeeds(binary, seed) {
					if !known[seed][s] {
						t.Logf("found by %s after %v", s, time.Since(start).Round(time.Second))
						return
					}
				}
			}
			t.Errorf("not found in %v", *faultTime)
		})
	}
}

// buildFaulty builds this test with a fault in the lowering.
func buildFaulty(t *testing.T, dir, root string, f fault) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(root, f.file)
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(dir, "changed.go")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(src), f.old, f.new, 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o644); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "faulty.test")
	out, err := exec.Command("go", "test", "-c", "-overlay", filepath.Join(dir, "overlay.json"), "-o", binary, ".").
		CombinedOutput()
	if err != nil {
		t.Fatalf("the lowering does not build with the fault: %v\n%s", err, out)
	}
	return binary
}

var otherwise = regexp.MustCompile(`(?m)seed (\d+) is interpreted otherwise`)

// differingSeeds runs a batch with a test binary. A lowering that refuses most
// programs or ends the test counts as one that differs.
func differingSeeds(binary string, seed uint64) map[string]bool {
	out, err := exec.Command(binary, "-test.run", "^TestFuzz$", "-shrink", "0", "-found", "1000",
		"-seed", fmt.Sprint(seed)).CombinedOutput()
	seeds := map[string]bool{}
	for _, m := range otherwise.FindAllSubmatch(out, -1) {
		seeds["seed "+string(m[1])] = true
	}
	switch {
	case bytes.Contains(out, []byte("are refused")):
		seeds["refusals"] = true
	case err != nil && len(seeds) == 0:
		seeds["an end of the test: "+head(string(out))] = true
	}
	return seeds
}
