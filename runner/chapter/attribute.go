package chapter

import (
	"go/token"
	"regexp"
	"slices"
	"strings"
	"time"
)

// An attribute is one row of the closed set.
type attribute struct {
	name  string
	valid string   // what a value may be, for messages; "" for a flag
	words []string // the values, where they are a closed set too
	set   func(a *Attributes, value string) bool
}

const (
	maxName   = 48 // leaves room for suffixes within a notebook's 64-byte cell ids
	slugValid = "lower-case letters, digits and single hyphens, a letter first, at most 48"
)

var slug = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Capabilities returns the values of needs=, sorted.
func Capabilities() []string { return []string{"aio", "io_uring"} }

// attributes returns the closed set, sorted by name.
func attributes() []attribute {
	isSlug := func(field func(*Attributes) *string) func(*Attributes, string) bool {
		return func(a *Attributes, v string) bool {
			*field(a) = v
			return len(v) <= maxName && slug.MatchString(v)
		}
	}
	choice := func(words []string, set func(a *Attributes, i int)) func(*Attributes, string) bool {
		return func(a *Attributes, v string) bool {
			i := slices.Index(words, v)
			if i < 0 {
				return false
			}
			set(a, i)
			return true
		}
	}
	flag := func(field func(*Attributes) *bool) func(*Attributes, string) bool {
		return func(a *Attributes, _ string) bool { *field(a) = true; return true }
	}
	oneOf := func(name string, set func(a *Attributes, i int), words ...string) attribute {
		return attribute{name, strings.Join(words, ", "), words, choice(words, set)}
	}
	return []attribute{
		{"after", "the name of a cell above that runs", nil, isSlug(func(a *Attributes) *string { return &a.After })},
		{"check", slugValid, nil, isSlug(func(a *Attributes) *string { return &a.Check })},
		oneOf("engine", func(a *Attributes, _ int) { a.Engine = "go" }, "go"),
		{"exercise", slugValid, nil, isSlug(func(a *Attributes) *string { return &a.Exercise })},
		{"expect", "error:TEXT, panic:TEXT, timeout, compile:TEXT", []string{"error", "panic", "timeout", "compile"}, setExpect},
		{"fold", "", nil, flag(func(a *Attributes) *bool { return &a.Fold })},
		{"hide", "", nil, flag(func(a *Attributes) *bool { return &a.Hide })},
		{"name", slugValid, nil, isSlug(func(a *Attributes) *string { return &a.Name })},
		{"needs", strings.Join(Capabilities(), ", ") + ", separated by commas", Capabilities(), setNeeds},
		oneOf("output", func(a *Attributes, i int) { a.Varies = i == 1 }, "exact", "varies"),
		{"play", "the name of a function in this cell", nil, func(a *Attributes, v string) bool {
			a.Play = v
			return token.IsIdentifier(v) && v != "_"
		}},
		{"predict", "", nil, flag(func(a *Attributes) *bool { return &a.Predict })},
		oneOf("run", func(a *Attributes, _ int) { a.Run = false }, "false"),
		{"solution", slugValid, nil, isSlug(func(a *Attributes) *string { return &a.Solution })},
		{"timeout", "a duration from 1ms to 2m such as 500ms or 3s", nil, func(a *Attributes, v string) bool {
			d, err := time.ParseDuration(v)
			a.Timeout = d
			return err == nil && d >= time.Millisecond && d <= MaxTimeout
		}},
		oneOf("trace", func(a *Attributes, i int) { a.Trace = Trace(i) }, "off", "table", "timeline"),
	}
}

func setExpect(a *Attributes, v string) bool {
	kind, text, colon := strings.Cut(v, ":")
	kinds := map[string]ExpectKind{"error": ExpectError, "panic": ExpectPanic, "timeout": ExpectTimeout, "compile": ExpectCompile}
	a.Expect = Expect{kinds[kind], text}
	switch a.Expect.Kind {
	case ExpectNone:
		return false
	case ExpectTimeout:
		return !colon
	}
	return strings.TrimSpace(text) != ""
}

func setNeeds(a *Attributes, v string) bool {
	a.Needs = strings.Split(v, ",")
	for i, n := range a.Needs {
		if !slices.Contains(Capabilities(), n) || slices.Contains(a.Needs[:i], n) {
			return false
		}
	}
	return true
}

// A conflict says that an attribute, or one with this value, leaves no room
// for others beside it.
type conflict struct {
	attr string // as written, for the message
	has  func(*Attributes) bool
	not  []string
	why  string
}

// conflicts returns what cannot stand together in one cell.
func conflicts() []conflict {
	return []conflict{
		{"run=false", func(a *Attributes) bool { return !a.Run },
			[]string{"timeout", "expect", "output", "trace", "needs", "after", "engine", "play", "hide", "predict", "exercise", "solution", "check"},
			"the cell is only shown"},
		{"hide", func(a *Attributes) bool { return a.Hide },
			[]string{"fold", "predict", "trace"},
			"nothing of a hidden cell is shown"},
		{"engine=go", func(a *Attributes) bool { return a.Engine == "go" },
			[]string{"trace", "after", "play", "exercise", "solution", "check"},
			"a compiled cell is a program of its own, and not traced"},
		{"expect=compile", func(a *Attributes) bool { return a.Expect.Kind == ExpectCompile },
			[]string{"timeout", "output", "trace", "needs", "after", "engine", "hide"},
			"the cell is only type-checked"},
		{"expect", func(a *Attributes) bool { return a.Expect.Kind != ExpectNone },
			[]string{"play", "exercise", "solution", "check"},
			"a cell that must fail is closed in itself"},
		{"exercise", func(a *Attributes) bool { return a.Exercise != "" },
			[]string{"solution", "check", "timeout", "output", "trace", "after", "play", "hide", "predict"},
			"a stub only declares; its check runs it"},
		{"solution", func(a *Attributes) bool { return a.Solution != "" },
			[]string{"check", "timeout", "output", "trace", "after", "play", "hide", "predict"},
			"a solution only declares; its check runs it"},
		{"check", func(a *Attributes) bool { return a.Check != "" },
			[]string{"output", "trace", "after", "play", "predict"},
			"a check is judged by its lab.Check lines alone"},
	}
}

// checkConflicts reports each attribute of a cell that another one excludes,
// once.
func (p *parser) checkConflicts(f *fence) {
	reported := map[string]bool{}
	for _, c := range conflicts() {
		if !c.has(&f.cell.Attr) {
			continue
		}
		for _, name := range c.not {
			if at, ok := f.at[name]; ok && !reported[name] {
				reported[name] = true
				p.errorf(at, "%s cannot stand beside %s: %s", name, c.attr, c.why)
			}
		}
	}
}
