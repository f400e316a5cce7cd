package kernel

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/notebook"
	"ioworkbook/runner/program"
)

// binary is a compiled program in a directory of its own.
type binary struct{ dir string }

func (b *binary) path() string { return filepath.Join(b.dir, "prog") }

func (b *binary) remove() { os.RemoveAll(b.dir) }

// compile builds the text of a program with the go command. The text has been
// type-checked: an error is one of the toolchain, or of its absence.
func compile(ctx context.Context, text []byte) (*binary, error) {
	root, err := program.Root()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "ioworkbook-")
	if err != nil {
		return nil, err
	}
	b := &binary{dir}
	src := filepath.Join(dir, "main.go")
	if err := os.WriteFile(src, text, 0o600); err != nil {
		b.remove()
		return nil, err
	}
	// Without -trimpath the directory is part of what is compiled, and no
	// build would find the last one's object in the cache. Without the symbol
	// tables (-s -w) linking takes half the time; tracebacks do not need them.
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", b.path(), src)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOARCH="+runtime.GOARCH) // for the machine that the checker had in mind
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	// The build may run beside cells, whose times are looked at.
	cmd.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return unix.Kill(-cmd.Process.Pid, unix.SIGKILL) }
	err = cmd.Start()
	if err == nil {
		_ = unix.Setpriority(unix.PRIO_PGRP, cmd.Process.Pid, 10)
		err = cmd.Wait()
	}
	if err != nil {
		b.remove()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("go build: %w\n%s", err, strings.TrimSpace(said.String()))
	}
	return b, nil
}

// compiled is one run of a compiled program whose cells are bracketed by
// lab.BeginCell and lab.EndCell.
type compiled struct {
	cfg   Config
	tell  func(Update)
	cells map[string]*chapter.Cell

	mu      sync.Mutex
	proc    *process
	out     *output
	cell    *chapter.Cell // begun and not ended
	began   time.Time
	limit   *time.Timer
	late    bool // the limit ended it
	results map[string]notebook.Result
}

// execute runs a program and returns the results of the cells that it began,
// by name.
func execute(ctx context.Context, cfg Config, b *binary, cells []*chapter.Cell, tell func(Update)) (map[string]notebook.Result, error) {
	c := &compiled{cfg: cfg, tell: tell, cells: map[string]*chapter.Cell{}, results: map[string]notebook.Result{}}
	for _, cell := range cells {
		c.cells[cell.Name] = cell
	}
	c.out = c.newOutput()
	// Until the first cell begins, what happens is the first cell's, except that
	// its limit is not for what the machine takes to load a program.
	if len(cells) > 0 {
		c.begin(cells[0].Name, loading)
	}
	c.mu.Lock()
	proc, err := start(launch{
		path:   b.path(),
		args:   []string{b.path()},
		env:    childEnvironment(controlVariable+"=3", "GOTRACEBACK=crash"),
		memory: cfg.Memory,
		death:  unix.SIGKILL,
		taps:   taps{text: c.takeText, control: c.takeControl},
	})
	c.proc = proc
	c.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case <-proc.gone:
	case <-ctx.Done():
		proc.kill()
	}
	c.gone(ctx)
	return c.results, nil
}

// executeOne is execute for a program of one cell.
func executeOne(ctx context.Context, cfg Config, b *binary, cell *chapter.Cell, tell func(Update)) (notebook.Result, error) {
	results, err := execute(ctx, cfg, b, []*chapter.Cell{cell}, tell)
	if err != nil {
		return notebook.Result{}, err
	}
	return results[cell.Name], nil // the first cell has begun when the program starts
}

func (c *compiled) newOutput() *output {
	return &output{cap: c.cfg.OutputCap, live: func(o notebook.Output) {
		c.mu.Lock()
		cell := c.cell
		c.mu.Unlock()
		if cell != nil {
			c.tell(Update{Kind: CellOutput, Cell: cell, Output: o})
		}
	}}
}

