package lower

import (
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ssa"
)

// Folding decides which values are not put into variables but written inside the
// instruction that uses them. Every assignment costs the interpreter as much as an
// addition, and every variable a part of each call.
//
// It goes through a block with a list of values that wait for their user. An
// instruction takes the waiting values among its operands if its text evaluates
// them as their instructions would have; what comes between must neither change a
// waiting value nor be changed by its delay. Where that fails a value settles: it is
// computed where it stands. That is always right, so each decision is made by
// itself.
type plan struct {
	folded map[ssa.Value]bool
	*literals
	same map[ssa.Value]ssa.Value // -> a value whose variable it shares
}

func (f *function) makePlan() *plan {
	f.plan = &plan{
		folded: map[ssa.Value]bool{}, literals: findLiterals(f), same: map[ssa.Value]ssa.Value{},
	}
	for _, b := range f.fn.Blocks {
		(&folding{function: f, block: b}).run()
	}
	f.share()
	return f.plan
}

// An effect is what evaluating something does, or what a place allows.
type effect uint8

const (
	reads effect = 1 << iota
	writes
	fails // other than by a nil pointer
	faults
	anything = reads | writes | fails | faults
)

// conflict reports that two evaluations must keep their order.
func conflict(a, b effect) bool {
	return a&writes != 0 && b != 0 || b&writes != 0 && a != 0 || a&(fails|faults) != 0 && b&(fails|faults) != 0
}

// A waiting value has not been written yet.
type waiting struct {
	v    ssa.Value
	at   int // in the block
	does effect
	line int // what *l must be while it is evaluated, 0 for anything
	// calls says that it runs lowered code, which changes *l; fragile that it may
	// fail in compiled code, for which *l must hold.
	calls, fragile bool
	late           bool // it reads memory, which Go leaves open when, among the calls of its user
}

// A slot is an operand that an instruction can hold, with what it may do there.
type slot struct {
	v   ssa.Value
	may effect
}

type folding struct {
	*function
	block *ssa.BasicBlock
	wait  []*waiting
}

func (w *folding) find(v ssa.Value) *waiting {
	for _, x := range w.wait {
		if x.v == v {
			return x
		}
	}
	return nil
}

// settle has a value computed where it stands, and before it what it must not
// overtake.
func (w *folding) settle(x *waiting) {
	w.wait = slices.DeleteFunc(w.wait, func(y *waiting) bool { return x == y })
	for _, y := range slices.Clone(w.wait) {
		if y.at < x.at && conflict(y.does, x.does) && slices.Contains(w.wait, y) {
			w.settle(y)
		}
	}
}

func (w *folding) run() {
	for at, in := range w.block.Instrs {
		if _, ok := in.(*ssa.Phi); ok {
			continue
		}
		w.instruction(at, in)
	}
}

func (w *folding) instruction(at int, in ssa.Instruction) {
	if w.gone[in] {
		return
	}
	does, stamps := w.effectOf(in)
	self := &waiting{at: at, does: does}
	if stamps {
		self.line = w.Lowering.line(in.Pos())
	}
	if c, ok := in.(*ssa.Call); ok {
		self.calls = w.runsLowered(&c.Call)
	}
	self.fragile = self.line != 0 && !self.calls
	self.v, _ = in.(ssa.Value)
	waits := self.v != nil && w.foldable(self.v) && w.usedOnce(self.v)
	slots := w.slots(in)
	for _, op := range w.operandsOf(in) {
		if x := w.find(op); x != nil && !w.fits(x, in, slots, waits) {
			w.settle(x)
		}
	}
	for _, s := range slots { // of phis
		if x := w.find(s.v); x != nil && x.does&^s.may != 0 {
			w.settle(x)
		}
	}
	taken := w.take(self, slots, waits)
	for _, x := range taken {
		w.folded[x.v] = true
		self.does |= x.does
		self.calls = self.calls || x.calls
		self.fragile = self.fragile || x.fragile
		self.late = self.late || x.late
		if self.line == 0 {
			self.line = x.line
		}
	}
	switch x := in.(type) {
	case *ssa.UnOp:
		self.late = x.Op == token.MUL
	case *ssa.FieldAddr:
	default:
		self.late = false
	}
	w.wait = slices.DeleteFunc(w.wait, func(x *waiting) bool { return slices.Contains(taken, x) })
	if waits {
		w.wait = append(w.wait, self)
	}
}

