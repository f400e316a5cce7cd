package program

import (
	"go/ast"
	"go/types"
	"slices"
)

// commit records what this unit sends and what that depends on.
func (a *addition) commit(c *checked) {
	for _, d := range a.needed.again {
		for _, n := range d.names {
			if !a.fresh[n] && a.next.decls[n] == d {
				a.renew(n)
			}
		}
	}
	sent := map[string]*decl{}
	for _, d := range slices.Concat(a.decls, a.needed.again) {
		nd := *d
		nd.deps = map[string]int{}
		for _, n := range d.names {
			if a.next.decls[n] == d {
				a.next.decls[n] = &nd
			}
			sent[n] = &nd
		}
	}
	for _, d := range c.file.Decls {
		names := declNames(d)
		if len(names) == 0 || sent[names[0]] == nil {
			continue
		}
		a.dependencies(c, d, sent[names[0]].deps)
	}
	for _, h := range a.vars {
		v := *a.next.vars[h.name]
		v.deps = map[string]int{}
		for _, n := range v.uses {
			if d := a.next.decls[n]; d != nil && d.kind == Type {
				v.deps[n] = a.next.gen[n]
			}
		}
		a.next.vars[h.name] = &v
		a.variables[h.name] = true
	}
	for n, g := range a.next.gen {
		a.last[n] = max(a.last[n], g)
	}
}

// dependencies records the session's names that a declaration refers to.
func (a *addition) dependencies(c *checked, d ast.Decl, deps map[string]int) {
	ast.Inspect(d, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		o := c.info.Uses[id]
		if o == nil || o.Pkg() != c.pkg {
			return true
		}
		if f, ok := o.(*types.Func); ok && f.Signature().Recv() != nil {
			if t := namedType(f.Signature().Recv().Type()); t != nil {
				deps[t.Obj().Name()] = a.next.gen[t.Obj().Name()]
			}
		} else if o.Parent() == c.pkg.Scope() {
			deps[o.Name()] = a.next.gen[o.Name()]
		}
		return true
	})
}

func namedType(t types.Type) *types.Named {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	n, _ := types.Unalias(t).(*types.Named)
	return n
}

// declNames returns the names of a declaration as decl has them.
func declNames(d ast.Decl) []string {
	var names []string
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv != nil && len(d.Recv.List) > 0 {
			return []string{receiver(d.Recv.List[0].Type) + "." + d.Name.Name}
		}
		return []string{d.Name.Name}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					names = append(names, n.Name)
				}
			}
		}
	}
	return slices.DeleteFunc(names, func(n string) bool { return n == "_" })
}
