package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// control is a statement that break or continue can leave or go on with.
type control struct {
	label    string
	loop     bool
	choice   bool   // a switch or select
	brk      string // label of the lowered text, empty until needed
	cont     string
	contGoto bool // continue has work to do at the end of the body
}

// block writes statements.
func (l *lowerer) block(list []ast.Stmt) {
	for _, s := range list {
		l.stmt(s, "")
	}
}

// braced writes statements in braces of their own.
func (l *lowerer) braced(list []ast.Stmt) {
	l.put("{ ")
	l.mark = 0
	l.block(list)
	l.mark = 0
	l.put("}; ")
}

// stmt writes a statement. label is the label it has.
func (l *lowerer) stmt(s ast.Stmt, label string) {
	l.at(s.Pos())
	switch s := s.(type) {
	case *ast.EmptyStmt:
	case *ast.BlockStmt:
		c := l.push(label, false)
		l.braced(s.List)
		l.pop(c)
	case *ast.ExprStmt:
		l.exprStmt(s)
	case *ast.AssignStmt:
		l.begin(s.Pos(), s, s)
		l.assign(s)
	case *ast.IncDecStmt:
		l.begin(s.Pos(), s, s)
		l.incDec(s)
	case *ast.DeclStmt:
		l.declStmt(s.Decl.(*ast.GenDecl))
	case *ast.GoStmt:
		l.begin(s.Pos(), nil, s)
		l.goStmt(s)
	case *ast.DeferStmt:
		l.begin(s.Pos(), nil, s)
		l.deferStmt(s)
	case *ast.SendStmt:
		l.begin(s.Pos(), s, s)
		elem := l.elemOf(l.typeOf(s.Chan))
		v := l.operands([]operand{
			{func() val { return l.expr(s.Chan) }, l.typeOf(s.Chan)},
			{func() val { return l.exprTo(s.Value, elem) }, elem},
		})
		x := l.temp("t")
		l.put("var %s %s = %s; %s <- %s; ", x, l.typ(elem), l.store(v[1].s, elem), v[0].s, x)
	case *ast.ReturnStmt:
		l.returnStmt(s)
	case *ast.IfStmt:
		c := l.push(label, false)
		l.ifStmt(s)
		l.pop(c)
	case *ast.ForStmt:
		l.forStmt(s, label)
	case *ast.RangeStmt:
		l.rangeStmt(s, label)
	case *ast.SwitchStmt:
		l.switchStmt(s, label)
	case *ast.TypeSwitchStmt:
		l.typeSwitch(s, label)
	case *ast.SelectStmt:
		l.selectStmt(s, label)
	case *ast.LabeledStmt:
		if l.gotoTarget(s) {
			l.mark = 0
			l.put("%s: {}; ", l.labelName(s.Label))
		}
		l.stmt(s.Stmt, s.Label.Name)
	case *ast.BranchStmt:
		l.branch(s)
	default:
		l.refuse(s, fmt.Sprintf("a %T", s), "")
	}
}

func (l *lowerer) push(label string, loop bool) *control {
	c := &control{label: label, loop: loop}
	if label != "" || loop {
		l.fn.control = append(l.fn.control, c)
	}
	return c
}

// pop ends a statement and writes the label that break goes to.
func (l *lowerer) pop(c *control) {
	if n := len(l.fn.control); n > 0 && l.fn.control[n-1] == c {
		l.fn.control = l.fn.control[:n-1]
	}
	if c.brk != "" {
		l.put("%s: {}; ", c.brk)
	}
	l.mark = 0
}

// pushSwitch is push for a switch or select, which an unlabelled break leaves.
func (l *lowerer) pushSwitch(label string) *control {
	c := &control{label: label, choice: true}
	l.fn.control = append(l.fn.control, c)
	return c
}

// labelName is a label of the cell's in the lowered text.
func (l *lowerer) labelName(id *ast.Ident) string {
	o := l.info.ObjectOf(id)
	if o == nil {
		return id.Name
	}
	if n, ok := l.names[o]; ok {
		return n
	}
	n := l.temp(id.Name)
	l.names[o] = n
	return n
}

