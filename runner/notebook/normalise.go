package notebook

import (
	"fmt"
	"regexp"
	"strings"
)

// A volatile is something that differs between two equal runs. The pattern's
// only group is the part that differs; what stands around it is what tells it
// from any other number.
type volatile struct {
	kind    string
	pattern *regexp.Regexp
}

// volatiles is all that Compare forgives. A port is one that the kernel chose:
// five digits, beside an address or the word port.
var volatiles = []volatile{
	{"port", regexp.MustCompile(`\b127(?:\.\d{1,3}){3}:([1-6]\d{4})\b`)},                 // 127.0.0.1:40123
	{"port", regexp.MustCompile(`(?:\[::1?\]|\b0\.0\.0\.0|\blocalhost):([1-6]\d{4})\b`)}, // [::1]:40123
	{"port", regexp.MustCompile(`(?i)\bport[ =:]{1,2}([1-6]\d{4})\b`)},                   // port 40123, Port:40123
	{"port", regexp.MustCompile(`\bhtons\(([1-6]\d{4})\)`)},                              // sin_port=htons(40123)
	{"port", regexp.MustCompile(`\{([1-6]\d{4}) \[\d+ \d+ \d+ \d+\]`)},                   // &{40123 [127 0 0 1] ...}
	{"pid", regexp.MustCompile(`(?i)\b(?:p|t|pp|pg|s)id[ =:]{1,2}(\d{2,})\b`)},           // pid 4711, tid=4712
	{"goroutine", regexp.MustCompile(`\bgoroutine (\d+)\b`)},                             // goroutine 18 [running]
	{"address", regexp.MustCompile(`\b0x(c0[0-9a-f]{8}|7f[0-9a-f]{10})\b`)},              // Go's heap, mmap(2)
	{"inode", regexp.MustCompile(`\b(?:socket|pipe):\[(\d+)\]`)},                         // proc_pid_fd(5)
	{"temp", regexp.MustCompile(`/tmp/[^\s"']*?(\d{5,})`)},                               // os.MkdirTemp
}

// A normaliser replaces volatile values by aliases: the same value by the same
// alias wherever it stands, so that two runs differ if one of them mixes up two
// ports. An alias names the cell that showed the value first; a difference in
// one cell so does not renumber those of the next.
type normaliser struct {
	alias map[string]string // kind and value
	count map[string]int    // kind and cell
}

func newNormaliser() *normaliser {
	return &normaliser{alias: map[string]string{}, count: map[string]int{}}
}

// text returns s, a text of that cell, with aliases: "on 127.0.0.1:<port listen.1>".
func (n *normaliser) text(cell, s string) string {
	for _, v := range volatiles {
		var b strings.Builder
		done := 0
		for _, m := range v.pattern.FindAllStringSubmatchIndex(s, -1) {
			b.WriteString(s[done:m[2]])
			b.WriteString(n.name(v.kind, cell, s[m[2]:m[3]]))
			done = m[3]
		}
		b.WriteString(s[done:])
		s = b.String()
	}
	return s
}

func (n *normaliser) name(kind, cell, value string) string {
	key := kind + " " + value
	if n.alias[key] == "" {
		n.count[kind+" "+cell]++
		n.alias[key] = fmt.Sprintf("<%s %s.%d>", kind, cell, n.count[kind+" "+cell])
	}
	return n.alias[key]
}
