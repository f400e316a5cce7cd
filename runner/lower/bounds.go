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

// The interpreter finds an index out of range by reflection, which does not say
// which index of which length. So an index is tested before it is used, and the
// runtime panics as Go does, unless it is known to be in range.

// elementAt tests the index of an element, and keeps it where its text could change.
func (f *function) elementAt(in *ssa.IndexAddr) {
	direct := f.isDirect(in)
	_, isConst := in.Index.(*ssa.Const)
	length := ""
	if p, ok := under(in.X.Type()).(*types.Pointer); ok {
		length = strconv.FormatInt(under(p.Elem()).(*types.Array).Len(), 10)
	}
	if direct &&
		(isConst && length != "" || f.tested(in) || f.isBelow(f.blockOf(in), in.X, in.Index) && f.isNatural(f.blockOf(in), in.Index)) {
		return
	}
	i := ""
	if direct {
		i = f.operand(in.Index)
	} else {
		i = f.index(in.Index)
		f.regs[in] = i
	}
	f.stamp(in.Pos())
	if length == "" {
		length = "len(" + f.operand(in.X) + ")"
	} else if isConst && direct {
		return
	}
	f.testIndex(i, in.Index, length, f.blockOf(in))
}

// index puts an index into a variable.
func (f *function) index(v ssa.Value) string {
	s, _ := f.expr(v)
	if !isBasicKind(v.Type(), types.Int) || !isPlain(v.Type()) {
		s = "int(" + s + ")"
	}
	i := f.variable("i", "int")
	f.put("%s = %s; ", i, s)
	return i
}

// asInt is the text of an integer as an int.
func (f *function) asInt(v ssa.Value) string {
	if isBasicKind(v.Type(), types.Int) && isPlain(v.Type()) {
		return f.operand(v)
	}
	return "int(" + f.operand(v) + ")"
}

func (f *function) testIndex(i string, v ssa.Value, length string, at *ssa.BasicBlock) {
	if !f.avoids(indexPanic) {
		return
	}
	if has(v.Type(), types.IsUnsigned) {
		f.put("if uint64(%s) >= uint64(%s) { %s.IndexU(uint64(%s), %s) }; ", i, length, f.rt(), i, length)
		return
	}
	if !f.isNatural(at, v) { // two ifs: the interpreter is slow with ||
		f.put("if %s < 0 { %s.Index(%s, %s) }; ", i, f.rt(), i, length)
	}
	f.put("if %s >= %s { %s.Index(%s, %s) }; ", i, length, f.rt(), i, length)
}

// item is the text of x[i] for a string or an array in a variable.
func (f *function) item(x, index ssa.Value, at *ssa.BasicBlock) string {
	s := f.operand(x)
	length := "len(" + s + ")"
	if a, ok := under(x.Type()).(*types.Array); ok {
		length = strconv.FormatInt(a.Len(), 10)
	}
	i := f.index(index)
	f.testIndex(i, index, length, at)
	return s + "[" + i + "]"
}

// slice writes a slice expression.
func (f *function) slice(in *ssa.Slice) {
	f.stamp(in.Pos())
	x, length, limit, kind := "", "", "", "Slice"
	switch u := under(in.X.Type()).(type) {
	case *types.Pointer:
		x = f.path(in.X)
		length = strconv.FormatInt(under(u.Elem()).(*types.Array).Len(), 10)
		limit, kind = length, "SliceArray"
	case *types.Basic:
		x = f.operand(in.X)
		length = "len(" + x + ")"
		limit, kind = length, "Substring"
	default:
		x = f.operand(in.X)
		length, limit = "len("+x+")", "cap("+x+")"
	}
	if in.Low == nil && in.High == nil && in.Max == nil {
		f.set(in, x+"[:]")
		return
	}
	literal := areOrdered(limit, in.Low, in.High, in.Max)
	optional := func(v ssa.Value) string {
		if v == nil {
			return ""
		}
		if c, ok := v.(*ssa.Const); ok && literal {
			return c.Value.ExactString()
		}
		return f.index(v)
	}
	low, high, maximum := optional(in.Low), optional(in.High), optional(in.Max)
	from, to := "0", length
	var tests []string
	test := func(v ssa.Value, i, limit string) {
		if !isConst(v) || !literal {
			tests = append(tests, i+" < 0")
		}
		if _, fixed := strconv.Atoi(limit); i != "0" &&
			!(isConst(v) && literal && fixed == nil) { // constants in range are the checker's business
			tests = append(tests, i+" > "+limit)
		}
	}
	if maximum != "" {
		test(in.Max, maximum, limit)
		limit = maximum
	}
	if high != "" {
		to = high
		test(in.High, to, limit)
	}
	if low != "" {
		from = low
		test(in.Low, from, to)
	}
	args := from + ", " + to + ", " + length
	s := x + "[" + low + ":" + high
	if maximum != "" {
		kind += "3"
		args = from + ", " + to + ", " + maximum + ", " + length
		s += ":" + maximum
	}
	if strings.HasPrefix(kind, "Slice") && !strings.HasPrefix(kind, "SliceArray") {
		args += ", cap(" + x + ")"
	}
	if len(tests) > 0 && f.avoids(indexPanic) {
		f.put("if %s { %s.Bounds%s(%s) }; ", strings.Join(tests, " || "), f.rt(), kind, args)
	}
	f.set(in, s+"]")
}