func (c *compiled) output() *output {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out
}

func (c *compiled) takeText(stream string, b []byte) { c.output().text(stream, b) }

func (c *compiled) takeControl(line []byte) {
	var m control
	if json.Unmarshal(line, &m) != nil {
		return
	}
	switch m.T {
	case "begin":
		c.begin(m.Cell, 0)
	case "end":
		c.end(ending{How: "ok"})
	default:
		c.output().control(m)
	}
}

// begin makes the cell of that name the running one. The second call for the
// first cell starts its time anew.
func (c *compiled) begin(name string, more time.Duration) {
	cell := c.cells[name]
	if cell == nil {
		return
	}
	c.mu.Lock()
	again := c.cell == cell
	c.cell, c.began = cell, time.Now()
	limit := cell.Attr.Timeout + more
	if cell.Attr.Expect.Kind == chapter.ExpectTimeout {
		limit += grace // it ends itself at its limit
	}
	if c.limit != nil {
		c.limit.Stop()
	}
	c.limit = time.AfterFunc(limit, func() { c.expire(cell) })
	c.mu.Unlock()
	if !again {
		c.tell(Update{Kind: CellStarted, Cell: cell})
	}
}

// expire ends a program whose cell has passed its limit. SIGQUIT first: the
// runtime then says where every goroutine is, with GOTRACEBACK=crash also those
// that are running on other threads.
func (c *compiled) expire(cell *chapter.Cell) {
	c.mu.Lock()
	proc := c.proc
	if c.cell != cell || proc == nil {
		c.mu.Unlock()
		return
	}
	c.late = true
	c.mu.Unlock()
	_ = unix.Kill(proc.pid, unix.SIGQUIT)
	time.AfterFunc(grace, func() { proc.signal(unix.SIGKILL) })
}

// end ends the running cell.
func (c *compiled) end(e ending) {
	c.mu.Lock()
	cell, out := c.cell, c.out
	if cell == nil {
		c.mu.Unlock()
		return
	}
	c.limit.Stop()
	e.Nanoseconds = int64(time.Since(c.began))
	c.cell, c.out = nil, c.newOutput()
	c.mu.Unlock()
	if out.expect != nil && e.How == "ok" {
		e = out.expect.ending(e)
	}
	res := judge(cell, e, out)
	c.results[cell.Name] = res
	c.tell(Update{Kind: CellEnded, Cell: cell, Result: &res})
}

// ending is what lab said of a cell that has to end in another way than by
// returning.
func (c *control) ending(e ending) ending {
	switch {
	case c.OK:
		e.How, e.Text = c.Kind, c.Message
	case c.Message != "returned":
		e.How, e.Text = "panic", c.Message
	}
	return e
}

// gone ends the cell during which the program ended.
func (c *compiled) gone(ctx context.Context) {
	c.mu.Lock()
	cell, late, out := c.cell, c.late, c.out
	c.mu.Unlock()
	if cell == nil {
		return
	}
	switch {
	case ctx.Err() != nil:
		c.end(ending{How: "died", Text: "interrupted"})
	case late:
		e := ending{How: "timeout"}
		if dump := out.crash(); dump != nil {
			actors, states := dump.actors()
			e.Text = whereabouts(actors, states, nil)
			e.Line = dump.mainLine()
		}
		c.end(e)
	default:
		c.end(mustFailed(c.proc.ending(out)))
	}
}

// mustFailed recognises the panic of lab.Must, whose text begins with the line.
func mustFailed(e ending) ending {
	if m := failure.FindStringSubmatch(e.Text); m != nil && e.How == "panic" {
		e.How, e.Text = "error", m[2]
		e.Line, _ = strconv.Atoi(m[1])
	}
	return e
}

var failure = regexp.MustCompile(`(?s)^\S+\.md:(\d+): (.*)$`)
