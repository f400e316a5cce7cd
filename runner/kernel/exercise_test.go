package kernel

import (
	"context"
	"strings"
	"testing"

	"ioworkbook/runner/notebook"
)

func TestExercise(t *testing.T) {
	c := parse(t, `
'''go {name=imports}
import (
	"fmt"

	"ioworkbook/runner/lab"
)

func twice(n int) int { return 2 * n }
'''

'''go {name=state}
fmt.Println("not part of an exercise")
lab.Check("nor is this", true)
'''

'''go {name=stub exercise=square}
func square(n int) int {
	return twice(n)
}
'''

'''go {name=solution solution=square}
func square(n int) int {
	return n * n
}
'''

'''go {name=check check=square}
lab.Check("the square of 2 is 4", square(2) == 4)
lab.Check("the square of 3 is 9", square(3) == 9)
'''
`)
	for _, engine := range []string{Yaegi, Go} {
		for v, want := range map[Variant]notebook.Outcome{Stub: notebook.CheckFailed, Solution: notebook.OK} {
			res, err := RunExercise(context.Background(), Config{Chapter: c, Engine: engine}, "square", v)
			if err != nil {
				t.Fatal(err)
			}
			if res.Outcome != want || len(res.Checks) != 2 || res.Cell != "check" {
				t.Errorf("%s, variant %d: %+v; want %s", engine, v, res, want)
			}
		}
	}
	_, err := RunExercise(context.Background(), Config{Chapter: c}, "cube", Stub)
	if err == nil || !strings.Contains(err.Error(), `has no exercise "cube"; there are: square`) {
		t.Errorf("%v", err)
	}
	run, err := RunChapter(context.Background(), Config{Chapter: c})
	if err != nil || len(run.Results) != 2 {
		t.Errorf("a run of the chapter includes the exercise: %+v %v", run, err)
	}
}
