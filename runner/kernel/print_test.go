package kernel

import (
	"context"
	"strings"
	"testing"

	"ioworkbook/runner/notebook"
	"ioworkbook/runner/trace"
)

// A printed line has its place among the calls of who printed it, and what is
// printed does not depend on that.
func TestPrintsAmongCalls(t *testing.T) {
	t.Parallel()
	c := parse(t, `
'''go {name=imports}
import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"ioworkbook/runner/lab"
)
'''

'''go {name=talks trace=timeline}
var p [2]int
unix.Pipe(p[:])
unix.Write(p[1], []byte("x"))
fmt.Println("between", 1)
unix.Read(p[0], make([]byte, 1))
lab.Go("talker", func() {
	fmt.Print(strings.Repeat("é", 100_000))
	unix.Close(p[0])
})
lab.Wait()
unix.Close(p[1])
'''

'''go {name=floods}
for i := range 10_000 {
	fmt.Printf("%d\n", i)
}
'''
`)
	s := open(t, Config{Chapter: c})
	for _, cell := range []string{"imports", "talks"} {
		res := s.Run(context.Background(), c.Cell(cell))
		if res.Outcome != notebook.OK {
			t.Fatal(res.Message)
		}
		if cell == "imports" {
			continue
		}
		if got, want := res.Outputs[0].Text, "between 1\n"+strings.Repeat("é", 100_000); got != want {
			t.Errorf("%d bytes of output, not %d", len(got), len(want))
		}
		if len(res.Prints) != 2 {
			t.Fatalf("prints: %+v", res.Prints)
		}
		calls := map[string]trace.Event{}
		for _, e := range res.Events {
			calls[e.Actor+" "+e.Call] = e
		}
		first, second := res.Prints[0], res.Prints[1]
		if first.Actor != "main" || first.Text != "between 1\n" || first.Line != calls["main write"].Line+1 ||
			first.At < calls["main write"].Exit || first.At > calls["main read"].Enter {
			t.Errorf("%+v, among\n%+v", first, res.Events)
		}
		if second.Actor != "talker" || second.Text != strings.Repeat("é", 40)+"…" ||
			second.At > calls["talker close"].Enter {
			t.Errorf("%+v, among\n%+v", second, res.Events)
		}
	}
	res := s.Run(context.Background(), c.Cell("floods"))
	if n := len(res.Prints); n == 0 || n >= 10_000 || res.Prints[0].Text != "0\n" {
		t.Errorf("%d of 10,000 prints are kept", n)
	}
	if !strings.HasSuffix(res.Outputs[0].Text, "\n9999\n") {
		t.Error("the end of what was printed is missing")
	}
}