// gotoTarget reports whether a goto goes to the label.
func (l *lowerer) gotoTarget(s *ast.LabeledStmt) bool {
	o := l.info.ObjectOf(s.Label)
	found := false
	ast.Inspect(l.fn.node, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && b.Tok == token.GOTO && l.info.ObjectOf(b.Label) == o {
			found = true
		}
		return !found
	})
	return found
}

func (l *lowerer) branch(s *ast.BranchStmt) {
	list := l.fn.control
	switch s.Tok {
	case token.GOTO:
		l.put("goto %s; ", l.labelName(s.Label))
		return
	case token.FALLTHROUGH:
		return // the switch writes it
	}
	innermostLoop := true
	for i := len(list) - 1; i >= 0; i-- {
		c := list[i]
		match := s.Label == nil && (c.loop || s.Tok == token.BREAK && c.choice)
		if s.Label != nil {
			match = c.label == s.Label.Name
		}
		if !match {
			innermostLoop = innermostLoop && !c.loop
			continue
		}
		switch {
		case s.Tok == token.BREAK && c.loop && innermostLoop:
			l.put("break; ")
		case s.Tok == token.BREAK:
			if c.brk == "" {
				c.brk = l.temp("brk")
			}
			l.put("goto %s; ", c.brk)
		case innermostLoop && !c.contGoto:
			l.put("continue; ")
		default:
			if c.cont == "" {
				c.cont = l.temp("cont")
			}
			l.put("goto %s; ", c.cont)
		}
		return
	}
}

func (l *lowerer) exprStmt(s *ast.ExprStmt) {
	l.begin(s.Pos(), s.X, s.X)
	e := ast.Unparen(s.X)
	if c, ok := e.(*ast.CallExpr); ok {
		if _, isTuple := l.typeOf(c).(*types.Tuple); isTuple && l.builtinOf(c) == "" && !l.info.Types[c.Fun].IsType() {
			l.current = c
			if v, ok := l.special(c); ok {
				l.put("%s; ", v.s)
				return
			}
			l.put("%s; ", l.callText(c, l.callee(c)))
			return
		}
		l.current = c
	}
	v := l.expr(e)
	switch {
	case v.k < effects: // a receive, or a conversion of something with effects
		l.discard(v, l.typeOf(e))
	default:
		c, ok := e.(*ast.CallExpr)
		if ok && (l.builtinOf(c) == "copy" || l.builtinOf(c) == "recover") {
			l.discard(v, l.typeOf(e))
			return
		}
		if ok && l.fn != nil {
			if r := l.typeOf(c); l.converted(r) {
				l.discard(v, r)
				return
			}
		}
		l.put("%s; ", v.s)
		if ok && l.builtinOf(c) == "panic" {
			l.put(`panic("unreachable"); `)
		}
	}
}

// discard evaluates a value for its effects.
func (l *lowerer) discard(v val, t types.Type) {
	if v.s == "nil" {
		return
	}
	name := l.temp("t")
	l.put("var %s %s = %s; ", name, l.vtyp(types.Default(t)), v.s)
}

func (l *lowerer) returnStmt(s *ast.ReturnStmt) {
	fn := l.fn
	results := fn.sig.Results()
	l.begin(s.Pos(), s, s)
	if fn.frame != "" {
		l.setResults(s)
		l.put("return; ")
		return
	}
	if len(s.Results) == 0 {
		if results.Len() == 0 {
			l.put("return; ")
		} else {
			l.put("return %s; ", strings.Join(l.resultValues(fn), ", "))
		}
		return
	}
	v := l.resultOperands(s)
	texts := make([]string, len(v))
	for i := range v {
		texts[i] = v[i].s
		if fn.form == stored {
			texts[i] = l.store(texts[i], l.sub(results.At(i).Type()))
		}
	}
	if len(texts) == 1 && l.hazardous(ast.Unparen(s.Results[0]), v[0]) {
		t := l.temp("t")
		l.put("var %s %s = %s; ", t, l.formType(l.sub(results.At(0).Type()), fn.form), texts[0])
		texts[0] = t
	}
	l.put("return %s; ", strings.Join(texts, ", "))
}

