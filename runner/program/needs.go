package program

import (
	"go/ast"
	"go/token"
	"go/types"
	"math/bits"
	"slices"
)

// Needs returns the names of the cells that must run before a cell, in order of
// the chapter. It is nil for a cell that is not part of the program.
//
// A cell needs the earlier cells that mention what it reads before assigning it.
// To mention a variable is also to mention what it is linked with: a copied
// descriptor and its original, a closure and what it captures, all that one call
// was given. What no variable holds is said with after=. Types, constants and
// functions are there without any cell having run. In doubt a cell is included;
// needs are closed: what a needed cell needs is needed.
func (p *Program) Needs(name string) []string {
	p.needsOnce.Do(func() { p.needs = findNeeds(p) })
	var names []string
	for i := range p.needs[name].all() {
		names = append(names, p.parts[i].Name)
	}
	return names
}

// findNeeds computes the needs of all cells, as indexes of parts, in one pass
// from top to bottom.
func findNeeds(p *Program) map[string]bitset {
	f := &needsFinder{
		p:       p,
		info:    p.view.info,
		uses:    map[types.Object][]types.Object{},
		methods: map[string][]types.Object{},
		reached: map[types.Object][]*types.Var{},
		pinned:  map[*types.Var]bool{},
		now:     map[*types.Var]int{},
		carried: map[types.Type]carrier{},
		actors: types.NewVar(
			token.NoPos,
			p.view.pkg,
			"actors",
			types.NewSignatureType(nil, nil, nil, nil, nil, false),
		),
	}
	f.declarations()
	f.pin()
	statements := f.statements()
	index := map[string]int{}
	all := map[string]bitset{}
	closed := make([]bitset, len(p.parts))
	for i, part := range p.parts {
		c := &cellNeeds{needsFinder: f, part: part, index: i, stmts: statements[part]}
		need := f.mentionedIn(c.reads())
		if part.cell != nil {
			if after, ok := index[part.cell.Attr.After]; ok {
				need.set(after)
			}
		}
		closed[i] = slices.Clone(need)
		for k := range need.all() {
			closed[i] = closed[i].or(closed[k])
		}
		c.record()
		index[part.Name] = i
		all[part.Name] = closed[i]
	}
	return all
}

// A needsFinder knows, while it goes from cell to cell, which values are linked
// and which cells have mentioned them.
//
// A variable that a cell assigns anew is another value from there on, with links
// of its own: a name such as port is used for one listener after the other. Each
// value is a number; linked ones form a set, kept as a union-find forest.
type needsFinder struct {
	p    *Program
	info *types.Info

	uses    map[types.Object][]types.Object // of functions and package-level variables, directly
	methods map[string][]types.Object       // the program's, by name
	reached map[types.Object][]*types.Var   // by functions and package-level variables
	pinned  map[*types.Var]bool             // something else may point to it, so it is one value for ever

	now     map[*types.Var]int // the value of a variable at this place
	parent  []int
	cells   []bitset               // of a set: those that mention one of it
	behind  []map[*types.Var]bool  // of a set: what its functions use when they are called
	carried map[types.Type]carrier // memo
	actors  *types.Var             // stands for those that lab.Wait waits for
}

// declarations finds out what functions and package-level variables use.
func (f *needsFinder) declarations() {
	for id, o := range f.info.Defs {
		if m, ok := o.(*types.Func); ok && m.Signature().Recv() != nil {
			f.methods[id.Name] = append(f.methods[id.Name], m)
		}
	}
	for _, d := range f.p.view.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d == f.p.main || d.Body == nil {
				continue
			}
			o := f.info.Defs[d.Name]
			f.uses[o] = append(f.uses[o], f.direct(d.Body)...)
			// What a function stores in a package-level variable may be called
			// through it.
			ast.Inspect(d.Body, func(n ast.Node) bool {
				if s, ok := n.(*ast.AssignStmt); ok {
					for i, l := range s.Lhs {
						if v := f.root(l); v != nil && f.packageLevel(v) {
							f.uses[v] = append(f.uses[v], f.direct(s.Rhs[min(i, len(s.Rhs)-1)])...)
						}
					}
				}
				return true
			})
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				spec, ok := spec.(*ast.ValueSpec)
				if !ok || d.Tok != token.VAR {
					continue
				}
				for _, name := range spec.Names {
					o := f.info.Defs[name]
					for _, x := range spec.Values {
						f.uses[o] = append(f.uses[o], f.direct(x)...)
					}
				}
			}
		}
	}
}

