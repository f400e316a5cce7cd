package kernel

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	ChildMain() // the test binary is its own child

	// With -race the children, which read this, have the detector too. What it
	// finds there are yaegi's own races and the plain stores of source lines, which
	// others read as they are; what is tested is this side, which has started.
	os.Setenv("GORACE", "report_bugs=0")
	os.Exit(m.Run())
}