// fits reports whether an instruction that waits itself, or does not, can hold a
// value.
func (w *folding) fits(x *waiting, in ssa.Instruction, slots []slot, waits bool) bool {
	if _, ok := in.(*ssa.FieldAddr); ok && !waits {
		return false // its path is written more than once
	}
	return slices.ContainsFunc(slots, func(s slot) bool { return s.v == x.v && x.does&^s.may == 0 })
}

// take returns the waiting values that the instruction takes; it settles those that
// are in the way.
func (w *folding) take(self *waiting, slots []slot, waits bool) []*waiting {
	for {
		var taken []*waiting
		for _, s := range slots {
			if x := w.find(s.v); x != nil {
				taken = append(taken, x)
			}
		}
		bad := w.misfit(self, taken, waits)
		if bad == nil {
			return taken
		}
		w.settle(bad)
	}
}

// misfit is a waiting value that cannot go on waiting, or be taken.
func (w *folding) misfit(self *waiting, taken []*waiting, waits bool) *waiting {
	for i, x := range taken {
		for _, y := range taken[i+1:] {
			if x.at > y.at && conflict(x.does, y.does) || x.line != 0 && y.line != 0 && x.line != y.line ||
				x.calls && y.fragile || x.late && y.does&writes != 0 {
				return x
			}
		}
		if x.line != 0 && self.line != 0 && x.line != self.line || x.calls && self.line != 0 && !self.calls {
			return x
		}
		for _, y := range w.wait {
			if slices.Contains(taken, y) || !conflict(x.does, y.does) {
				continue
			}
			if y.at < x.at {
				return y
			}
			return x
		}
	}
	for _, y := range w.wait {
		if slices.Contains(taken, y) {
			continue
		}
		if conflict(y.does, self.does) && !waits || y.late && self.does&writes != 0 {
			return y
		}
	}
	return nil
}

func isNilConst(v ssa.Value) bool { c, ok := v.(*ssa.Const); return ok && c.IsNil() }

func isNonzero(v ssa.Value) bool {
	c, ok := v.(*ssa.Const)
	return ok && c.Value != nil && c.Value.Kind() == constant.Int && constant.Sign(c.Value) != 0
}

// signedCount reports a shift whose count may be negative.
func signedCount(b *ssa.BinOp) bool {
	if b.Op != token.SHL && b.Op != token.SHR {
		return false
	}
	_, isConst := b.Y.(*ssa.Const)
	return !isConst && !has(b.Y.Type(), types.IsUnsigned)
}

// effectOf says what an instruction itself does, and whether it stores its line.
func (f *function) effectOf(in ssa.Instruction) (does effect, stamps bool) {
	switch in := in.(type) {
	case *ssa.DebugRef, *ssa.Alloc, *ssa.FieldAddr, *ssa.Extract, *ssa.Field, *ssa.ChangeType, *ssa.MakeClosure,
		*ssa.Jump, *ssa.If, *ssa.Return:
		return 0, false
	case *ssa.BinOp:
		switch in.Op {
		case token.QUO, token.REM:
			if has(in.Type(), types.IsInteger) && !isNonzero(in.Y) {
				return fails, true
			}
		case token.SHL, token.SHR:
			if signedCount(in) {
				return fails, true
			}
		case token.EQL, token.NEQ:
			if isInterface(in.X.Type()) && !isNilConst(in.X) && !isNilConst(in.Y) {
				return fails, true
			}
		}
		return 0, false
	case *ssa.UnOp:
		switch in.Op {
		case token.ARROW:
			return anything, true
		case token.MUL:
			switch in.X.(type) {
			case *ssa.Global:
				return reads, true
			case *ssa.Alloc:
				return reads, false
			}
			return reads | faults, true
		}
		return 0, false
	case *ssa.Convert:
		if basic(in.X.Type()) != nil && basic(in.Type()) != nil {
			return 0, false
		}
		return reads | fails, true
	case *ssa.Lookup:
		if m, ok := under(in.X.Type()).(*types.Map); ok && basic(m.Key()) != nil {
			return reads, true
		}
		return reads | fails, true
	case *ssa.Store:
		switch in.Addr.(type) {
		case *ssa.Alloc, *ssa.Global:
			return writes, false
		}
		return writes | faults, true
	case *ssa.IndexAddr, *ssa.Index, *ssa.MakeInterface, *ssa.Slice, *ssa.MakeMap, *ssa.MakeSlice:
		return reads | fails, true
	case *ssa.Call:
		switch builtinName(&in.Call) {
		case "len", "cap":
			switch under(in.Call.Args[0].Type()).(type) {
			case *types.Slice, *types.Basic:
				return 0, false
			}
			return reads, false
		}
	}
	return anything, true
}

