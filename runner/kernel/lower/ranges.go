package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// rangeStmt lowers a range statement.
func (l *lowerer) rangeStmt(s *ast.RangeStmt, label string) {
	l.begin(s.For, s.X, s.X)
	if l.mark == 0 {
		l.markLine(s.For)
	}
	t := l.typeOf(s.X)
	switch u := under(t).(type) {
	case *types.Basic:
		if u.Info()&types.IsString != 0 {
			l.rangeString(s, label)
			return
		}
		l.rangeInt(s, label, t)
	case *types.Chan:
		l.rangeChan(s, label, u)
	case *types.Signature:
		l.refuse(s, "range over a function", "call the function with a literal")
	case *types.Map:
		l.rangeOver(s, label, u.Key(), u.Elem())
	case *types.Slice:
		l.rangeOver(s, label, types.Typ[types.Int], u.Elem())
	case *types.Array:
		l.rangeOver(s, label, types.Typ[types.Int], u.Elem())
	case *types.Pointer:
		l.rangeOver(s, label, types.Typ[types.Int], under(u.Elem()).(*types.Array).Elem())
	default:
		l.refuse(s, "range over this type", "")
	}
}

// rangeVar is what a range statement does with one of its values.
func (l *lowerer) rangeVar(e ast.Expr, tok token.Token) (v *types.Var, assign ast.Expr) {
	if e == nil {
		return nil, nil
	}
	id, ok := e.(*ast.Ident)
	if ok && id.Name == "_" {
		return nil, nil
	}
	if tok == token.DEFINE {
		v, _ := l.info.Defs[id].(*types.Var)
		return v, nil
	}
	return nil, e
}

// receiveInto writes what makes a range value the variable of the body.
func (l *lowerer) receiveInto(e ast.Expr, tok token.Token, value string, t types.Type, isStored bool) {
	v, assign := l.rangeVar(e, tok)
	x := val{value, pure}
	if isStored {
		x.s = l.load(value, t)
	}
	switch {
	case v != nil:
		l.declare(v, x)
	case assign != nil:
		l.set(l.place(assign, true), l.convert(x, t, l.typeOf(assign), assign), nil)
	}
}

// receivePair is receiveInto for both values of a range statement. Assignment to
// existing variables is one assignment: operands first.
func (l *lowerer) receivePair(s *ast.RangeStmt, k string, key types.Type, v string, elem types.Type, isStored bool) {
	_, ka := l.rangeVar(s.Key, s.Tok)
	_, va := l.rangeVar(s.Value, s.Tok)
	if ka == nil || va == nil {
		l.receiveInto(s.Key, s.Tok, k, key, isStored)
		l.receiveInto(s.Value, s.Tok, v, elem, isStored)
		return
	}
	p, q := l.place(ka, true), l.place(va, true)
	if isStored {
		k, v = l.load(k, key), l.load(v, elem)
	}
	l.set(p, l.convert(val{k, pure}, key, l.typeOf(ka), ka), nil)
	l.set(q, l.convert(val{v, pure}, elem, l.typeOf(va), va), nil)
}

// rangeBody writes the body of a loop and its end.
func (l *lowerer) rangeBody(s *ast.RangeStmt, c *control) {
	l.mark = 0
	l.put("{ ")
	unsafe := func() {}
	switch under(l.typeOf(s.X)).(type) {
	case *types.Slice, *types.Array:
		if s.Tok == token.DEFINE {
			unsafe = l.safeIn(s.Key, s.X, s.Body)
		}
	}
	l.block(s.Body.List)
	unsafe()
	l.at(s.Body.Rbrace)
	l.put("}; ")
	l.contLabel(c)
}

// rangeOver lowers range over a slice, an array or a map, which the interpreter
// does right with variables of its own.
func (l *lowerer) rangeOver(s *ast.RangeStmt, label string, key, elem types.Type) {
	key, elem = l.sub(key), l.sub(elem)
	kv, _ := l.rangeVar(s.Key, s.Tok)
	vv, va := l.rangeVar(s.Value, s.Tok)
	// Always a name: the interpreter confuses the places of blank ones.
	k, v := l.temp("k"), ""
	if vv != nil || va != nil {
		v = ", " + l.temp("v")
	}
	_, isMap := under(l.typeOf(s.X)).(*types.Map)
	if v == "" && !isMap {
		// Only the length counts, and an array need not be copied.
		n, i := l.temp("n"), k
		l.put("{ ")
		count := ""
		if c, ok := l.arrayLen(s.X); ok {
			count = itoa(c)
		} else {
			count = "len(" + l.expr(s.X).s + ")"
		}
		l.put("var %s int = %s; ", n, count)
		l.counting(s, label, i, "int", n, kv, func() { l.receiveInto(s.Key, s.Tok, i, key, true) })
		l.put("}; ")
		return
	}
	x := l.expr(s.X)
	if _, isChan := under(elem).(*types.Chan); isChan && v != "" {
		l.rangeChannels(s, label, k, v[2:], key, elem, x, isMap, kv)
		return
	}
	c := l.pushLoop(label, false)
	l.put("for %s%s := range %s { ", k, v, x.s)
	l.receivePair(s, k, key, strings.TrimPrefix(v, ", "), elem, true)
	l.rangeBody(s, c)
	l.put("}; ")
	l.popLoop(c)
}

