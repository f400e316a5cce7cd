package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// pushLoop is push for a loop.
func (l *lowerer) pushLoop(label string, contGoto bool) *control {
	c := &control{label: label, loop: true, contGoto: contGoto}
	l.fn.control = append(l.fn.control, c)
	l.fn.loops++
	return c
}

func (l *lowerer) popLoop(c *control) {
	l.fn.loops--
	l.fn.control = l.fn.control[:len(l.fn.control)-1]
	if c.brk != "" {
		l.put("%s: {}; ", c.brk)
	}
	l.mark = 0
}

// contLabel writes the label at the end of a loop's body.
func (l *lowerer) contLabel(c *control) {
	if c.cont != "" {
		l.put("%s: {}; ", c.cont)
	}
}

// forStmt lowers a for statement. Its variables are new in every iteration
// (since Go 1.22): the loop runs on variables of its own, and the body on copies,
// when somebody can see the difference.
func (l *lowerer) forStmt(s *ast.ForStmt, label string) {
	l.put("{ ")
	if s.Init != nil {
		l.stmt(s.Init, "")
	}
	copied := l.perIteration(s)
	for _, v := range copied {
		outer := l.temp(v.Name())
		l.put("var %s %s = %s; ", outer, l.varType(v), l.name(v))
		l.outer(v, outer)
	}
	// The head is written with the loop's own variables.
	inner := l.swap(copied)
	l.mark = 0
	condFails := s.Cond != nil && (l.fails(s.Cond) || l.hasEffects(s.Cond))
	var cond string
	before := ""
	l.fn.loops++
	if s.Cond != nil {
		if condFails {
			before = l.capture(func() {
				l.begin(s.Cond.Pos(), s.Cond, s.Cond)
				cond = l.cond(s.Cond)
			})
		} else {
			before = l.capture(func() { l.current = s.Cond; cond = l.cond(s.Cond) })
		}
	}
	l.fn.loops--
	if hasTests(cond) {
		if before == "" {
			before = l.capture(func() { l.mark = 0; l.markLine(s.Cond.Pos()) })
		}
		before += l.capture(func() { cond = l.variable(val{cond, reads}, types.Typ[types.Bool]).s })
	}
	l.mark = 0
	if before == "" {
		l.markLine(s.For)
	}
	head := ""
	switch {
	case s.Cond == nil, before != "":
	default:
		head = cond + " "
	}
	c := &control{label: label, loop: true, contGoto: s.Post != nil || len(copied) > 0}
	l.put("for %s{ ", head)
	l.mark = 0
	if before != "" {
		l.put("%sif !%s { break; }; ", before, cond)
	}
	l.swap(inner)
	l.put("{ ")
	for _, v := range copied {
		l.put("var %s %s = %s; ", l.name(v), l.varType(v), l.outerOf(v))
	}
	l.fn.control = append(l.fn.control, c)
	l.fn.loops++
	if len(copied) > 0 {
		l.put("{ ")
	}
	index, over := l.loopOver(s)
	unsafe := l.safeIn(index, over, s.Body)
	l.block(s.Body.List)
	unsafe()
	l.at(s.Body.Rbrace)
	if len(copied) > 0 {
		l.put("}; ")
		l.contLabel(c)
		for _, v := range copied {
			if l.about(v).assigned || l.about(v).addressed {
				l.put("%s = %s; ", l.outerOf(v), l.name(v))
			}
		}
		l.put("}; ")
	} else {
		l.put("}; ")
		l.contLabel(c)
	}
	if s.Post != nil {
		inner = l.swap(copied)
		l.mark = 0
		l.stmt(s.Post, "")
		l.swap(inner)
	}
	l.put("}; ")
	l.popLoop(c)
	l.put("}; ")
}

// perIteration is the variables of a loop's head of which there must be one per
// iteration.
func (l *lowerer) perIteration(s *ast.ForStmt) []*types.Var {
	init, ok := s.Init.(*ast.AssignStmt)
	if !ok || init.Tok != token.DEFINE {
		return nil
	}
	var vars []*types.Var
	for _, e := range init.Lhs {
		v, ok := l.info.Defs[e.(*ast.Ident)].(*types.Var)
		if !ok || v.Name() == "_" {
			continue
		}
		if a := l.about(v); a.captured || a.addressed {
			vars = append(vars, v)
		}
	}
	for _, v := range vars {
		for _, part := range []ast.Node{s.Cond, s.Post} {
			if l.sharedIn(part, v) {
				l.refuse(part, "a function literal or & on a loop's variable in the head of the loop", "move it into the body")
			}
		}
	}
	return vars
}

// sharedIn reports whether part of a loop's head captures v or takes its address.
func (l *lowerer) sharedIn(part ast.Node, v *types.Var) bool {
	if part == nil {
		return false
	}
	found := false
	ast.Inspect(part, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			ast.Inspect(n, func(m ast.Node) bool {
				if id, ok := m.(*ast.Ident); ok && l.info.Uses[id] == types.Object(v) {
					found = true
				}
				return true
			})
		case *ast.UnaryExpr:
			found = found || n.Op == token.AND && l.root(n.X) == v
		}
		return !found
	})
	return found
}

// outer notes the name of a loop's own copy of a variable.
func (l *lowerer) outer(v *types.Var, name string) {
	l.outers[v] = name
}

func (l *lowerer) outerOf(v *types.Var) string { return l.outers[v] }

// swap exchanges the names of variables with those of the loop's own copies.
func (l *lowerer) swap(vars []*types.Var) []*types.Var {
	for _, v := range vars {
		l.names[v], l.outers[v] = l.outers[v], l.names[v]
	}
	return vars
}
