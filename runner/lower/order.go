package lower

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"sort"

	"golang.org/x/tools/go/ssa"
)

// Go says in which order the calls of a statement are made, and leaves open when its
// variables are read among them; ssa reads them from left to right. The compiler makes
// the calls first and reads the rest when the operation is done, but for what it has
// to copy. So what reads memory moves down behind the last call of its statement.
//
//	fmt.Println(n, next(), n)    both n are read after next
//	f(s[i:], next())             the slice is made before next

// delay moves the instructions of a function that compiled Go runs later.
func (f *function) delay() {
	f.moved = map[ssa.Instruction]*ssa.BasicBlock{}
	last := map[int][]position{} // the calls of each statement
	for _, b := range f.fn.Blocks {
		for i, in := range b.Instrs {
			if isCall(in) {
				if s := f.statementOf(in); s >= 0 {
					last[s] = append(last[s], position{b, i})
				}
			}
		}
	}
	if len(last) == 0 {
		return
	}
	for _, b := range slices.Backward(f.fn.DomPreorder()) {
		for _, in := range slices.Backward(slices.Clone(b.Instrs)) {
			if !f.isDelayed(in) {
				continue
			}
			if calls := last[f.statementOf(in)]; calls != nil {
				f.moveDown(in, b)
			}
		}
	}
}

// A position is that of an instruction in a block, before anything is moved.
type position struct {
	block *ssa.BasicBlock
	index int
}

// isCall reports what the compiler does in its place.
func isCall(in ssa.Instruction) bool {
	switch in := in.(type) {
	case *ssa.Call:
		return builtinName(&in.Call) == ""
	case *ssa.UnOp:
		return in.Op == token.ARROW
	}
	return false
}

// isDelayed reports what the compiler does when the operation that uses it is done.
func (f *function) isDelayed(in ssa.Instruction) bool {
	if v, ok := in.(ssa.Value); ok && passedByAddress(v) && !isVariable(v) {
		return false
	}
	switch in := in.(type) {
	case *ssa.UnOp:
		return in.Op != token.ARROW
	case *ssa.MakeInterface:
		return true
	case *ssa.Lookup:
		return !in.CommaOk
	case *ssa.FieldAddr, *ssa.IndexAddr, *ssa.Field, *ssa.Index, *ssa.BinOp, *ssa.ChangeType, *ssa.ChangeInterface:
		return true
	case *ssa.Convert:
		_, copies := under(in.Type()).(*types.Slice)
		return !copies
	case *ssa.Slice:
		a, ok := in.X.(*ssa.Alloc)
		return ok && isLiteral(a)
	case *ssa.Store:
		return literalOf(in) != nil
	}
	return false
}

// passedByAddress reports a value that is converted to an interface by way of its
// address: it is copied in its place, unless it has an address.
func passedByAddress(v ssa.Value) bool {
	refs := v.Referrers()
	if refs == nil || len(*refs) != 1 || isWord(v.Type()) {
		return false
	}
	_, ok := (*refs)[0].(*ssa.MakeInterface)
	return ok
}

// isVariable reports the value of a variable, which has an address.
func isVariable(v ssa.Value) bool {
	load, ok := v.(*ssa.UnOp)
	if !ok || load.Op != token.MUL {
		return false
	}
	a, ok := load.X.(*ssa.Alloc)
	return !ok || !isLiteral(a)
}

// isLiteral reports the memory of a composite literal or of variadic arguments.
func isLiteral(a *ssa.Alloc) bool {
	return a.Comment == "varargs" || a.Comment == "slicelit" || a.Comment == "complit"
}

// literalOf is the array or struct of a composite literal, or of a variadic call, that
// a store fills.
func literalOf(in *ssa.Store) *ssa.Alloc {
	addr := in.Addr
	for {
		switch x := addr.(type) {
		case *ssa.FieldAddr:
			addr = x.X
			continue
		case *ssa.IndexAddr:
			addr = x.X
			continue
		case *ssa.Alloc:
			if isLiteral(x) {
				return x
			}
		}
		return nil
	}
}

