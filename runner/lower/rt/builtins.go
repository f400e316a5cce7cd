package rt

import (
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// Print is the builtin print, which writes to standard error.
func Print(args ...any) { _, _ = os.Stderr.WriteString(builtinText(args, "")) }

// Println is the builtin println.
func Println(args ...any) { _, _ = os.Stderr.WriteString(builtinText(args, " ") + "\n") }

func builtinText(args []any, sep string) string {
	texts := make([]string, len(args))
	for i, a := range args {
		if b, ok := a.(boxed); ok {
			a = b.box().V
		}
		texts[i] = printed(reflect.ValueOf(a))
	}
	return strings.Join(texts, sep)
}

// printed writes a value as the runtime's print does.
func printed(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Invalid:
		return "(0x0,0x0)"
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return fmt.Sprint(v.Bool())
	case reflect.Float32, reflect.Float64:
		f := v.Float()
		if math.IsInf(f, 0) || math.IsNaN(f) {
			return fmt.Sprint(f)
		}
		text := fmt.Sprintf("%+.6e", f)
		i := strings.IndexByte(text, 'e') + 2 // at least three digits of exponent
		return text[:i] + strings.Repeat("0", max(0, 3-len(text[i:]))) + text[i:]
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return fmt.Sprint(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return fmt.Sprint(v.Uint())
	case reflect.Pointer, reflect.Chan, reflect.Map, reflect.Func, reflect.UnsafePointer:
		return fmt.Sprintf("%#x", v.Pointer())
	case reflect.Slice:
		return fmt.Sprintf("[%d/%d]%#x", v.Len(), v.Cap(), v.Pointer())
	}
	return fmt.Sprint(v)
}

// Rune decodes the rune at s[i], as range over a string does.
func Rune(s string, i int) (r rune, width int) { return utf8.DecodeRuneInString(s[i:]) }

// Slice sets *dst to unsafe.Slice(p, n).
func Slice(dst, p any, n int64) {
	v := reflect.ValueOf(p)
	d := reflect.ValueOf(dst).Elem()
	switch {
	case n < 0 || n > math.MaxInt:
		panic(runtimeError("unsafe.Slice: len out of range"))
	case v.IsNil() && n != 0:
		panic(runtimeError("unsafe.Slice: ptr is nil and len is not zero"))
	case v.IsNil():
		d.SetZero()
	default:
		setSame(d, reflect.SliceAt(v.Type().Elem(), v.UnsafePointer(), int(n)))
	}
}

// SliceData sets *dst to unsafe.SliceData(s).
func SliceData(dst, s any) {
	v := reflect.ValueOf(s)
	d := reflect.ValueOf(dst).Elem()
	d.Set(reflect.NewAt(d.Type().Elem(), v.UnsafePointer()))
}

// String is unsafe.String.
func String(p *byte, n int64) string { return unsafe.String(p, n) }

// StringData is unsafe.StringData.
func StringData(s string) *byte { return unsafe.StringData(s) }

// Clear is the builtin clear.
func Clear(x any) { reflect.ValueOf(x).Clear() }

// Negative panics as a shift by a negative count does.
func Negative() {
	n := -1
	_ = uint(1) << n
}

// NilCall panics as the evaluation of a method of a nil interface value does.
func NilCall() { panic(nilDereference()) }

// NilReceiver panics as the call of a method with a value receiver by an interface
// value does when the pointer in it is nil.
func NilReceiver(typ, method string) {
	_, name, _ := strings.Cut(typ, ".")
	panic(assertionError("value method " + typ + "." + method + " called using nil *" + name + " pointer"))
}

// ShortSlice panics as the conversion of a slice to a longer array does.
func ShortSlice(length, want int) {
	panic(
		boundsError(
			fmt.Sprintf(
				"cannot convert slice with length %d to array or pointer to array with length %d",
				length,
				want,
			),
		),
	)
}

// Min and Max are the builtins for floating-point numbers.
func Min(a, b float64) float64 { return min(a, b) }
func Max(a, b float64) float64 { return max(a, b) }