// direct returns the functions and variables that a piece of code names, and the
// methods that it may call through an interface.
func (f *needsFinder) direct(n ast.Node) []types.Object {
	var out []types.Object
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			out = append(out, f.named(n)...)
		case *ast.CallExpr:
			out = append(out, f.handedOut(n)...)
		}
		return true
	})
	return out
}

func (f *needsFinder) named(id *ast.Ident) []types.Object {
	o := f.info.Uses[id]
	if o == nil {
		o = f.info.Defs[id]
	}
	switch o := o.(type) {
	case *types.Var:
		if !o.IsField() && o.Pkg() == f.p.view.pkg {
			return []types.Object{o}
		}
	case *types.Func:
		if o.Signature().Recv() != nil && types.IsInterface(o.Signature().Recv().Type()) {
			return f.methods[o.Name()]
		}
		if o.Pkg() == f.p.view.pkg {
			return []types.Object{o.Origin()}
		}
		if isFunc(o, labPath, "Wait") {
			return []types.Object{f.actors}
		}
	}
	return nil
}

// handedOut returns the methods of the values that a call gives to a package: it
// may call them, as fmt does String.
func (f *needsFinder) handedOut(call *ast.CallExpr) []types.Object {
	fun := f.callee(call)
	if fun == nil || fun.Pkg() == f.p.view.pkg {
		return nil
	}
	var out []types.Object
	for _, arg := range call.Args {
		t := f.info.TypeOf(arg)
		if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
			t = ptr.Elem()
		}
		named, ok := types.Unalias(t).(*types.Named)
		if !ok || named.Obj().Pkg() != f.p.view.pkg {
			continue
		}
		for m := range named.Origin().Methods() {
			out = append(out, m)
		}
	}
	return out
}

// callee returns the function or method that a call names, or nil.
func (f *needsFinder) callee(call *ast.CallExpr) *types.Func {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		o, _ := f.info.Uses[fun].(*types.Func)
		return o
	case *ast.SelectorExpr:
		o, _ := f.info.Uses[fun.Sel].(*types.Func)
		return o
	}
	return nil
}

func isFunc(o *types.Func, path string, names ...string) bool {
	return o != nil && o.Pkg() != nil && o.Pkg().Path() == path && slices.Contains(names, o.Name())
}

func (f *needsFinder) packageLevel(o types.Object) bool {
	return o.Parent() == f.p.view.pkg.Scope()
}

// reach returns the package-level variables that a function, or a function in a
// package-level variable, may use when it is called, and that variable itself.
func (f *needsFinder) reach(o types.Object) []*types.Var {
	if r, ok := f.reached[o]; ok {
		return r
	}
	var vars []*types.Var
	seen := map[types.Object]bool{o: true}
	for todo := []types.Object{o}; len(todo) > 0; {
		last := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if v, ok := last.(*types.Var); ok {
			vars = append(vars, v)
			if !callable(v.Type()) {
				continue
			}
		}
		for _, u := range f.uses[last] {
			if v, ok := u.(*types.Var); ok && !f.packageLevel(v) && v != f.actors {
				continue
			}
			if !seen[u] {
				seen[u] = true
				todo = append(todo, u)
			}
		}
	}
	slices.SortFunc(vars, func(a, b *types.Var) int { return int(a.Pos() - b.Pos()) })
	f.reached[o] = vars
	return vars
}

