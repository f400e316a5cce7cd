package program

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/ssa"
)

// TestLibrary has package ssa instantiate what a chapter uses of the library's
// generic functions and types.
func TestLibrary(t *testing.T) {
	for _, test := range []struct {
		name, imports, code string
		bodies              string // packages that come from source
		none                string // functions that stay without a body
	}{
		{"nothing generic", "slices sync", "var mu sync.Mutex\nmu.Lock()\n_ = slices.Sorted[int]", "cmp slices", ""},
		{"compiled", "sync errors", "var mu sync.Mutex\nmu.Lock()\n_ = errors.New", "", ""},
		{"slices", "fmt slices", "x := []int{3, 1}\nslices.Sort(x)\nfmt.Println(slices.Max(x), slices.Index(x, 3))", "cmp slices", ""},
		{"functions", "slices cmp strings", "x := []string{}\nslices.SortFunc(x, func(a, b string) int { return cmp.Or(cmp.Compare(a, b), strings.Compare(a, b)) })", "cmp slices", ""},
		{"iterators", "fmt maps slices strings", "m := map[string]int{}\nfmt.Println(slices.Sorted(maps.Keys(m)), slices.Collect(strings.SplitSeq(\"a,b\", \",\")))", "cmp maps slices", ""},
		{"clone", "maps", "m := map[string]int{}\n_ = maps.Clone(m)", "maps", "clone"},
		{"once", "fmt sync", "f := sync.OnceValue(func() int { return 1 })\nvar once sync.Once\nonce.Do(func() { fmt.Println(f()) })", "sync", ""},
		{"pointer", "fmt sync/atomic", "var p atomic.Pointer[int]\nx := 1\np.Store(&x)\nvar n atomic.Int32\nn.Add(1)\nfmt.Println(*p.Load())", "sync/atomic", ""},
		{"as", "errors io/fs fmt", "e, ok := errors.AsType[*fs.PathError](nil)\nfmt.Println(e, ok, errors.Is(e, nil))", "errors", ""},
		{"rand", "math/rand/v2 time fmt", "fmt.Println(rand.N(5*time.Second), rand.IntN(2))", "math/rand/v2", ""},
		{"type", "reflect fmt", "fmt.Println(reflect.TypeFor[int]())", "reflect", ""},
		{"pull", "iter slices fmt", "next, stop := iter.Pull(slices.Values([]int{1}))\nfmt.Println(next())\nstop()", "cmp iter slices", "pull"},
		{"handle", "unique fmt", "fmt.Println(unique.Make(1).Value())", "", "Make Value"},
	} {
		t.Run(test.name, func(t *testing.T) {
			imports := ""
			for _, i := range strings.Fields(test.imports) {
				imports += "import \"" + i + "\"\n"
			}
			p, err := New(parse(t, "# T\n\n```go {name=a}\n"+imports+"\n"+test.code+"\n```\n"))
			if err != nil {
				t.Fatal(err)
			}
			main := buildSSA(t, p)
			var bodies []string
			of := map[any]bool{}
			for _, b := range p.Package().Bodies {
				bodies = append(bodies, b.Types.Path())
				of[b.Types] = true
			}
			slices.Sort(bodies)
			if got := strings.Join(bodies, " "); got != test.bodies {
				t.Errorf("from source: %s, want %s", got, test.bodies)
			}
			seen := map[*ssa.Function]bool{}
			var visit func(f *ssa.Function)
			visit = func(f *ssa.Function) {
				if seen[f] {
					return
				}
				seen[f] = true
				if f.Blocks == nil && (f.Origin() != nil || f.Pkg != nil && of[f.Pkg.Pkg]) {
					name, _, _ := strings.Cut(f.Name(), "[")
					if !strings.Contains(" "+test.none+" ", " "+name+" ") {
						t.Errorf("%s has no body", f)
					}
				}
				for _, b := range f.Blocks {
					for _, i := range b.Instrs {
						for _, o := range i.Operands(nil) {
							if f, ok := (*o).(*ssa.Function); ok {
								visit(f)
							}
						}
					}
				}
			}
			visit(main.Func(p.Func("a")))
		})
	}
}
