//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/kernel"
	"ioworkbook/runner/program"
)

// programs makes every program that a chapter's run compiles: the chapter's own
// and those of its measurements. The error is a program.Errors with what is
// wrong in any of them, or one of the machine.
func programs(ch *chapter.Chapter) ([]*program.Program, error) {
	whole, err := program.New(ch)
	if err != nil {
		return nil, err
	}
	all := []*program.Program{whole}
	for _, cell := range ch.Cells() {
		if cell.Attr.Engine == kernel.Go {
			p, err := program.Standalone(ch, cell)
			if err != nil {
				return nil, err
			}
			all = append(all, p)
		}
	}
	return all, nil
}

// vet has go vet look at a chapter's programs. What it says is at the chapter's
// lines.
func vet(ctx context.Context, programs []*program.Program) ([]string, error) {
	root, err := program.Root()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "ioworkbook-vet-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var problems []string
	for n, p := range programs {
		source := filepath.Join(dir, fmt.Sprintf("program%d.go", n))
		if err := os.WriteFile(source, p.Text(program.TextOptions{Bracket: true}), 0o600); err != nil {
			return nil, err
		}
		out, err := goCommand(ctx, root, "vet", source).CombinedOutput()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil {
			continue
		}
		// A relative name in a //line comment is relative to the file it is in.
		text := strings.ReplaceAll(string(out), dir+string(filepath.Separator), "")
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if line != "" && !strings.HasPrefix(line, "#") {
				if p := strings.TrimPrefix(line, "vet: ") + " (go vet)"; !slices.Contains(problems, p) {
					problems = append(problems, p)
				}
			}
		}
		if len(bytes.TrimSpace(out)) == 0 {
			return nil, fmt.Errorf("go vet: %w", err)
		}
	}
	return problems, nil
}

// goCommand is the go command in the module's root, in a process group of its
// own that ends as a whole with ctx.
func goCommand(ctx context.Context, root string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	return cmd
}
