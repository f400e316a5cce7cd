package generate_test

import (
	"testing"

	"ioworkbook/runner/lower/generate"
)

// TestLegal generates many programs, of all features: all have to be legal.
func TestLegal(t *testing.T) {
	for seed := range uint64(400) {
		src := generate.Program(seed, generate.Options{Entry: "main"})
		if err := legal(src); err != nil {
			t.Errorf("seed %d: %v\n", seed, err)
			if testing.Verbose() {
				t.Log(src)
			}
		}
	}
}