// moveDown moves an instruction behind the last call of its statement, or before its
// first use.
func (f *function) moveDown(in ssa.Instruction, from *ssa.BasicBlock) {
	s := f.statementOf(in)
	uses := f.usesOf(in)
	to := from
	if len(uses) > 0 &&
		!slices.ContainsFunc(uses, func(u ssa.Instruction) bool { return f.blockOf(u) != f.blockOf(uses[0]) }) {
		if b := f.blockOf(uses[0]); b != from && f.statementOf(uses[0]) == s {
			if _, phi := uses[0].(*ssa.Phi); !phi {
				to = b
			}
		}
	}
	at := slices.Index(from.Instrs, in)
	begin := at + 1
	if to != from {
		begin = 0
	}
	target := -1
	for i := begin; i < len(to.Instrs); i++ {
		x := to.Instrs[i]
		if slices.Contains(uses, x) {
			break
		}
		if isCall(x) && f.statementOf(x) == s {
			target = i + 1
		}
	}
	if to != from {
		if !f.callsBetween(from, to, at, s) && target < 0 {
			return
		}
		target = max(target, firstNonPhi(to))
		from.Instrs = slices.Delete(from.Instrs, at, at+1)
		to.Instrs = slices.Insert(to.Instrs, target, in)
		f.moved[in] = to
		return
	}
	if target < 0 {
		return
	}
	f.refuseOpen(in)
	from.Instrs = slices.Insert(from.Instrs, target, in)
	from.Instrs = slices.Delete(from.Instrs, at, at+1)
}

func firstNonPhi(b *ssa.BasicBlock) int {
	for i, in := range b.Instrs {
		if _, ok := in.(*ssa.Phi); !ok {
			return i
		}
	}
	return len(b.Instrs)
}

// callsBetween reports a call of a statement on the way from one block to another.
func (f *function) callsBetween(from, to *ssa.BasicBlock, at, s int) bool {
	seen := map[*ssa.BasicBlock]bool{to: true}
	has := func(list []ssa.Instruction) bool {
		return slices.ContainsFunc(list, func(in ssa.Instruction) bool { return isCall(in) && f.statementOf(in) == s })
	}
	var visit func(b *ssa.BasicBlock) bool
	visit = func(b *ssa.BasicBlock) bool {
		if seen[b] {
			return false
		}
		seen[b] = true
		return has(b.Instrs) || slices.ContainsFunc(b.Succs, visit)
	}
	return has(from.Instrs[at:]) || slices.ContainsFunc(from.Succs, visit)
}

// usesOf are the instructions that must come after one: for a store into a literal, what
// uses the literal otherwise.
func (f *function) usesOf(in ssa.Instruction) []ssa.Instruction {
	v, ok := in.(ssa.Value)
	if ok {
		if refs := v.Referrers(); refs != nil {
			return *refs
		}
		return nil
	}
	var uses []ssa.Instruction
	st, ok := in.(*ssa.Store)
	if !ok {
		return nil
	}
	var collect func(v ssa.Value)
	collect = func(v ssa.Value) {
		for _, r := range *v.Referrers() {
			switch r := r.(type) {
			case *ssa.FieldAddr:
				collect(r)
			case *ssa.IndexAddr:
				collect(r)
			case *ssa.Store:
				if r.Addr != v {
					uses = append(uses, r)
				}
			default:
				uses = append(uses, r)
			}
		}
	}
	collect(literalOf(st))
	return uses
}

// refuseOpen refuses a variable of which it depends on the compiler's inlining when it
// is read.
func (f *function) refuseOpen(in ssa.Instruction) {
	load, ok := in.(*ssa.UnOp)
	if !ok || !passedByAddress(load) || !inRegisters(load.Type()) {
		return
	}
	if a, ok := load.X.(*ssa.Alloc); ok && a.Heap && isChangedByClosure(a) {
		f.refuse(
			load.Pos(),
			"a list with "+a.Comment+" and a call after it that may change it (Go leaves their order open)",
			"put "+a.Comment+" into a new variable before",
		)
	}
}

// isChangedByClosure reports a variable that is used by closures and assigned more than
// once, and of which nothing else has the address.
func isChangedByClosure(a *ssa.Alloc) bool {
	stores, captured := 0, false
	for _, r := range *a.Referrers() {
		switch r := r.(type) {
		case *ssa.UnOp, *ssa.DebugRef:
		case *ssa.Store:
			if r.Addr != ssa.Value(a) {
				return false
			}
			stores++
		case *ssa.MakeClosure:
			captured = true
			for i, b := range r.Bindings {
				if b == ssa.Value(a) {
					stores += storesTo(r.Fn.(*ssa.Function).FreeVars[i])
				}
			}
		default:
			return false
		}
	}
	return captured && stores > 1
}

// storesTo counts the assignments to a captured variable.
func storesTo(v *ssa.FreeVar) int {
	n := 0
	for _, r := range *v.Referrers() {
		switch r := r.(type) {
		case *ssa.Store:
			n++
		case *ssa.MakeClosure:
			for i, b := range r.Bindings {
				if b == ssa.Value(v) {
					n += storesTo(r.Fn.(*ssa.Function).FreeVars[i])
				}
			}
		}
	}
	return n
}

