package kernel

import (
	"strings"
	"testing"
)

func TestFindCrash(t *testing.T) {
	for _, test := range []struct {
		name, stderr string
		want         string // what is told; "" for no crash
		line         int
		actor        string
		head         string
	}{
		{name: "none", stderr: "panic: said the cell itself\nand went on\n"},
		{name: "goroutine in the text only", stderr: "goroutine 1 [running]:\n"},
		{
			name: "panic",
			stderr: "words of the cell\n" +
				"panic: boom\n\n" +
				"goroutine 34 [running, labels:{\"actor\": \"client\"}]:\n" +
				"main.f(0x1)\n\t/tmp/x/main.go:7 +0x1d\n" +
				"main.g()\n\tcommand-line-arguments/chapters/04-nonblocking.md:57 +0x1d\n" +
				"created by main.main in goroutine 1\n\tchapters/04-nonblocking.md:60 +0x2b\nexit status 2\n",
			want: "panic: boom", line: 57, actor: "", head: "panic: boom",
		},
		{
			name: "panic of an actor, as the runtime writes it",
			stderr: "panic: boom\n\ngoroutine 34 gp=0xc000002380 m=3 mp=0xc000057008 [running labels:{\"actor\": \"client\"}]:\n" +
				"main.g()\n\tchapters/04-nonblocking.md:57 +0x1d fp=0xc00009af48 sp=0xc00009af30 pc=0x484da6\n",
			want: "panic: boom", line: 57, actor: "client", head: "panic: boom",
		},
		{
			name: "panic again after a recover",
			stderr: "panic: first [recovered, repanicked]\n\n" +
				"goroutine 1 [running]:\nmain.main()\n\tchapters/01-x.md:3 +0x1d\n",
			want: "panic: first", line: 3, actor: "main", head: "panic: first [recovered, repanicked]",
		},
		{
			name: "nil dereference",
			stderr: "panic: runtime error: invalid memory address or nil pointer dereference\n" +
				"[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x45e]\n\n" +
				"goroutine 1 [running]:\nmain.main()\n\tchapters/01-x.md:9 +0x1d\n",
			want: "panic: runtime error: invalid memory address or nil pointer dereference",
			line: 9, actor: "main", head: "panic: runtime error: invalid memory address or nil pointer dereference",
		},
		{
			name: "stack overflow",
			stderr: "text\nruntime: goroutine stack exceeds 67108864-byte limit\n" +
				"runtime: sp=0xc0 stack=[0xc0, 0xc1]\nfatal error: stack overflow\n\n" +
				"runtime stack:\nruntime.throw({0x1, 0x2})\n\nruntime.newstack()\n\n" +
				"goroutine 20 gp=0xc0 m=0 mp=0x55 [running labels:{\"actor\": \"main\"}]:\nmain.down()\n\tchapters/01-x.md:12 +0x1d fp=0x1\n",
			want: "infinite recursion: the stack of a goroutine passed its limit",
			line: 12, actor: "main", head: "runtime: goroutine stack exceeds 67108864-byte limit",
		},
		{
			name: "deadlock",
			stderr: "fatal error: all goroutines are asleep - deadlock!\n\n" +
				"goroutine 1 [chan receive]:\nmain.main()\n\tchapters/01-x.md:20 +0x1d\n",
			want: "fatal error: all goroutines are asleep - deadlock!", line: 20, actor: "main",
			head: "fatal error: all goroutines are asleep - deadlock!",
		},
		{
			name: "map written twice at once",
			stderr: "fatal error: concurrent map writes\n\n" +
				"goroutine 7 [running]:\ninternal/runtime/maps.fatal()\n\t/usr/lib/go/x.go:1 +0x1\nmain.f()\n\tchapters/01-x.md:21 +0x1d\n",
			want: "fatal error: concurrent map writes", line: 21, head: "fatal error: concurrent map writes",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := findCrash([]byte(test.stderr))
			if c == nil {
				if test.want != "" {
					t.Fatal("not found")
				}
				return
			}
			if c.String() != test.want || c.line() != test.line || c.head != test.head {
				t.Errorf("%q at line %d, from %q", c, c.line(), c.head)
			}
			if test.actor != "" && c.actor() != test.actor {
				t.Errorf("actor %q", c.actor())
			}
		})
	}
}

// A dump is found behind a flood and is not printed.
func TestCrashAfterFlood(t *testing.T) {
	o := &output{cap: 1000}
	for range 1000 {
		o.text("stderr", []byte(strings.Repeat("x", 999)+"\n"))
	}
	dump := "panic: at last\n\ngoroutine 1 [running]:\nmain.main()\n\tchapters/01-x.md:3 +0x1d\n"
	o.text("stderr", []byte(dump[:20]))
	o.text("stderr", []byte(dump[20:]))
	c := o.crash()
	if c == nil || c.String() != "panic: at last" || c.line() != 3 {
		t.Fatalf("%+v", c)
	}
	if len(o.stderr.tail) > 2*tailSize {
		t.Errorf("%d bytes of the end are kept", len(o.stderr.tail))
	}
}

// A goroutine whose thread did not write the dump is told of twice: among all
// others, and by its own thread.
func TestActorToldOfTwice(t *testing.T) {
	const blocked = "goroutine 1 gp=0xc000002380 m=3 mp=0xc000057008 [syscall labels:{\"actor\": \"main\"}]:\n" +
		"syscall.Syscall()\n\tsyscall/syscall_linux.go:74 +0x1d\nmain.main()\n\tchapters/01-x.md:9 +0x1d fp=0x1\n"
	c := findCrash([]byte("SIGQUIT: quit\nPC=0x1 m=0 sigcode=0\n\n" + blocked +
		"\ngoroutine 7 gp=0xc000002a80 m=nil [syscall labels:{\"actor\": \"peer\"}]:\n" +
		"main.main.func1()\n\tchapters/01-x.md:9 +0x1d fp=0x1\n\n-----\n\nSIGQUIT: quit\nPC=0x1 m=3 sigcode=0\n\n" + blocked))
	if c == nil {
		t.Fatal("not found")
	}
	actors, states := c.actors()
	if got, want := whereabouts(actors, states, nil), "2 actors (main ...) are in a system call at line 9"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
