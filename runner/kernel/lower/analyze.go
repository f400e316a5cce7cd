package lower

import (
	"go/ast"
	"go/token"
	"go/types"
)

// varInfo is what happens to a local variable besides its declaration.
type varInfo struct {
	owner     ast.Node // the function literal or declaration it belongs to
	captured  bool     // used by a function literal within
	assigned  bool
	addressed bool
}

// shared reports whether a call can change the variable, or see it change.
func (v *varInfo) shared() bool { return v.captured && v.assigned || v.addressed }

func (l *lowerer) about(v *types.Var) *varInfo {
	if a := l.analysis[v]; a != nil {
		return a
	}
	a := &varInfo{}
	l.analysis[v] = a
	return a
}

// analyze fills l.analysis for a declaration.
func (l *lowerer) analyze(decl ast.Node) {
	var owners []ast.Node
	var stack []ast.Node
	ast.Inspect(decl, func(n ast.Node) bool {
		if n == nil {
			top := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			if len(owners) > 0 && owners[len(owners)-1] == top {
				owners = owners[:len(owners)-1]
			}
			return true
		}
		stack = append(stack, n)
		switch n := n.(type) {
		case *ast.FuncLit:
			owners = append(owners, n)
		case *ast.FuncDecl:
			owners = append(owners, n)
		case *ast.Ident:
			if len(owners) == 0 {
				break
			}
			if v, ok := l.info.Defs[n].(*types.Var); ok && !v.IsField() {
				l.about(v).owner = owners[len(owners)-1]
			}
			if v, ok := l.info.Uses[n].(*types.Var); ok && !v.IsField() {
				a := l.about(v)
				switch {
				case a.owner != nil:
					a.captured = a.captured || a.owner != owners[len(owners)-1]
				case len(owners) > 1 && isCell(owners[0]):
					a.captured = true // of a cell, whose variables are local in the compiled program
				}
			}
		case *ast.CaseClause:
			if v, ok := l.info.Implicits[n].(*types.Var); ok && len(owners) > 0 {
				l.about(v).owner = owners[len(owners)-1]
			}
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				if id, ok := ast.Unparen(lhs).(*ast.Ident); ok && n.Tok == token.DEFINE && l.info.Defs[id] != nil {
					continue
				}
				l.assigns(lhs)
			}
		case *ast.IncDecStmt:
			l.assigns(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				l.assigns(n.Key)
				l.assigns(n.Value)
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				l.addresses(n.X)
			}
		case *ast.SliceExpr:
			if _, ok := under(l.info.TypeOf(n.X)).(*types.Array); ok {
				l.addresses(n.X)
			}
		case *ast.SelectorExpr:
			sel := l.info.Selections[n]
			if sel == nil || sel.Kind() != types.MethodVal {
				break
			}
			sig := sel.Obj().Type().(*types.Signature)
			if sig.Recv() == nil {
				break
			}
			_, ptr := types.Unalias(sig.Recv().Type()).(*types.Pointer)
			if _, isPtr := under(l.info.TypeOf(n.X)).(*types.Pointer); ptr && !isPtr {
				l.addresses(n.X)
			}
		}
		return true
	})
}

// isCell reports the function that a cell's statements are.
func isCell(owner ast.Node) bool {
	f, ok := owner.(*ast.FuncDecl)
	return ok && f.Recv == nil && keepsSignature(f.Name.Name)
}

func (l *lowerer) assigns(e ast.Expr) {
	if v := l.root(e); v != nil {
		l.about(v).assigned = true
	}
}

func (l *lowerer) addresses(e ast.Expr) {
	if v := l.root(e); v != nil {
		l.about(v).addressed = true
	}
}

// root is the variable that an operand is, or is a part of.
func (l *lowerer) root(e ast.Expr) *types.Var {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return l.root(e.X)
	case *ast.Ident:
		if v, ok := l.info.ObjectOf(e).(*types.Var); ok && !v.IsField() {
			return v
		}
	case *ast.SelectorExpr:
		if sel := l.info.Selections[e]; sel != nil && sel.Kind() == types.FieldVal {
			if _, ptr := under(l.info.TypeOf(e.X)).(*types.Pointer); !ptr && !sel.Indirect() {
				return l.root(e.X)
			}
		}
	case *ast.IndexExpr:
		if _, ok := under(l.info.TypeOf(e.X)).(*types.Array); ok {
			return l.root(e.X)
		}
	}
	return nil
}
