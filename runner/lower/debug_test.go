package lower_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/go/ssa"
)

func TestDump(t *testing.T) {
	src, err := os.ReadFile(os.Getenv("DUMP"))
	if err != nil {
		t.Skip()
	}
	text, _, err := lowered(src)
	fmt.Println(strings.ReplaceAll(text, "; ", ";\n"), err)
	p, _ := packageOf(src)
	prog := ssa.NewProgram(p.Fset, ssa.InstantiateGenerics|ssa.BareInits)
	for _, i := range p.Types.Imports() {
		prog.CreatePackage(i, nil, nil, true)
	}
	pkg := prog.CreatePackage(p.Types, p.Files, p.Info, false)
	pkg.Build()
	for _, m := range pkg.Members {
		if f, ok := m.(*ssa.Function); ok {
			f.WriteTo(os.Stdout)
			for _, a := range f.AnonFuncs {
				a.WriteTo(os.Stdout)
			}
		}
	}
}
