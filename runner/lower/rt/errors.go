package rt

import (
	"encoding/json"
	"errors"
	"reflect"
)

// ErrorsAs is errors.As for *dst of a type of a cell's own, which t describes.
func ErrorsAs(err error, dst any, t *Type) bool {
	if dst == nil || reflect.ValueOf(dst).IsNil() {
		panic("errors: target must be a non-nil pointer")
	}
	return err != nil && as(err, dst, t)
}

func as(err error, dst any, t *Type) bool {
	for {
		if Assert(dst, err, t) {
			return true
		}
		if x, ok := err.(interface{ As(any) bool }); ok && x.As(dst) {
			return true
		}
		switch x := err.(type) {
		case interface{ Unwrap() error }:
			if err = x.Unwrap(); err == nil {
				return false
			}
		case interface{ Unwrap() []error }:
			for _, e := range x.Unwrap() {
				if e != nil && as(e, dst, t) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
}

// NoBox passes an interface value on to a compiled function that looks into it by
// reflection.
func NoBox(x any, function string) any {
	if b, ok := Norm(x).(boxed); ok {
		panic(
			Stop(
				function + " of a " + b.box().T.text + " in an interface value: the interpreter does not run it as Go does; add engine=go to the cell",
			),
		)
	}
	return x
}

// Decoded passes on the error of decoding JSON to a value of a cell's own type, whose
// name package json does not know.
func Decoded(err error) error {
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		panic(
			Stop(
				"json: a " + mismatch.Value + " where a cell's own type has something else: the interpreter does not have Go's words for it; add engine=go to the cell",
			),
		)
	}
	return err
}

// DeepEqual is reflect.DeepEqual.
func DeepEqual(a, b any) bool { return reflect.DeepEqual(Norm(a), Norm(b)) }