// foldable says which values can be written inside their user.
func (f *function) foldable(v ssa.Value) bool {
	switch v := v.(type) {
	case *ssa.BinOp:
		does, _ := f.effectOf(v)
		return (basic(v.X.Type()) != nil || isNilConst(v.X) || isNilConst(v.Y)) &&
			(does == 0 || v.Op == token.QUO || v.Op == token.REM)
	case *ssa.UnOp:
		if v.Op != token.MUL {
			return v.Op != token.ARROW
		}
		if g, ok := v.X.(*ssa.Global); ok && !f.own[g.Pkg.Pkg] {
			return false
		}
		return f.opaque(v.Type()) == ""
	case *ssa.FieldAddr:
		return true
	case *ssa.Convert:
		return basic(v.X.Type()) != nil && basic(v.Type()) != nil
	case *ssa.Lookup:
		_, isMap := under(v.X.Type()).(*types.Map)
		return isMap && !v.CommaOk && f.opaque(v.Type()) == ""
	case *ssa.Call:
		if name := builtinName(&v.Call); name != "" {
			return name == "len" || name == "cap"
		}
		return f.isPlainCall(v)
	}
	return false
}

// usedOnce reports a value whose only use is in the block, or on a way out of it.
func (w *folding) usedOnce(v ssa.Value) bool {
	refs := v.Referrers()
	if refs == nil || len(*refs) != 1 {
		return false
	}
	switch under(v.Type()).(type) {
	case *types.Basic, *types.Pointer, *types.Slice, *types.Map, *types.Chan:
	default:
		return false
	}
	user := (*refs)[0]
	if g := w.gatherer[user]; g != nil {
		user = g
	}
	n := 0
	for _, op := range w.operandsOf(user) {
		if op == v {
			n++
		}
	}
	if n != 1 {
		return false
	}
	p, ok := user.(*ssa.Phi)
	if !ok {
		return w.blockOf(user) == w.block
	}
	i := slices.Index(p.Edges, v)
	return p.Block().Preds[i] == w.block && len(*p.Referrers()) > 0
}

