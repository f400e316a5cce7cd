package lower

import (
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// The builder makes a composite literal, and the slice of a variadic call, part by
// part. Where nothing comes between, they are written as literals again: one
// statement in place of many.
type literals struct {
	parts    map[ssa.Instruction][]ssa.Value     // what an instruction that writes a literal uses
	fields   map[*ssa.Store][]*ssa.Store         // the last store of a struct's literal -> all
	spread   map[*ssa.Call]bool                  // calls whose last arguments are the parts of a slice
	gone     map[ssa.Instruction]bool            // written elsewhere
	gatherer map[ssa.Instruction]ssa.Instruction // what is gone -> the instruction that writes it
	filled   map[*ssa.Alloc]bool                 // structs that are not changed after their literal
}

func findLiterals(f *function) *literals {
	l := &literals{
		parts: map[ssa.Instruction][]ssa.Value{}, fields: map[*ssa.Store][]*ssa.Store{}, spread: map[*ssa.Call]bool{},
		gone: map[ssa.Instruction]bool{}, gatherer: map[ssa.Instruction]ssa.Instruction{}, filled: map[*ssa.Alloc]bool{},
	}
	for _, b := range f.fn.Blocks {
		for _, in := range b.Instrs {
			a, ok := in.(*ssa.Alloc)
			if !ok || !isLiteral(a) || f.moved[a] != nil {
				continue
			}
			switch t := under(pointee(a.Type())).(type) {
			case *types.Array:
				l.array(f, a, t)
			case *types.Struct:
				l.structure(f, a, t)
			}
		}
	}
	return l
}

// single is the only instruction that uses a value, nil if there are others.
func single(v ssa.Value) ssa.Instruction {
	if refs := v.Referrers(); refs != nil && len(*refs) == 1 {
		return (*refs)[0]
	}
	return nil
}

func (l *literals) remove(by ssa.Instruction, list ...ssa.Instruction) {
	for _, in := range list {
		l.gone[in], l.gatherer[in] = true, by
	}
}

// array finds the slice literal whose memory is a.
func (l *literals) array(f *function, a *ssa.Alloc, t *types.Array) {
	parts := make([]ssa.Value, t.Len())
	gone := []ssa.Instruction{a}
	var slice *ssa.Slice
	for _, r := range *a.Referrers() {
		if f.blockOf(r) != a.Block() {
			return
		}
		switch r := r.(type) {
		case *ssa.IndexAddr:
			index, ok := r.Index.(*ssa.Const)
			st, isStore := single(r).(*ssa.Store)
			if !ok || !isStore || st.Val == ssa.Value(r) || f.blockOf(st) != a.Block() || parts[index.Int64()] != nil {
				return
			}
			parts[index.Int64()] = st.Val
			gone = append(gone, r, st)
		case *ssa.Slice:
			if slice != nil || r.Low != nil || r.High != nil {
				return
			}
			slice = r
		default:
			return
		}
	}
	if slice == nil || slices.Contains(parts, nil) || len(parts) == 0 {
		return
	}
	l.parts[slice] = parts
	l.remove(slice, gone...)
	c, ok := single(slice).(*ssa.Call)
	if !ok || f.blockOf(c) != a.Block() || !f.spreads(c) || c.Call.Args[len(c.Call.Args)-1] != ssa.Value(slice) {
		return
	}
	for i, v := range parts { // what becomes an interface value by being passed
		if m, ok := v.(*ssa.MakeInterface); ok && builtinName(&c.Call) == "" && single(m) != nil && f.blockOf(m) == a.Block() &&
			!f.needsBox(m.X.Type()) &&
			!isBasicKind(m.X.Type(), types.UntypedNil) {
			parts[i] = m.X
			gone = append(gone, m)
		}
	}
	delete(l.parts, slice)
	l.parts[c] = slices.Concat(c.Call.Args[:len(c.Call.Args)-1], parts)
	l.spread[c] = true
	l.remove(c, append(gone, slice)...)
}

// spreads reports a call to which the elements of a slice can be given one by one.
func (f *function) spreads(c *ssa.Call) bool {
	if builtinName(&c.Call) == "append" {
		return f.opaque(under(c.Call.Args[0].Type()).(*types.Slice).Elem()) == ""
	}
	fn := c.Call.StaticCallee()
	return fn != nil && !isOwnFunc(fn) && fn.Signature.Variadic() && !f.isSpecial(c)
}

// structure finds the struct literal whose memory is a.
func (l *literals) structure(f *function, a *ssa.Alloc, t *types.Struct) {
	var stores []*ssa.Store
	var gone, others []ssa.Instruction
	seen := map[int]bool{}
	for _, r := range *a.Referrers() {
		addr, ok := r.(*ssa.FieldAddr)
		st, isStore := ssa.Instruction(nil), false
		if ok {
			st = single(addr)
			_, isStore = st.(*ssa.Store)
		}
		if !isStore || st.(*ssa.Store).Val == ssa.Value(a) || seen[addr.Field] || f.blockOf(st) != a.Block() ||
			f.isUnnamed(addr) {
			others = append(others, r)
			continue
		}
		seen[addr.Field] = true
		stores = append(stores, st.(*ssa.Store))
		gone = append(gone, addr)
	}
	if len(stores) == 0 {
		return
	}
	index := func(in ssa.Instruction) int { return slices.Index(a.Block().Instrs, in) }
	slices.SortFunc(stores, func(x, y *ssa.Store) int { return index(x) - index(y) })
	last := stores[len(stores)-1]
	changed := false
	for _, r := range others {
		if f.blockOf(r) == a.Block() && index(r) < index(last) {
			return
		}
		load, ok := r.(*ssa.UnOp)
		changed = changed || !ok || load.Op != token.MUL
	}
	for _, st := range stores {
		l.parts[last] = append(l.parts[last], st.Val)
		if st != last {
			gone = append(gone, st)
		}
	}
	l.fields[last] = stores
	l.filled[a] = !changed && !a.Heap
	l.remove(last, append(gone, a)...)
}

// structLiteral writes a struct's literal.
func (f *function) structLiteral(last *ssa.Store) {
	var a *ssa.Alloc
	var list []string
	for _, st := range f.fields[last] {
		addr := st.Addr.(*ssa.FieldAddr)
		a = addr.X.(*ssa.Alloc)
		t := under(pointee(a.Type())).(*types.Struct)
		list = append(list, fieldName(t, addr.Field)+": "+f.part(st.Val))
	}
	text := f.stored(pointee(a.Type())) + "{" + strings.Join(list, ", ") + "}"
	if a.Heap {
		f.put("%s = &%s; ", f.reg(a), text)
	} else {
		f.put("%s = %s; ", f.local(a), text)
	}
}

// sliceLiteral writes a slice's literal.
func (f *function) sliceLiteral(in *ssa.Slice) {
	var list []string
	for _, v := range f.parts[in] {
		list = append(list, f.part(v))
	}
	f.set(in, f.typ(in.Type())+"{"+strings.Join(list, ", ")+"}")
}

// part is the text of a part of a literal.
func (f *function) part(v ssa.Value) string {
	if f.folded[v] {
		s, _ := f.expr(v)
		return s
	}
	return f.store(f.operand(v), v.Type())
}

// aliased is the value that another one is under another type, nil if it is none such.
func (f *function) aliased(v ssa.Value) ssa.Value {
	switch v := v.(type) {
	case *ssa.ChangeInterface:
		if from, to := v.X.Type(), v.Type(); f.isCompiledInterface(from) == f.isCompiledInterface(to) && f.typ(from) == f.typ(to) {
			return v.X
		}
	case *ssa.ChangeType:
		if f.typ(v.X.Type()) == f.typ(v.Type()) && !isConst(v.X) {
			return v.X
		}
	case *ssa.UnOp:
		if a, ok := v.X.(*ssa.Alloc); ok && v.Op == token.MUL && f.filled[a] {
			return a
		}
	}
	return nil
}

func isConst(v ssa.Value) bool {
	_, ok := v.(*ssa.Const)
	return ok
}
