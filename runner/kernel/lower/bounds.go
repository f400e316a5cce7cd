package lower

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"
)

// The interpreter finds an index out of range by reflection, which does not say
// which index of which length. So the text tests before it indexes, and lets the
// runtime panic as Go does. A test travels in the text of the expression that it
// belongs to, between \x03 and \x04; emit moves it in front of the statement, after
// the calls that the statement makes first.

// checked puts a test in front of an expression's text. The tests of its parts
// come first.
func checked(test, s string) string {
	tests, s := split(s)
	return tests + "\x03" + plain(test) + "\x04" + s
}

// split separates the tests in a text from the text.
func split(s string) (tests, text string) {
	if strings.IndexByte(s, '\x03') < 0 {
		return "", s
	}
	var a, b strings.Builder
	for {
		i := strings.IndexByte(s, '\x03')
		if i < 0 {
			b.WriteString(s)
			return a.String(), b.String()
		}
		j := strings.IndexByte(s, '\x04')
		b.WriteString(s[:i])
		a.WriteString(s[i : j+1])
		s = s[j+1:]
	}
}

// plain is a text without the tests in it.
func plain(s string) string {
	_, s = split(s)
	return s
}

func hasTests(s string) bool { return strings.IndexByte(s, '\x03') >= 0 }

// without leaves out the tests that another text, evaluated before, has too.
func without(s, before string) string {
	if !hasTests(s) || !hasTests(before) {
		return s
	}
	tests, text := split(s)
	done, _ := split(before)
	var left strings.Builder
	for tests != "" {
		j := strings.IndexByte(tests, '\x04')
		if !strings.Contains(done, tests[:j+1]) {
			left.WriteString(tests[:j+1])
		}
		tests = tests[j+1:]
	}
	return left.String() + text
}

// indexed writes x[i] with its test. x and i have no effects any more.
func (l *lowerer) indexed(e *ast.IndexExpr, x, i string, xt types.Type) string {
	s := x + "[" + i + "]"
	u := under(xt)
	if p, ok := u.(*types.Pointer); ok {
		u = under(p.Elem())
	}
	length := "len(" + plain(x) + ")"
	if a, ok := u.(*types.Array); ok {
		if l.isConst(e.Index) {
			return s
		}
		length = itoa(int(a.Len()))
	}
	if l.inRange(e) {
		return s
	}
	if tv := l.info.Types[e.Index]; tv.Value != nil {
		i = constant.ToInt(tv.Value).ExactString()
		return checked("if "+length+" <= "+i+" { "+l.lineOf(e)+l.rt()+".Index("+i+", "+length+") }; ", s)
	}
	b, _ := under(l.typeOf(e.Index)).(*types.Basic)
	i = plain(i)
	if b != nil && b.Info()&types.IsUnsigned != 0 {
		return checked("if uint64("+i+") >= uint64("+length+") { "+l.rt()+".IndexU(uint64("+i+"), "+length+") }; ", s)
	}
	if !isInt(l.typeOf(e.Index)) {
		i = "int(" + i + ")"
	}
	return checked("if "+i+" < 0 || "+i+" >= "+length+" { "+l.lineOf(e)+l.rt()+".Index("+i+", "+length+") }; ", s)
}

func isInt(t types.Type) bool {
	b, ok := types.Unalias(t).(*types.Basic)
	return ok && (b.Kind() == types.Int || b.Kind() == types.UntypedInt)
}

// lineOf stores the line of what is about to panic.
func (l *lowerer) lineOf(e ast.Expr) string {
	return "*" + l.cell() + " = " + itoa(l.line(e.End()-1)) + "; "
}

// A pair of variables says that one is an index of the other.
type pair struct{ index, of *types.Var }

// inRange reports an index that cannot be out of range: the variable of a loop
// over what is indexed.
func (l *lowerer) inRange(e *ast.IndexExpr) bool {
	p := pair{l.plainVar(e.Index), l.plainVar(e.X)}
	if p.index == nil || p.of == nil || l.fn == nil {
		return false
	}
	for _, s := range l.fn.safe {
		if s == p {
			return true
		}
	}
	return false
}

// plainVar is the local variable that an expression is, if no call can change it.
func (l *lowerer) plainVar(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := l.info.ObjectOf(id).(*types.Var)
	if !ok || v.Parent() == l.f.Pkg.Scope() || l.about(v).shared() {
		return nil
	}
	return v
}

