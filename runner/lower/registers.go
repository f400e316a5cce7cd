package lower

import (
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// Values that are never live at once share a variable: first a phi and what comes
// into it, so that nothing needs to be moved, then all others of a type.

// leaves calls visit for the values in whose variables the text of v reads.
func (f *function) leaves(v ssa.Value, visit func(ssa.Value)) {
	switch x := v.(type) {
	case nil, *ssa.Const, *ssa.Global, *ssa.Function, *ssa.Builtin:
		return
	case *ssa.FieldAddr:
		f.leaves(x.X, visit)
		return
	case *ssa.IndexAddr:
		f.leaves(x.X, visit)
		if f.isDirect(x) {
			f.leaves(x.Index, visit)
			return
		}
	case *ssa.Field:
		f.leaves(x.X, visit)
	}
	if x := f.aliased(v); x != nil {
		if _, isLocal := x.(*ssa.Alloc); !isLocal {
			f.leaves(x, visit)
		}
		return
	}
	if f.folded[v] {
		for _, op := range f.operandsOf(v.(ssa.Instruction)) {
			f.leaves(op, visit)
		}
		return
	}
	visit(v)
}

type valueSet = map[ssa.Value]bool

// sharing finds the values that are live at once.
type sharing struct {
	*function
	liveIn  map[*ssa.BasicBlock]valueSet
	clashes map[[2]ssa.Value]bool
	members map[ssa.Value][]ssa.Value // of a class
}

func (f *function) share() {
	s := &sharing{
		function: f, liveIn: map[*ssa.BasicBlock]valueSet{},
		clashes: map[[2]ssa.Value]bool{}, members: map[ssa.Value][]ssa.Value{},
	}
	for changed := true; changed; {
		changed = false
		for _, b := range slices.Backward(f.fn.Blocks) {
			if live := s.scan(b, false); len(live) != len(s.liveIn[b]) {
				s.liveIn[b], changed = live, true
			}
		}
	}
	for _, b := range f.fn.Blocks {
		s.scan(b, true)
	}
	entry := valueSet{}
	for v := range s.liveIn[f.fn.Blocks[0]] {
		entry[v] = true
	}
	for _, v := range f.inputs() {
		entry[v] = true
	}
	for v := range entry {
		s.clash(v, entry)
	}
	for _, back := range []bool{true, false} { // what a loop carries, first
		for _, b := range f.fn.Blocks {
			for _, p := range phis(b) {
				for i, v := range p.Edges {
					if b.Dominates(b.Preds[i]) == back {
						s.unite(p, v)
					}
				}
			}
		}
	}
	s.pool()
}

func (s *sharing) clash(v ssa.Value, live valueSet) {
	for w := range live {
		if v != w {
			s.clashes[[2]ssa.Value{v, w}] = true
			s.clashes[[2]ssa.Value{w, v}] = true
		}
	}
}

// scan goes through a block from its end and returns what is live at its start.
func (s *sharing) scan(b *ssa.BasicBlock, record bool) valueSet {
	live := valueSet{}
	add := func(v ssa.Value) { live[v] = true }
	for _, next := range b.Succs {
		isPhi := valueSet{}
		for _, p := range phis(next) {
			isPhi[p] = true
			s.leaves(incoming(p, b), add)
		}
		for v := range s.liveIn[next] {
			if !isPhi[v] {
				add(v)
			}
		}
	}
	for _, in := range slices.Backward(b.Instrs) {
		if _, ok := in.(*ssa.Phi); ok {
			break
		}
		if s.gone[in] {
			continue
		}
		defined, isValue := in.(ssa.Value)
		if isValue {
			if _, isPath := in.(*ssa.FieldAddr); isPath || s.folded[defined] || s.aliased(defined) != nil {
				continue // read where it is used
			}
		} else if st, ok := in.(*ssa.Store); ok && s.fields[st] != nil {
			defined = st.Addr.(*ssa.FieldAddr).X // by its literal
		}
		if defined != nil {
			if record {
				s.clash(defined, live)
			}
			delete(live, defined)
		}
		for _, op := range s.operandsOf(in) {
			s.leaves(op, add)
		}
	}
	if record {
		for _, p := range phis(b) {
			s.clash(p, live)
		}
	}
	return live
}

// class is the value that stands for all that share a variable with v.
func (p *plan) class(v ssa.Value) ssa.Value {
	for p.same[v] != nil {
		v = p.same[v]
	}
	return v
}

func (s *sharing) of(v ssa.Value) []ssa.Value {
	if m := s.members[v]; m != nil {
		return m
	}
	return []ssa.Value{v}
}

// unite has two values share a variable, if they can.
func (s *sharing) unite(v, w ssa.Value) bool {
	if !s.hasVariable(w) || !types.Identical(v.Type(), w.Type()) {
		return false
	}
	a, b := s.class(v), s.class(w)
	if a == b {
		return true
	}
	isInput := func(v ssa.Value) bool {
		_, ok := v.(*ssa.Parameter)
		return ok
	}
	for _, x := range s.of(a) {
		for _, y := range s.of(b) {
			if s.clashes[[2]ssa.Value{x, y}] || isInput(x) && isInput(y) {
				return false
			}
		}
	}
	if isInput(b) {
		a, b = b, a
	}
	s.same[b] = a
	s.members[a] = slices.Concat(s.of(a), s.of(b))
	return true
}

// pool has values of a type share variables that are free.
func (s *sharing) pool() {
	pools := map[string][]ssa.Value{}
	add := func(v ssa.Value) {
		if refs := v.Referrers(); refs == nil || len(*refs) == 0 || !s.hasVariable(v) || isInterface(v.Type()) {
			return
		}
		t := s.typ(v.Type())
		for _, other := range pools[t] {
			if s.unite(other, v) {
				return
			}
		}
		pools[t] = append(pools[t], v)
	}
	for _, p := range s.fn.Params {
		add(p)
	}
	for _, b := range s.fn.DomPreorder() {
		for _, in := range b.Instrs {
			if v, ok := in.(ssa.Value); ok {
				add(v)
			}
		}
	}
}

// hasVariable reports a value that is computed by one assignment to its variable.
func (s *sharing) hasVariable(v ssa.Value) bool {
	if s.folded[v] {
		return false
	}
	switch v := v.(type) {
	case *ssa.Phi:
		return true
	case *ssa.Parameter:
		return !s.isSpilled(v)
	case *ssa.Slice:
		return !s.gone[v]
	case *ssa.BinOp:
		return !signedCount(v)
	case *ssa.UnOp:
		return v.Op != token.ARROW && !s.isForeign(v.X)
	case *ssa.Convert:
		return basic(v.X.Type()) != nil && basic(v.Type()) != nil
	case *ssa.Lookup:
		return !v.CommaOk
	case *ssa.Call:
		switch builtinName(&v.Call) {
		case "append", "len", "cap", "copy":
			return true
		case "":
			return v.Call.Signature().Results().Len() == 1
		}
	}
	return false
}

// moves gives the phis of a block their values, each after those that read it.
func (f *function) moves(from, to *ssa.BasicBlock) {
	var list []*move
	for _, p := range phis(to) {
		m := &move{dst: f.reg(p), p: p, v: incoming(p, from), reads: map[string]bool{}}
		f.leaves(m.v, func(v ssa.Value) {
			if a, ok := v.(*ssa.Alloc); ok && !a.Heap {
				return
			}
			if name, ok := f.regs[f.class(v)]; ok {
				m.reads[name] = true
			}
		})
		if !f.folded[m.v] {
			if m.text = f.operand(m.v); m.text == m.dst {
				continue
			}
		}
		list = append(list, m)
	}
	for len(list) > 0 {
		i := slices.IndexFunc(list, func(m *move) bool {
			return !slices.ContainsFunc(list, func(o *move) bool { return o != m && o.reads[m.dst] })
		})
		if i < 0 { // a cycle: one of them goes by a variable of its own
			i = slices.IndexFunc(list, func(m *move) bool { return len(m.reads) > 0 })
			m := list[i]
			x := f.variable("x", f.typ(m.p.Type()))
			f.put("%s = %s; ", x, m.value(f))
			m.text, m.reads = x, map[string]bool{}
			continue
		}
		f.assign(list[i].dst, list[i].value(f), list[i].p.Type())
		list = slices.Delete(list, i, i+1)
	}
	f.forgetLine()
}

// A move is the assignment of a phi.
type move struct {
	dst, text string
	p         *ssa.Phi
	v         ssa.Value
	reads     map[string]bool // variables
}

func (m *move) value(f *function) string {
	if m.text == "" {
		m.text, _ = f.expr(m.v)
	}
	return m.text
}
