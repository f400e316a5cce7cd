package lower_test

import (
	"os"
	"testing"
)

func TestDumpRaw(t *testing.T) {
	src, err := os.ReadFile(os.Getenv("DR"))
	if err != nil {
		t.Skip()
	}
	text, call, err := lowered(src)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile("/tmp/raw.go", []byte(text+"func start() { "+call+"() }\n"), 0o644)
}