// slots are the operands of an instruction that can be written in place, in the
// order in which the interpreter then evaluates them.
func (f *function) slots(in ssa.Instruction) (list []slot) {
	add := func(v ssa.Value, may effect) { list = append(list, slot{v, anything}) }
	switch in := in.(type) {
	case *ssa.BinOp:
		shift := in.Op == token.SHL || in.Op == token.SHR
		switch {
		case isInterface(in.X.Type()), shift && signedCount(in):
		case isNilConst(in.Y):
			add(in.X, anything)
		case basic(in.X.Type()) != nil:
			add(in.X, anything)
			if !shift || !f.avoids(shiftCount) {
				add(in.Y, anything)
			}
		}
	case *ssa.UnOp:
		if _, isPath := in.X.(*ssa.FieldAddr); in.Op != token.ARROW && (in.Op != token.MUL || isPath) {
			add(in.X, anything)
		}
	case *ssa.FieldAddr:
		if !f.isUnnamed(in) {
			add(in.X, anything)
		}
	case *ssa.Convert:
		if basic(in.X.Type()) != nil && basic(in.Type()) != nil {
			add(in.X, anything)
		}
	case *ssa.Lookup:
		if _, isMap := under(in.X.Type()).(*types.Map); isMap && !in.CommaOk {
			add(in.X, reads|fails|faults)
			add(in.Index, reads)
		}
	case *ssa.IndexAddr:
		add(in.Index, anything)
	case *ssa.MapUpdate:
		add(in.Map, reads)
		add(in.Key, reads)
		add(in.Value, reads)
	case *ssa.Store:
		if f.parts[in] != nil {
			return f.partSlots(in)
		}
		return f.storeSlots(in)
	case *ssa.Slice:
		if f.parts[in] != nil {
			return f.partSlots(in)
		}
	case *ssa.Call:
		return f.callSlots(in)
	case *ssa.Return:
		return f.returnSlots(in)
	case *ssa.If:
		switch v := in.Cond.(type) {
		case *ssa.BinOp:
			add(v, anything)
		case *ssa.Call:
			if _, form := f.operands(&v.Call); form != valueForm || !f.avoids(calledCondition) {
				add(v, anything)
			}
		case *ssa.UnOp:
			if v.Op == token.NOT {
				add(v, anything)
			}
		}
		for _, s := range in.Block().Succs {
			for _, p := range phis(s) {
				add(incoming(p, in.Block()), reads)
			}
		}
	case *ssa.Jump:
		list := phis(in.Block().Succs[0])
		may := anything
		if len(list) > 1 {
			may = reads
		}
		for _, p := range list {
			add(incoming(p, in.Block()), may)
		}
	}
	return list
}

// partSlots are the parts of a literal.
func (f *function) partSlots(in ssa.Instruction) (list []slot) {
	_, isSlice := in.(*ssa.Slice)
	for _, v := range f.parts[in] {
		load, ok := v.(*ssa.UnOp)
		if isSlice && ok && load.Op == token.MUL && f.avoids(elementSelector) {
			continue
		}
		list = append(list, slot{v, reads | faults})
	}
	return list
}

func (f *function) storeSlots(in *ssa.Store) []slot {
	if f.opaque(pointee(in.Addr.Type())) != "" {
		return nil
	}
	if _, ok := in.Addr.(*ssa.FieldAddr); ok {
		return []slot{{in.Addr, reads}, {in.Val, anything}}
	}
	return []slot{{in.Val, anything}}
}

func (f *function) callSlots(in *ssa.Call) (list []slot) {
	switch builtinName(&in.Call) {
	case "":
	case "len", "cap":
		return []slot{{in.Call.Args[0], anything}}
	case "append", "copy":
		for _, a := range f.operandsOf(in) {
			list = append(list, slot{a, reads})
		}
		return list
	default:
		return nil
	}
	if f.isSpecial(in) || in.Call.IsInvoke() {
		return nil
	}
	operands, form := f.operands(&in.Call)
	if f.spread[in] {
		operands = f.parts[in]
	}
	for i, v := range operands {
		switch {
		case form == valueForm && (i == 0 || f.opaque(v.Type()) != ""):
		default:
			list = append(list, slot{v, anything})
		}
	}
	return list
}

func (f *function) returnSlots(in *ssa.Return) (list []slot) {
	if f.fn.Recover != nil {
		return nil
	}
	for _, v := range in.Results {
		switch x := v.(type) {
		case *ssa.BinOp, *ssa.UnOp:
			list = append(list, slot{v, anything})
		case *ssa.Call:
			if builtinName(&x.Call) == "" {
				list = append(list, slot{v, anything})
			}
		}
	}
	return list
}

// phis are the phis of a block that are used.
func phis(b *ssa.BasicBlock) (list []*ssa.Phi) {
	for _, in := range b.Instrs {
		p, ok := in.(*ssa.Phi)
		if !ok {
			break
		}
		if len(*p.Referrers()) > 0 {
			list = append(list, p)
		}
	}
	return list
}

// incoming is the value that a phi has when control comes from a block.
func incoming(p *ssa.Phi, from *ssa.BasicBlock) ssa.Value {
	return p.Edges[slices.Index(p.Block().Preds, from)]
}
