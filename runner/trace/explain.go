package trace

import "fmt"

// Explain puts an event into a plain sentence.
func Explain(e Event) string { return fmt.Sprintf("%s returned %s %s", e.Call, e.Result, e.Errno) }

// Section is the manual page of a system call: "accept4(2)".
func Section(call string) string { return call + "(2)" }
