package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// switchStmt lowers an expression switch to if statements. First they find the
// clause, in the order of the cases; then the clauses' bodies follow, each if it
// is the one, so that fallthrough is a step to the next.
func (l *lowerer) switchStmt(s *ast.SwitchStmt, label string) {
	l.put("{ ")
	if s.Init != nil {
		l.stmt(s.Init, "")
	}
	l.at(s.Switch)
	var tag val
	var tagType types.Type = types.Typ[types.Bool]
	if s.Tag != nil {
		l.begin(s.Tag.Pos(), s.Tag, s.Tag)
		tagType = l.typeOf(s.Tag)
		tag = l.variable(l.expr(s.Tag), types.Default(tagType))
	}
	clauses := make([]*ast.CaseClause, len(s.Body.List))
	falls := false
	defaultAt := -1
	for i, c := range s.Body.List {
		clauses[i] = c.(*ast.CaseClause)
		falls = falls || fallsThrough(clauses[i])
		if clauses[i].List == nil {
			defaultAt = i
		}
	}
	c := l.pushSwitch(label)
	if falls {
		l.stepped(clauses, defaultAt, func(cl *ast.CaseClause) string { return l.caseCond(cl, s.Tag, tag, tagType) })
	} else {
		l.chained(clauses, defaultAt, func(cl *ast.CaseClause) string { return l.caseCond(cl, s.Tag, tag, tagType) },
			func(cl *ast.CaseClause) {})
	}
	l.at(s.Body.Rbrace)
	l.pop(c)
	l.put("}; ")
}

func fallsThrough(c *ast.CaseClause) bool {
	if n := len(c.Body); n > 0 {
		b, ok := c.Body[n-1].(*ast.BranchStmt)
		return ok && b.Tok == token.FALLTHROUGH
	}
	return false
}

// chained writes clauses as if, else if, ..., the default last.
func (l *lowerer) chained(clauses []*ast.CaseClause, defaultAt int, cond func(*ast.CaseClause) string, bind func(*ast.CaseClause)) {
	closing := 0
	first := true
	for i, cl := range clauses {
		if i == defaultAt {
			continue
		}
		l.mark = 0
		var test string
		before := l.capture(func() {
			l.begin(cl.Pos(), nil, exprNodes(cl.List)...)
			test = cond(cl)
		})
		if hasTests(test) {
			before += l.capture(func() { test = l.variable(val{test, reads}, types.Typ[types.Bool]).s })
		}
		switch {
		case first:
			l.put("%s", before)
		case before == "":
			l.put("} else ")
		default:
			l.put("} else { %s", before)
			closing++
		}
		l.put("if %s { ", test)
		first = false
		l.clause(cl, bind)
	}
	if defaultAt >= 0 {
		if !first {
			l.put("} else { ")
		} else {
			l.put("{ ")
		}
		l.clause(clauses[defaultAt], bind)
		first = false
	}
	if !first {
		l.put("}; ")
	}
	l.put("%s", strings.Repeat("}; ", closing))
}

func exprNodes(list []ast.Expr) []ast.Node {
	nodes := make([]ast.Node, len(list))
	for i, e := range list {
		nodes[i] = e
	}
	return nodes
}

func (l *lowerer) clause(cl *ast.CaseClause, bind func(*ast.CaseClause)) {
	l.mark = 0
	bind(cl)
	l.block(cl.Body)
	l.mark = 0
}

// stepped writes clauses of which some fall through.
func (l *lowerer) stepped(clauses []*ast.CaseClause, defaultAt int, cond func(*ast.CaseClause) string) {
	n := l.temp("c")
	l.put("var %s int = %s; ", n, "("+itoa(defaultAt)+")")
	closing := 0
	for i, cl := range clauses {
		if i == defaultAt {
			continue
		}
		l.mark = 0
		var test string
		before := l.capture(func() { test = cond(cl) })
		l.put("%sif %s { %s = %d; } else { ", before, test, n, i)
		closing++
	}
	l.put("%s", strings.Repeat("}; ", closing))
	for i, cl := range clauses {
		l.at(cl.Pos())
		l.put("if %s == %d { ", n, i)
		l.clause(cl, func(*ast.CaseClause) {})
		if fallsThrough(cl) {
			l.put("%s = %d; ", n, i+1)
		}
		l.put("}; ")
	}
}

