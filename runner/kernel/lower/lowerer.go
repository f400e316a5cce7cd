package lower

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// lowerer translates one file.
type lowerer struct {
	f    *File
	info *types.Info
	from int // offset in Src

	refused  Refusals
	seen     map[string]bool // refusals so far
	analysis map[*types.Var]*varInfo
	decls    map[types.Object]ast.Node // where package-level objects and methods are declared

	names   map[types.Object]string
	taken   map[string]bool // every identifier of the file and every generated one
	locals  map[string]bool // names of locals that are in use
	counter int
	either  ast.Expr // the last one whose order is that
	calls   int      // of the cell's own functions, as far as the text is written

	imports map[string]string // path -> alias
	order   []string          // paths

	subst     map[*types.TypeParam]types.Type // in a generic function's instance
	ctx       *types.Context
	inst      map[string]*instance
	queue     []*instance
	inContext map[string]bool // instances of types that the context has

	descs      map[string]string // type description -> variable
	descOrder  []string
	defines    map[string]bool
	described  []*types.Named
	methodSets map[string]bool
	defs       strings.Builder // statements that define types
	sets       strings.Builder // statements that register method sets

	dispatchers map[string]string
	top         strings.Builder // generated declarations, written last

	w        *strings.Builder
	hoist    *strings.Builder // declarations before the if chain being written
	fn       *function
	mark     int      // the line that the cell holds for sure, 0: unknown
	current  ast.Node // the simple statement, or the expression, being written
	cellName string   // set: the line cell where the function's own is out of reach
	unit     string   // tells names at top level apart from those of other calls of Lower
	hasInit  bool

	outers    map[*types.Var]string // a loop's own copies of its variables
	recursive map[*types.Named]bool
}

func newLowerer(f *File, from int) *lowerer {
	l := &lowerer{
		f: f, info: f.Info, from: from,
		seen:        map[string]bool{},
		analysis:    map[*types.Var]*varInfo{},
		decls:       map[types.Object]ast.Node{},
		names:       map[types.Object]string{},
		taken:       map[string]bool{},
		locals:      map[string]bool{},
		imports:     map[string]string{},
		ctx:         types.NewContext(),
		inst:        map[string]*instance{},
		descs:       map[string]string{},
		defines:     map[string]bool{},
		methodSets:  map[string]bool{},
		dispatchers: map[string]string{},
		inContext:   map[string]bool{},
		outers:      map[*types.Var]string{},
		recursive:   map[*types.Named]bool{},
		w:           new(strings.Builder),
	}
	ast.Inspect(f.Syntax, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			l.taken[id.Name] = true
		}
		return true
	})
	return l
}

// refuse records that a construct cannot be translated.
func (l *lowerer) refuse(at ast.Node, what, instead string) {
	r := Refusal{Pos: l.f.Fset.Position(at.Pos()), What: what, Instead: instead}
	if key := r.Error(); !l.seen[key] {
		l.seen[key] = true
		l.refused = append(l.refused, r)
	}
}

// put writes text.
func (l *lowerer) put(format string, args ...any) {
	if len(args) == 0 {
		l.w.WriteString(format)
		return
	}
	fmt.Fprintf(l.w, format, args...)
}

// at writes a mark: what follows should be on pos's line.
func (l *lowerer) at(pos token.Pos) {
	if pos.IsValid() {
		fmt.Fprintf(l.w, "\x01%d\x02", l.physical(pos))
	}
}

// capture returns what f writes.
func (l *lowerer) capture(f func()) string {
	old := l.w
	l.w = new(strings.Builder)
	f()
	s := l.w.String()
	l.w = old
	return s
}

// physical is a line of Src; line is the line that readers know.
func (l *lowerer) physical(pos token.Pos) int { return l.f.Fset.PositionFor(pos, false).Line }
func (l *lowerer) line(pos token.Pos) int     { return l.f.Fset.Position(pos).Line }

// temp returns a name that is nowhere used.
func (l *lowerer) temp(stem string) string {
	for {
		l.counter++
		name := fmt.Sprintf("%s__%d", stem, l.counter)
		if !l.taken[name] {
			l.taken[name] = true
			return name
		}
	}
}

// typeOf is the type of an expression in the instance being written.
func (l *lowerer) typeOf(e ast.Expr) types.Type {
	t := l.info.TypeOf(e)
	if t == nil {
		return types.Typ[types.Invalid]
	}
	return l.sub(t)
}

func under(t types.Type) types.Type { return types.Unalias(t).Underlying() }

func isInterface(t types.Type) bool { return types.IsInterface(t) }

// isOwn reports whether a defined type is declared in the file.
func (l *lowerer) isOwn(t *types.Named) bool { return t.Obj().Pkg() == l.f.Pkg }

// isCompiledInterface reports an interface type of which the interpreter has the
// compiled form: error and the defined ones of other packages.
func (l *lowerer) isCompiledInterface(t types.Type) bool {
	if !isInterface(t) {
		return false
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || l.isOwn(n) {
		return false
	}
	return n.Underlying().(*types.Interface).NumMethods() > 0
}
