package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// function is the state of the function being written. The body of a function
// that defers is a literal of the lowered text, and still the same function.
type function struct {
	outer   *function
	node    ast.Node
	sig     *types.Signature
	form    form     // how results are returned
	locals  []string // of the results, when they are variables
	frame   string   // of a function that defers: its rt.Frame
	caught  string   // what rt.Catch gave
	inFrame string   // of a literal that is deferred as it stands: the outer frame
	line    string   // the line cell
	uses    *bool    // whether the line cell is used
	loops   int      // loops around the statement being written
	control []*control
	safe    []pair // indexes that need no test
}

// cell is the line cell of the function being written.
func (l *lowerer) cell() string {
	if l.cellName != "" {
		return l.cellName
	}
	if l.fn == nil {
		return l.rt() + ".Line()"
	}
	*l.fn.uses = true
	return l.fn.line
}

// markLine stores the line of what follows.
func (l *lowerer) markLine(pos token.Pos) {
	n := l.line(pos)
	if l.fn == nil || l.mark == n {
		return
	}
	l.put("*%s = %d; ", l.cell(), n)
	l.mark = n
}

// funcLit lowers a function literal that may run on any goroutine.
func (l *lowerer) funcLit(e *ast.FuncLit) string {
	sig := l.typeOf(e).(*types.Signature)
	return l.inLoop(sig, l.literal(e, "", ""))
}

// funcLitSame lowers one that is called where it stands.
func (l *lowerer) funcLitSame(e *ast.FuncLit) string {
	if l.fn == nil {
		return l.literal(e, "", "")
	}
	return l.literal(e, l.cell(), "")
}

// literal lowers a function literal. line is the line cell it can use, empty if
// it needs its own; frame is the frame that defers it.
func (l *lowerer) literal(e *ast.FuncLit, line, frame string) string {
	sig := l.typeOf(e).(*types.Signature)
	own := line == ""
	if own {
		line = l.temp("l")
	}
	used := false
	fn := &function{outer: l.fn, node: e, sig: sig, form: stored, line: line, uses: &used, inFrame: frame}
	if !own && l.fn != nil {
		fn.uses = l.fn.uses
	}
	params, before := l.params(sig, e.Type, stored)
	body := l.body(fn, e.Body, e.Type)
	if own && used {
		before = line + " := " + l.rt() + ".Line(); " + before
	}
	return "func(" + params + ")" + l.results(sig) + " { " + before + body + "}"
}

// params writes parameters, and the statements that make them the variables
// that the body uses.
func (l *lowerer) params(sig *types.Signature, ft *ast.FuncType, f form) (list, before string) {
	var params []string
	i := 0
	var b strings.Builder
	add := func(v *types.Var) {
		t := l.sub(sig.Params().At(i).Type())
		i++
		if v == nil {
			params = append(params, l.temp("p")+" "+l.paramForm(t, f))
			return
		}
		name := l.name(v)
		if l.paramForm(t, f) == l.varType(v) {
			params = append(params, name+" "+l.varType(v))
			return
		}
		p := l.temp("p")
		params = append(params, p+" "+l.paramForm(t, f))
		s := p
		if l.paramForm(t, f) != l.formType(t, f) {
			s = p + ".(" + l.vtyp(t) + ")"
		}
		if f == stored {
			s = l.load(s, t)
		}
		if l.isStored(v) {
			s = l.store(s, t)
			if f == stored {
				s = p
			}
		}
		b.WriteString("var " + name + " " + l.varType(v) + " = " + s + "; ")
	}
	if ft.Params != nil {
		for _, field := range ft.Params.List {
			if len(field.Names) == 0 {
				add(nil)
			}
			for _, id := range field.Names {
				v, _ := l.info.Defs[id].(*types.Var)
				if id.Name == "_" {
					v = nil
				}
				add(v)
			}
		}
	}
	return strings.Join(params, ", "), b.String()
}

// formType is the type that a parameter or result has in a function of form f.
func (l *lowerer) formType(t types.Type, f form) string {
	if f == stored {
		return l.typ(t)
	}
	return l.vtyp(t)
}

// paramForm is the type of a parameter in the text of a function of form f.
func (l *lowerer) paramForm(t types.Type, f form) string {
	if f == direct {
		return l.paramTyp(t)
	}
	return l.formType(t, f)
}

