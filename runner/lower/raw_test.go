package lower_test

import (
	"fmt"
	"os"
	"testing"
)

func TestRaw(t *testing.T) {
	src, err := os.ReadFile(os.Getenv("RAW"))
	if err != nil {
		t.Skip()
	}
	fmt.Println(runLowered(t, string(src), "start"))
}
