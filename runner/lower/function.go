package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// function writes one function. In the lowered text every function takes first
// the address of its goroutine's line, then what it captures, then its parameters;
// one that defers runs its body under rt.Call.
type function struct {
	*Lowering
	*plan
	fn  *ssa.Function
	out *strings.Builder // the statements being written

	regs  map[ssa.Value]string // the variable of a value
	vars  map[string][]string  // type -> variables to declare
	temps int

	line  int  // what *l holds for sure, 0 if that is not known
	stale bool // the statement at hand calls lowered code, which changes *l

	statementsOf map[ssa.Instruction]int             // of the program's, -1 if not known
	moved        map[ssa.Instruction]*ssa.BasicBlock // to another block

	order      map[*ssa.BasicBlock]int  // in reverse postorder
	loops      map[*ssa.BasicBlock]bool // headers
	again      map[*ssa.BasicBlock]bool // blocks of loops
	emptyLoops map[*ast.ForStmt]bool    // whose line has been stored
	named      map[string]bool          // labels that a break or continue names
}

// writeFunction is the text of a function.
func (l *Lowering) writeFunction(fn *ssa.Function) string {
	f := &function{
		Lowering: l, fn: fn, out: new(strings.Builder),
		regs: map[ssa.Value]string{}, vars: map[string][]string{},
		named: map[string]bool{}, statementsOf: map[ssa.Instruction]int{}, emptyLoops: map[*ast.ForStmt]bool{},
	}
	f.delay()
	f.plan = f.makePlan()
	params := []string{"l *int32"}
	before := ""
	for _, v := range f.inputs() {
		name, t := f.temp("p"), f.typ(v.Type())
		if form := f.parameter(v.Type()); form == t {
			params = append(params, name+" "+t)
		} else {
			params = append(params, name+"_ "+form)
			before += "var " + name + " " + t + " = " + name + "_.(" + t + "); "
		}
		f.regs[v] = name
	}
	if callsBuiltin(fn, "recover") {
		before += "caught := " + f.rt() + ".Catch(); "
	}
	if fn.Recover == nil {
		f.control()
		if fn.Signature.Results().Len() > 0 {
			f.put("panic(0); ")
		}
	} else {
		f.put("%s.Call(func(d *%s.Frame) { ", f.rt(), f.rt())
		f.control()
		f.put("}); ")
		f.line = 0
		for _, in := range fn.Recover.Instrs {
			f.instruction(in)
		}
	}
	return "func " + f.Lowering.function(fn) + "(" + strings.Join(params, ", ") + ")" + results(fn.Signature, f.typ) +
		" { " + before + f.declarations() + f.out.String() + "}; "
}

// blockOf is the block an instruction is in.
func (f *function) blockOf(in ssa.Instruction) *ssa.BasicBlock {
	if b := f.moved[in]; b != nil {
		return b
	}
	return in.Block()
}

// operandsOf are the values that the text of an instruction uses. A closure that is
// called where it is made is a function with what it captures as arguments.
func (f *function) operandsOf(in ssa.Instruction) []ssa.Value {
	if f.plan != nil && f.parts[in] != nil {
		return f.parts[in]
	}
	var list []ssa.Value
	for _, op := range in.Operands(nil) {
		if *op != nil {
			list = append(list, *op)
		}
	}
	if c, ok := in.(ssa.CallInstruction); ok {
		if closure := directClosure(c.Common()); closure != nil {
			list = append(list, closure.Bindings...)
		}
	}
	return list
}

// directClosure is the closure that is called, if what it captures can be given to its
// function by the call: the text of a field's or element's address reads memory.
func directClosure(c *ssa.CallCommon) *ssa.MakeClosure {
	closure, ok := c.Value.(*ssa.MakeClosure)
	if !ok || slices.ContainsFunc(closure.Bindings, func(v ssa.Value) bool {
		switch v.(type) {
		case *ssa.FieldAddr, *ssa.IndexAddr:
			return true
		}
		return false
	}) {
		return nil
	}
	return closure
}

// inputs are the values a function begins with.
func (f *function) inputs() []ssa.Value {
	var list []ssa.Value
	for _, v := range f.fn.FreeVars {
		list = append(list, v)
	}
	for _, v := range f.fn.Params {
		list = append(list, v)
	}
	return list
}

func callsBuiltin(fn *ssa.Function, name string) bool {
	for _, b := range fn.Blocks {
		for _, in := range b.Instrs {
			if c, ok := in.(*ssa.Call); ok && builtinName(&c.Call) == name {
				return true
			}
		}
	}
	return false
}

// builtinName is the name of the predeclared function that is called, or "".
func builtinName(c *ssa.CallCommon) string {
	if b, ok := c.Value.(*ssa.Builtin); ok {
		return b.Name()
	}
	return ""
}

// put writes statements.
func (f *function) put(format string, args ...any) { fmt.Fprintf(f.out, format, args...) }

// captured returns what write writes.
func (f *function) captured(write func()) string {
	out := f.out
	f.out = new(strings.Builder)
	write()
	s := f.out.String()
	f.out = out
	return s
}

// temp is a new name.
func (f *function) temp(stem string) string {
	f.temps++
	return fmt.Sprintf("%s%d", stem, f.temps)
}

// variable declares a variable at the top of the function.
func (f *function) variable(stem, typ string) string {
	name := f.temp(stem)
	f.vars[typ] = append(f.vars[typ], name)
	return name
}

// declarations declares the function's variables, those of a type together.
func (f *function) declarations() string {
	typs := make([]string, 0, len(f.vars))
	for t := range f.vars {
		typs = append(typs, t)
	}
	slices.Sort(typs)
	s := ""
	for _, t := range typs {
		s += "var " + strings.Join(f.vars[t], ", ") + " " + t + "; "
	}
	return s
}

// reg is the variable of a value.
func (f *function) reg(v ssa.Value) string {
	v = f.class(v)
	name, ok := f.regs[v]
	if ok {
		return name
	}
	if tuple, ok := v.Type().(*types.Tuple); ok {
		name = f.temp("t")
		for i := range tuple.Len() {
			t := f.typ(tuple.At(i).Type())
			f.vars[t] = append(f.vars[t], fmt.Sprintf("%s_%d", name, i))
		}
	} else {
		name = f.variable("t", f.typ(v.Type()))
	}
	f.regs[v] = name
	return name
}

// local is the variable of an Alloc that does not escape.
func (f *function) local(a *ssa.Alloc) string {
	name, ok := f.regs[a]
	if !ok {
		name = f.variable("v", f.stored(pointee(a.Type())))
		f.regs[a] = name
	}
	return name
}

// stamp stores the line of what is about to run.
func (f *function) stamp(pos token.Pos) {
	if n := f.Lowering.line(pos); n != 0 && n != f.line {
		f.put("*l = %d; ", n)
		f.line = n
	}
}

// instruction writes an instruction, unless it is written elsewhere.
func (f *function) instruction(in ssa.Instruction) {
	if v, ok := in.(ssa.Value); ok && (f.folded[v] || f.aliased(v) != nil) || f.gone[in] {
		return
	}
	if in.Pos().IsValid() {
		f.pos = in.Pos()
	}
	f.statement(in)
	f.forgetLine()
}

// forgetLine takes note that the statement written may have changed the line.
func (f *function) forgetLine() {
	if f.stale {
		f.line, f.stale = 0, false
	}
}
