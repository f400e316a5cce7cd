package lower

import (
	"go/ast"
	"go/types"
	"strings"

	"ioworkbook/runner/trace"
)

// form is how a function takes and returns values.
type form int

const (
	direct   form = iota // a function of the lowered text: the line cell first, types of variables
	stored               // a function value: types of stored values
	compiled             // as Go has it
)

// A callee is what a call expression calls.
type callee struct {
	form form
	own  bool             // it runs lowered code
	sig  *types.Signature // in Go's form
	recv *operand         // evaluated together with the arguments, nil: nothing to evaluate
	text func(recv string) (fun string, first []string)
}

// callee finds out what a call calls.
func (l *lowerer) callee(e *ast.CallExpr) callee {
	sig, _ := under(l.typeOf(e.Fun)).(*types.Signature)
	fun := ast.Unparen(e.Fun)
	switch f := fun.(type) {
	case *ast.Ident:
		if fn, ok := l.info.Uses[f].(*types.Func); ok {
			return l.function1(f, fn, f, sig)
		}
	case *ast.IndexExpr, *ast.IndexListExpr:
		x := genericOperand(fun)
		if id := identOf(x); id != nil {
			if fn, ok := l.info.Uses[id].(*types.Func); ok {
				if fn.Pkg() != l.f.Pkg {
					return l.compiledCallee(fun, fn, sig)
				}
				return l.function1(fun, fn, id, sig)
			}
		}
	case *ast.SelectorExpr:
		sel := l.info.Selections[f]
		if sel == nil {
			if fn, ok := l.info.Uses[f.Sel].(*types.Func); ok {
				return l.compiledCallee(f, fn, sig)
			}
		} else if sel.Kind() == types.MethodVal {
			return l.methodCallee(f, sel, sig)
		} else if sel.Kind() == types.MethodExpr {
			return l.methodExprCallee(f, sel, sig)
		}
	case *ast.FuncLit:
		text := l.funcLitSame(f)
		return callee{form: stored, own: true, sig: sig, text: func(string) (string, []string) { return text, nil }}
	}
	// A function value.
	t := l.typeOf(e.Fun)
	return callee{
		form: stored, own: true, sig: sig,
		recv: &operand{func() val {
			v := l.expr(fun)
			if _, ok := fun.(*ast.Ident); !ok {
				v = l.variable(v, t)
			}
			return v
		}, t},
		text: func(recv string) (string, []string) { return recv, nil },
	}
}

func identOf(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	}
	return nil
}

func genericOperand(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.IndexExpr:
		return e.X
	case *ast.IndexListExpr:
		return e.X
	}
	return e
}

// function1 is the callee for a function of the file.
func (l *lowerer) function1(at ast.Node, fn *types.Func, id *ast.Ident, sig *types.Signature) callee {
	name := globalName(fn.Name())
	if inst, ok := l.info.Instances[id]; ok {
		name = l.instanceOf(at, fn, typeList(inst.TypeArgs))
	}
	return callee{form: direct, own: true, sig: sig, text: func(string) (string, []string) {
		return name, l.lineArg(name)
	}}
}

// lineArg is the hidden first argument of lowered functions.
func (l *lowerer) lineArg(name string) []string {
	if keepsSignature(name) {
		return nil
	}
	return []string{l.cell()}
}

// keepsSignature reports functions that are called from outside.
func keepsSignature(name string) bool {
	return name == "main" || name == "init" || strings.HasPrefix(name, "cell__")
}

// compiledCallee is the callee for a function of another package.
func (l *lowerer) compiledCallee(at ast.Node, fn *types.Func, sig *types.Signature) callee {
	if fn.Pkg().Path() == unixPath && !trace.Pure(fn.Name()) {
		line := l.line(at.Pos())
		return callee{form: compiled, sig: sig, text: func(string) (string, []string) {
			return l.pkg(sysPath) + "." + fn.Name(), []string{itoa(line)}
		}}
	}
	return callee{form: compiled, sig: sig, text: func(string) (string, []string) {
		return l.pkg(fn.Pkg().Path()) + "." + fn.Name(), nil
	}}
}

