package lower

import (
	"fmt"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// statement writes an instruction that is not folded.
func (f *function) statement(in ssa.Instruction) {
	switch in := in.(type) {
	case *ssa.Phi, *ssa.DebugRef, *ssa.RunDefers:
	case *ssa.FieldAddr: // the path is written where it is used; a nil pointer fails there
	case *ssa.Alloc:
		t := f.stored(pointee(in.Type()))
		if in.Heap {
			f.put("%s = new(%s); ", f.reg(in), t)
		} else if p := f.spilled(in); p != nil {
			f.regs[in] = f.regs[p]
		} else if f.again[in.Block()] {
			f.put("%s = %s; ", f.local(in), f.variable("z", t)) // zero again
		}
	case *ssa.Store:
		if f.fields[in] != nil {
			f.structLiteral(in)
		} else {
			f.storeTo(in)
		}
	case *ssa.UnOp:
		f.unary(in)
	case *ssa.BinOp:
		f.binaryStatement(in)
	case *ssa.IndexAddr:
		f.elementAt(in)
	case *ssa.Index:
		f.stamp(in.Pos())
		f.set(in, f.load(f.item(in.X, in.Index, f.blockOf(in)), in.Type()))
	case *ssa.Field:
		st := under(in.X.Type()).(*types.Struct)
		if field := st.Field(in.Field); !f.own[field.Pkg()] && !field.Exported() {
			f.regs[in] = f.operand(in.X)
			return
		}
		f.set(in, f.load(f.operand(in.X)+"."+fieldName(st, in.Field), in.Type()))
	case *ssa.Lookup:
		f.lookup(in)
	case *ssa.MapUpdate:
		f.mapUpdate(in)
	case *ssa.MakeMap:
		size := ""
		if in.Reserve != nil {
			size = ", " + f.asInt(in.Reserve)
		}
		f.set(in, "make("+f.typ(in.Type())+size+")")
	case *ssa.MakeSlice:
		f.stamp(in.Pos())
		f.set(in, "make("+f.typ(in.Type())+", "+f.asInt(in.Len)+", "+f.asInt(in.Cap)+")")
	case *ssa.MakeChan:
		f.makeChan(in)
	case *ssa.Slice:
		if f.parts[in] != nil {
			f.sliceLiteral(in)
		} else {
			f.slice(in)
		}
	case *ssa.MakeClosure:
		if !slices.ContainsFunc(*in.Referrers(), func(r ssa.Instruction) bool { return !isCallOf(r, in) }) {
			return
		}
		f.set(in, f.funcValue(in.Fn.(*ssa.Function), in.Bindings))
	case *ssa.MakeInterface:
		f.makeInterface(in)
	case *ssa.ChangeInterface:
		f.changeInterface(in)
	case *ssa.TypeAssert:
		f.typeAssert(in)
	case *ssa.Extract:
		f.regs[in] = fmt.Sprintf("%s_%d", f.reg(in.Tuple), in.Index)
	case *ssa.ChangeType:
		f.convert(in, in.X)
	case *ssa.Convert:
		f.convert(in, in.X)
	case *ssa.SliceToArrayPointer:
		f.convert(in, in.X)
	case *ssa.Call:
		f.call(in)
	case *ssa.Go:
		f.goStatement(in)
	case *ssa.Defer:
		f.deferStatement(in)
	case *ssa.Panic:
		f.stamp(in.Pos())
		f.put("%s.Panic(%s); ", f.rt(), f.operand(in.X))
		if f.fn.Recover != nil {
			f.put("return; ")
		} else {
			f.put("panic(0); ")
		}
	case *ssa.Return:
		// Where only the body of a range over a function defers, ssa leaves out RunDefers.
		if f.fn.Recover != nil && in.Block() != f.fn.Recover {
			f.put("return; ")
			return
		}
		list := make([]string, len(in.Results))
		for i, r := range in.Results {
			list[i], _ = f.expr(r)
		}
		f.put("return %s; ", strings.Join(list, ", "))
	case *ssa.Send:
		f.stamp(in.Pos())
		elem := under(in.Chan.Type()).(*types.Chan).Elem()
		f.put("%s <- %s; ", f.operand(in.Chan), f.store(f.operand(in.X), elem))
	case *ssa.Select:
		f.selectStatement(in)
	case *ssa.Range:
		f.rangeStatement(in)
	case *ssa.Next:
		f.next(in)
	default:
		f.refuse(in.Pos(), fmt.Sprintf("a %T", in), "")
	}
}

// isCallOf reports an instruction that does nothing with a closure but call it.
func isCallOf(in ssa.Instruction, closure *ssa.MakeClosure) bool {
	c, ok := in.(ssa.CallInstruction)
	return ok && directClosure(c.Common()) == closure && !slices.Contains(c.Common().Args, ssa.Value(closure))
}

// spilled is the parameter that a local variable is: a function with variables for
// its parameters begins with these, and nothing else reads the parameters.
func (f *function) spilled(a *ssa.Alloc) *ssa.Parameter {
	for _, in := range f.fn.Blocks[0].Instrs {
		switch in := in.(type) {
		case *ssa.Alloc:
			continue
		case *ssa.Store:
			p, ok := in.Val.(*ssa.Parameter)
			if ok && in.Addr == ssa.Value(a) && len(*p.Referrers()) == 1 {
				return p
			}
			if ok {
				continue
			}
		}
		return nil
	}
	return nil
}

func (f *function) isSpilled(p *ssa.Parameter) bool {
	if len(*p.Referrers()) != 1 {
		return false
	}
	st, ok := (*p.Referrers())[0].(*ssa.Store)
	if !ok {
		return false
	}
	a, ok := st.Addr.(*ssa.Alloc)
	return ok && !a.Heap && f.spilled(a) == p
}

func (f *function) storeTo(in *ssa.Store) {
	if a, ok := in.Addr.(*ssa.Alloc); ok && !a.Heap {
		if p, ok := in.Val.(*ssa.Parameter); ok && f.spilled(a) == p {
			return
		}
	}
	if does, _ := f.effectOf(in); does&faults != 0 {
		f.stamp(in.Pos())
	}
	to, t := f.path(in.Addr), pointee(in.Addr.Type())
	val := ""
	if f.folded[in.Val] && basic(in.Val.Type()) != nil {
		val, _ = f.expr(in.Val)
	} else {
		val = f.store(f.operand(in.Val), t)
	}
	f.assign(to, val, t)
}

func (f *function) unary(in *ssa.UnOp) {
	switch in.Op {
	case token.MUL:
		f.stamp(in.Pos())
		if f.isForeign(in.X) {
			if n, ok := types.Unalias(in.Type()).(*types.Named); ok && !n.Obj().Exported() && n.Obj().Pkg() != nil {
				f.regs[in] = f.path(in.X) // its type has no name here
				return
			}
		}
		f.set(in, f.load(f.path(in.X), in.Type()))
	case token.ARROW:
		f.stamp(in.Pos())
		elem := under(in.X.Type()).(*types.Chan).Elem()
		if !in.CommaOk {
			f.set(in, f.load("<-"+f.operand(in.X), elem))
			return
		}
		x := f.reg(in) + "_0"
		if f.opaque(elem) != "" {
			x = f.variable("y", f.stored(elem))
		}
		f.put("%s, %s_1 = <-%s; ", x, f.reg(in), f.operand(in.X))
		if f.opaque(elem) != "" {
			f.put("%s_0 = %s; ", f.reg(in), f.load(x, elem))
		}
	default:
		f.set(in, in.Op.String()+f.held(in.X))
	}
}

// binaryStatement writes an operation that is no part of an expression.
func (f *function) binaryStatement(in *ssa.BinOp) {
	t := in.X.Type()
	if does, _ := f.effectOf(in); does != 0 {
		f.stamp(in.Pos())
	}
	if signedCount(in) {
		f.put("if %s < 0 { %s.Negative(); }; ", f.operand(in.Y), f.rt())
	}
	if in.Op != token.EQL && in.Op != token.NEQ || isNilConst(in.X) || isNilConst(in.Y) {
		s, _ := f.binary(in)
		f.set(in, s)
		return
	}
	s, not := "", ""
	if in.Op == token.NEQ {
		not = "!"
	}
	switch {
	case isInterface(t):
		s = not + f.rt() + ".Eq(" + f.operand(in.X) + ", " + f.operand(in.Y) + ")"
	case f.comparesByParts(t):
		s = not + f.equal(t) + "(" + f.operand(in.X) + ", " + f.operand(in.Y) + ")"
	default:
		s = f.operation(in)
	}
	f.set(in, s)
}

// comparesByParts reports a struct or array type whose form has what Go does not
// compare: fields that are blank, and the wrappers that compiled interfaces hold.
func (l *Lowering) comparesByParts(t types.Type) bool {
	switch u := under(t).(type) {
	case *types.Interface:
		return l.isCompiledInterface(t) && !isError(t)
	case *types.Struct:
		for field := range u.Fields() {
			if field.Name() == "_" || l.comparesByParts(field.Type()) {
				return true
			}
		}
	case *types.Array:
		return l.comparesByParts(u.Elem())
	}
	return false
}

// equal is the function that compares two values of a type, stored as parts are.
func (l *Lowering) equal(t types.Type) string {
	form := l.stored(t)
	part := func(t types.Type, x, y string) string {
		switch {
		case isInterface(t):
			return l.rt() + ".Eq(" + x + ", " + y + ")"
		case l.comparesByParts(t):
			return l.equal(t) + "(" + x + ", " + y + ")"
		}
		return x + " == " + y
	}
	body := "return true"
	switch u := under(t).(type) {
	case *types.Struct:
		for i := u.NumFields() - 1; i >= 0; i-- {
			if name := u.Field(i).Name(); name != "_" {
				body = "if !(" + part(u.Field(i).Type(), "x."+name, "y."+name) + ") { return false }; " + body
			}
		}
	case *types.Array:
		body = fmt.Sprintf("for i := 0; i < %d; i++ { if !(%s) { return false } }; ", u.Len(), part(u.Elem(), "x[i]", "y[i]")) + body
	}
	return l.helper("equal "+form, "(x, y "+form+") bool { "+body+" }")
}

func (f *function) lookup(in *ssa.Lookup) {
	f.stamp(in.Pos())
	m, ok := under(in.X.Type()).(*types.Map)
	if !ok { // of a string
		f.set(in, f.item(in.X, in.Index, f.blockOf(in)))
		return
	}
	k := f.key(in.Index, m)
	if !in.CommaOk {
		f.set(in, f.load(f.operand(in.X)+"["+k+"]", in.Type()))
		return
	}
	t := f.reg(in)
	if f.opaque(m.Elem()) == "" {
		if f.avoids(missingEntry) {
			f.put("%s_0 = %s; ", t, f.variable("z", f.typ(m.Elem())))
		}
		f.put("%s_0, %s_1 = %s[%s]; ", t, t, f.operand(in.X), k)
		return
	}
	x := f.temp("y")
	f.put(
		"var %s %s; %s, %s_1 = %s[%s]; %s_0 = %s; ",
		x,
		f.stored(m.Elem()),
		x,
		t,
		f.operand(in.X),
		k,
		t,
		f.load(x, m.Elem()),
	)
}

func (f *function) mapUpdate(in *ssa.MapUpdate) {
	f.stamp(in.Pos())
	m := under(in.Map.Type()).(*types.Map)
	k := f.key(in.Key, m)
	f.put("%s[%s] = %s; ", f.operand(in.Map), k, f.store(f.operand(in.Value), m.Elem()))
}

func (f *function) makeChan(in *ssa.MakeChan) {
	f.stamp(in.Pos())
	t := in.Type()
	size := ", " + f.asInt(in.Size) + ")"
	if c := under(t).(*types.Chan); c.Dir() != types.SendRecv && f.avoids(directedChan) {
		f.set(in, conv(f.typ(t), "make("+f.typ(types.NewChan(types.SendRecv, c.Elem()))+size))
		return
	}
	f.set(in, "make("+f.typ(t)+size)
}

// selectStatement writes a select. The interpreter's own keeps its cases in one
// place for all goroutines that run the statement.
func (f *function) selectStatement(in *ssa.Select) {
	f.stamp(in.Pos())
	t := f.reg(in)
	args := []string{fmt.Sprint(!in.Blocking)}
	late := ""
	n := 2
	for _, s := range in.States {
		elem := under(s.Chan.Type()).(*types.Chan).Elem()
		x := f.temp("y")
		if s.Dir == types.SendOnly {
			f.put("var %s %s = %s; ", x, f.stored(elem), f.store(f.operand(s.Send), elem))
			args = append(args, f.rt()+".Send("+f.operand(s.Chan)+", &"+x+")")
			continue
		}
		ok := f.temp("y")
		f.put("var %s %s; var %s bool; ", x, f.stored(elem), ok)
		args = append(args, f.rt()+".Recv("+f.operand(s.Chan)+", &"+x+", &"+ok+")")
		late += fmt.Sprintf("%s_%d = %s; if %s { %s_1 = true; }; ", t, n, f.load(x, elem), ok, t)
		n++
	}
	f.put("%s_0 = %s.Select(%s); %s_1 = false; %s", t, f.rt(), strings.Join(args, ", "), t, late)
}

// rangeStatement begins to iterate over a map or a string.
func (f *function) rangeStatement(in *ssa.Range) {
	if _, ok := under(in.X.Type()).(*types.Map); ok {
		it := f.variable("r", "*"+f.rt()+".Iter")
		f.regs[in] = it
		f.put("%s = %s.Range(%s); ", it, f.rt(), f.operand(in.X))
		return
	}
	s := f.variable("r", "string")
	f.vars["int"] = append(f.vars["int"], s+"_i")
	f.regs[in] = s
	f.put("%s = string(%s); %s_i = 0; ", s, f.operand(in.X), s)
}

func (f *function) next(in *ssa.Next) {
	t, it := f.reg(in), f.regs[in.Iter]
	if in.IsString {
		c, width := f.temp("u"), f.temp("u")
		f.put(
			"%s_0 = %s_i < len(%s); if %s_0 { %s_1 = %s_i; %s, %s := %s.Rune(%s, %s_i); %s_2 = %s; %s_i = %s_i + %s; }; ",
			t,
			it,
			it,
			t,
			t,
			it,
			c,
			width,
			f.rt(),
			it,
			it,
			t,
			c,
			it,
			it,
			width,
		)
		return
	}
	m := under(in.Iter.(*ssa.Range).X.Type()).(*types.Map)
	parts := []types.Type{m.Key(), m.Elem()}
	names := make([]string, len(parts))
	late := ""
	for i, part := range parts {
		names[i] = fmt.Sprintf("%s_%d", t, i+1)
		wanted := !isInvalid(in.Type().(*types.Tuple).At(i + 1).Type())
		if f.opaque(part) != "" || !wanted {
			names[i] = f.variable("y", f.stored(part))
		}
		if wanted && f.opaque(part) != "" {
			late += fmt.Sprintf("%s_%d = %s; ", t, i+1, f.load(names[i], part))
		}
	}
	f.put("%s_0 = %s.Next(%s, &%s, &%s); %s", t, f.rt(), it, names[0], names[1], late)
}

func isInvalid(t types.Type) bool { return isBasicKind(t, types.Invalid) }
