package generate_test

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// minimize takes away what a program does not need to differ in the same way.
// It tries many smaller programs in one build: of its edits first halves, then
// ever smaller parts, and then all parts together that were good alone.
func minimize(t *testing.T, dir string, s *sample) *sample {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(*shrinkTime)
	defer func(old time.Duration) { limit = old }(limit)
	limit = 5 * time.Second // smaller programs may hang, which is no difference to keep
	for parts := 2; time.Now().Before(deadline); {
		edits := possibleEdits(s)
		parts = min(parts, len(edits))
		var groups [][]edit
		for i := range parts {
			groups = append(groups, edits[i*len(edits)/parts:(i+1)*len(edits)/parts])
		}
		if good := differing(dir, s, groups, deadline); len(good) > 0 {
			s = together(dir, s, good, deadline)
			continue
		}
		if parts == len(edits) {
			break
		}
		parts *= 4
	}
	return s
}

// together applies as many of the groups at once as still keep the difference.
func together(dir string, s *sample, groups []differs, deadline time.Time) *sample {
	var unions [][]edit
	for n := len(groups); n > 1; n = n / 2 {
		for at := 0; at+n <= len(groups); at += n {
			var all []edit
			for _, g := range groups[at : at+n] {
				all = append(all, g.edits...)
			}
			unions = append(unions, all)
		}
	}
	all := append(groups, differing(dir, s, unions, deadline)...)
	return slices.MinFunc(all, func(a, b differs) int { return cmp.Compare(len(a.src), len(b.src)) }).sample
}

// differs is a sample that differs after some edits.
type differs struct {
	*sample
	edits []edit
}

// differing applies each group of edits and returns those after which the
// program still differs as s does.
func differing(dir string, s *sample, groups [][]edit, deadline time.Time) (good []differs) {
	const most = 40 // candidates of a build
	for len(groups) > 0 && len(good) == 0 && time.Now().Before(deadline) {
		var batch []differs
		for len(groups) > 0 && len(batch) < most {
			if c, ok := candidate(s, groups[0], len(batch)); ok {
				batch = append(batch, differs{c, groups[0]})
			}
			groups = groups[1:]
		}
		samples := make([]*sample, len(batch))
		for i, c := range batch {
			samples[i] = c.sample
		}
		if howDiffers(s) != "output" {
			_ = interpretOnly(dir, samples)
		} else if compare(dir, samples) != nil {
			// One does not end by itself. The others are judged by what they
			// have printed up to now, which is nothing for those after it.
			batch = slices.DeleteFunc(batch, func(c differs) bool { return c.compiled == "" })
		}
		for _, c := range batch {
			if c.differs() && howDiffers(c.sample) == howDiffers(s) {
				good = append(good, c)
			}
		}
	}
	return good
}

// interpretOnly is compare where the interpreter's failure says enough.
func interpretOnly(dir string, batch []*sample) error {
	for _, s := range batch {
		s.lower()
		s.compiled = "nothing\n"
	}
	return runInterpreted(dir, batch)
}

// howDiffers tells differences apart that have little to do with each other.
func howDiffers(s *sample) string {
	for line := range strings.Lines(s.interpreted) {
		for _, prefix := range gaveUp {
			if strings.HasPrefix(line, prefix) {
				return digits.ReplaceAllString(line, "")
			}
		}
		if strings.HasPrefix(line, "the interpreter has ended") {
			return line
		}
	}
	return "output"
}

// gaveUp are the beginnings of lines that no compiled program prints.
var gaveUp = []string{"interpreter: ", "not lowered: ", "panic: the interpreter cannot"}

var digits = regexp.MustCompile(`[0-9]+`)

// candidate is a program after edits under names of its own.
func candidate(s *sample, edits []edit, i int) (*sample, bool) {
	c := &sample{seed: s.seed, entry: fmt.Sprintf("cell__%d", i+1), suffix: fmt.Sprintf("_p%dq", i+1)}
	src, ok := repair(apply(s.src, edits))
	if !ok || len(src) >= len(s.src) {
		return nil, false
	}
	c.src = strings.NewReplacer(s.suffix, c.suffix, "func "+s.entry+"(", "func "+c.entry+"(").Replace(src)
	return c, true
}

// edit replaces a part of a text.
type edit struct {
	from, to int
	with     string
}

// apply makes all edits that do not overlap an earlier, larger one.
func apply(src string, edits []edit) string {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b edit) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to))
	})
	var b strings.Builder
	at := 0
	for _, e := range edits {
		if e.from < at {
			continue
		}
		b.WriteString(src[at:e.from])
		b.WriteString(e.with)
		at = e.to
	}
	b.WriteString(src[at:])
	return b.String()
}

