package generate_test

import (
	"go/ast"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/ssa"

	"ioworkbook/runner/lower/generate"
	"ioworkbook/runner/program"
)

// kinds are all of ssa's instructions, but for DebugRef, which only records
// where an expression stood.
var kinds = []ssa.Instruction{
	&ssa.Alloc{}, &ssa.BinOp{}, &ssa.Call{}, &ssa.ChangeInterface{}, &ssa.ChangeType{}, &ssa.Convert{}, &ssa.Defer{},
	&ssa.Extract{}, &ssa.Field{}, &ssa.FieldAddr{}, &ssa.Go{}, &ssa.If{}, &ssa.Index{}, &ssa.IndexAddr{}, &ssa.Jump{},
	&ssa.Lookup{}, &ssa.MakeChan{}, &ssa.MakeClosure{}, &ssa.MakeInterface{}, &ssa.MakeMap{}, &ssa.MakeSlice{},
	&ssa.MapUpdate{}, &ssa.MultiConvert{}, &ssa.Next{}, &ssa.Panic{}, &ssa.Phi{}, &ssa.Range{}, &ssa.Return{},
	&ssa.RunDefers{}, &ssa.Select{}, &ssa.Send{}, &ssa.Slice{}, &ssa.SliceToArrayPointer{}, &ssa.Store{},
	&ssa.TypeAssert{}, &ssa.UnOp{},
}

// TestInstructions counts in how many of some programs each kind of instruction
// occurs.
func TestInstructions(t *testing.T) {
	count := map[string]int{}
	const programs = 60
	for seed := range uint64(programs) {
		seen := map[string]bool{}
		for _, fn := range functions(t, generate.Program(seed, generate.Options{Entry: "main"})) {
			for _, b := range fn.Blocks {
				for _, in := range b.Instrs {
					seen[reflect.TypeOf(in).Elem().Name()] = true
				}
			}
		}
		for kind := range seen {
			count[kind]++
		}
	}
	var rare []string
	for _, in := range kinds {
		kind := reflect.TypeOf(in).Elem().Name()
		if count[kind] == 0 {
			t.Errorf("no program has %s", kind)
		}
		if count[kind]*5 < programs {
			rare = append(rare, kind)
		}
		delete(count, kind)
	}
	for kind := range count {
		t.Errorf("%s is not among the kinds", kind)
	}
	slices.Sort(rare)
	t.Logf("in less than a fifth of the programs: %s", strings.Join(rare, " "))
}

// functions builds a program and returns all functions that it declares or
// writes as literals. Generic ones are as declared, not as instantiated.
func functions(t *testing.T, src string) (list []*ssa.Function) {
	t.Helper()
	p, _, err := program.Check(src)
	if err != nil {
		t.Fatal(err)
	}
	prog := ssa.NewProgram(p.Fset, 0)
	created := map[*types.Package]bool{}
	compiled := func(list []*types.Package) {
		for _, i := range list {
			if !created[i] {
				created[i] = true
				prog.CreatePackage(i, nil, nil, true)
			}
		}
	}
	for _, b := range p.Bodies {
		created[b.Types] = true
		compiled(b.Types.Imports())
		prog.CreatePackage(b.Types, b.Files, b.Info, false)
	}
	compiled(p.Types.Imports())
	file := p.Files[0]
	built := prog.CreatePackage(p.Types, p.Files, p.Info, false)
	built.Build()
	var add func(...*ssa.Function)
	add = func(fns ...*ssa.Function) {
		for _, fn := range fns {
			list = append(list, fn)
			add(fn.AnonFuncs...)
		}
	}
	add(built.Func("init"))
	for _, d := range file.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			add(prog.FuncValue(p.Info.Defs[d.Name].(*types.Func)))
		}
	}
	return list
}
