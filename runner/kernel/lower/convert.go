package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// exprTo lowers an expression to a value of type t, to which it is assignable.
func (l *lowerer) exprTo(e ast.Expr, t types.Type) val {
	t = l.sub(t)
	if l.isNil(e) {
		return val{"nil", pure}
	}
	if tv, ok := l.info.Types[e]; ok && tv.Value != nil {
		from := l.sub(tv.Type)
		if isInterface(t) {
			from = types.Default(from)
			return l.convert(val{l.constant(tv.Value, from), pure}, from, t, e)
		}
		if _, ok := under(t).(*types.Basic); ok {
			return val{l.constant(tv.Value, t), pure}
		}
	}
	v := l.expr(e)
	if isInterface(t) {
		v = l.copied(v, e)
	}
	return l.convert(v, l.typeOf(e), t, e)
}

// convert makes a value of type from one of type to, as an assignment does.
func (l *lowerer) convert(v val, from, to types.Type, at ast.Node) val {
	if !isInterface(to) {
		if b, ok := from.(*types.Basic); ok && b.Kind() == types.UntypedBool {
			if _, named := types.Unalias(to).(*types.Named); named {
				return val{conv(l.typ(to), v.s), v.k}
			}
		}
		return v
	}
	if v.s == "nil" {
		return v
	}
	if isInterface(from) {
		return l.reinterface(v, from, to, at)
	}
	return l.toInterface(v, types.Default(from), to, at)
}

// reinterface converts between interface types. The dynamic value stays.
func (l *lowerer) reinterface(v val, from, to types.Type, at ast.Node) val {
	switch {
	case l.isCompiledInterface(to) && !l.isCompiledInterface(from):
		// From one of the cell's own, whose values may be boxes.
		t := l.temp("i")
		l.put("var %s %s; if %s != nil { %s.Must(&%s, %s, %s, %s); }; ", t, l.typ(to),
			l.again(&v, from), l.rt(), t, v.s, l.desc(to), quote(l.reflectText(from)))
		return val{t, pure}
	case !l.isCompiledInterface(to) && l.isCompiledInterface(from) && !isError(from):
		return val{l.rt() + ".Norm(" + v.s + ")", max(reads, v.k)}
	}
	return v
}

// again makes v's text one that can be written twice and returns it.
func (l *lowerer) again(v *val, t types.Type) string {
	if v.k != pure {
		*v = l.variable(*v, t)
	}
	return v.s
}

func isError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}

// toInterface converts a concrete value.
func (l *lowerer) toInterface(v val, from, to types.Type, at ast.Node) val {
	if !l.needsBox(from) {
		return v
	}
	desc := l.boxDesc(from)
	switch {
	case isError(to):
		return val{l.rt() + ".Err(" + desc + ", " + v.s + ")", v.k}
	case l.isCompiledInterface(to):
		t := l.temp("i")
		l.put("var %s %s; %s.Wrap(&%s, %s, %s); ", t, l.typ(to), l.rt(), t, desc, v.s)
		return val{t, pure}
	}
	return val{l.rt() + ".Box(" + desc + ", " + v.s + ")", v.k}
}

// conversion lowers T(x).
func (l *lowerer) conversion(e *ast.CallExpr) val {
	to := l.typeOf(e)
	arg := e.Args[0]
	from := l.typeOf(arg)
	if isInterface(to) {
		return l.exprTo(arg, to)
	}
	if l.isNil(arg) {
		return val{conv(l.vtyp(to), "nil"), pure}
	}
	v := l.expr(arg)
	if b, ok := under(from).(*types.Basic); ok && b.Info()&types.IsUntyped != 0 && !l.isConst(arg) {
		from = types.Default(from)
	}
	if types.Identical(from, to) {
		return v
	}
	k := v.k
	if _, ok := under(to).(*types.Slice); ok {
		k = max(k, ordered) // a copy of a string's bytes: always new
	}
	switch under(to).(type) {
	case *types.Signature:
		if n, ok := types.Unalias(to).(*types.Named); ok && !l.isOwn(n) {
			break
		}
		return v // a function type's own name means nothing to the interpreter
	case *types.Array:
		if _, ok := under(from).(*types.Slice); ok {
			return l.sliceToArray(e, v, from, to)
		}
	case *types.Pointer:
		if _, ok := under(from).(*types.Slice); ok {
			return l.sliceToArray(e, v, from, to)
		}
		if _, ok := under(from).(*types.Pointer); ok {
			if l.typ(under(from)) == l.typ(under(to)) {
				return v
			}
			return val{conv(l.vtyp(to), l.pkg("unsafe")+".Pointer("+v.s+")"), k}
		}
	case *types.Chan:
		if _, isNamed := types.Unalias(to).(*types.Named); !isNamed {
			return l.variable(v, to)
		}
	case *types.Struct:
		if l.typ(from) != l.typ(to) {
			return l.reshape(v, from, to)
		}
	}
	return val{conv(l.vtyp(to), v.s), k}
}

