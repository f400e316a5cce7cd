package lab

import "os"

// Check prints "✓ claim", or "✗ claim" when ok is false, which fails the cell.
// A claim of the source articles begins with its numbers and its verdict:
// "C10 wrong: 300,000 EAGAINs sent no segment". What is checked is then what
// the verdict says, so a passing check confirms the verdict.
func Check(claim string, ok bool) {
	mark := "✗ "
	if ok {
		mark = "✓ "
	}
	os.Stdout.WriteString(mark + claim + "\n")
	send(message{Type: "check", Claim: claim, OK: &ok})
}