// body writes a function's body without its braces.
func (l *lowerer) body(fn *function, block *ast.BlockStmt, ft *ast.FuncType) string {
	oldFn, oldMark := l.fn, l.mark
	l.fn, l.mark = fn, 0
	defer func() { l.fn, l.mark = oldFn, oldMark }()
	if hasBackwardGoto(block) {
		fn.loops++
	}
	if n := gotoLabels(block); n > 3 {
		l.refuse(block, "a function with goto to more than three labels", "use loops")
	}
	defers := directly(block, func(n ast.Node) bool { _, ok := n.(*ast.DeferStmt); return ok })
	recovers := fn.inFrame == "" && directly(block, l.isRecover)
	return l.capture(func() {
		if recovers {
			fn.caught = l.temp("c")
			l.put("%s := %s.Catch(); ", fn.caught, l.rt())
		}
		l.resultVars(fn, ft, defers)
		if !defers {
			l.block(block.List)
			l.at(block.Rbrace)
			l.endOfBody(fn, block)
			return
		}
		fn.frame = l.temp("d")
		l.put("%s.Call(func(%s *%s.Frame) { ", l.rt(), fn.frame, l.rt())
		l.block(block.List)
		l.at(block.Rbrace)
		l.put("}); ")
		if fn.sig.Results().Len() > 0 {
			l.put("return %s; ", strings.Join(l.resultValues(fn), ", "))
		}
	})
}

// resultVars declares the results as variables where they need to be.
func (l *lowerer) resultVars(fn *function, ft *ast.FuncType, defers bool) {
	results := fn.sig.Results()
	if results.Len() == 0 || ft.Results == nil {
		return
	}
	named := len(ft.Results.List[0].Names) > 0
	if !named && !defers {
		return
	}
	i := 0
	add := func(v *types.Var) {
		t := l.sub(results.At(i).Type())
		i++
		if v == nil || v.Name() == "_" {
			name := l.temp("r")
			l.put("var %s %s; ", name, l.vtyp(t))
			fn.locals = append(fn.locals, name)
			return
		}
		l.put("var %s %s; ", l.name(v), l.varType(v))
		fn.locals = append(fn.locals, l.name(v))
	}
	for _, field := range ft.Results.List {
		if len(field.Names) == 0 {
			add(nil)
		}
		for _, id := range field.Names {
			v, _ := l.info.Defs[id].(*types.Var)
			add(v)
		}
	}
}

// resultVar is the variable of result i, nil if it is not the cell's.
func (l *lowerer) resultVar(fn *function, i int) *types.Var {
	var ft *ast.FuncType
	switch n := fn.node.(type) {
	case *ast.FuncLit:
		ft = n.Type
	case *ast.FuncDecl:
		ft = n.Type
	}
	for _, field := range ft.Results.List {
		if len(field.Names) == 0 {
			return nil
		}
		for _, id := range field.Names {
			if i == 0 {
				v, _ := l.info.Defs[id].(*types.Var)
				if id.Name == "_" {
					return nil
				}
				return v
			}
			i--
		}
	}
	return nil
}

// resultValues reads the result variables in the form in which fn returns them.
func (l *lowerer) resultValues(fn *function) []string {
	out := make([]string, len(fn.locals))
	for i, name := range fn.locals {
		t := l.sub(fn.sig.Results().At(i).Type())
		s := name
		if v := l.resultVar(fn, i); v != nil && l.isStored(v) {
			if fn.form != stored {
				s = l.load(s, t)
			}
		} else if fn.form == stored {
			s = l.store(s, t)
		}
		out[i] = s
	}
	return out
}

// endOfBody writes what go/types wants at the end of a function with results.
func (l *lowerer) endOfBody(fn *function, block *ast.BlockStmt) {
	if fn.sig.Results().Len() == 0 {
		return
	}
	if n := len(block.List); n > 0 {
		if _, ok := block.List[n-1].(*ast.ReturnStmt); ok {
			return
		}
	}
	l.put(`panic("unreachable"); `)
}

// directly reports whether a function's body contains a node, outside of function
// literals in it.
func directly(block *ast.BlockStmt, is func(ast.Node) bool) bool {
	found := false
	ast.Inspect(block, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok || found {
			return false
		}
		if n != nil && is(n) {
			found = true
		}
		return !found
	})
	return found
}

func (l *lowerer) isRecover(n ast.Node) bool {
	c, ok := n.(*ast.CallExpr)
	return ok && l.builtinOf(c) == "recover"
}

// hasBackwardGoto reports a goto that makes statements run again.
func hasBackwardGoto(block *ast.BlockStmt) bool {
	labels := map[string]token.Pos{}
	ast.Inspect(block, func(n ast.Node) bool {
		if s, ok := n.(*ast.LabeledStmt); ok {
			labels[s.Label.Name] = s.Pos()
		}
		return true
	})
	found := false
	ast.Inspect(block, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && b.Tok == token.GOTO && labels[b.Label.Name] < b.Pos() {
			found = true
		}
		return true
	})
	return found
}

// gotoLabels counts the labels that goto statements go to.
func gotoLabels(block *ast.BlockStmt) int {
	labels := map[string]bool{}
	ast.Inspect(block, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && b.Tok == token.GOTO {
			labels[b.Label.Name] = true
		}
		return true
	})
	return len(labels)
}

func (l *lowerer) recover(e *ast.CallExpr) val {
	switch {
	case l.fn == nil:
		return val{"interface{}(nil)", pure}
	case l.fn.inFrame != "":
		return val{l.fn.inFrame + ".Recover()", effects}
	}
	return val{l.rt() + ".Recover(" + l.fn.caught + ")", effects}
}
