package lower

import (
	"go/ast"
	"go/types"
	"runtime"
	"strings"
)

// builtin lowers a call of a predeclared function or of one of unsafe.
func (l *lowerer) builtin(e *ast.CallExpr, name string) val {
	args := e.Args
	t := l.typeOf(e)
	if len(args) == 1 {
		if _, ok := l.typeOf(args[0]).(*types.Tuple); ok {
			l.refuse(e, "a call with several results as the argument of "+name, "assign them to variables first")
			return val{"nil", pure}
		}
	}
	switch name {
	case "len", "cap":
		if n, ok := l.arrayLen(args[0]); ok {
			return val{itoa(n), pure}
		}
		v := l.expr(args[0])
		return val{name + "(" + v.s + ")", inPlace(max(v.k, l.lenOrder(args[0])))}
	case "append":
		return l.append(e)
	case "copy":
		v := l.exprs(args)
		return val{"copy(" + v[0].s + ", " + v[1].s + ")", effects}
	case "delete":
		m := under(l.typeOf(args[0])).(*types.Map)
		v := l.operands([]operand{
			{func() val { return l.expr(args[0]) }, l.typeOf(args[0])},
			{func() val { return l.key(args[1], m.Key()) }, m.Key()},
		})
		return val{"delete(" + v[0].s + ", " + l.store(v[1].s, m.Key()) + ")", effects}
	case "close":
		return val{"close(" + l.expr(args[0]).s + ")", effects}
	case "clear":
		return val{l.rt() + ".Clear(" + l.expr(args[0]).s + ")", effects}
	case "make":
		return l.make(e, t)
	case "new":
		return l.new(e, t)
	case "min", "max":
		return l.minMax(e, name, t)
	case "panic":
		v := l.exprTo(args[0], types.NewInterfaceType(nil, nil))
		return val{l.rt() + ".Panic(" + v.s + ")", effects}
	case "recover":
		return l.recover(e)
	case "print", "println":
		list := make([]operand, len(args))
		for i, a := range args {
			list[i] = operand{func() val { return l.exprTo(a, types.NewInterfaceType(nil, nil)) }, types.NewInterfaceType(nil, nil)}
		}
		v := l.operands(list)
		texts := make([]string, len(v))
		for i := range v {
			if isInterface(l.typeOf(args[i])) {
				l.refuse(args[i], name+" of an interface value", "use fmt.Fprintln(os.Stderr, ...)")
			}
			texts[i] = v[i].s
		}
		f := map[string]string{"print": "Print", "println": "Println"}[name]
		return val{l.rt() + "." + f + "(" + strings.Join(texts, ", ") + ")", effects}
	case "complex", "real", "imag":
		l.refuse(e, "complex numbers", "")
		return val{"0", pure}
	}
	return l.unsafe(e, name, t)
}

// arrayLen is the length of an array, or of what a pointer to one points to. As
// in Go, the operand is evaluated only if there is a call or a receive in it.
func (l *lowerer) arrayLen(e ast.Expr) (int, bool) {
	t := under(l.typeOf(e))
	if p, ok := t.(*types.Pointer); ok {
		t = under(p.Elem())
	}
	a, ok := t.(*types.Array)
	if !ok {
		return 0, false
	}
	if l.hasEffects(e) {
		l.discard(l.expr(e), l.typeOf(e))
	}
	return int(a.Len()), true
}

func (l *lowerer) exprs(list []ast.Expr) []val {
	ops := make([]operand, len(list))
	for i, e := range list {
		ops[i] = operand{func() val { return l.expr(e) }, l.typeOf(e)}
	}
	return l.operands(ops)
}

// lenOrder: the length of a map or channel may change meanwhile.
func (l *lowerer) lenOrder(e ast.Expr) order {
	switch under(l.typeOf(e)).(type) {
	case *types.Map, *types.Chan, *types.Pointer:
		return reads
	}
	return pure
}

func (l *lowerer) append(e *ast.CallExpr) val {
	t := l.typeOf(e)
	st, ok := under(t).(*types.Slice)
	if !ok {
		l.refuse(e, "append to this type", "")
		return val{"nil", pure}
	}
	elem := l.sub(st.Elem())
	list := []operand{{func() val {
		if l.isNil(e.Args[0]) {
			return val{conv(l.typ(t), "nil"), pure}
		}
		return l.expr(e.Args[0])
	}, t}}
	spread := e.Ellipsis.IsValid()
	for _, a := range e.Args[1:] {
		if spread {
			list = append(list, operand{func() val {
				if l.isNil(a) {
					return val{conv(l.typ(t), "nil"), pure}
				}
				return l.expr(a)
			}, l.typeOf(a)})
			continue
		}
		list = append(list, operand{func() val {
			v := l.exprTo(a, elem)
			v.s = l.store(v.s, elem)
			if len(e.Args) == 2 {
				// The interpreter looks at the type to see whether to append
				// an element or the elements of a slice.
				if _, isSlice := under(l.typeOf(a)).(*types.Slice); isSlice || v.s == "nil" {
					name := l.temp("t")
					l.put("var %s %s = %s; ", name, l.typ(elem), v.s)
					v = val{name, pure}
				}
			}
			return v
		}, elem})
	}
	v := l.operands(list)
	texts := make([]string, len(v))
	for i := range v {
		if i > 0 && len(v) > 2 && !spread && v[i].k != pure && v[i].k != effects {
			// The interpreter appends one by one, and reads as it does.
			name := l.temp("t")
			l.put("var %s %s = %s; ", name, l.typ(elem), v[i].s)
			v[i].s = name
		}
		texts[i] = v[i].s
	}
	s := "append(" + strings.Join(texts, ", ")
	if spread {
		s += "..."
	}
	return val{s + ")", effects}
}