// rangeChannels lowers range over a list or a map of channels, which the
// interpreter takes for range over a channel.
func (l *lowerer) rangeChannels(s *ast.RangeStmt, label, k, v string, key, elem types.Type, x val, isMap bool, kv *types.Var) {
	list := l.temp("s")
	l.put("{ var %s %s = %s; ", list, l.vtyp(l.typeOf(s.X)), x.s)
	if !isMap {
		n := l.temp("n")
		l.put("var %s int = len(%s); ", n, list)
		l.counting(s, label, k, "int", n, nil, func() {
			l.put("var %s %s = %s[%s]; ", v, l.typ(elem), list, k)
			l.receivePair(s, k, key, v, elem, true)
		})
		l.put("}; ")
		return
	}
	c := l.pushLoop(label, false)
	ok := l.temp("ok")
	l.put("for %s := range %s { var %s %s; var %s bool; ", k, list, v, l.typ(elem), ok)
	l.put("%s, %s = %s[%s]; if !%s { continue; }; ", v, ok, list, k, ok)
	l.receivePair(s, k, key, v, elem, true)
	l.rangeBody(s, c)
	l.put("}; ")
	l.popLoop(c)
	l.put("}; ")
}

// counting writes a loop that counts to n. The body's variable is the counter
// itself if nothing but the loop changes or keeps it.
func (l *lowerer) counting(s *ast.RangeStmt, label, i, typ, n string, v *types.Var, bind func()) {
	zero, one := "0", "1"
	if typ != "int" {
		zero, one = typ+"(0)", typ+"(1)"
	}
	c := l.pushLoop(label, true)
	same := false
	if v != nil {
		if a := l.about(v); !a.captured && !a.assigned && !a.addressed && !l.isStored(v) {
			same = true
			i = l.name(v)
		}
	}
	l.put("var %s %s = %s; for %s < %s { ", i, typ, zero, i, n)
	if !same {
		bind()
	}
	l.rangeBody(s, c)
	l.put("%s = %s + %s; }; ", i, i, one)
	l.popLoop(c)
}

func (l *lowerer) rangeInt(s *ast.RangeStmt, label string, t types.Type) {
	v, _ := l.rangeVar(s.Key, s.Tok)
	t = types.Default(t)
	if v != nil {
		t = l.sub(v.Type())
	}
	n := l.temp("n")
	x := l.exprTo(s.X, t)
	l.put("{ var %s %s = %s; ", n, l.typ(t), x.s)
	i := l.temp("i")
	l.counting(s, label, i, l.typ(t), n, v, func() { l.receiveInto(s.Key, s.Tok, i, t, false) })
	l.put("}; ")
}

// rangeString decodes runes one by one: the interpreter converts the string,
// which changes the positions after bytes that are not UTF-8.
func (l *lowerer) rangeString(s *ast.RangeStmt, label string) {
	str, i, next, r, w := l.temp("s"), l.temp("i"), l.temp("n"), l.temp("r"), l.temp("w")
	l.put("{ var %s string = string(%s); var %s int = 0; ", str, l.expr(s.X).s, next)
	c := l.pushLoop(label, false)
	l.put("for %s < len(%s) { var %s int = %s; var %s int32 = int32(%s[%s]); var %s int = 1; ", next, str, i, next, r, str, i, w)
	l.put("if %s >= int32(128) { %s, %s = %s.Rune(%s, %s); }; %s = %s + %s; ", r, r, w, l.rt(), str, i, next, next, w)
	l.receivePair(s, i, types.Typ[types.Int], r, types.Typ[types.Rune], false)
	l.rangeBody(s, c)
	l.put("}; ")
	l.popLoop(c)
	l.put("}; ")
}

func (l *lowerer) rangeChan(s *ast.RangeStmt, label string, u *types.Chan) {
	elem := l.sub(u.Elem())
	ch, v, ok := l.temp("ch"), l.temp("v"), l.temp("ok")
	l.put("{ var %s %s = %s; ", ch, l.typ(l.typeOf(s.X)), l.expr(s.X).s)
	c := l.pushLoop(label, false)
	l.put("for { ")
	l.mark = 0
	l.markLine(s.For)
	l.put("var %s %s; var %s bool; %s, %s = <-%s; if !%s { break; }; ", v, l.typ(elem), ok, v, ok, ch, ok)
	l.receiveInto(s.Key, s.Tok, v, elem, true)
	l.rangeBody(s, c)
	l.put("}; ")
	l.popLoop(c)
	l.put("}; ")
}
