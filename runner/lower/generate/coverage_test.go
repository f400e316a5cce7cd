package generate_test

import (
	"flag"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

var (
	measure  = flag.Bool("measure", false, "measure what share of the lowering's statements the programs reach")
	wanted   = flag.Float64("wanted", 90, "the least share with -measure, in percent")
	measured = regexp.MustCompile(`coverage: ([0-9.]+)% of statements`)
)

// TestCoverage measures how much of the lowering a minute of programs runs.
func TestCoverage(t *testing.T) {
	if !*measure {
		t.Skip("needs -measure")
	}
	// That programs differ is not its business.
	out, _ := exec.Command("go", "test", "-coverpkg", lowering, "-run", "^TestFuzz$", ".",
		"-args", "-spend", "1m", "-found", "100000", "-shrink", "0").CombinedOutput()
	m := measured.FindSubmatch(out)
	if m == nil {
		t.Fatalf("no coverage in:\n%s", head(string(out)))
	}
	share, _ := strconv.ParseFloat(string(m[1]), 64)
	t.Logf("the programs run %.1f %% of the statements of %s", share, lowering)
	if share < *wanted {
		t.Errorf("less than %.0f %%", *wanted)
	}
}
