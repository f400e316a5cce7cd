package lower_test

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	old "ioworkbook/runner/kernel/lower"
	"ioworkbook/runner/program"
)

func oldLowered(src []byte) (string, error) {
	gc, err := program.NewImporter()
	if err != nil {
		return "", err
	}
	imp := old.Importer(gc)
	src = bytes.Replace(src, []byte("\nfunc main() {"), []byte("\nfunc cell__1() {"), 1)
	out, err := old.Lower(func(src []byte) (*old.File, error) {
		fset := token.NewFileSet()
		syntax, err := parser.ParseFile(fset, "cell.go", src, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
			Selections: map[*ast.SelectorExpr]*types.Selection{}, Instances: map[*ast.Ident]types.Instance{}, Implicits: map[ast.Node]types.Object{}, Scopes: map[ast.Node]*types.Scope{}}
		conf := types.Config{Importer: imp, Sizes: types.SizesFor("gc", runtime.GOARCH), Error: func(error) {}}
		pkg, _ := conf.Check("main", fset, []*ast.File{syntax}, info)
		return &old.File{Fset: fset, Syntax: syntax, Info: info, Pkg: pkg, Src: src}, nil
	}, src, 0)
	return string(out), err
}

func TestSpeedOldNew(t *testing.T) {
	files, _ := filepath.Glob("testdata/speed/*.go")
	for _, file := range files {
		src, _ := os.ReadFile(file)
		o, err := oldLowered(src)
		n, call, err2 := lowered(src)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(file, err)
		}
		best := [2]float64{1e9, 1e9}
		for range 5 {
			for i, v := range [][2]string{{o, "cell__1"}, {n, call}} {
				path := filepath.Join(t.TempDir(), "x.go")
				os.WriteFile(path, []byte(v[0]), 0o600)
				cmd := exec.Command(os.Args[0])
				cmd.Env = append(os.Environ(), "LOWER_RUN="+path, "LOWER_CALL="+v[1], "LOWER_TIME=1")
				out, err := cmd.Output()
				lines := strings.Split(strings.TrimSpace(string(out)), "\n")
				ms, err2 := strconv.ParseFloat(lines[len(lines)-1], 64)
				if err != nil || err2 != nil {
					t.Fatal(file, string(out), err)
				}
				best[i] = min(best[i], ms)
			}
		}
		fmt.Printf("%-30s old %8.1f ms  new %8.1f ms  %.2f\n", filepath.Base(file), best[0], best[1], best[1]/best[0])
	}
}

func TestDumpOld(t *testing.T) {
	src, err := os.ReadFile(os.Getenv("DUMP"))
	if err != nil {
		t.Skip()
	}
	o, err := oldLowered(src)
	fmt.Println(strings.ReplaceAll(o, "; ", ";\n"), err)
}
