package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// file writes the rewritten text.
func (l *lowerer) file() []byte {
	src := string(l.f.Src)
	l.unit = itoa(1 + strings.Count(src[:l.from], "\n"))
	var region []ast.Decl
	for _, d := range l.f.Syntax.Decls {
		l.register(d)
		l.analyze(d)
		if l.offset(d.Pos()) >= l.from {
			region = append(region, d)
			l.symbols(d)
		} else {
			l.inUse(d)
		}
	}
	body := l.capture(func() {
		for _, d := range region {
			l.decl(d)
		}
	})
	setup := l.capture(func() { l.initialize(region) })
	more := l.capture(l.instances)

	var types strings.Builder
	if len(l.descOrder) > 0 {
		for _, d := range l.descOrder {
			fmt.Fprintf(&types, "var %s *%s.Type; ", l.descs[d], l.rt())
		}
	}
	start := 1 + strings.Count(src[:l.from], "\n")
	var text strings.Builder
	if l.from == 0 {
		fmt.Fprintf(&text, "\x01%d\x02package %s; ", l.physical(l.f.Syntax.Package), l.f.Syntax.Name.Name)
	} else if len(region) > 0 {
		fmt.Fprintf(&text, "\x01%d\x02", l.physical(region[0].Pos()))
	}
	init := l.initFunc(setup)
	for _, path := range l.order {
		fmt.Fprintf(&text, "import %s %q; ", l.imports[path], path)
	}
	text.WriteString(types.String() + init + body + more + l.top.String())

	directives := map[int]string{}
	for i, line := range strings.Split(src, "\n") {
		if i+1 >= start && strings.HasPrefix(line, "//line ") {
			directives[i+1] = line
		}
	}
	last := 1 + strings.Count(src, "\n")
	return []byte(src[:l.from] + emit(text.String(), start, directives, last))
}

func (l *lowerer) offset(pos token.Pos) int { return l.f.Fset.PositionFor(pos, false).Offset }

// register notes where things are declared.
func (l *lowerer) register(d ast.Decl) {
	if f, ok := d.(*ast.FuncDecl); ok {
		if o := l.info.Defs[f.Name]; o != nil {
			l.decls[o] = f
		}
	}
	ast.Inspect(d, func(n ast.Node) bool {
		if t, ok := n.(*ast.TypeSpec); ok {
			if o := l.info.Defs[t.Name]; o != nil {
				l.decls[o] = t
			}
		}
		return true
	})
}

// inUse notes the instances of generic types that the context has: variables and
// functions with such types came with them.
func (l *lowerer) inUse(d ast.Decl) {
	ast.Inspect(d, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			return false
		case ast.Expr:
			tv, ok := l.info.Types[n]
			if !ok || !tv.IsType() {
				break
			}
			if t, ok := types.Unalias(tv.Type).(*types.Named); ok && t.TypeArgs().Len() > 0 && l.isOwn(t) {
				concrete := true
				for i := range t.TypeArgs().Len() {
					if _, is := t.TypeArgs().At(i).(*types.TypeParam); is {
						concrete = false
					}
				}
				if concrete {
					l.inContext[l.named1(t)] = true
				}
			}
		}
		return true
	})
}

// named1 is the name of an instance of a generic type of the top level.
func (l *lowerer) named1(t *types.Named) string {
	return globalName(t.Origin().Obj().Name()) + "__" + l.argsName(typeList(t.TypeArgs()))
}

func (l *lowerer) decl(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		l.funcDecl(d)
	case *ast.GenDecl:
		switch d.Tok {
		case token.IMPORT:
			for _, s := range d.Specs {
				if n := s.(*ast.ImportSpec).Name; n != nil && n.Name == "." {
					l.refuse(s, "an import with a dot", "import the package under its name")
				}
			}
		case token.TYPE:
			for _, s := range d.Specs {
				l.typeSpec(s.(*ast.TypeSpec))
			}
		case token.VAR:
			for _, s := range d.Specs {
				for _, id := range s.(*ast.ValueSpec).Names {
					if v, ok := l.info.Defs[id].(*types.Var); ok && id.Name != "_" {
						l.at(id.Pos())
						l.put("var %s %s; ", l.name(v), l.typ(v.Type()))
					}
				}
			}
		}
	}
}

