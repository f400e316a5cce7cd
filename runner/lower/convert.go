package lower

import (
	"cmp"
	"go/types"
	"strconv"

	"golang.org/x/tools/go/ssa"
)

// convert writes a conversion between types that are no interfaces.
func (f *function) convert(in ssa.Value, x ssa.Value) {
	from, to := x.Type(), in.Type()
	if basic(from) != nil && basic(to) != nil {
		s, _ := f.converted(x, to)
		f.set(in, s)
		return
	}
	v := f.held(x)
	switch u := under(to).(type) {
	case *types.Pointer:
		if _, ok := under(from).(*types.Slice); ok { // reflect has a panic of its own for one too short
			n := strconv.FormatInt(under(u.Elem()).(*types.Array).Len(), 10)
			pos := in.Pos()
			if user := single(in); user != nil {
				pos = cmp.Or(pos, user.Pos()) // of *, where an array is meant
			}
			f.stamp(pos)
			f.put("if len(%s) < %s { %s.ShortSlice(len(%s), %s); }; ", v, n, f.rt(), v, n)
		}
		if _, ok := under(from).(*types.Pointer); ok && f.typ(from) != f.typ(to) {
			f.set(in, conv(f.typ(to), f.pkg("unsafe")+".Pointer("+v+")"))
			return
		}
	case *types.Struct:
		if f.typ(from) != f.typ(to) { // the interpreter's forms of the two may differ
			y := f.temp("y")
			f.put("var %s %s = %s; ", y, f.typ(from), v)
			f.set(in, "(*(*"+f.typ(to)+")("+f.pkg("unsafe")+".Pointer(&"+y+")))")
			return
		}
	}
	if f.typ(from) != f.typ(to) {
		v = conv(f.typ(to), v)
	}
	f.set(in, v)
}

// converted is the text of a conversion between basic types.
func (f *function) converted(x ssa.Value, to types.Type) (string, int) {
	s, p := f.expr(x)
	if _, ok := x.(*ssa.Const); ok {
		s, p = f.held(x), operandPrecedence
	}
	if f.typ(x.Type()) == f.typ(to) {
		return s, p
	}
	return conv(f.typ(to), s), operandPrecedence
}

// makeInterface converts a concrete value to an interface type.
func (f *function) makeInterface(in *ssa.MakeInterface) {
	from, to, v := in.X.Type(), in.Type(), f.operand(in.X)
	if isBasicKind(from, types.UntypedNil) {
		f.set(in, "nil")
		return
	}
	if !f.needsBox(from) {
		f.set(in, v)
		return
	}
	user := f.onlyUser(in)
	if user != nil && !f.isCompiledInterface(to) && f.looksInside(in, user) {
		f.set(in, v)
		return
	}
	desc := f.boxDesc(from)
	switch {
	case isError(to):
		f.set(in, f.rt()+".Err("+desc+", "+v+")")
	case f.isCompiledInterface(to):
		wrap := "Wrap"
		if user != nil && f.asksNoMore(from, user) {
			wrap = "WrapOnly"
		}
		f.put("%s.%s(&%s, %s, %s); ", f.rt(), wrap, f.reg(in), desc, v)
	default:
		f.set(in, f.rt()+".Box("+desc+", "+v+")")
	}
}

// changeInterface converts between interface types. The dynamic value stays.
func (f *function) changeInterface(in *ssa.ChangeInterface) {
	f.stamp(in.Pos())
	from, to, x := in.X.Type(), in.Type(), f.operand(in.X)
	switch {
	case f.isCompiledInterface(to) && !f.isCompiledInterface(from): // from one of the program's own, whose values may be boxes
		f.put("%s = nil; if %s != nil { %s.Must(&%s, %s, %s, %s); }; ", f.reg(in), x, f.rt(), f.reg(in), x, f.desc(to),
			quote(f.reflectText(from)))
	case !f.isCompiledInterface(to) && f.isCompiledInterface(from) && !isError(from):
		f.set(in, f.rt()+".Norm("+x+")")
	default:
		f.set(in, x)
	}
}

func (f *function) typeAssert(in *ssa.TypeAssert) {
	f.stamp(in.Pos())
	t := in.AssertedType
	x := f.temp("y")
	if in.CommaOk {
		f.put("var %s %s; %s_1 = %s.Assert(&%s, %s, %s); %s_0 = %s; ", x, f.typ(t), f.reg(in), f.rt(), x,
			f.operand(in.X), f.desc(t), f.reg(in), x)
		return
	}
	f.put("var %s %s; %s.Must(&%s, %s, %s, %s); ", x, f.typ(t), f.rt(), x, f.operand(in.X), f.desc(t),
		quote(f.reflectText(in.X.Type())))
	f.set(in, x)
}
