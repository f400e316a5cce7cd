package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// Control flow is written from the dominator tree, as in Norman Ramsey, "Beyond
// Relooper: recursive translation of unstructured control flow to structured
// control flow", ICFP 2022. A block that begins a loop becomes a for; a block
// where ways meet stands after a labelled for that those ways break out of; every
// other block stands where control goes to it. Where goto leads into the middle of a
// loop, see machine.

// places says how to get to a block from where the text is.
type places struct {
	jump map[*ssa.BasicBlock]string // "continue L" or "break L"
	next *ssa.BasicBlock            // where control goes by itself
}

func (p places) with(b *ssa.BasicBlock, jump string, next *ssa.BasicBlock) places {
	m := make(map[*ssa.BasicBlock]string, len(p.jump)+1)
	for k, v := range p.jump {
		m[k] = v
	}
	m[b] = jump
	return places{m, next}
}

// control writes the function's body.
func (f *function) control() {
	f.order, f.loops = map[*ssa.BasicBlock]int{}, map[*ssa.BasicBlock]bool{}
	seen := map[*ssa.BasicBlock]bool{}
	var post []*ssa.BasicBlock
	var visit func(*ssa.BasicBlock)
	visit = func(b *ssa.BasicBlock) {
		seen[b] = true
		for _, s := range b.Succs {
			if !seen[s] {
				visit(s)
			}
		}
		post = append(post, b)
	}
	visit(f.fn.Blocks[0])
	slices.Reverse(post)
	for i, b := range post {
		f.order[b] = i
	}
	for _, b := range post {
		for _, s := range b.Succs {
			if f.order[s] > f.order[b] {
				continue
			}
			if !s.Dominates(b) {
				f.machine(post)
				return
			}
			f.loops[s] = true
		}
	}
	f.again = map[*ssa.BasicBlock]bool{}
	for b := range f.loops {
		maps.Copy(f.again, f.members(b))
	}
	f.tree(f.fn.Blocks[0], places{})
}

// machine writes blocks between which goto leads into the middle of a loop: one after
// the other, each run when a variable says so.
func (f *function) machine(blocks []*ssa.BasicBlock) {
	f.again = map[*ssa.BasicBlock]bool{}
	label, state := f.temp("M"), f.variable("s", "int")
	at := places{jump: map[*ssa.BasicBlock]string{}}
	for i, b := range blocks {
		f.again[b] = true
		at.jump[b] = fmt.Sprintf("%s = %d; continue %s", state, i, label)
	}
	f.put("%s = 0; %s: for { ", state, label)
	for i, b := range blocks {
		f.line = 0
		f.put("if %s == %d { ", state, i)
		f.block(b, at)
		f.put("}; ")
	}
	f.put("}; ")
}

// merges reports a block to which several ways lead forward.
func (f *function) merges(b *ssa.BasicBlock) bool {
	n := 0
	for _, p := range b.Preds {
		if i, reached := f.order[p]; reached && i < f.order[b] {
			n++
		}
	}
	return n > 1
}

// tree writes a block and all that it dominates.
func (f *function) tree(b *ssa.BasicBlock, at places) {
	var after []*ssa.BasicBlock // where ways from b meet, last first
	for _, k := range b.Dominees() {
		if _, reached := f.order[k]; reached && f.merges(k) {
			after = append(after, k)
		}
	}
	slices.SortFunc(after, func(x, y *ssa.BasicBlock) int { return f.order[y] - f.order[x] })
	if !f.loops[b] {
		f.within(b, after, at)
		return
	}
	in := f.members(b)
	var inside, outside []*ssa.BasicBlock
	for _, k := range after {
		if in[k] {
			inside = append(inside, k)
		} else {
			outside = append(outside, k)
		}
	}
	f.around(b, inside, outside, in, at)
}

// members are the blocks of the loop that b begins.
func (f *function) members(b *ssa.BasicBlock) map[*ssa.BasicBlock]bool {
	in := map[*ssa.BasicBlock]bool{b: true}
	var add func(*ssa.BasicBlock)
	add = func(x *ssa.BasicBlock) {
		if _, reached := f.order[x]; reached && !in[x] {
			in[x] = true
			for _, p := range x.Preds {
				add(p)
			}
		}
	}
	for _, p := range b.Preds {
		if b.Dominates(p) {
			add(p)
		}
	}
	return in
}

