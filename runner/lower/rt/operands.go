package rt

import (
	"fmt"
	"reflect"
	"strings"
)

// Args prepares the operands of fmt.Print and its like, which put a space
// between two operands when neither is a string.
func Args(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = Norm(a)
		if b, ok := out[i].(boxed); ok && reflect.ValueOf(b.box().V).Kind() == reflect.String {
			out[i] = fmt.Sprint(b)
		}
	}
	return out
}

// FormatArgs prepares the operands of fmt.Printf and its like for %T and %p,
// which fmt answers without asking the operand, and for those too many, whose types
// it tells.
func FormatArgs(format string, args []any) (string, []any) {
	out := make([]any, len(args))
	boxes := false
	for i, a := range args {
		out[i] = Norm(a)
		boxes = boxes || out[i] != nil && typeText(out[i]) != reflect.TypeOf(out[i]).String()
	}
	if !boxes {
		return format, out
	}
	f := []byte(format)
	next := 0
	for i := 0; i < len(f); i++ {
		if f[i] != '%' {
			continue
		}
		indexed := false
		for i++; i < len(f) && strings.IndexByte("+-# 0123456789.*[]", f[i]) >= 0; i++ {
			switch f[i] {
			case '*':
				next++
			case '[':
				indexed = true
			}
		}
		if i >= len(f) || f[i] == '%' {
			continue
		}
		if indexed {
			if strings.ContainsAny(format, "Tp") {
				panic(
					Stop(
						"argument indexes with %T or %p on a cell's own type; leave the indexes out, or add engine=go to the cell",
					),
				)
			}
			return format, out
		}
		if next < len(out) {
			switch b, ok := out[next].(boxed); {
			case f[i] == 'T':
				f[i], out[next] = 's', typeText(out[next])
			case f[i] == 'p' && ok:
				out[next] = b.box().V
			}
		}
		next++
	}
	if next >= len(out) {
		return string(f), out
	}
	extra := out[next:]
	out = out[:next:next]
	for i, x := range extra {
		f = append(f, []string{"%%!(EXTRA ", ", "}[min(i, 1)]...)
		if x == nil {
			f = append(f, "<nil>"...)
			continue
		}
		f, out = append(f, "%s=%v"...), append(out, typeText(x), x)
	}
	return string(f) + ")", out
}
