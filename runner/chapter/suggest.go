package chapter

import (
	"fmt"
	"strconv"
)

// quote shows a word of the file in a message, whatever is in it.
func quote(s string) string { return strconv.Quote(s) }

// didYouMean returns " (did you mean timeout?)" if one of the words is a
// likely misspelling away, "" otherwise.
func didYouMean(got string, words []string) string {
	best, bestDist := "", 3
	for _, w := range words {
		if d := distance(got, w); 0 < d && d < bestDist && d*2 <= len(w) {
			best, bestDist = w, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", best)
}

// distance is the number of bytes to insert, delete, replace or swap with
// their neighbour to turn a into b (optimal string alignment).
func distance(a, b string) int {
	if len(a) > 2*len(b)+2 {
		return len(a) // too long to be a slip, and to fill a table for
	}
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}