// safeIn notes, while body is written, that index is in range of x if the body
// assigns neither. It returns what ends that.
func (l *lowerer) safeIn(index, x ast.Expr, body *ast.BlockStmt) func() {
	if index == nil || x == nil {
		return func() {}
	}
	p := pair{l.plainVar(index), l.plainVar(x)}
	if p.index == nil || p.of == nil || l.assignedIn(body, p.index) || l.assignedIn(body, p.of) {
		return func() {}
	}
	n := len(l.fn.safe)
	l.fn.safe = append(l.fn.safe, p)
	return func() { l.fn.safe = l.fn.safe[:n] }
}

func (l *lowerer) assignedIn(body *ast.BlockStmt, v *types.Var) bool {
	found := false
	is := func(e ast.Expr) {
		if e != nil && l.root(e) == v {
			found = true
		}
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				is(e)
			}
		case *ast.IncDecStmt:
			is(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				is(n.Key)
				is(n.Value)
			}
		}
		return !found
	})
	return found
}

// loopOver is the x of "for i := n; i < len(x); i++" with i not below 0.
func (l *lowerer) loopOver(s *ast.ForStmt) (index, x ast.Expr) {
	init, ok := s.Init.(*ast.AssignStmt)
	if !ok || len(init.Lhs) != 1 || len(init.Rhs) != 1 || init.Tok != token.DEFINE {
		return nil, nil
	}
	tv := l.info.Types[init.Rhs[0]]
	post, ok := s.Post.(*ast.IncDecStmt)
	cond, ok2 := s.Cond.(*ast.BinaryExpr)
	if tv.Value == nil || strings.HasPrefix(tv.Value.String(), "-") || !ok || post.Tok != token.INC || !ok2 || cond.Op != token.LSS {
		return nil, nil
	}
	i := l.plainVar(init.Lhs[0])
	call, ok := ast.Unparen(cond.Y).(*ast.CallExpr)
	if i == nil || l.plainVar(cond.X) != i || l.plainVar(post.X) != i || !ok || l.builtinOf(call) != "len" {
		return nil, nil
	}
	return cond.X, call.Args[0]
}

// sliced writes x[low:high:max] with its test.
func (l *lowerer) sliced(e *ast.SliceExpr, x, low, high, max string, xt types.Type) string {
	s := x + "[" + low + ":" + high
	if e.Slice3 {
		s += ":" + max
	}
	s += "]"
	px := plain(x)
	u := under(xt)
	if p, ok := u.(*types.Pointer); ok {
		u = under(p.Elem())
	}
	length, limit, kind := "len("+px+")", "cap("+px+")", "Slice"
	switch u := u.(type) {
	case *types.Basic:
		limit, kind = length, "Substring"
	case *types.Array:
		length = itoa(int(u.Len()))
		limit, kind = length, "SliceArray"
	}
	number := func(s string, x ast.Expr) string {
		if x == nil {
			return s
		}
		if !isInt(l.typeOf(x)) && !l.isConst(x) {
			return "int(" + plain(s) + ")"
		}
		return plain(s)
	}
	lo, hi, mx := "0", length, ""
	var tests []string
	if e.Max != nil {
		mx = number(max, e.Max)
		tests = append(tests, mx+" < 0", mx+" > "+limit)
		limit = mx
	}
	if e.High != nil {
		hi = number(high, e.High)
		tests = append(tests, hi+" < 0", hi+" > "+limit)
	}
	if e.Low != nil {
		lo = number(low, e.Low)
		if !l.isConst(e.Low) {
			tests = append(tests, lo+" < 0")
		}
		tests = append(tests, lo+" > "+hi)
	}
	if len(tests) == 0 {
		return s
	}
	args := lo + ", " + hi + ", " + length
	if e.Slice3 {
		kind += "3"
		args = lo + ", " + hi + ", " + mx + ", " + length
	}
	if kind == "Slice" || kind == "Slice3" {
		args += ", cap(" + px + ")"
	}
	return checked("if "+strings.Join(tests, " || ")+" { "+l.lineOf(e)+l.rt()+".Bounds"+kind+"("+args+") }; ", s)
}