// reshape converts between struct types with the same fields by their memory:
// the interpreter's forms of the two may differ.
func (l *lowerer) reshape(v val, from, to types.Type) val {
	x := l.variable(v, from)
	u := l.pkg("unsafe")
	return val{"(*(*" + l.typ(to) + ")(" + u + ".Pointer(&" + x.s + ")))", reads}
}

// sliceToArray checks the length, for which reflect has a panic of its own.
func (l *lowerer) sliceToArray(e *ast.CallExpr, v val, from, to types.Type) val {
	x := l.variable(v, from)
	arr := under(to)
	p, isPtr := arr.(*types.Pointer)
	if isPtr {
		arr = under(p.Elem())
	}
	n := arr.(*types.Array).Len()
	l.put("if len(%s) < %d { %s.ShortSlice(len(%s), %d); }; ", x.s, n, l.rt(), x.s, n)
	return val{conv(l.typ(to), x.s), reads}
}

// comparison lowers == and !=.
func (l *lowerer) comparison(e *ast.BinaryExpr) val {
	xt, yt := l.typeOf(e.X), l.typeOf(e.Y)
	switch {
	case l.isNil(e.Y):
		return l.truth(e, l.nilTest(e.X, e.Op))
	case l.isNil(e.X):
		return l.truth(e, l.nilTest(e.Y, e.Op))
	}
	t := xt
	if isInterface(yt) {
		t = yt
	}
	if isInterface(xt) {
		t = xt
	}
	list := []operand{
		{func() val { return l.exprTo(e.X, t) }, t},
		{func() val { return l.exprTo(e.Y, t) }, t},
	}
	if !isInterface(t) {
		list[0] = operand{func() val { return l.expr(e.X) }, xt}
		list[1] = operand{func() val { return l.expr(e.Y) }, yt}
	} else {
		// As interfaces without methods: boxes and compiled values alike.
		list[0].lower = func() val { return l.plain(e.X) }
		list[1].lower = func() val { return l.plain(e.Y) }
		list[0].t, list[1].t = types.NewInterfaceType(nil, nil), types.NewInterfaceType(nil, nil)
	}
	v := l.operands(list)
	if !isInterface(t) && !l.isConst(e.X) && !l.isConst(e.Y) {
		l.alike(v, xt, yt)
	}
	return l.truth(e, l.equal(v[0], v[1], t, e.Op, e))
}

// plain lowers an operand of a comparison to an interface without methods.
func (l *lowerer) plain(e ast.Expr) val {
	if isInterface(l.typeOf(e)) {
		return l.expr(e)
	}
	return l.exprTo(e, types.NewInterfaceType(nil, nil))
}

// equal compares two values of type t.
func (l *lowerer) equal(x, y val, t types.Type, op token.Token, at ast.Node) val {
	k := max(reads, most(x, y))
	not := ""
	if op == token.NEQ {
		not = "!"
	}
	if isInterface(t) {
		return val{not + l.rt() + ".Eq(" + x.s + ", " + y.s + ")", k}
	}
	switch under(t).(type) {
	case *types.Struct, *types.Array:
		if l.hasInterface(t, 0) || hasBlank(t, 0) {
			l.refuse(at, "== of a struct or array that holds interface values or blank fields", "compare the fields")
		}
	}
	return val{"(" + x.s + " " + op.String() + " " + y.s + ")", most(x, y)}
}

// alike makes both operands of a comparison of one type: the interpreter refuses
// what is merely assignable.
func (l *lowerer) alike(v []val, xt, yt types.Type) {
	if a, b := l.vtyp(types.Default(xt)), l.vtyp(types.Default(yt)); a != b {
		if c, ok := under(xt).(*types.Chan); ok && c.Dir() == types.SendRecv {
			v[0] = l.variable(v[0], yt)
			return
		}
		v[1] = l.variable(v[1], xt)
	}
}

// hasInterface reports a compiled interface with methods in a value's memory:
// it may hold a wrapper that cannot be compared.
func (l *lowerer) hasInterface(t types.Type, depth int) bool {
	if depth > 20 {
		return true
	}
	switch u := under(l.sub(t)).(type) {
	case *types.Interface:
		return l.isCompiledInterface(t) && !isError(t)
	case *types.Struct:
		for i := range u.NumFields() {
			if l.hasInterface(u.Field(i).Type(), depth+1) {
				return true
			}
		}
	case *types.Array:
		return l.hasInterface(u.Elem(), depth+1)
	}
	return false
}

func hasBlank(t types.Type, depth int) bool {
	if depth > 20 {
		return true
	}
	switch u := under(t).(type) {
	case *types.Struct:
		for i := range u.NumFields() {
			if u.Field(i).Name() == "_" || hasBlank(u.Field(i).Type(), depth+1) {
				return true
			}
		}
	case *types.Array:
		return hasBlank(u.Elem(), depth+1)
	}
	return false
}

// nilTest lowers x == nil or x != nil.
func (l *lowerer) nilTest(x ast.Expr, op token.Token) val {
	v := l.expr(x)
	if v.s == "nil" { // a conversion of nil
		return val{strconv.FormatBool(op == token.EQL), pure}
	}
	return val{"(" + v.s + " " + op.String() + " nil)", max(reads, v.k)}
}