func (l *lowerer) typeSpec(s *ast.TypeSpec) {
	o, ok := l.info.Defs[s.Name].(*types.TypeName)
	if !ok || s.Assign.IsValid() || s.TypeParams != nil || s.Name.Name == "_" {
		return
	}
	t, ok := o.Type().(*types.Named)
	if !ok {
		return
	}
	l.at(s.Pos())
	l.typeDecl(s, t)
}

// typeDecl writes the declaration of a defined type.
func (l *lowerer) typeDecl(at ast.Node, t *types.Named) {
	if isInterface(t) || l.isRecFunc(t) {
		return
	}
	l.checkRecursion(at, t)
	l.put("type %s %s; ", l.named(t), l.typ(l.sub(t.Underlying())))
}

func (l *lowerer) funcDecl(d *ast.FuncDecl) {
	fn, ok := l.info.Defs[d.Name].(*types.Func)
	if !ok || d.Name.Name == "_" || d.Body == nil {
		return
	}
	sig := fn.Signature()
	if sig.TypeParams().Len() > 0 || sig.RecvTypeParams().Len() > 0 {
		return
	}
	name := fn.Name()
	if sig.Recv() == nil {
		if name != "init" && name != "main" {
			name = globalName(name)
		}
	} else {
		name = methodName(l.named(receiverType(sig)), fn.Name())
	}
	l.writeFunc(d, name, sig)
}

