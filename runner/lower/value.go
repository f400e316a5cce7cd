package lower

import (
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"strconv"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// The text of an expression comes with how tightly it binds: as its operator, as a
// unary expression, or as an operand. The interpreter takes longer for what is in
// parentheses.
const (
	unaryPrecedence   = 6
	operandPrecedence = 7
)

// expr is the text of a value.
func (f *function) expr(v ssa.Value) (string, int) {
	if f.folded[v] {
		return f.inline(v)
	}
	return f.atom(v), operandPrecedence
}

// operand is the text of a value where an operand is wanted.
func (f *function) operand(v ssa.Value) string { return f.atLeast(v, operandPrecedence) }

func (f *function) atLeast(v ssa.Value, precedence int) string {
	s, p := f.expr(v)
	if p < precedence {
		return "(" + s + ")"
	}
	return s
}

// atom is the text of a value that is not folded.
func (f *function) atom(v ssa.Value) string {
	if x := f.aliased(v); x != nil {
		if a, ok := x.(*ssa.Alloc); ok {
			return f.local(a)
		}
		return f.operand(x)
	}
	switch v := v.(type) {
	case *ssa.Const:
		return f.constant(v)
	case *ssa.Global, *ssa.FieldAddr, *ssa.IndexAddr:
		if fa, ok := v.(*ssa.FieldAddr); ok && f.isUnnamed(fa) {
			return f.operand(fa.X)
		}
		return "(&" + f.path(v) + ")"
	case *ssa.Function:
		return f.funcValue(v, nil)
	case *ssa.Alloc:
		if !v.Heap {
			return "(&" + f.local(v) + ")"
		}
	}
	return f.reg(v)
}

// held is a value in a variable: an operation on constants would be a constant itself,
// which Go computes exactly and refuses where it overflows.
func (f *function) held(v ssa.Value) string {
	s := f.operand(v)
	if _, ok := v.(*ssa.Const); !ok {
		return s
	}
	x := f.variable("x", f.typ(v.Type()))
	f.put("%s = %s; ", x, s)
	return x
}

// constant writes a constant.
func (f *function) constant(c *ssa.Const) string {
	t := c.Type()
	if c.Value != nil {
		return f.literal(c.Value, t)
	}
	if isInterface(t) || isBasicKind(t, types.UntypedNil) {
		return "nil"
	}
	return f.variable("x", f.typ(t)) // a nil that has its type, or the zero value of a struct or an array
}

func isBasicKind(t types.Type, kind types.BasicKind) bool {
	b := basic(t)
	return b != nil && b.Kind() == kind
}

// literal writes the value of a constant of type t.
func (l *Lowering) literal(v constant.Value, t types.Type) string {
	t = types.Default(t)
	b := basic(t)
	var s string
	switch {
	case b == nil:
		return v.ExactString()
	case b.Info()&types.IsBoolean != 0:
		s = strconv.FormatBool(constant.BoolVal(v))
	case b.Info()&types.IsString != 0:
		s = quote(constant.StringVal(v))
	case b.Info()&types.IsInteger != 0:
		s = constant.ToInt(v).ExactString()
	case b.Kind() == types.UnsafePointer:
		return "nil"
	case b.Info()&types.IsComplex != 0:
		return conv(l.typ(t), "complex("+floatText(constant.Real(v))+", "+floatText(constant.Imag(v))+")")
	case b.Kind() == types.Float32:
		x, _ := constant.Float32Val(constant.ToFloat(v))
		s = floatText(constant.MakeFloat64(float64(x)))
	default:
		s = floatText(constant.ToFloat(v))
	}
	if isPlain(t) && (b.Kind() == types.Int || b.Kind() == types.String || b.Kind() == types.Bool) {
		if strings.HasPrefix(s, "-") {
			return "(" + s + ")"
		}
		return s
	}
	return l.typ(t) + "(" + s + ")"
}

func floatText(v constant.Value) string {
	x, _ := constant.Float64Val(constant.ToFloat(v))
	s := strconv.FormatFloat(x, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// quote writes a string literal.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			const hex = "0123456789abcdef"
			b.WriteString(`\x` + hex[c>>4:c>>4+1] + hex[c&15:c&15+1])
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// path is the text of the variable at an address.
func (f *function) path(addr ssa.Value) string {
	switch v := addr.(type) {
	case *ssa.Global:
		return f.global(v)
	case *ssa.Alloc:
		if !v.Heap {
			return f.local(v)
		}
	case *ssa.FieldAddr:
		if f.isUnnamed(v) {
			return f.base(v.X)
		}
		st := under(pointee(v.X.Type())).(*types.Struct)
		return f.base(v.X) + "." + fieldName(st, v.Field)
	case *ssa.IndexAddr:
		i := ""
		if f.isDirect(v) {
			i = f.operand(v.Index)
		} else {
			i = f.regs[v]
		}
		if _, ok := under(v.X.Type()).(*types.Slice); ok {
			return f.operand(v.X) + "[" + i + "]"
		}
		return f.path(v.X) + "[" + i + "]"
	}
	return "(*" + f.operand(addr) + ")"
}

// base is what a field is selected of.
func (f *function) base(x ssa.Value) string {
	switch v := x.(type) {
	case *ssa.Global, *ssa.FieldAddr, *ssa.IndexAddr:
		return f.path(x)
	case *ssa.Alloc:
		if !v.Heap {
			return f.local(v)
		}
	}
	return f.operand(x)
}

// isUnnamed reports an embedded field that has no name here: what it promotes has.
func (f *function) isUnnamed(v *ssa.FieldAddr) bool {
	field := under(pointee(v.X.Type())).(*types.Struct).Field(v.Field)
	return !f.own[field.Pkg()] && !field.Exported()
}

// isForeign reports a variable of a compiled package.
func (f *function) isForeign(addr ssa.Value) bool {
	g, ok := addr.(*ssa.Global)
	return ok && !f.own[g.Pkg.Pkg]
}

// isDirect reports an element whose index needs no variable of its own.
func (f *function) isDirect(v *ssa.IndexAddr) bool {
	if !isBasicKind(v.Index.Type(), types.Int) {
		return false
	}
	c, ok := v.Index.(*ssa.Const)
	if !ok {
		return !f.folded[v.Index]
	}
	// A constant out of range was a variable: the interpreter would refuse it.
	most := int64(math.MaxInt64)
	if p, ok := under(v.X.Type()).(*types.Pointer); ok {
		most = under(p.Elem()).(*types.Array).Len()
	}
	n, exact := constant.Int64Val(constant.ToInt(c.Value))
	return exact && 0 <= n && n < most
}

// inline is the text of a folded value. Its line is stored before the statement
// that it is part of.
func (f *function) inline(v ssa.Value) (string, int) {
	switch v := v.(type) {
	case *ssa.BinOp:
		if does, _ := f.effectOf(v); does != 0 {
			f.stamp(v.Pos())
		}
		return f.binary(v)
	case *ssa.UnOp:
		if v.Op == token.MUL {
			if _, ok := v.X.(*ssa.Alloc); !ok {
				f.stamp(v.Pos())
			}
			return f.path(v.X), operandPrecedence
		}
		return v.Op.String() + f.held(v.X), unaryPrecedence
	case *ssa.FieldAddr:
		return f.atom(v), operandPrecedence
	case *ssa.Convert:
		return f.converted(v.X, v.Type())
	case *ssa.Lookup:
		f.stamp(v.Pos())
		k := f.key(v.Index, under(v.X.Type()).(*types.Map))
		return f.operand(v.X) + "[" + k + "]", operandPrecedence
	case *ssa.Call:
		if name := builtinName(&v.Call); name != "" {
			return f.length(name, v.Call.Args[0]), operandPrecedence
		}
		f.stamp(v.Pos())
		return f.callText(v), operandPrecedence
	}
	panic("not foldable: " + v.String())
}

// length is len or cap of a value.
func (f *function) length(name string, v ssa.Value) string {
	t := under(v.Type())
	if p, ok := t.(*types.Pointer); ok {
		t = under(p.Elem())
	}
	if a, ok := t.(*types.Array); ok {
		return strconv.FormatInt(a.Len(), 10)
	}
	s, _ := f.expr(v)
	return name + "(" + s + ")"
}

// key is the text of a map key.
func (f *function) key(v ssa.Value, m *types.Map) string {
	s, _ := f.expr(v)
	return f.store(s, m.Key())
}

// binary is the text of an operation with two operands that are no interfaces.
func (f *function) binary(v *ssa.BinOp) (string, int) {
	return f.operation(v), v.Op.Precedence()
}

func (f *function) operation(v *ssa.BinOp) string {
	p := v.Op.Precedence()
	if x := v.X; isNilConst(x) || isNilConst(v.Y) {
		if isNilConst(x) {
			x = v.Y
		}
		return f.held(x) + " " + v.Op.String() + " nil"
	}
	_, constX := v.X.(*ssa.Const)
	_, constY := v.Y.(*ssa.Const)
	shift := v.Op == token.SHL || v.Op == token.SHR
	x, y := untyped(v.X), untyped(v.Y)
	switch {
	case constX && (constY || shift):
		x = f.held(v.X)
	case x == "" || shift:
		x = f.atLeast(v.X, p)
	}
	switch {
	case constY && (v.Op == token.QUO || v.Op == token.REM) && !isNonzero(v.Y):
		y = f.held(v.Y)
	case y == "" || shift || constX:
		y = f.atLeast(v.Y, p+1)
	}
	return x + " " + v.Op.String() + " " + y
}

// untyped writes an integer constant that gets its type from the other operand.
func untyped(v ssa.Value) string {
	c, ok := v.(*ssa.Const)
	if !ok || c.Value == nil || c.Value.Kind() != constant.Int || !has(c.Type(), types.IsInteger) ||
		constant.Sign(c.Value) < 0 {
		return ""
	}
	return c.Value.ExactString()
}

// assign writes an assignment.
func (f *function) assign(dst, text string, t types.Type) {
	if has(t, types.IsInteger) && !(f.avoids(increment) && isBasicKind(t, types.Uintptr)) {
		switch text {
		case dst + " + 1":
			f.put("%s++; ", dst)
			return
		case dst + " - 1":
			f.put("%s--; ", dst)
			return
		}
	}
	f.put("%s = %s; ", dst, text)
}

// set gives a value its variable.
func (f *function) set(v ssa.Value, text string) {
	if refs := v.Referrers(); refs != nil && len(*refs) == 0 {
		x := "_"
		if f.avoids(unusedLoad) {
			x = f.variable("x", f.typ(v.Type()))
		}
		f.put("%s = %s; ", x, text)
		return
	}
	f.assign(f.reg(v), text, v.Type())
}
