package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// fails reports whether evaluating n can panic, block or call: whether its line
// has to be known. Function literals in it are no part of that.
func (l *lowerer) fails(n ast.Node) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if n == nil || found {
			return false
		}
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		found = found || l.failing(n)
		return !found
	})
	return found
}

// failing is fails for one node without its parts.
func (l *lowerer) failing(n ast.Node) bool {
	if e, ok := n.(ast.Expr); ok {
		if tv, ok := l.info.Types[e]; ok && (tv.Value != nil || tv.IsType()) {
			return false
		}
	}
	switch n := n.(type) {
	case *ast.CallExpr:
		if tv := l.info.Types[n.Fun]; tv.IsType() {
			_, ok := under(l.typeOf(n)).(*types.Array)
			return ok
		}
		switch l.builtinOf(n) {
		case "len", "cap", "append", "copy", "min", "max", "new", "delete", "recover", "unsafe.Add", "unsafe.String":
			return false
		}
		return true
	case *ast.IndexExpr:
		_, isMap := under(l.typeOf(n.X)).(*types.Map)
		return !isMap
	case *ast.SliceExpr, *ast.StarExpr, *ast.TypeAssertExpr, *ast.SendStmt:
		return true
	case *ast.SelectorExpr:
		sel := l.info.Selections[n]
		return sel != nil && (sel.Indirect() || isPointer(l.typeOf(n.X)))
	case *ast.UnaryExpr:
		return n.Op == token.ARROW
	case *ast.BinaryExpr:
		switch n.Op {
		case token.QUO, token.REM:
			return !l.isConst(n.Y)
		case token.EQL, token.NEQ:
			return isInterface(l.typeOf(n.X)) && !l.isNil(n.Y)
		}
	case *ast.IncDecStmt:
		x, ok := ast.Unparen(n.X).(*ast.IndexExpr)
		if !ok {
			break
		}
		_, isMap := under(l.typeOf(x.X)).(*types.Map)
		return isMap
	case *ast.AssignStmt:
		for _, lhs := range n.Lhs {
			if x, ok := ast.Unparen(lhs).(*ast.IndexExpr); ok {
				if _, isMap := under(l.typeOf(x.X)).(*types.Map); isMap {
					return true // of a nil map
				}
			}
		}
	}
	return false
}

// risk reports whether something of the statement that can fail is evaluated
// after a call of lowered code, which stores other lines.
func (l *lowerer) risk(call *ast.CallExpr) bool {
	if l.current == nil || l.current == ast.Node(call) {
		return false
	}
	found := false
	ast.Inspect(l.current, func(n ast.Node) bool {
		if n == nil || found {
			return false
		}
		if n == ast.Node(call) {
			return false
		}
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		after := n.Pos() >= call.End() || n.Pos() <= call.Pos() && call.End() <= n.End()
		if after && l.failing(n) {
			if c, ok := n.(*ast.CallExpr); ok && l.isOwnCall(c) {
				return true // it stores its own lines
			}
			found = true
		}
		return !found
	})
	return found
}

// isOwnCall reports a call of a function or method of the file.
func (l *lowerer) isOwnCall(c *ast.CallExpr) bool {
	id := identOf(genericOperand(ast.Unparen(c.Fun)))
	if id == nil {
		return false
	}
	fn, ok := l.info.Uses[id].(*types.Func)
	return ok && fn.Pkg() == l.f.Pkg
}

// begin starts a simple statement or the head of another: it stores the line if
// one of the parts can fail.
func (l *lowerer) begin(pos token.Pos, whole ast.Node, parts ...ast.Node) {
	l.current = whole
	for _, p := range parts {
		if p != nil && l.fails(p) {
			l.markLine(pos)
			return
		}
	}
}