// mentions returns the variables that a piece of main uses, also through the
// functions it names.
func (f *needsFinder) mentions(n ast.Node) []*types.Var {
	var out []*types.Var
	seen := map[*types.Var]bool{}
	add := func(v *types.Var) {
		if !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	for _, o := range f.direct(n) {
		if v, ok := o.(*types.Var); ok && !f.packageLevel(v) {
			add(v)
			continue
		}
		for _, v := range f.reach(o) {
			add(v)
		}
	}
	return out
}

// pin finds the variables of main that a pointer may lead to.
func (f *needsFinder) pin() {
	ast.Inspect(f.p.main.Body, func(n ast.Node) bool {
		var at ast.Expr
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				at = n.X
			}
		case *ast.SliceExpr:
			if _, ok := f.info.TypeOf(n.X).Underlying().(*types.Array); ok {
				at = n.X
			}
		case *ast.SelectorExpr:
			if s := f.info.Selections[n]; s != nil && s.Kind() == types.MethodVal {
				if _, ok := s.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer); ok {
					if _, ok := s.Recv().Underlying().(*types.Pointer); !ok {
						at = n.X
					}
				}
			}
		}
		if at != nil {
			if v := f.root(at); v != nil {
				f.pinned[v] = true
			}
		}
		return true
	})
}

// root returns the variable that an expression is a part of, or nil.
func (f *needsFinder) root(e ast.Expr) *types.Var {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			o := f.info.Uses[x]
			if o == nil {
				o = f.info.Defs[x]
			}
			v, _ := o.(*types.Var)
			return v
		case *ast.ParenExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// statements returns each part's statements in main.
func (f *needsFinder) statements() map[*part][]ast.Stmt {
	out := map[*part][]ast.Stmt{}
	for _, s := range f.p.main.Body.List {
		if part := f.p.partAt(s.Pos()); part != nil {
			out[part] = append(out[part], s)
			continue
		}
		// The function that assemble puts around a cell of its own.
		if x, ok := s.(*ast.ExprStmt); ok {
			if call, ok := x.X.(*ast.CallExpr); ok {
				if lit, ok := call.Fun.(*ast.FuncLit); ok && len(lit.Body.List) > 0 {
					part := f.p.partAt(lit.Body.List[0].Pos())
					out[part] = append(out[part], lit.Body.List...)
				}
			}
		}
	}
	return out
}

// fresh begins a new value of a variable.
func (f *needsFinder) fresh(v *types.Var) int {
	n := len(f.parent)
	f.parent = append(f.parent, n)
	f.cells = append(f.cells, nil)
	f.behind = append(f.behind, nil)
	f.now[v] = n
	return n
}

func (f *needsFinder) value(v *types.Var) int {
	if n, ok := f.now[v]; ok {
		return n
	}
	return f.fresh(v)
}

func (f *needsFinder) find(n int) int {
	for f.parent[n] != n {
		f.parent[n] = f.parent[f.parent[n]]
		n = f.parent[n]
	}
	return n
}

func (f *needsFinder) union(a, b int) {
	a, b = f.find(a), f.find(b)
	if a == b {
		return
	}
	if len(f.behind[a]) < len(f.behind[b]) {
		a, b = b, a
	}
	f.parent[b] = a
	f.cells[a] = f.cells[a].or(f.cells[b])
	for v := range f.behind[b] {
		f.behind[a][v] = true
	}
	f.behind[b] = nil
}

// mentionedIn returns the cells so far that mention one of the values.
func (f *needsFinder) mentionedIn(values []int) bitset {
	var out bitset
	for _, n := range values {
		out = out.or(f.cells[f.find(n)])
	}
	return out
}

// A cellNeeds looks at one cell.
type cellNeeds struct {
	*needsFinder
	part  *part
	index int
	stmts []ast.Stmt
}

// deferred returns the package-level variables of the cell that get their values
// in main.
func (c *cellNeeds) deferred() []*ast.ValueSpec {
	var out []*ast.ValueSpec
	if !c.part.declarative() || !c.part.has(Var) {
		return nil
	}
	for _, d := range c.p.view.file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR || c.p.partAt(g.Pos()) != c.part {
			continue
		}
		for _, spec := range g.Specs {
			if spec := spec.(*ast.ValueSpec); len(spec.Values) > 0 && !c.p.pureAll(spec.Values) {
				out = append(out, spec)
			}
		}
	}
	return out
}

