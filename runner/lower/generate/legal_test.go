package generate_test

import "testing"

// TestLegal generates many programs: all have to be legal.
func TestLegal(t *testing.T) {
	for seed := range uint64(300) {
		s := newSample(seed, 0)
		if err := legal(s.src); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
	}
}

func TestShow(t *testing.T) {
	s := newSample(*firstSeed, 0)
	t.Log("\n" + plain(s))
	t.Log(legal(s.src))
}
