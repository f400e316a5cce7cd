package kernel

import (
	"fmt"
	"reflect"

	"ioworkbook/runner/kernel/symbols"
	"ioworkbook/runner/program"
)

func (f *front) lower(u *program.Unit) (string, error) { return u.Text(), nil }

func refusedByLower(err error) string { return "" }

func lowerTables(c *child) symbols.Table { return nil }

func panicText(v any) string {
	if r, ok := v.(reflect.Value); ok && r.IsValid() {
		v = r.Interface()
	}
	return fmt.Sprint(v)
}

func stopped(v any) (why string, ok bool) { return "", false }