// reads returns the values, as they are when the cell begins, that the cell may
// read: all it mentions before a statement of its own assigns them as a whole.
func (c *cellNeeds) reads() []int {
	var out []int
	assigned := map[*types.Var]bool{}
	read := func(n ast.Node) {
		for _, v := range c.mentions(n) {
			if assigned[v] {
				continue
			}
			out = append(out, c.value(v))
			if callable(v.Type()) {
				for b := range c.behind[c.find(c.value(v))] {
					out = append(out, c.value(b))
				}
			}
		}
	}
	for _, spec := range c.deferred() {
		for _, x := range spec.Values {
			read(x)
		}
	}
	for _, s := range c.stmts {
		a, ok := s.(*ast.AssignStmt)
		if !ok || a.Tok != token.ASSIGN && a.Tok != token.DEFINE {
			read(s)
			continue
		}
		for _, x := range a.Rhs {
			read(x)
		}
		for _, x := range a.Lhs {
			if v := c.whole(x); v == nil {
				read(x)
			}
		}
		for _, x := range a.Lhs {
			if v := c.whole(x); v != nil {
				assigned[v] = true
			}
		}
	}
	return out
}

// whole returns the variable that an assignment to e replaces as a whole.
func (c *cellNeeds) whole(e ast.Expr) *types.Var {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok {
		return c.root(id)
	}
	return nil
}

// record notes what the cell mentions, links and assigns.
func (c *cellNeeds) record() {
	for _, spec := range c.deferred() {
		c.visit(spec)
	}
	for _, s := range c.stmts {
		if x, ok := s.(*ast.ExprStmt); ok {
			if call, ok := x.X.(*ast.CallExpr); ok && isFunc(c.callee(call), labPath, "Wait") {
				c.visit(s)
				if c.certain() {
					c.fresh(c.actors) // those so far have ended
				}
				continue
			}
		}
		a, ok := s.(*ast.AssignStmt)
		if !ok || a.Tok != token.ASSIGN && a.Tok != token.DEFINE {
			c.visit(s)
			continue
		}
		var right []parcel
		for _, x := range a.Rhs {
			c.visit(x)
			right = append(right, c.parcel(x))
		}
		for _, x := range a.Lhs {
			if v := c.whole(x); v != nil && !c.pinned[v] && !c.packageLevel(v) && c.certain() {
				c.fresh(v)
			}
			c.visit(x)
		}
		c.assign(a.Lhs, right)
	}
}

// certain reports that the cell's own statements are carried out whenever the
// chapter runs.
func (c *cellNeeds) certain() bool {
	return !c.part.Local && (c.part.cell == nil || len(c.part.cell.Attr.Needs) == 0)
}

