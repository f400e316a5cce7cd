package lower

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strconv"
	"strings"
)

// composite lowers a composite literal of type t, with the types that Go lets
// one leave out.
func (l *lowerer) composite(e *ast.CompositeLit, t types.Type) val {
	if p, ok := under(t).(*types.Pointer); ok { // {...} in a []*T
		v := l.composite(e, p.Elem())
		if _, isStruct := under(p.Elem()).(*types.Struct); isStruct {
			return val{"&" + v.s, v.k}
		}
		return val{"&" + l.variable(v, p.Elem()).s, pure}
	}
	name := l.typ(t)
	switch u := under(t).(type) {
	case *types.Struct:
		return l.structLit(e, u, name)
	case *types.Slice:
		return l.listLit(e, u.Elem(), name)
	case *types.Array:
		return l.listLit(e, u.Elem(), name)
	case *types.Map:
		return l.mapLit(e, t, u, name)
	}
	l.refuse(e, "this composite literal", "")
	return val{"nil", pure}
}

// element lowers an element of a composite literal, which may be one without its
// type, to a value as a variable has it.
func (l *lowerer) element(e ast.Expr, t types.Type) val {
	if lit, ok := e.(*ast.CompositeLit); ok && lit.Type == nil {
		t = l.sub(t)
		return l.composite(lit, t)
	}
	return l.exprTo(e, t)
}

func (l *lowerer) structLit(e *ast.CompositeLit, u *types.Struct, name string) val {
	var list []operand
	var fields []int
	for i, x := range e.Elts {
		f := i
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			x = kv.Value
			for j := range u.NumFields() {
				if u.Field(j).Name() == kv.Key.(*ast.Ident).Name {
					f = j
				}
			}
		}
		t := u.Field(f).Type()
		list = append(list, operand{func() val { return l.element(x, t) }, l.sub(t)})
		fields = append(fields, f)
	}
	v := l.operands(list)
	parts := make([]string, len(v))
	for i, f := range fields {
		parts[i] = l.fieldName(u, f) + ": " + l.store(v[i].s, l.sub(u.Field(f).Type()))
	}
	return val{name + "{" + strings.Join(parts, ", ") + "}", most(v...)}
}

// mapLit lowers a map literal. Its entries are made one after the other.
func (l *lowerer) mapLit(e *ast.CompositeLit, t types.Type, u *types.Map, name string) val {
	entry := func(x ast.Expr) []operand {
		kv := x.(*ast.KeyValueExpr)
		return []operand{
			{func() val { return l.element(kv.Key, u.Key()) }, u.Key()},
			{func() val { return l.element(kv.Value, u.Elem()) }, u.Elem()},
		}
	}
	if l.hasEffects(e) {
		m := l.variable(val{name + "{}", pure}, t)
		for _, x := range e.Elts {
			v := l.operands(entry(x))
			l.put("%s[%s] = %s; ", m.s, l.store(v[0].s, u.Key()), l.store(l.variable(v[1], u.Elem()).s, u.Elem()))
		}
		return m
	}
	var list []operand
	for _, x := range e.Elts {
		list = append(list, entry(x)...)
	}
	v := l.operands(list)
	parts := make([]string, 0, len(v)/2)
	for i := 0; i < len(v); i += 2 {
		parts = append(parts, l.store(v[i].s, u.Key())+": "+l.store(v[i+1].s, u.Elem()))
	}
	return val{name + "{" + strings.Join(parts, ", ") + "}", most(v...)}
}

func (l *lowerer) listLit(e *ast.CompositeLit, elem types.Type, name string) val {
	elem = l.sub(elem)
	list := make([]operand, len(e.Elts))
	keys := make([]string, len(e.Elts))
	next := int64(0)
	for i, x := range e.Elts {
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			if tv := l.info.Types[kv.Key]; tv.Value != nil {
				next, _ = constant.Int64Val(constant.ToInt(tv.Value))
			}
			x = kv.Value
			keys[i] = strconv.FormatInt(next, 10) + ": "
		}
		next++
		list[i] = operand{func() val { return l.element(x, elem) }, elem}
	}
	v := l.operands(list)
	parts := make([]string, len(v))
	for i := range v {
		parts[i] = keys[i] + l.store(v[i].s, elem)
	}
	return val{name + "{" + strings.Join(parts, ", ") + "}", most(v...)}
}