func receiverType(sig *types.Signature) *types.Named {
	t := types.Unalias(sig.Recv().Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	return t.(*types.Named)
}

// writeFunc writes a function or method as a plain function.
func (l *lowerer) writeFunc(d *ast.FuncDecl, name string, sig *types.Signature) {
	l.at(d.Pos())
	line := l.temp("l")
	used := false
	plain := l.sub(types.NewSignatureType(nil, nil, nil, sig.Params(), sig.Results(), sig.Variadic())).(*types.Signature)
	fn := &function{node: d, sig: plain, form: direct, line: line, uses: &used}
	var params []string
	before := ""
	entry := keepsSignature(name) && sig.Recv() == nil
	if !entry {
		params = append(params, line+" *int32")
	}
	if sig.Recv() != nil {
		t := l.sub(sig.Recv().Type())
		var v *types.Var
		if names := d.Recv.List[0].Names; len(names) > 0 && names[0].Name != "_" {
			v, _ = l.info.Defs[names[0]].(*types.Var)
		}
		switch {
		case v == nil:
			params = append(params, l.temp("p")+" "+l.paramTyp(t))
		case l.paramTyp(t) != l.vtyp(t):
			p := l.temp("p")
			params = append(params, p+" "+l.paramTyp(t))
			before += "var " + l.name(v) + " " + l.varType(v) + " = " + p + ".(" + l.vtyp(t) + "); "
		case l.isStored(v):
			p := l.temp("p")
			params = append(params, p+" "+l.vtyp(t))
			before += "var " + l.name(v) + " " + l.varType(v) + " = " + l.store(p, t) + "; "
		default:
			params = append(params, l.name(v)+" "+l.vtyp(t))
		}
	}
	list, more := l.params(plain, d.Type, direct)
	before += more
	if list != "" {
		params = append(params, list)
	}
	body := l.body(fn, d.Body, d.Type)
	if entry && used {
		before = line + " := " + l.rt() + ".Line(); " + before
	}
	l.put("func %s(%s)%s { %s%s", name, strings.Join(params, ", "), l.directResults(plain), before, body)
	l.at(d.End() - 1)
	l.put("}; ")
}

// initialize writes the statements that give package-level variables their
// values, in the order in which Go does it.
func (l *lowerer) initialize(region []ast.Decl) {
	used := true
	l.fn = &function{node: &ast.BlockStmt{}, sig: types.NewSignatureType(nil, nil, nil, nil, nil, false), line: l.temp("l"), uses: &used}
	defer func() { l.fn = nil }()
	l.put("%s := %s.Line(); ", l.fn.line, l.rt())
	for _, in := range l.info.InitOrder {
		if l.offset(in.Rhs.Pos()) < l.from {
			continue
		}
		l.begin(in.Rhs.Pos(), in.Rhs, in.Rhs)
		l.hasInit = true
		if len(in.Lhs) == 1 {
			v := in.Lhs[0]
			x := l.exprTo(in.Rhs, v.Type())
			if v.Name() == "_" {
				if x.k == effects {
					l.discard(x, v.Type())
				}
				continue
			}
			l.set(place{s: l.name(v), t: v.Type(), stored: true}, x, nil)
			continue
		}
		vals, typs := l.several(in.Rhs, len(in.Lhs))
		for i, v := range in.Lhs {
			if v.Name() != "_" {
				l.set(place{s: l.name(v), t: v.Type(), stored: true}, l.convert(vals[i], typs[i], v.Type(), in.Rhs), nil)
			}
		}
	}
}

// initFunc writes the function that prepares what the text needs.
func (l *lowerer) initFunc(setup string) string {
	if !l.hasInit && len(l.descOrder) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("func init() { ")
	b.WriteString(l.defs.String())
	for _, d := range l.descOrder {
		fmt.Fprintf(&b, "%s = %s.TypeOf(%s); ", l.descs[d], l.rt(), quote(d))
	}
	b.WriteString(l.sets.String())
	if l.hasInit {
		b.WriteString(setup)
	}
	b.WriteString("}; ")
	return b.String()
}

// instances writes the instances of generic functions and types, and local types.
func (l *lowerer) instances() {
	for len(l.queue) > 0 {
		in := l.queue[0]
		l.queue = l.queue[1:]
		l.within(in.args, func() {
			switch d := in.decl.(type) {
			case *ast.FuncDecl:
				l.writeFunc(d, in.name, in.fn.Signature())
			case *ast.TypeSpec:
				if !isInterface(in.named) && !l.isRecFunc(in.named) {
					l.checkRecursion(d, in.named)
					l.put("type %s %s; ", in.name, l.typ(l.sub(in.named.Underlying())))
				}
			}
		})
	}
}

// declStmt writes the variables of a declaration in a function. Types go to the
// top level, constants are values.
func (l *lowerer) declStmt(d *ast.GenDecl) {
	if d.Tok != token.VAR {
		return
	}
	for _, s := range d.Specs {
		s := s.(*ast.ValueSpec)
		l.at(s.Pos())
		if len(s.Values) == 0 {
			for _, id := range s.Names {
				if v, ok := l.info.Defs[id].(*types.Var); ok && id.Name != "_" {
					l.put("var %s %s; ", l.name(v), l.varType(v))
				}
			}
			continue
		}
		for _, v := range s.Values {
			l.begin(s.Pos(), nil, v)
		}
		defines := func(id *ast.Ident) *types.Var {
			v, _ := l.info.Defs[id].(*types.Var)
			return v
		}
		if len(s.Values) != len(s.Names) {
			lhs := make([]ast.Expr, len(s.Names))
			for i, id := range s.Names {
				lhs[i] = id
			}
			l.assignFrom(lhs, s.Values[0], defines)
			continue
		}
		l.current = nil
		if len(s.Values) == 1 {
			l.current = s.Values[0]
		}
		list := make([]operand, len(s.Values))
		typs := make([]types.Type, len(s.Values))
		for i, e := range s.Values {
			typs[i] = types.Default(l.typeOf(e))
			if v := defines(s.Names[i]); v != nil && s.Names[i].Name != "_" {
				typs[i] = l.sub(v.Type())
			} else if s.Type != nil {
				typs[i] = l.sub(l.info.TypeOf(s.Type))
			}
			list[i] = operand{func() val { return l.exprTo(e, typs[i]) }, typs[i]}
		}
		vals := l.operands(list)
		for i, id := range s.Names {
			if len(vals) > 1 && !l.isConst(s.Values[i]) {
				vals[i] = l.variable(vals[i], typs[i])
			}
			if id.Name == "_" {
				l.discard(vals[i], typs[i])
			}
		}
		for i, id := range s.Names {
			if v := defines(id); v != nil && id.Name != "_" {
				l.declare(v, vals[i])
			}
		}
	}
}
