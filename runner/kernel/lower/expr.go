package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// expr lowers an expression to a value of its own type.
func (l *lowerer) expr(e ast.Expr) val {
	if tv, ok := l.info.Types[e]; ok {
		if tv.Value != nil {
			return val{l.constant(tv.Value, l.sub(tv.Type)), pure}
		}
		if tv.IsNil() {
			return val{"nil", pure}
		}
	}
	if b, ok := under(l.typeOf(e)).(*types.Basic); ok && b.Info()&types.IsComplex != 0 {
		l.refuse(e, "complex numbers", "")
		return val{"0", pure}
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return l.expr(e.X)
	case *ast.Ident:
		return l.ident(e)
	case *ast.FuncLit:
		return val{l.funcLit(e), pure}
	case *ast.CompositeLit:
		return l.composite(e, l.typeOf(e))
	case *ast.SelectorExpr:
		return l.selector(e)
	case *ast.IndexExpr:
		return l.index(e)
	case *ast.IndexListExpr:
		return l.genericValue(e, e.X)
	case *ast.SliceExpr:
		return l.sliceExpr(e)
	case *ast.StarExpr:
		v := l.expr(e.X)
		tests, s := split(v.s)
		return val{tests + l.load("(*"+s+")", l.typeOf(e)), max(reads, v.k)}
	case *ast.UnaryExpr:
		return l.unary(e)
	case *ast.BinaryExpr:
		return l.binary(e)
	case *ast.TypeAssertExpr:
		return l.assertion(e)
	case *ast.CallExpr:
		return l.call(e)
	}
	l.refuse(e, fmt.Sprintf("a %T", e), "")
	return val{"nil", pure}
}

func (l *lowerer) ident(e *ast.Ident) val {
	switch o := l.info.ObjectOf(e).(type) {
	case *types.Var:
		k := pure
		if o.Parent() == l.f.Pkg.Scope() || l.about(o).shared() {
			k = reads
		}
		s := l.name(o)
		if o.Parent() == l.f.Pkg.Scope() || l.isStored(o) {
			s = l.load(s, l.sub(o.Type()))
		}
		return val{s, k}
	case *types.Func:
		return l.funcValue(e, o)
	}
	return val{l.name(l.info.ObjectOf(e)), pure}
}

// selector lowers x.f, x.Method as a value, T.Method and pkg.Name.
func (l *lowerer) selector(e *ast.SelectorExpr) val {
	sel := l.info.Selections[e]
	if sel == nil {
		o := l.info.Uses[e.Sel]
		k := pure
		if _, ok := o.(*types.Var); ok {
			k = reads
		}
		if fn, ok := o.(*types.Func); ok && fn.Signature().Variadic() {
			lit := l.adapter(fn.Signature(), func(args []string) string {
				return l.pkg(o.Pkg().Path()) + "." + o.Name() + "(" + strings.Join(args, ", ") + "...)"
			}, false)
			return val{l.inLoop(fn.Signature(), lit), pure}
		}
		return val{l.pkg(o.Pkg().Path()) + "." + o.Name(), k}
	}
	switch sel.Kind() {
	case types.FieldVal:
		x := l.expr(e.X)
		s, _, indirect := l.path(x.s, l.typeOf(e.X), sel.Index())
		k := x.k
		if indirect {
			k = max(k, reads)
		}
		tests, s := split(s)
		return val{tests + l.load(s, l.typeOf(e)), k}
	case types.MethodVal:
		return l.methodValue(e, sel)
	default:
		return l.methodExpr(e, sel)
	}
}

// path writes a selection of fields, embedded ones by name, as they are stored.
func (l *lowerer) path(s string, t types.Type, index []int) (text string, last types.Type, indirect bool) {
	tests, s := split(s)
	if len(index) > 0 && (strings.HasPrefix(s, "&") || strings.HasPrefix(s, "*")) {
		s = "(" + s + ")"
	}
	defer func() { text = tests + text }()
	for n, i := range index {
		if p, ok := under(t).(*types.Pointer); ok {
			indirect = true
			if n > 0 {
				s = l.load(s, t)
			}
			t = p.Elem()
		}
		st, ok := under(t).(*types.Struct)
		if !ok {
			return s, t, indirect
		}
		f := st.Field(i)
		t = l.sub(f.Type())
		if own := f.Pkg() == l.f.Pkg; own || f.Exported() {
			s += "." + l.fieldName(st, i)
		}
	}
	return s, t, indirect
}

func (l *lowerer) index(e *ast.IndexExpr) val {
	if tv, ok := l.info.Types[e.Index]; ok && tv.IsType() {
		return l.genericValue(e, e.X)
	}
	xt := l.typeOf(e.X)
	if m, ok := under(xt).(*types.Map); ok {
		v := l.operands([]operand{
			{func() val { return l.expr(e.X) }, xt},
			{func() val { return l.key(e.Index, m.Key()) }, m.Key()},
		})
		s := v[0].s + "[" + l.store(v[1].s, m.Key()) + "]"
		tests, s := split(s)
		return val{tests + l.load(s, m.Elem()), max(reads, most(v...))}
	}
	v := l.operands([]operand{
		{func() val { return l.expr(e.X) }, xt},
		{func() val { return l.expr(e.Index) }, l.typeOf(e.Index)},
	})
	l.settle(v, e.X, e.Index)
	s := l.indexed(e, v[0].s, v[1].s, xt)
	tests, s := split(s)
	return val{tests + l.load(s, l.typeOf(e)), max(reads, most(v...))}
}