// visit notes what a piece of code mentions, and what it links.
func (c *cellNeeds) visit(n ast.Node) {
	for _, v := range c.mentions(n) {
		at := c.find(c.value(v))
		c.cells[at].set(c.index)
		if !callable(v.Type()) {
			continue
		}
		var link parcel
		link.add(at, reference)
		for b := range c.behind[at] {
			c.cells[c.find(c.value(b))].set(c.index)
			link.add(c.value(b), c.carrier(b.Type()))
		}
		c.link(link)
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			var right []parcel
			for _, x := range n.Rhs {
				right = append(right, c.parcel(x))
			}
			c.assign(n.Lhs, right)
		case *ast.ValueSpec:
			var left []ast.Expr
			for _, id := range n.Names {
				left = append(left, id)
			}
			var right []parcel
			for _, x := range n.Values {
				right = append(right, c.parcel(x))
			}
			c.assign(left, right)
		case *ast.RangeStmt:
			l := c.parcel(n.X)
			l.join(c.parcel(n.Value))
			if !indexed(c.info.TypeOf(n.X)) {
				l.join(c.parcel(n.Key))
			}
			c.link(l)
		case *ast.SendStmt:
			l := c.parcel(n.Chan)
			l.join(c.parcel(n.Value))
			c.link(l)
		case *ast.CallExpr:
			c.link(c.call(n))
		}
		return true
	})
}

// indexed reports that the first variable of a range over a type is an index.
func indexed(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Slice, *types.Array, *types.Pointer, *types.Basic:
		return true
	}
	return false
}

func (c *cellNeeds) assign(left []ast.Expr, right []parcel) {
	if len(left) == len(right) {
		for i, x := range left {
			l := c.parcel(x)
			l.join(right[i])
			c.link(l)
		}
		return
	}
	var l parcel
	for _, x := range left {
		l.join(c.parcel(x))
	}
	for _, r := range right {
		l.join(r)
	}
	c.link(l)
}

// call returns what may be linked by being given to one call.
func (c *cellNeeds) call(call *ast.CallExpr) parcel {
	var l parcel
	if t := c.info.Types[call.Fun]; t.IsType() || t.IsBuiltin() || keepsNothing(c.callee(call)) {
		return l
	}
	l = c.parcel(call.Fun)
	for _, x := range call.Args {
		l.join(c.parcel(x))
	}
	if isFunc(c.callee(call), labPath, "Go") {
		l.add(c.value(c.actors), reference)
	}
	return l
}

// keepsNothing reports that a function puts nothing that it is given into
// anything else that it is given, or into its result.
func keepsNothing(o *types.Func) bool {
	if o == nil || o.Pkg() == nil {
		return false
	}
	switch o.Pkg().Path() {
	case "fmt", "errors", "math", "math/bits", "strconv", "strings", "unicode", "unicode/utf8":
		return true
	case "time":
		return o.Name() == "Sleep" || o.Name() == "Since" || o.Name() == "Until"
	}
	return isFunc(o, labPath, "Check", "Display", "Median", "Must", "Percentile", "Plot", "Table")
}

// counts reports that a function's results are sizes and times, not
// descriptors.
func counts(o *types.Func) bool {
	return isFunc(o, unixPath, "EpollWait", "Getpid", "Getppid", "GetsockoptInt", "Gettid", "IoctlGetInt",
		"Poll", "Ppoll", "Pread", "Preadv", "Pselect", "Pwrite", "Pwritev", "Read", "Readv", "Select",
		"SendmsgN", "SendmsgBuffers", "Sendfile", "Splice", "Tee", "Write", "Writev")
}

// A carrier says what a value can carry to where it is copied.
type carrier int

const (
	nothing   carrier = iota // text, errors, truth, fractions, times
	number                   // what may be a descriptor
	memory                   // memory that holds neither numbers nor references
	reference                // anything
)

// A parcel is a set of values that may get linked, with what each can carry.
type parcel struct {
	values []int
	what   []carrier
	behind []*types.Var // used by functions among them
}

func (l *parcel) add(value int, what carrier) {
	if what != nothing {
		l.values, l.what = append(l.values, value), append(l.what, what)
	}
}

func (l *parcel) join(o parcel) {
	l.values = append(l.values, o.values...)
	l.what = append(l.what, o.what...)
	l.behind = append(l.behind, o.behind...)
}

