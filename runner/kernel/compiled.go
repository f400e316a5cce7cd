package kernel

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

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

// execute runs a program whose cells are bracketed by lab.BeginCell and
// lab.EndCell, and returns the results of those that it began, by name.
func execute(ctx context.Context, cfg Config, b *binary, cells []*chapter.Cell) (map[string]notebook.Result, error) {
	h, err := newHost(ctx, cfg, launch{program: b, env: "GOTRACEBACK=crash"}, nil)
	if err != nil {
		return nil, err
	}
	defer h.close()
	results := map[string]notebook.Result{}
	for _, cell := range cells {
		cfg.tell(Update{Kind: CellStarted, Cell: cell})
		res := h.followCell(ctx, cell)
		results[cell.Name] = res
		cfg.tell(Update{Kind: CellEnded, Cell: cell, Result: &res})
		if stops(cell, res) {
			break
		}
	}
	return results, nil
}