// settle puts operands with effects, and literals, into variables: tests write
// operands again.
func (l *lowerer) settle(v []val, list ...ast.Expr) {
	for i, e := range list {
		if v[i].k == effects || strings.Contains(plain(v[i].s), "{") {
			v[i] = l.variable(v[i], types.Default(l.typeOf(e)))
		}
	}
}

// key lowers a map key. The interpreter does not give a nil the key's type.
func (l *lowerer) key(e ast.Expr, t types.Type) val {
	v := l.exprTo(e, t)
	if v.s == "nil" {
		v = l.variable(v, l.sub(t))
	}
	return v
}

func (l *lowerer) sliceExpr(e *ast.SliceExpr) val {
	list := []operand{{func() val { return l.expr(e.X) }, l.typeOf(e.X)}}
	at := map[ast.Expr]int{}
	for _, x := range []ast.Expr{e.Low, e.High, e.Max} {
		if x != nil {
			at[x] = len(list)
			list = append(list, operand{func() val { return l.expr(x) }, l.typeOf(x)})
		}
	}
	if _, ok := under(l.typeOf(e.X)).(*types.Array); ok {
		// The array itself, not a copy of it.
		list[0].lower = func() val { return l.addressable(e.X) }
	}
	v := l.operands(list)
	operands := []ast.Expr{e.X}
	for _, x := range []ast.Expr{e.Low, e.High, e.Max} {
		if x != nil {
			operands = append(operands, x)
		}
	}
	if _, ok := under(l.typeOf(e.X)).(*types.Array); ok {
		l.settle(v[1:], operands[1:]...)
	} else {
		l.settle(v, operands...)
	}
	text := func(x ast.Expr) string {
		if x == nil {
			return ""
		}
		return v[at[x]].s
	}
	tests, s := split(l.sliced(e, v[0].s, text(e.Low), text(e.High), text(e.Max), l.typeOf(e.X)))
	return val{tests + s, max(ordered, most(v...))}
}

// addressable lowers a variable, a field of one or the like, so that & or a
// slice expression can be applied to the text. It is written as it is stored.
func (l *lowerer) addressable(e ast.Expr) val {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return l.addressable(e.X)
	case *ast.Ident:
		if o, ok := l.info.ObjectOf(e).(*types.Var); ok {
			return val{l.name(o), pure}
		}
	case *ast.SelectorExpr:
		sel := l.info.Selections[e]
		if sel == nil {
			return l.selector(e)
		}
		x := l.target(e.X)
		s, _, _ := l.path(x.s, l.typeOf(e.X), sel.Index())
		return val{s, x.k}
	case *ast.IndexExpr:
		xt := l.typeOf(e.X)
		v := l.operands([]operand{
			{func() val { return l.target(e.X) }, xt},
			{func() val { return l.expr(e.Index) }, l.typeOf(e.Index)},
		})
		if !isArray(xt) {
			l.settle(v, e.X, e.Index)
		} else {
			l.settle(v[1:], e.Index)
		}
		if isPointer(xt) {
			tests, s := split(v[0].s)
			v[0].s = tests + "(*" + s + ")"
		}
		return val{l.indexed(e, v[0].s, v[1].s, xt), max(reads, most(v...))}
	case *ast.StarExpr:
		v := l.expr(e.X)
		tests, s := split(v.s)
		return val{tests + "(*" + s + ")", v.k}
	case *ast.CompositeLit:
		return l.expr(e)
	}
	return l.expr(e)
}

// target is the operand of which an addressable expression is a part.
func (l *lowerer) target(x ast.Expr) val {
	switch under(l.typeOf(x)).(type) {
	case *types.Pointer, *types.Slice:
		return l.expr(x)
	}
	return l.addressable(x)
}

func isArray(t types.Type) bool {
	_, ok := under(t).(*types.Array)
	return ok
}

func (l *lowerer) unary(e *ast.UnaryExpr) val {
	switch e.Op {
	case token.AND:
		return l.address(e)
	case token.ARROW:
		v, _ := l.receive(e)
		return v
	}
	x := l.expr(e.X)
	s := "(" + e.Op.String() + x.s + ")"
	return val{s, x.k}
}

// address lowers &x.
func (l *lowerer) address(e *ast.UnaryExpr) val {
	if lit, ok := ast.Unparen(e.X).(*ast.CompositeLit); ok {
		t := l.typeOf(lit)
		v := l.composite(lit, t)
		if _, ok := under(t).(*types.Struct); ok {
			return val{"&" + v.s, v.k}
		}
		// The interpreter would use one array for all times the literal is evaluated.
		return val{"&" + l.variable(v, t).s, pure}
	}
	if star, ok := ast.Unparen(e.X).(*ast.StarExpr); ok { // &*p is p
		return l.expr(star.X)
	}
	x := l.addressable(e.X)
	tests, s := split(x.s)
	return val{tests + "&" + s, x.k}
}

// receive lowers <-ch to variables for the value and whether there was one.
func (l *lowerer) receive(e *ast.UnaryExpr) (v, ok val) {
	ch := l.expr(e.X)
	elem := l.elemOf(l.typeOf(e.X))
	value, more := l.temp("v"), l.temp("ok")
	l.put("var %s %s; var %s bool; ", value, l.typ(elem), more)
	l.put("%s, %s = <-%s; ", value, more, ch.s)
	return val{l.load(value, elem), pure}, val{more, pure}
}

func (l *lowerer) elemOf(t types.Type) types.Type {
	if c, ok := under(t).(*types.Chan); ok {
		return c.Elem()
	}
	return types.Typ[types.Invalid]
}