// methodCallee is the callee for x.Method.
func (l *lowerer) methodCallee(f *ast.SelectorExpr, sel *types.Selection, sig *types.Signature) callee {
	fn, index, xt := l.selected(sel, l.typeOf(f.X))
	r := l.receiver(f, xt, index, fn)
	c := callee{form: r.form, own: r.form != compiled, sig: sig, text: r.text}
	c.recv = &operand{func() val {
		x := l.recvOperand(f.X, r.byAddress && !isPointer(xt))
		return val{x.s, x.k}
	}, xt}
	if isPointer(xt) || isInterface(xt) {
		return c
	}
	// A variable stays where it is: its address or its value is taken at the call.
	if id, ok := ast.Unparen(f.X).(*ast.Ident); ok {
		if _, ok := l.info.ObjectOf(id).(*types.Var); ok {
			c.recv.lower = func() val { return val{l.recvOperand(f.X, true).s, pure} }
		}
	}
	return c
}

// recvOperand lowers the x of x.Method.
func (l *lowerer) recvOperand(x ast.Expr, address bool) val {
	if address {
		return l.addressable(x)
	}
	return l.expr(x)
}

// selected resolves a method selection in the instance being written.
func (l *lowerer) selected(sel *types.Selection, xt types.Type) (*types.Func, []int, types.Type) {
	fn := sel.Obj().(*types.Func)
	index := sel.Index()
	if _, ok := types.Unalias(sel.Recv()).(*types.TypeParam); ok || len(l.subst) > 0 {
		o, idx, _ := types.LookupFieldOrMethod(xt, true, fn.Pkg(), fn.Name())
		if m, ok := o.(*types.Func); ok {
			return m, idx, xt
		}
	}
	return fn, index, xt
}

// A receiver says how a method is called once its operand is evaluated.
type receiver struct {
	form      form
	byAddress bool // the method wants a pointer to what the operand is or contains
	text      func(x string) (fun string, first []string)
}

// receiver finds how to call method fn of an operand of type xt.
func (l *lowerer) receiver(at ast.Node, xt types.Type, index []int, fn *types.Func) receiver {
	path := index[:len(index)-1]
	_, t, _ := l.path("", xt, path)
	name := fn.Name()
	field := func(x string) string {
		tests, x := split(x)
		if strings.HasPrefix(x, "&") || strings.HasPrefix(x, "*") {
			x = "(" + x + ")"
		}
		s, last, _ := l.path(x, xt, path)
		if len(path) > 0 {
			s = l.load(s, last)
		}
		return tests + s
	}
	if isInterface(t) {
		if l.isCompiledInterface(t) {
			return receiver{form: compiled, text: func(x string) (string, []string) { return field(x) + "." + name, nil }}
		}
		d := l.dispatcher(at, t, fn)
		return receiver{form: direct, text: func(x string) (string, []string) { return d, []string{l.cell(), field(x)} }}
	}
	_, wantsPointer := types.Unalias(fn.Signature().Recv().Type()).(*types.Pointer)
	elem := t
	p, hasPointer := under(t).(*types.Pointer)
	if hasPointer {
		elem = p.Elem()
	}
	n, ok := types.Unalias(elem).(*types.Named)
	if ok && l.isOwn(n) {
		f := l.methodOf(at, n, fn)
		return receiver{form: direct, byAddress: wantsPointer, text: func(x string) (string, []string) {
			tests, s := split(field(x))
			switch {
			case wantsPointer && !hasPointer:
				s = "(&" + s + ")"
			case !wantsPointer && hasPointer:
				s = "(*" + s + ")"
			}
			return f, []string{l.cell(), tests + s}
		}}
	}
	return receiver{form: compiled, byAddress: wantsPointer, text: func(x string) (string, []string) {
		return field(x) + "." + name, nil
	}}
}
