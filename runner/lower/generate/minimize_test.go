package generate_test

import "testing"

func minimize(t *testing.T, dir string, s *sample) *sample { return s }