func (l *lowerer) make(e *ast.CallExpr, t types.Type) val {
	list := make([]operand, len(e.Args)-1)
	for i, a := range e.Args[1:] {
		list[i] = operand{func() val {
			v := l.expr(a)
			if b, ok := under(l.typeOf(a)).(*types.Basic); ok && b.Kind() != types.Int {
				v.s = "int(" + v.s + ")"
			}
			return v
		}, types.Typ[types.Int]}
	}
	s := l.typ(t)
	directed := ""
	if c, ok := under(t).(*types.Chan); ok && c.Dir() != types.SendRecv {
		directed = s
		s = l.typ(types.NewChan(types.SendRecv, c.Elem()))
	}
	s = "make(" + s
	for _, v := range l.operands(list) {
		s += ", " + v.s
	}
	s += ")"
	if directed != "" {
		s = conv(directed, s)
	}
	return val{s, pure}
}

// new lowers new(T) and new(expression).
func (l *lowerer) new(e *ast.CallExpr, t types.Type) val {
	arg := e.Args[0]
	elem := under(t).(*types.Pointer).Elem()
	if l.info.Types[arg].IsType() {
		return val{"new(" + l.typ(elem) + ")", pure}
	}
	v := l.exprTo(arg, elem)
	p := l.temp("p")
	l.put("%s := new(%s); *%s = %s; ", p, l.typ(elem), p, l.store(l.variable(v, elem).s, elem))
	return val{p, pure}
}

func (l *lowerer) minMax(e *ast.CallExpr, name string, t types.Type) val {
	ops := make([]operand, len(e.Args))
	for i, a := range e.Args {
		ops[i] = operand{func() val { return l.exprTo(a, t) }, t}
	}
	v := l.operands(ops)
	if b, ok := under(t).(*types.Basic); ok && b.Info()&types.IsFloat != 0 {
		f := map[string]string{"min": "Min", "max": "Max"}[name]
		s := "float64(" + v[0].s + ")"
		for _, x := range v[1:] {
			s = l.rt() + "." + f + "(" + s + ", float64(" + x.s + "))"
		}
		return val{conv(l.typ(t), s), most(v...)}
	}
	r := l.variable(v[0], t)
	op := map[string]string{"min": "<", "max": ">"}[name]
	for _, x := range v[1:] {
		if x.k != pure {
			x = l.variable(x, t)
		}
		l.put("if %s %s %s { %s = %s; }; ", x.s, op, r.s, r.s, x.s)
	}
	return r
}

// unsafe lowers the functions of package unsafe that are no constants.
func (l *lowerer) unsafe(e *ast.CallExpr, name string, t types.Type) val {
	u := l.pkg("unsafe")
	if name == "unsafe.Sizeof" { // of a type parameter's size
		return val{"uintptr(" + itoa(int(types.SizesFor("gc", runtime.GOARCH).Sizeof(l.typeOf(e.Args[0])))) + ")", pure}
	}
	v := l.exprs(e.Args)
	switch name {
	case "unsafe.Add":
		return val{u + ".Add(" + v[0].s + ", int(" + v[1].s + "))", most(v...)}
	case "unsafe.Slice":
		return l.filled(t, func(dst string) string {
			return l.rt() + ".Slice(" + dst + ", " + v[0].s + ", int64(" + v[1].s + "))"
		})
	case "unsafe.SliceData":
		return l.filled(t, func(dst string) string { return l.rt() + ".SliceData(" + dst + ", " + v[0].s + ")" })
	case "unsafe.String":
		return val{l.rt() + ".String(" + v[0].s + ", int64(" + v[1].s + "))", max(reads, most(v...))}
	case "unsafe.StringData":
		return val{l.rt() + ".StringData(" + v[0].s + ")", most(v...)}
	}
	l.refuse(e, name, "")
	return val{"nil", pure}
}

// filled declares a variable of type t that a call of the runtime fills.
func (l *lowerer) filled(t types.Type, call func(dst string) string) val {
	name := l.temp("t")
	l.put("var %s %s; %s; ", name, l.typ(t), call("&"+name))
	return val{l.load(name, t), pure}
}
