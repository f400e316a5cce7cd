package lower

import (
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ssa"
)

// builtin writes the call of a predeclared function, of one of package unsafe, or
// of one of ssa's own.
func (f *function) builtin(in *ssa.Call, name string) {
	args := in.Call.Args
	operand := func(i int) string { return f.operand(args[i]) }
	switch name {
	case "len", "cap":
		f.set(in, f.length(name, args[0]))
	case "append":
		f.append(in, args)
	case "copy":
		f.set(in, "copy("+operand(0)+", "+operand(1)+")")
	case "delete":
		f.put("delete(%s, %s); ", operand(0), f.key(args[1], under(args[0].Type()).(*types.Map)))
	case "close":
		f.put("close(%s); ", operand(0))
	case "clear":
		if f.avoids(noClear) {
			f.put("%s.Clear(%s); ", f.rt(), operand(0))
		} else {
			f.put("clear(%s); ", operand(0))
		}
	case "min", "max":
		f.extreme(in, name, args)
	case "print", "println":
		list := make([]string, len(args))
		for i := range args {
			list[i] = operand(i)
			if isInterface(args[i].Type()) {
				f.refuse(in.Pos(), name+" of an interface value", "use fmt.Fprintln(os.Stderr, ...)")
			}
		}
		f.put("%s.%s(%s); ", f.rt(), strings.ToUpper(name[:1])+name[1:], strings.Join(list, ", "))
	case "real", "imag":
		f.set(in, conv(f.typ(in.Type()), name+"("+f.held(args[0])+")"))
	case "complex":
		f.set(in, conv(f.typ(in.Type()), "complex("+f.held(args[0])+", "+f.held(args[1])+")"))
	case "recover":
		f.set(in, f.rt()+".Recover(caught)")
	case "ssa:wrapnilchk": // of the receiver that a promoted method's wrapper has
		f.put("if %s == nil { %s.NilReceiver(%s, %s); }; ", operand(0), f.rt(), operand(1), operand(2))
		f.set(in, operand(0))
	case "ssa:deferstack":
		f.set(in, "d")
	case "Sizeof": // of a type parameter's value
		f.set(in, fmt.Sprintf("uintptr(%d)", sizes.Sizeof(args[0].Type())))
	case "Add":
		f.set(in, f.pkg("unsafe")+".Add("+operand(0)+", "+f.asInt(args[1])+")")
	case "Slice":
		f.put("%s.Slice(&%s, %s, int64(%s)); ", f.rt(), f.reg(in), operand(0), operand(1))
	case "SliceData":
		f.put("%s.SliceData(&%s, %s); ", f.rt(), f.reg(in), operand(0))
	case "String":
		f.set(in, f.rt()+".String("+operand(0)+", int64("+operand(1)+"))")
	case "StringData":
		f.set(in, f.rt()+".StringData("+operand(0)+")")
	default:
		f.refuse(in.Pos(), name, "")
	}
}

func (f *function) append(in *ssa.Call, args []ssa.Value) {
	if len(args) == 1 {
		f.set(in, f.operand(args[0]))
		return
	}
	if !f.spread[in] {
		f.set(in, "append("+f.operand(args[0])+", "+f.operand(args[1])+"...)")
		return
	}
	list := make([]string, len(f.parts[in]))
	for i, v := range f.parts[in] {
		list[i] = f.operand(v)
	}
	f.set(in, "append("+strings.Join(list, ", ")+")")
}

// extreme writes min or max.
func (f *function) extreme(in *ssa.Call, name string, args []ssa.Value) {
	if !f.avoids(noExtremes) {
		list := make([]string, len(args))
		for i, a := range args {
			list[i] = f.operand(a)
		}
		f.set(in, name+"("+strings.Join(list, ", ")+")")
		return
	}
	if has(in.Type(), types.IsFloat) {
		s := "float64(" + f.operand(args[0]) + ")"
		for _, a := range args[1:] {
			s = f.rt() + "." + strings.ToUpper(name[:1]) + name[1:] + "(" + s + ", float64(" + f.operand(a) + "))"
		}
		f.set(in, conv(f.typ(in.Type()), s))
		return
	}
	op := "<"
	if name == "max" {
		op = ">"
	}
	x := f.variable("x", f.typ(in.Type()))
	f.put("%s = %s; ", x, f.operand(args[0]))
	for _, a := range args[1:] {
		y := f.held(a)
		f.put("if %s %s %s { %s = %s; }; ", y, op, x, x, y)
	}
	f.set(in, x)
}
