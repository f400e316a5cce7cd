package kernel

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	ChildMain() // the test binary is its own child
	os.Exit(m.Run())
}