// link joins the values of a parcel. A number has no place for memory: a read
// from a descriptor does not tie the buffer to it.
func (c *cellNeeds) link(l parcel) {
	all := slices.Contains(l.what, reference)
	first := map[carrier]int{}
	for i, n := range l.values {
		what := l.what[i]
		if all {
			what = reference
		}
		if f, ok := first[what]; ok {
			c.union(f, n)
		} else {
			first[what] = n
		}
	}
	if n, ok := first[reference]; ok && len(l.behind) > 0 {
		n = c.find(n)
		if c.behind[n] == nil {
			c.behind[n] = map[*types.Var]bool{}
		}
		for _, v := range l.behind {
			c.behind[n][v] = true
		}
	}
}

// parcel returns the values that an expression's value may lead to.
func (c *cellNeeds) parcel(e ast.Expr) parcel {
	var l parcel
	if e == nil {
		return l
	}
	tv, typed := c.info.Types[e]
	if typed && (tv.Value != nil || tv.IsType() || tv.IsNil()) {
		return l
	}
	if typed && tv.IsValue() && c.carrier(tv.Type) == nothing {
		return l
	}
	switch e := e.(type) {
	case *ast.Ident:
		for _, o := range c.named(e) {
			if v, ok := o.(*types.Var); ok && !c.packageLevel(v) {
				l.add(c.value(v), c.carrier(v.Type()))
				continue
			}
			for _, v := range c.reach(o) {
				l.add(c.value(v), c.carrier(v.Type()))
				l.behind = append(l.behind, v)
			}
		}
	case *ast.FuncLit:
		for _, v := range c.mentions(e) {
			if e.Pos() <= v.Pos() && v.Pos() < e.End() {
				continue
			}
			l.add(c.value(v), c.carrier(v.Type()))
			l.behind = append(l.behind, v)
		}
	case *ast.ParenExpr:
		return c.parcel(e.X)
	case *ast.StarExpr:
		return c.parcel(e.X)
	case *ast.SliceExpr:
		return c.parcel(e.X)
	case *ast.TypeAssertExpr:
		return c.parcel(e.X)
	case *ast.UnaryExpr:
		l = c.parcel(e.X)
		if e.Op == token.AND {
			// The memory itself is handed on, whatever is in it.
			if v := c.root(e.X); v != nil {
				l.add(c.value(v), reference)
			}
		}
	case *ast.BinaryExpr:
		l = c.parcel(e.X)
		l.join(c.parcel(e.Y))
	case *ast.IndexExpr:
		l = c.parcel(e.X)
		if t := c.info.TypeOf(e.X); t != nil {
			if _, ok := t.Underlying().(*types.Map); ok {
				l.join(c.parcel(e.Index))
			}
		}
	case *ast.IndexListExpr:
		return c.parcel(e.X)
	case *ast.SelectorExpr:
		l = c.parcel(e.Sel)
		if v := c.root(e.X); v != nil {
			what := c.carrier(v.Type())
			if c.pinned[v] {
				what = reference // the method may keep its receiver's address
			}
			l.add(c.value(v), what)
		} else {
			l.join(c.parcel(e.X))
		}
	case *ast.KeyValueExpr:
		l = c.parcel(e.Value)
		if id, ok := e.Key.(*ast.Ident); !ok || !isField(c.info.Uses[id]) {
			l.join(c.parcel(e.Key))
		}
	case *ast.CompositeLit:
		for _, x := range e.Elts {
			l.join(c.parcel(x))
		}
	case *ast.CallExpr:
		if t := c.info.Types[e.Fun]; t.IsType() || t.IsBuiltin() && carriesOn(e.Fun) {
			for _, x := range e.Args {
				l.join(c.parcel(x))
			}
			return l
		}
		if !counts(c.callee(e)) {
			return c.call(e)
		}
	}
	return l
}

func isField(o types.Object) bool {
	v, ok := o.(*types.Var)
	return ok && v.IsField()
}

