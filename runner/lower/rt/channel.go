package rt

import "reflect"

// Case is one communication of a select statement.
type Case struct {
	c       reflect.SelectCase
	dst, ok reflect.Value
}

// Recv receives from ch into *dst and *ok, either nil when not wanted.
func Recv(ch, dst, ok any) Case {
	c := Case{c: reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ch)}}
	if dst != nil {
		c.dst = reflect.ValueOf(dst).Elem()
	}
	if ok != nil {
		c.ok = reflect.ValueOf(ok).Elem()
	}
	return c
}

// Send sends *src on ch. A pointer, so that a nil interface value keeps its type.
func Send(ch, src any) Case {
	v := reflect.ValueOf(src).Elem()
	copied := reflect.New(v.Type()).Elem()
	copied.Set(v)
	return Case{c: reflect.SelectCase{Dir: reflect.SelectSend, Chan: reflect.ValueOf(ch), Send: copied}}
}

// Select waits for one of the cases and returns its index, -1 for the default.
//
// The interpreter's own select keeps its cases in one place for all goroutines
// that run the statement.
func Select(hasDefault bool, cases ...Case) int {
	list := make([]reflect.SelectCase, len(cases), len(cases)+1)
	for i, c := range cases {
		list[i] = c.c
	}
	if hasDefault {
		list = append(list, reflect.SelectCase{Dir: reflect.SelectDefault})
	}
	i, v, ok := reflect.Select(list)
	if i == len(cases) {
		return -1
	}
	if c := cases[i]; c.c.Dir == reflect.SelectRecv {
		if c.dst.IsValid() {
			c.dst.Set(v)
		}
		if c.ok.IsValid() {
			c.ok.SetBool(ok)
		}
	}
	return i
}