// areOrdered reports that what is constant of the indexes of a slice expression is in
// order, as Go demands of constants that are written: others may be known to be so.
func areOrdered(limit string, indexes ...ssa.Value) bool {
	least, most := int64(0), int64(math.MaxInt64)
	if n, err := strconv.Atoi(limit); err == nil { // of an array
		most = int64(n)
	}
	for _, v := range indexes {
		c, ok := v.(*ssa.Const)
		if !ok {
			continue
		}
		n, exact := constant.Int64Val(constant.ToInt(c.Value))
		if !exact || n < least || n > most {
			return false
		}
		least = n
	}
	return true
}

// isNatural reports an index that cannot be negative.
func (f *function) isNatural(at *ssa.BasicBlock, i ssa.Value) bool {
	return isNatural(i, map[ssa.Value]bool{}) || holds(at, func(c *ssa.BinOp) bool {
		return c.X == i && (c.Op == token.GEQ || c.Op == token.GTR) && isNaturalConst(c.Y)
	})
}

func isNaturalConst(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.Value != nil && c.Value.Kind() == constant.Int && constant.Sign(c.Value) >= 0
}

// isNatural reports a value that is not negative, and far from the largest int, by
// how it is computed. Values in seen are taken for such: a loop's variable is one if
// its first value is and each step keeps it so, for no loop has 2^47 turns.
func isNatural(v ssa.Value, seen map[ssa.Value]bool) bool {
	if seen[v] {
		return true
	}
	switch v := v.(type) {
	case *ssa.Const:
		return isNaturalConst(v) && isBelowConst(v, 1<<32)
	case *ssa.Call:
		name := builtinName(&v.Call)
		return name == "len" || name == "cap"
	case *ssa.Phi:
		seen[v] = true
		for _, x := range v.Edges {
			if !isNatural(x, seen) {
				delete(seen, v)
				return false
			}
		}
		return true
	case *ssa.BinOp:
		if !isBasicKind(v.Type(), types.Int) || !isNaturalConst(v.Y) {
			return false
		}
		switch v.Op {
		case token.ADD:
			p, _ := v.X.(*ssa.Phi)
			return p != nil && p.Comment == "rangeindex" || // of -1 and itself
				strconv.IntSize == 64 && isBelowConst(v.Y, 1<<16) && isNatural(v.X, seen)
		case token.REM, token.QUO, token.SHR:
			return isNatural(v.X, seen)
		case token.AND:
			return isBelowConst(v.Y, 1<<32)
		}
	}
	return false
}

func isBelowConst(v ssa.Value, limit int64) bool {
	n, exact := constant.Int64Val(constant.ToInt(v.(*ssa.Const).Value))
	return exact && n < limit
}

// holds looks for a condition that was true on the way to a block.
func holds(at *ssa.BasicBlock, is func(*ssa.BinOp) bool) bool {
	for b := at; b != nil; b = b.Idom() {
		d := b.Idom()
		if d == nil || len(b.Preds) != 1 || b.Preds[0] != d {
			continue
		}
		c, ok := d.Instrs[len(d.Instrs)-1].(*ssa.If)
		if !ok || d.Succs[0] != b || d.Succs[1] == b {
			continue
		}
		if op, ok := c.Cond.(*ssa.BinOp); ok && is(op) {
			return true
		}
	}
	return false
}

// isBelow reports an index that has been compared with the length of x.
func (f *function) isBelow(at *ssa.BasicBlock, x, i ssa.Value) bool {
	return holds(at, func(c *ssa.BinOp) bool {
		call, ok := c.Y.(*ssa.Call)
		return ok && c.Op == token.LSS && c.X == i && builtinName(&call.Call) == "len" && call.Call.Args[0] == x
	})
}

// tested reports an element whose index has been tested on every way here.
func (f *function) tested(v *ssa.IndexAddr) bool {
	refs := v.X.Referrers()
	if refs == nil {
		return false
	}
	for _, r := range *refs {
		o, ok := r.(*ssa.IndexAddr)
		if !ok || o == v || o.X != v.X || !sameIndex(o.Index, v.Index) {
			continue
		}
		if f.blockOf(o) != f.blockOf(v) {
			if f.blockOf(o).Dominates(f.blockOf(v)) {
				return true
			}
			continue
		}
		for _, in := range f.blockOf(v).Instrs {
			if in == ssa.Instruction(o) {
				return true
			}
			if in == ssa.Instruction(v) {
				break
			}
		}
	}
	return false
}

func sameIndex(a, b ssa.Value) bool {
	x, ok := a.(*ssa.Const)
	y, ok2 := b.(*ssa.Const)
	return a == b || ok && ok2 && x.Value != nil && y.Value != nil && constant.Compare(x.Value, token.EQL, y.Value)
}
