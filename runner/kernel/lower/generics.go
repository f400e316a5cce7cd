package lower

import (
	"fmt"
	"go/ast"
	"go/types"
	"hash/fnv"
	"strings"
)

// An instance is a function, a method or a type with type arguments. Each is
// written out: the interpreter's own generics fail in many ways.
type instance struct {
	name  string
	decl  ast.Node // *ast.FuncDecl or *ast.TypeSpec
	fn    *types.Func
	named *types.Named
	args  map[*types.TypeParam]types.Type
	done  bool
}

// sub replaces the type parameters of the instance being written.
func (l *lowerer) sub(t types.Type) types.Type {
	if len(l.subst) == 0 {
		return t
	}
	return l.substitute(t)
}

func (l *lowerer) substitute(t types.Type) types.Type {
	switch t := t.(type) {
	case *types.TypeParam:
		if a, ok := l.subst[t]; ok {
			return a
		}
	case *types.Alias:
		return l.substitute(types.Unalias(t))
	case *types.Pointer:
		return types.NewPointer(l.substitute(t.Elem()))
	case *types.Slice:
		return types.NewSlice(l.substitute(t.Elem()))
	case *types.Array:
		return types.NewArray(l.substitute(t.Elem()), t.Len())
	case *types.Chan:
		return types.NewChan(t.Dir(), l.substitute(t.Elem()))
	case *types.Map:
		return types.NewMap(l.substitute(t.Key()), l.substitute(t.Elem()))
	case *types.Tuple:
		vars := make([]*types.Var, t.Len())
		for i := range vars {
			v := t.At(i)
			vars[i] = types.NewParam(v.Pos(), v.Pkg(), v.Name(), l.substitute(v.Type()))
		}
		return types.NewTuple(vars...)
	case *types.Signature:
		params := l.substitute(t.Params()).(*types.Tuple)
		results := l.substitute(t.Results()).(*types.Tuple)
		return types.NewSignatureType(nil, nil, nil, params, results, t.Variadic())
	case *types.Struct:
		fields := make([]*types.Var, t.NumFields())
		tags := make([]string, t.NumFields())
		for i := range fields {
			f := t.Field(i)
			fields[i] = types.NewField(f.Pos(), f.Pkg(), f.Name(), l.substitute(f.Type()), f.Embedded())
			tags[i] = t.Tag(i)
		}
		return types.NewStruct(fields, tags)
	case *types.Interface:
		methods := make([]*types.Func, t.NumMethods())
		for i := range methods {
			m := t.Method(i)
			methods[i] = types.NewFunc(m.Pos(), m.Pkg(), m.Name(), l.substitute(m.Type()).(*types.Signature))
		}
		return types.NewInterfaceType(methods, nil).Complete()
	case *types.Named:
		if t.TypeArgs().Len() == 0 {
			return t
		}
		args := make([]types.Type, t.TypeArgs().Len())
		for i := range args {
			args[i] = l.substitute(t.TypeArgs().At(i))
		}
		n, err := types.Instantiate(l.ctx, t.Origin(), args, false)
		if err == nil {
			return n
		}
	}
	return t
}

// argsName is a part of a name that stands for type arguments.
func (l *lowerer) argsName(args []types.Type) string {
	var key, short strings.Builder
	for _, a := range args {
		text := types.TypeString(a, func(p *types.Package) string { return p.Path() })
		key.WriteString(text + ";")
		for _, r := range types.TypeString(a, func(p *types.Package) string { return "" }) {
			if r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' {
				short.WriteRune(r)
			}
		}
		short.WriteByte('_')
		if local := l.localTypes(a); local != "" {
			key.WriteString(local)
		}
	}
	h := fnv.New32a()
	h.Write([]byte(key.String()))
	s := short.String()
	if len(s) > 20 {
		s = s[:20]
	}
	return fmt.Sprintf("%s%08x", s, h.Sum32())
}

// localTypes tells apart types of the same name that functions declare.
func (l *lowerer) localTypes(t types.Type) string {
	if n, ok := types.Unalias(t).(*types.Named); ok && l.isOwn(n) && n.Obj().Parent() != l.f.Pkg.Scope() {
		return fmt.Sprint(l.physical(n.Obj().Pos()))
	}
	return ""
}

func typeList(list *types.TypeList) []types.Type {
	args := make([]types.Type, list.Len())
	for i := range args {
		args[i] = list.At(i)
	}
	return args
}

// instanceOf returns the instance of a generic function, which it has written.
func (l *lowerer) instanceOf(at ast.Node, fn *types.Func, args []types.Type) string {
	fn = fn.Origin()
	for i, a := range args {
		args[i] = l.sub(a)
	}
	name := globalName(fn.Name()) + "__" + l.argsName(args)
	if l.inst[name] != nil {
		return name
	}
	decl, ok := l.decls[fn].(*ast.FuncDecl)
	if !ok || decl.Body == nil {
		l.refuse(at, "the generic function "+fn.Name()+" of another cell", "declare it in this cell")
		return name
	}
	in := &instance{name: name, decl: decl, fn: fn, args: map[*types.TypeParam]types.Type{}}
	params := fn.Signature().TypeParams()
	for i := range params.Len() {
		in.args[params.At(i)] = args[i]
	}
	l.enqueue(at, in)
	return name
}

// methodOf returns the function that a method has become.
func (l *lowerer) methodOf(at ast.Node, recv *types.Named, fn *types.Func) string {
	origin := fn.Origin()
	name := methodName(l.named(recv), fn.Name())
	if recv.TypeArgs().Len() == 0 || l.inst[name] != nil {
		return name
	}
	decl, ok := l.decls[origin].(*ast.FuncDecl)
	if !ok || decl.Body == nil {
		l.refuse(at, "a method of the generic type "+recv.Obj().Name()+" of another cell", "declare it in this cell")
		return name
	}
	in := &instance{name: name, decl: decl, fn: origin, named: recv, args: map[*types.TypeParam]types.Type{}}
	params := origin.Signature().RecvTypeParams()
	for i := range params.Len() {
		in.args[params.At(i)] = recv.TypeArgs().At(i)
	}
	l.enqueue(at, in)
	return name
}

// enqueue has an instance written unless the context has it already.
func (l *lowerer) enqueue(at ast.Node, in *instance) {
	if len(l.inst) > 500 {
		l.refuse(at, "a generic function or type that needs ever new instances", "")
		return
	}
	l.inst[in.name] = in
	l.queue = append(l.queue, in)
}

// within runs f with the type arguments of an instance.
func (l *lowerer) within(args map[*types.TypeParam]types.Type, f func()) {
	old := l.subst
	l.subst = args
	f()
	l.subst = old
}
