package lower

import (
	"fmt"
	"go/constant"
	"go/types"
	"strconv"
	"strings"
)

// constant writes a constant of type t. The interpreter's own evaluation of
// constant expressions is of int size at most.
func (l *lowerer) constant(v constant.Value, t types.Type) string {
	t = types.Default(t)
	b, ok := under(t).(*types.Basic)
	if !ok {
		return v.ExactString()
	}
	name := l.typ(t)
	plain := false
	if n, isBasic := types.Unalias(t).(*types.Basic); isBasic {
		plain = n.Kind() == types.Int || n.Kind() == types.String || n.Kind() == types.Bool
	}
	var s string
	switch {
	case b.Info()&types.IsBoolean != 0:
		s = strconv.FormatBool(constant.BoolVal(v))
	case b.Info()&types.IsString != 0:
		s = quote(constant.StringVal(v))
	case b.Info()&types.IsInteger != 0:
		s = constant.ToInt(v).ExactString()
		if plain && strings.HasPrefix(s, "-") {
			return "(" + s + ")"
		}
	case b.Kind() == types.Float32:
		f, _ := constant.Float32Val(constant.ToFloat(v))
		s = floatText(float64(f))
	case b.Info()&types.IsFloat != 0:
		f, _ := constant.Float64Val(constant.ToFloat(v))
		s = floatText(f)
	default:
		return v.ExactString()
	}
	if plain {
		return s
	}
	return name + "(" + s + ")"
}

// conv writes a conversion. Parentheses around a type's name would be evaluated
// by the interpreter as the first operand of a condition.
func conv(typ, s string) string {
	for i := 0; i < len(typ); i++ {
		c := typ[i]
		if c != '_' && c != '.' && !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= 0x80) {
			if c == '[' && (i == 0 || typ[:i] == "map") {
				break
			}
			return "(" + typ + ")(" + s + ")"
		}
	}
	return typ + "(" + s + ")"
}

func floatText(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// quote writes a string literal without the bytes that emit uses for its marks.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// zero writes the zero value of a type, as a variable of the type has it.
func (l *lowerer) zero(t types.Type) string {
	switch u := under(t).(type) {
	case *types.Basic:
		switch {
		case u.Kind() == types.UnsafePointer, u.Kind() == types.UntypedNil:
			return "nil"
		case u.Info()&types.IsBoolean != 0:
			return l.constant(constant.MakeBool(false), t)
		case u.Info()&types.IsString != 0:
			return l.constant(constant.MakeString(""), t)
		default:
			return l.constant(constant.MakeInt64(0), t)
		}
	case *types.Struct, *types.Array:
		return l.typ(t) + "{}"
	}
	return "nil"
}
