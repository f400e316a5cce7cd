package generate

import (
	_ "embed"
	"go/types"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/txtar"
)

//go:embed snippets.txtar
var snippetText []byte

// snippet is a piece of a program with holes. Its name may be followed by tags,
// the features it needs. Its text is declarations, a line "---", and the
// statements of a function. "@" stands for an ending that makes names of the
// package unique. The holes are, in angle brackets:
//
//	⟨int⟩      an expression of a basic type, or of any, that calls nothing
//	⟨int!⟩     one that may call
//	⟨1..9⟩     a number
//	⟨a|b|c⟩    one of these, which may hold holes
//	⟨do⟩       statements
//	⟨var x T⟩  declares x for the statements that follow, as a variable they may assign
//	⟨let x T⟩  declares x as one they may only read
//	⟨quiet⟩    from here on neither functions nor variables of the package are used
type snippet struct {
	name, decls, body string
	imports, tags     []string
}

var snippets = sync.OnceValue(func() (list []snippet) {
	for _, f := range txtar.Parse(snippetText).Files {
		words := strings.Fields(f.Name)
		s := snippet{name: words[0], tags: words[1:]}
		text := string(f.Data)
		for strings.HasPrefix(text, "import ") {
			line, rest, _ := strings.Cut(text, "\n")
			path, _ := strconv.Unquote(strings.TrimPrefix(line, "import "))
			s.imports = append(s.imports, path)
			text = rest
		}
		s.decls, s.body, _ = strings.Cut(text, "---\n")
		list = append(list, s)
	}
	return list
})

// Snippets are the names of all snippets, for who counts which were used.
func Snippets() (names []string) {
	for _, s := range snippets() {
		names = append(names, s.name)
	}
	return names
}

// runSnippet writes a snippet and the function that runs it.
func (g *gen) runSnippet() {
	s := pick(g, snippets()...)
	for _, tag := range s.tags {
		if g.avoid(tag) {
			return
		}
	}
	for _, path := range s.imports {
		g.imports[path] = true
	}
	g.count++
	end := strconv.Itoa(g.count) + g.opts.Suffix
	vars, quiet := len(g.vars), g.quiet
	name := s.name + end
	body := g.funcBody(nil, nil, func() {
		g.left = 10
		g.out.WriteString(g.fill(strings.ReplaceAll(s.decls+"---\n"+s.body, "@", end)))
	})
	g.vars, g.quiet = g.vars[:vars], quiet
	decls, body, _ := strings.Cut(body, "---\n")
	g.top.WriteString("\n" + decls + "\nfunc " + name + "() {\n" + body + "}\n")
	g.runs = append(g.runs, name)
}

var hole = regexp.MustCompile(`⟨([^⟨⟩]*)⟩`)

// fill replaces the holes of a text, inner ones first where they nest, and in
// their order, so that what a hole declares is seen by those after it.
func (g *gen) fill(text string) string {
	for {
		m := hole.FindStringSubmatchIndex(text)
		if m == nil {
			return text
		}
		text = text[:m[0]] + g.hole(text[m[2]:m[3]]) + text[m[1]:]
	}
}

func (g *gen) hole(h string) string {
	words := strings.Fields(h)
	g.calls, g.panics = false, 0
	switch {
	case h == "do":
		g.left = max(g.left, 3)
		return g.block()
	case h == "quiet":
		g.quiet = true
		return ""
	case strings.Contains(h, "|"):
		return pick(g, strings.Split(h, "|")...)
	case strings.Contains(h, ".."):
		a, b, _ := strings.Cut(h, "..")
		low, _ := strconv.Atoi(a)
		high, _ := strconv.Atoi(b)
		return strconv.Itoa(low + g.upTo(high-low))
	case len(words) == 3:
		v := g.declare(words[1], basicType(words[2]))
		v.used, v.fixed, v.shared = true, words[0] == "let", words[0] == "var"
		return ""
	}
	if h == "" {
		return ""
	}
	name, calls := strings.CutSuffix(h, "!")
	g.calls = calls && !g.quiet
	t := basicType(name)
	return typed(t, g.expr(t, 2))
}

func basicType(name string) types.Type {
	if s, ok := strings.CutPrefix(name, "[]"); ok {
		return types.NewSlice(basicType(s))
	}
	return types.Universe.Lookup(name).Type()
}