// hazardous reports values that the interpreter would write right into the place
// of a result, in a way that has failed.
func (l *lowerer) hazardous(e ast.Expr, v val) bool {
	if v.k == pure {
		return false
	}
	if c, ok := e.(*ast.CallExpr); ok {
		return l.info.Types[c.Fun].IsType() || l.builtinOf(c) != ""
	}
	return false
}

// resultOperands lowers what a return statement returns.
func (l *lowerer) resultOperands(s *ast.ReturnStmt) []val {
	results := l.fn.sig.Results()
	if len(s.Results) == 1 && results.Len() > 1 {
		c := ast.Unparen(s.Results[0]).(*ast.CallExpr)
		text, _, loads := l.callMulti(c)
		names := make([]string, results.Len())
		for i := range names {
			names[i] = l.temp("t")
		}
		l.put("%s := %s; ", strings.Join(names, ", "), text)
		tuple := l.typeOf(c).(*types.Tuple)
		out := make([]val, len(names))
		for i := range out {
			out[i] = l.convert(val{loads(i, names[i]), pure}, l.sub(tuple.At(i).Type()), l.sub(results.At(i).Type()), s)
		}
		return out
	}
	list := make([]operand, len(s.Results))
	for i, e := range s.Results {
		t := l.sub(results.At(i).Type())
		list[i] = operand{func() val { return l.exprTo(e, t) }, t}
	}
	if len(s.Results) == 1 {
		l.current = nil
		if c, ok := ast.Unparen(s.Results[0]).(*ast.CallExpr); ok {
			l.current = c
		} else {
			l.current = s
		}
	}
	return l.operands(list)
}

// setResults assigns to the result variables of a function that defers.
func (l *lowerer) setResults(s *ast.ReturnStmt) {
	if len(s.Results) == 0 {
		return
	}
	v := l.resultOperands(s)
	fn := l.fn
	texts := make([]string, len(v))
	for i := range v {
		t := l.sub(fn.sig.Results().At(i).Type())
		texts[i] = v[i].s
		if r := l.resultVar(fn, i); r != nil && l.isStored(r) {
			texts[i] = l.store(texts[i], t)
		}
		if len(v) > 1 || v[i].k == effects {
			name := l.temp("t")
			typ := l.vtyp(t)
			if r := l.resultVar(fn, i); r != nil {
				typ = l.varType(r)
			}
			l.put("var %s %s = %s; ", name, typ, texts[i])
			texts[i] = name
		}
	}
	for i := range texts {
		l.put("%s = %s; ", fn.locals[i], texts[i])
	}
}

func (l *lowerer) ifStmt(s *ast.IfStmt) {
	scoped := s.Init != nil
	if scoped {
		l.put("{ ")
		l.stmt(s.Init, "")
	}
	l.begin(s.Pos(), s.Cond, s.Cond)
	cond := l.cond(s.Cond)
	l.put("if %s { ", cond)
	l.mark = 0
	l.block(s.Body.List)
	l.mark = 0
	l.at(s.Body.Rbrace)
	if s.Else != nil {
		l.put("} else { ")
		if b, ok := s.Else.(*ast.BlockStmt); ok {
			l.block(b.List)
			l.at(b.Rbrace)
		} else {
			l.stmt(s.Else, "")
		}
		l.mark = 0
	}
	l.put("}; ")
	if scoped {
		l.put("}; ")
	}
}

// cond lowers a condition to a bool of the predeclared type that is no constant:
// the interpreter fails with some of these.
func (l *lowerer) cond(e ast.Expr) string {
	s := l.boolean(e)
	if s == "true" || s == "false" {
		s = l.variable(val{s, reads}, types.Typ[types.Bool]).s
	}
	return s
}

func (l *lowerer) boolean(e ast.Expr) string {
	v := l.expr(e)
	if _, ok := types.Unalias(l.typeOf(e)).(*types.Named); ok {
		v.s = "bool(" + v.s + ")"
	}
	return v.s
}