// carriesOn reports that a built-in function's result is made of what it is
// given.
func carriesOn(fun ast.Expr) bool {
	id, ok := ast.Unparen(fun).(*ast.Ident)
	if !ok {
		return true // of package unsafe
	}
	return slices.Contains([]string{"append", "min", "max"}, id.Name)
}

// carrier returns what values of a type can carry.
func (f *needsFinder) carrier(t types.Type) carrier {
	if c, ok := f.carried[t]; ok {
		return c
	}
	f.carried[t] = reference // of a type within itself
	c := f.carrierOf(t)
	f.carried[t] = c
	return c
}

func (f *needsFinder) carrierOf(t types.Type) carrier {
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		return nothing
	}
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil {
		switch named.Obj().Pkg().Path() + "." + named.Obj().Name() {
		case "time.Duration", "time.Time", "syscall.Errno", "syscall.Signal":
			return nothing
		}
	}
	within := func(t types.Type) carrier {
		switch f.carrier(t) {
		case nothing, memory:
			return memory
		}
		return reference
	}
	switch t := t.Underlying().(type) {
	case *types.Basic:
		switch t.Kind() {
		case types.Int, types.Int32, types.Int64, types.Uint, types.Uint32, types.Uint64, types.Uintptr:
			return number
		case types.UnsafePointer:
			return reference
		}
		return nothing
	case *types.Array:
		return f.carrier(t.Elem())
	case *types.Struct:
		has := nothing
		for v := range t.Fields() {
			c := f.carrier(v.Type())
			if has != nothing && c != nothing && c != has {
				return reference
			}
			has = max(has, c)
		}
		return has
	case *types.Slice:
		return within(t.Elem())
	case *types.Pointer:
		return within(t.Elem())
	case *types.Map:
		return max(within(t.Key()), within(t.Elem()))
	case *types.Tuple:
		has := nothing
		for v := range t.Variables() {
			has = max(has, f.carrier(v.Type()))
		}
		return has
	}
	return reference
}

// callable reports that a value of the type may be a function, hold one, or make a
// running one wait or go on.
func callable(t types.Type) bool { return holdsFunc(t, map[types.Type]bool{}) }

func holdsFunc(t types.Type, seen map[types.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if named, ok := types.Unalias(t).(*types.Named); ok {
		if named.Obj().Pkg() == nil {
			return false // error
		}
		switch named.Underlying().(type) {
		case *types.Signature, *types.Interface:
			return true
		}
		if path := named.Obj().Pkg().Path(); path != "main" {
			return path == "sync" || path == "context" // no other keeps a cell's function
		}
	}
	switch t := t.Underlying().(type) {
	case *types.Signature, *types.Interface, *types.TypeParam, *types.Chan:
		return true
	case *types.Pointer:
		return holdsFunc(t.Elem(), seen)
	case *types.Slice:
		return holdsFunc(t.Elem(), seen)
	case *types.Array:
		return holdsFunc(t.Elem(), seen)
	case *types.Map:
		return holdsFunc(t.Key(), seen) || holdsFunc(t.Elem(), seen)
	case *types.Struct:
		for v := range t.Fields() {
			if holdsFunc(v.Type(), seen) {
				return true
			}
		}
	}
	return false
}

// A bitset is a set of small numbers.
type bitset []uint64

func (b *bitset) set(i int) {
	for len(*b) <= i/64 {
		*b = append(*b, 0)
	}
	(*b)[i/64] |= 1 << (i % 64)
}

// or adds the numbers of o to b, and returns it.
func (b bitset) or(o bitset) bitset {
	for len(b) < len(o) {
		b = append(b, 0)
	}
	for i, w := range o {
		b[i] |= w
	}
	return b
}

// all calls yield for the numbers, from the least.
func (b bitset) all() func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for i, w := range b {
			for ; w != 0; w &= w - 1 {
				if !yield(64*i + bits.TrailingZeros64(w)) {
					return
				}
			}
		}
	}
}