// within writes b, and after it the blocks where ways from it meet.
func (f *function) within(b *ssa.BasicBlock, after []*ssa.BasicBlock, at places) {
	if len(after) == 0 {
		f.block(b, at)
		return
	}
	k := after[0]
	f.breaking(k, func(at places) { f.within(b, after[1:], at) }, at)
	f.tree(k, at)
}

// breaking writes text that gets to the block k by breaking out of it.
func (f *function) breaking(k *ssa.BasicBlock, write func(places), at places) {
	label := f.temp("B")
	text := f.captured(func() { write(at.with(k, "break "+label, k)) })
	if f.named[label] {
		f.put("%s: for { %sbreak; }; ", label, text)
	} else {
		f.put("%s", text)
	}
	f.line = 0
}

// around writes a loop, and after it the blocks outside of it where ways meet.
func (f *function) around(
	b *ssa.BasicBlock,
	inside, outside []*ssa.BasicBlock,
	in map[*ssa.BasicBlock]bool,
	at places,
) {
	switch len(outside) {
	case 0:
		f.loop(b, inside, nil, in, at)
		return
	case 1:
		// A break of the loop gets there.
		k := outside[0]
		if _, ok := f.condition(b, in); !ok || slices.Contains(b.Succs, k) {
			f.loop(b, inside, k, in, at)
			f.tree(k, at)
			return
		}
	}
	k := outside[0]
	f.breaking(k, func(at places) { f.around(b, inside, outside[1:], in, at) }, at)
	f.tree(k, at)
}

// condition is the If with which a loop's header ends, if one of its ways leaves
// the loop.
func (f *function) condition(b *ssa.BasicBlock, in map[*ssa.BasicBlock]bool) (*ssa.If, bool) {
	c, ok := b.Instrs[len(b.Instrs)-1].(*ssa.If)
	return c, ok && in[b.Succs[0]] != in[b.Succs[1]]
}

// loop writes a loop, with its condition where Go has it if it begins with one. k
// is the block after it to which break leads, if there is one.
func (f *function) loop(
	b *ssa.BasicBlock,
	inside []*ssa.BasicBlock,
	k *ssa.BasicBlock,
	in map[*ssa.BasicBlock]bool,
	at places,
) {
	// A loop that stores no line, stopped at its limit, is where it began.
	f.stamp(f.loopPos(b, in))
	label := f.temp("L")
	body := at.with(b, "continue "+label, b)
	if k != nil {
		body.jump[k] = "break " + label
	}
	c, ok := f.condition(b, in)
	f.line = 0
	if !ok {
		text := f.captured(func() { f.within(b, inside, body) })
		f.put("%sfor { %s}; ", f.labelled(label), text)
		f.line = 0
		return
	}
	stay, leave, not := b.Succs[0], b.Succs[1], false
	if !in[stay] {
		stay, leave, not = leave, stay, true
	}
	cond, out, line := "", "", 0
	head := f.captured(func() {
		for _, in := range b.Instrs[:len(b.Instrs)-1] {
			f.instruction(in)
		}
		cond, out = f.truth(c.Cond, not), f.truth(c.Cond, !not)
		f.forgetLine()
		line = f.line
	})
	text := f.captured(func() {
		f.afterHeader(b, inside, func(at places) { f.branch(b, stay, at) }, body)
	})
	f.line = line
	exit := ""
	if k == leave {
		exit = f.captured(func() { f.branch(b, leave, places{body.jump, k}) })
	}
	switch {
	case head == "" && (exit == "" || !f.named["break "+label]):
		f.put("%sfor %s { %s}; %s", f.labelled(label), cond, text, exit)
	case text == "":
		f.put("%sfor { %sif %s { %sbreak; }; }; ", f.labelled(label), head, out, exit)
	case k == leave:
		f.put("%sfor { %sif %s { %s} else { %sbreak; }; }; ", f.labelled(label), head, cond, text, exit)
	default:
		f.put("%sfor { %sif %s { %s} else { break; }; }; ", f.labelled(label), head, cond, text)
	}
	f.line = 0
	if k != leave {
		f.branch(b, leave, at)
		f.line = 0
	}
}