// isWord reports types whose values the compiler passes by themselves when it converts
// them to an interface: integers of a machine's sizes and the like, strings, slices.
func isWord(t types.Type) bool {
	t = types.Default(t)
	switch u := under(t).(type) {
	case *types.Interface, *types.Slice, *types.Pointer, *types.Map, *types.Chan, *types.Signature:
		return true
	case *types.Basic:
		return sizes.Sizeof(u) > 1 && u.Info()&types.IsComplex == 0
	case *types.Struct:
		if u.NumFields() == 1 {
			return isWord(u.Field(0).Type())
		}
		n := sizes.Sizeof(u)
		return (n == 2 || n == 4 || n == 8) && sizes.Alignof(u) == n && !hasPointers(u)
	case *types.Array:
		return u.Len() == 1 && isWord(u.Elem())
	}
	return false
}

func hasPointers(t types.Type) bool {
	switch u := under(t).(type) {
	case *types.Basic:
		return u.Info()&types.IsString != 0 || u.Kind() == types.UnsafePointer
	case *types.Struct:
		for field := range u.Fields() {
			if hasPointers(field.Type()) {
				return true
			}
		}
		return false
	case *types.Array:
		return hasPointers(u.Elem())
	}
	return true
}

// inRegisters reports types whose variables the compiler may keep in registers.
func inRegisters(t types.Type) bool {
	if sizes.Sizeof(t) > 4*sizes.Sizeof(types.Typ[types.Uintptr]) {
		return false
	}
	switch u := under(t).(type) {
	case *types.Struct:
		if u.NumFields() > 4 {
			return false
		}
		for field := range u.Fields() {
			if !inRegisters(field.Type()) {
				return false
			}
		}
	case *types.Array:
		return u.Len() == 0 || u.Len() == 1 && inRegisters(u.Elem())
	}
	return true
}

// statementOf is the number of the statement that an instruction is part of, -1 if that
// cannot be known. What has no position belongs to the statement of its operands.
func (f *function) statementOf(in ssa.Instruction) int {
	if s, ok := f.statementsOf[in]; ok {
		return s
	}
	f.statementsOf[in] = -1
	s := -1
	if _, phi := in.(*ssa.Phi); !phi {
		s = f.statements().at(in.Pos())
		for _, op := range f.operandsOf(in) {
			if s >= 0 {
				break
			}
			if x, ok := op.(ssa.Instruction); ok && x.Block() == in.Block() {
				s = f.statementOf(x)
			}
		}
	}
	f.statementsOf[in] = s
	return s
}

// spans are the simple statements of the program, and the expressions with which others
// begin.
type spans struct {
	list []span // by start; one that is inside another comes after it
}

type span struct {
	from, to token.Pos
	outer    int // the span around it, -1 if there is none
}

func (l *Lowering) statements() *spans {
	if l.spans == nil {
		l.spans = &spans{}
		for _, file := range l.files {
			ast.Inspect(file, l.spans.visit)
		}
		l.spans.sort()
	}
	return l.spans
}

func (s *spans) add(nodes ...ast.Node) {
	for _, n := range nodes {
		if n != nil {
			s.list = append(s.list, span{n.Pos(), n.End(), -1})
		}
	}
}

func (s *spans) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ExprStmt, *ast.AssignStmt, *ast.IncDecStmt, *ast.SendStmt, *ast.ReturnStmt, *ast.GoStmt, *ast.DeferStmt, *ast.ValueSpec:
		s.add(n)
	case *ast.IfStmt:
		s.add(n.Cond)
	case *ast.ForStmt:
		if n.Cond != nil {
			s.add(n.Cond)
		}
	case *ast.SwitchStmt:
		if n.Tag != nil {
			s.add(n.Tag)
		}
	case *ast.RangeStmt:
		s.add(n.X)
	case *ast.CaseClause:
		for _, e := range n.List {
			s.add(e)
		}
	}
	return true
}

func (s *spans) sort() {
	slices.SortStableFunc(s.list, func(a, b span) int {
		if a.from != b.from {
			return int(a.from - b.from)
		}
		return int(b.to - a.to)
	})
	var open []int
	for i := range s.list {
		for len(open) > 0 && s.list[open[len(open)-1]].to <= s.list[i].from {
			open = open[:len(open)-1]
		}
		if len(open) > 0 {
			s.list[i].outer = open[len(open)-1]
		}
		open = append(open, i)
	}
}

// at is the number of the innermost span that holds a position, -1 if none does.
func (s *spans) at(pos token.Pos) int {
	if !pos.IsValid() {
		return -1
	}
	i := sort.Search(len(s.list), func(i int) bool { return s.list[i].from > pos }) - 1
	for i >= 0 && s.list[i].to <= pos {
		i = s.list[i].outer
	}
	return i
}