// caseCond lowers the expressions of a case to a condition.
func (l *lowerer) caseCond(cl *ast.CaseClause, tag ast.Expr, tagVal val, tagType types.Type) string {
	var tests []string
	result := ""
	for _, e := range cl.List {
		var test val
		before := l.capture(func() { test = l.caseTest(e, tag, tagVal, tagType) })
		if before == "" && result == "" && (len(tests) == 0 || !hasTests(test.s)) {
			tests = append(tests, test.s)
			continue
		}
		// From here on each test is made only if those before have failed.
		if result == "" {
			result = l.temp("is")
			if len(tests) == 0 {
				tests = []string{"false"}
			}
			l.put("var %s bool = %s; ", result, disjunction(tests))
		}
		l.put("if !%s { %s%s = %s; }; ", result, before, result, test.s)
	}
	if result != "" {
		return result
	}
	return disjunction(tests)
}

func disjunction(tests []string) string {
	switch len(tests) {
	case 1:
		return tests[0]
	}
	return "(" + strings.Join(tests, " || ") + ")"
}

func (l *lowerer) caseTest(e, tag ast.Expr, tagVal val, tagType types.Type) val {
	if tag == nil {
		l.current = e
		if tv := l.info.Types[e]; tv.Value != nil {
			return l.variable(val{l.boolean(e), reads}, types.Typ[types.Bool])
		}
		if isInterface(l.typeOf(e)) {
			empty := types.NewInterfaceType(nil, nil)
			return l.equal(val{"true", pure}, l.plain(e), empty, token.EQL, e)
		}
		return val{l.cond(e), reads}
	}
	if l.isNil(e) {
		return val{"(" + tagVal.s + " == nil)", reads}
	}
	et := l.typeOf(e)
	t := types.Default(tagType)
	if isInterface(t) || isInterface(et) {
		empty := types.NewInterfaceType(nil, nil)
		x := tagVal
		if !isInterface(t) {
			x = l.convert(tagVal, t, empty, e)
		}
		return l.equal(x, l.plain(e), empty, token.EQL, e)
	}
	pair := []val{tagVal, l.exprTo(e, t)}
	if !l.isConst(e) {
		l.alike(pair, t, et)
	}
	return l.equal(pair[0], pair[1], t, token.EQL, e)
}

// typeSwitch lowers a type switch: each case is an assertion to a variable.
func (l *lowerer) typeSwitch(s *ast.TypeSwitchStmt, label string) {
	l.put("{ ")
	if s.Init != nil {
		l.stmt(s.Init, "")
	}
	l.at(s.Switch)
	var x ast.Expr
	switch a := s.Assign.(type) {
	case *ast.ExprStmt:
		x = a.X.(*ast.TypeAssertExpr).X
	case *ast.AssignStmt:
		x = a.Rhs[0].(*ast.TypeAssertExpr).X
	}
	l.begin(x.Pos(), x, x)
	xt := l.typeOf(x)
	v := l.variable(l.expr(x), xt)
	clauses := make([]*ast.CaseClause, len(s.Body.List))
	defaultAt := -1
	for i, c := range s.Body.List {
		clauses[i] = c.(*ast.CaseClause)
		if clauses[i].List == nil {
			defaultAt = i
		}
	}
	values := map[*ast.CaseClause]string{}
	cond := func(cl *ast.CaseClause) string {
		var tests []string
		for _, e := range cl.List {
			if l.isNil(e) {
				tests = append(tests, "("+v.s+" == nil)")
				continue
			}
			t := l.sub(l.info.TypeOf(e))
			name := l.temp("v")
			values[cl] = name
			tests = append(tests, l.rt()+".Assert(&"+name+", "+v.s+", "+l.desc(t)+")")
			l.declared(name, l.vtyp(t))
		}
		return disjunction(tests)
	}
	bind := func(cl *ast.CaseClause) {
		o, ok := l.info.Implicits[cl].(*types.Var)
		if !ok {
			return
		}
		value := v
		if len(cl.List) == 1 && !l.isNil(cl.List[0]) {
			value = val{values[cl], pure}
		}
		l.declare(o, value)
	}
	c := l.pushSwitch(label)
	l.hoisted(func() { l.chained(clauses, defaultAt, cond, bind) })
	l.at(s.Body.Rbrace)
	l.pop(c)
	l.put("}; ")
}

// declared has a variable declared before the chain that l.hoisted writes.
func (l *lowerer) declared(name, typ string) {
	l.hoist.WriteString("var " + name + " " + typ + "; ")
}

func (l *lowerer) hoisted(f func()) {
	old := l.hoist
	l.hoist = new(strings.Builder)
	text := l.capture(f)
	l.put("%s%s", l.hoist.String(), text)
	l.hoist = old
}