// afterHeader is within for a block of which only what comes after its condition is
// left to write.
func (f *function) afterHeader(b *ssa.BasicBlock, after []*ssa.BasicBlock, write func(places), at places) {
	if len(after) == 0 {
		write(at)
		return
	}
	k := after[0]
	f.breaking(k, func(at places) { f.afterHeader(b, after[1:], write, at) }, at)
	f.tree(k, at)
}

func (f *function) labelled(label string) string {
	if f.named[label] {
		return label + ": "
	}
	return ""
}

// loopPos is where a loop is.
func (f *function) loopPos(b *ssa.BasicBlock, in map[*ssa.BasicBlock]bool) token.Pos {
	for _, in := range b.Instrs {
		if _, phi := in.(*ssa.Phi); !phi && in.Pos().IsValid() {
			return in.Pos()
		}
	}
	if len(in) > 1 || f.fn.Syntax() == nil {
		return token.NoPos
	}
	// Of for {} the syntax alone has a place: that of the first on which nothing has
	// been stored yet.
	pos := token.NoPos
	ast.Inspect(f.fn.Syntax(), func(n ast.Node) bool {
		loop, ok := n.(*ast.ForStmt)
		if ok && len(loop.Body.List) == 0 && !pos.IsValid() && !f.emptyLoops[loop] {
			f.emptyLoops[loop] = true
			pos = loop.Pos()
		}
		lit, ok := n.(*ast.FuncLit)
		return !ok || ast.Node(lit) == f.fn.Syntax()
	})
	return pos
}

// block writes a block's instructions and where control goes then.
func (f *function) block(b *ssa.BasicBlock, at places) {
	for _, in := range b.Instrs {
		switch in := in.(type) {
		case *ssa.Jump:
			f.branch(b, b.Succs[0], at)
		case *ssa.If:
			f.choice(b, in, at)
		case *ssa.RunDefers:
			if f.fn.Recover != nil {
				f.put("return; ")
				return
			}
		default:
			f.instruction(in)
		}
	}
}

// choice writes an if.
func (f *function) choice(b *ssa.BasicBlock, in *ssa.If, at places) {
	start := f.line
	cond := ""
	head := f.captured(func() {
		cond = f.truth(in.Cond, false)
		f.forgetLine()
	})
	line := f.line
	yes := f.captured(func() { f.branch(b, b.Succs[0], at) })
	f.line = line
	no := f.captured(func() { f.branch(b, b.Succs[1], at) })
	switch {
	case yes == "" && no == "":
		if f.folded[in.Cond] {
			f.put("%sif %s { }; ", head, cond)
		}
	case yes == "":
		f.line = start
		cond = f.truth(in.Cond, true)
		f.put("if %s { %s}; ", cond, no)
		f.stale = false
	case no == "":
		f.put("%sif %s { %s}; ", head, cond, yes)
	default:
		f.put("%sif %s { %s} else { %s}; ", head, cond, yes, no)
	}
	f.line = 0
}

// branch writes how control gets from one block to the next.
func (f *function) branch(from, to *ssa.BasicBlock, at places) {
	f.moves(from, to)
	jump, ok := at.jump[to]
	switch {
	case !ok:
		f.tree(to, at)
	case at.next != to:
		_, label, _ := strings.Cut(jump, " ")
		f.named[label], f.named[jump] = true, true
		f.put("%s; ", jump)
	}
}

var opposite = map[token.Token]token.Token{
	token.LSS: token.GEQ, token.GEQ: token.LSS, token.GTR: token.LEQ,
	token.LEQ: token.GTR, token.EQL: token.NEQ, token.NEQ: token.EQL,
}

// truth writes a condition, or its opposite.
func (f *function) truth(v ssa.Value, not bool) string {
	if b, ok := v.(*ssa.BinOp); ok && not && f.folded[v] && opposite[b.Op] != 0 && !hasFloat(b.X.Type()) {
		o := *b
		o.Op = opposite[b.Op]
		s, _ := f.binary(&o)
		return s
	}
	s, p := f.expr(v)
	if not {
		if p < operandPrecedence {
			s = "(" + s + ")"
		}
		s = "!" + s
	}
	return s
}