// possibleEdits lists declarations and statements to leave out, compound
// statements to replace by what is in them, and operations by an operand. The
// larger ones come first.
func possibleEdits(s *sample) (list []edit) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", s.src, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	at := func(p token.Pos) int { return fset.Position(p).Offset }
	text := func(n ast.Node) string { return s.src[at(n.Pos()):at(n.End())] }
	remove := func(n ast.Node) { list = append(list, edit{at(n.Pos()), at(n.End()), ""}) }
	replace := func(n ast.Node, with ...ast.Node) {
		for _, w := range with {
			list = append(list, edit{at(n.Pos()), at(n.End()), text(w)})
		}
	}
	tick := "tick" + s.suffix
	stmts := func(block []ast.Stmt) {
		for _, st := range block {
			if text(st) != tick+"()" { // without which a loop might not end
				remove(st)
			}
		}
	}
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); !ok || f.Name.Name != s.entry {
			remove(d)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			return n.Name.Name != tick
		case *ast.BlockStmt:
			stmts(n.List)
		case *ast.CaseClause:
			remove(n)
			stmts(n.Body)
		case *ast.CommClause:
			remove(n)
			stmts(n.Body)
		case *ast.IfStmt:
			replace(n, n.Body)
			if n.Else != nil {
				list = append(list, edit{at(n.Body.End()), at(n.Else.End()), ""})
			}
		case *ast.ForStmt:
			replace(n, n.Body)
		case *ast.RangeStmt:
			replace(n, n.Body)
		case *ast.LabeledStmt:
			replace(n, n.Stmt)
		case *ast.BinaryExpr:
			replace(n, n.X, n.Y)
		case *ast.ParenExpr:
			replace(n, n.X)
		case *ast.UnaryExpr:
			replace(n, n.X)
		case *ast.CallExpr:
			replace(n, exprs(n.Args)...)
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				end := at(e.End())
				if strings.HasPrefix(s.src[end:], ", ") {
					end += 2
				}
				list = append(list, edit{at(e.Pos()), end, ""})
			}
		}
		return true
	})
	slices.SortStableFunc(list, func(a, b edit) int { return cmp.Compare(b.to-b.from, a.to-a.from) })
	return list
}

func exprs(list []ast.Expr) (nodes []ast.Node) {
	for _, e := range list {
		nodes = append(nodes, e)
	}
	return nodes
}

// repair makes a program legal again that leaves something unused.
func repair(src string) (string, bool) {
	for range 10 {
		file, err := typeCheck(src)
		if err == nil {
			return src, true
		}
		if file == nil {
			return "", false
		}
		joined, ok := err.(interface{ Unwrap() []error })
		if !ok {
			return "", false
		}
		var edits []edit
		for _, err := range joined.Unwrap() {
			var e types.Error
			if !errors.As(err, &e) {
				return "", false
			}
			at := e.Fset.Position(e.Pos).Offset
			fix, ok := repairOne(src, file, at, e.Msg)
			if !ok {
				fix = without(file, at)
			}
			edits = append(edits, fix)
		}
		if len(edits) == 0 {
			return "", false
		}
		src = apply(src, edits)
	}
	return "", false
}

// without leaves out the statement, or the declaration, that is wrong at a place.
func without(file *ast.File, at int) (fix edit) {
	base := int(file.FileStart)
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil || int(n.Pos())-base > at || int(n.End())-base <= at {
			return false
		}
		switch n.(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
		case ast.Stmt, ast.Decl:
			fix = edit{int(n.Pos()) - base, int(n.End()) - base, ""}
		}
		return true
	})
	return fix
}

func repairOne(src string, file *ast.File, at int, msg string) (fix edit, ok bool) {
	lineEnd := at + strings.IndexByte(src[at:]+"\n", '\n')
	if strings.HasSuffix(msg, "imported and not used") {
		return edit{at, lineEnd, ""}, true
	}
	if strings.HasPrefix(msg, "label ") {
		return edit{at, at + strings.IndexByte(src[at:], ':') + 1, ""}, true
	}
	name, ok := strings.CutPrefix(msg, "declared and not used: ")
	if !ok {
		return fix, false
	}
	base := int(file.FileStart)
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil || int(n.Pos())-base > at || int(n.End())-base <= at {
			return false
		}
		var where token.Pos
		switch n := n.(type) {
		case *ast.AssignStmt, *ast.DeclStmt:
			where = n.End()
		case *ast.RangeStmt:
			where = n.Body.Lbrace + 1
		case *ast.ForStmt:
			where = n.Body.Lbrace + 1
		default:
			return true
		}
		fix = edit{int(where) - base, int(where) - base, "\n_ = " + name + "\n"}
		switch n.(type) {
		case *ast.RangeStmt, *ast.ForStmt:
			return true // what is in it may declare the variable
		}
		return false
	})
	return fix, fix.with != ""
}
