//go:build linux

package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"ioworkbook/runner/kernel"
)

var update = flag.Bool("update", false, "rewrite what the scripts in testdata/script expect")

func TestMain(m *testing.M) {
	kernel.ChildMain() // the test binary is its own child process too
	testscript.Main(m, map[string]func(){"workbook": main})
}

// TestScripts runs every testdata/script/*.txtar: a small book and what the
// commands say about it.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	environment, err := goEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, environment...)
			env.Vars = append(env.Vars, "ROOT="+root)
			return addModule(root, env.WorkDir)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"nobody":    nobody,
			"remember":  remember,
			"unchanged": unchanged,
		},
	})
}

// addModule makes a script's folder, if it has chapters, look like the module
// itself: the real packages, the script's own book.
func addModule(root, work string) error {
	if _, err := os.Stat(filepath.Join(work, "chapters")); err != nil {
		return nil
	}
	for _, name := range []string{"go.mod", "go.sum", "runner", "site"} {
		if err := os.Symlink(filepath.Join(root, name), filepath.Join(work, name)); err != nil {
			return err
		}
	}
	return nil
}

// goEnvironment returns the variables that the go command and the caches need,
// which a script's empty home would hide.
func goEnvironment() ([]string, error) {
	var vars []string
	names := []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOPROXY", "GOFLAGS", "GOSUMDB"}
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	for i, value := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		vars = append(vars, names[i]+"="+value)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	return append(vars, "XDG_CACHE_HOME="+cache), nil
}

// exits runs a command and demands an exit code:
//
//	exits 2 workbook chapter x
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARGUMENTS]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// nobody demands that no process of this script is left: each one carries the
// script's WORK in its environment, however it was started.
func nobody(ts *testscript.TestScript, neg bool, args []string) {
	if left := waitUntilNone("WORK=" + ts.Getenv("WORK")); len(left) > 0 {
		ts.Fatalf("processes left behind: %s", strings.Join(left, "; "))
	}
}

// waitUntilNone returns the processes that have a variable in their environment
// and keep living; one that was killed may take a moment to leave the table.
func waitUntilNone(variable string) []string {
	mark := append([]byte(variable), 0)
	deadline := time.Now().Add(5 * time.Second)
	for {
		left := processesWith(mark)
		if len(left) == 0 || time.Now().After(deadline) {
			return left
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func processesWith(mark []byte) []string {
	var found []string
	paths, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range paths {
		environ, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(environ, mark) {
			continue // gone, or not ours
		}
		line, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		found = append(found, filepath.Base(filepath.Dir(path))+" "+
			string(bytes.ReplaceAll(line, []byte{0}, []byte{' '})))
	}
	return found
}

// remember notes every file of a folder, and unchanged demands that they are
// the same since, and no more.
func remember(ts *testscript.TestScript, neg bool, args []string) {
	ts.Setenv("REMEMBERED", files(ts, args))
}

func unchanged(ts *testscript.TestScript, neg bool, args []string) {
	if was, is := ts.Getenv("REMEMBERED"), files(ts, args); was != is {
		ts.Fatalf("files changed\nfrom:\n%sto:\n%s", was, is)
	}
}

func files(ts *testscript.TestScript, args []string) string {
	if len(args) != 1 {
		ts.Fatalf("usage: remember FOLDER, unchanged FOLDER")
	}
	var list strings.Builder
	root := ts.MkAbs(args[0])
	ts.Check(filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		fmt.Fprintf(&list, "%s %x\n", path, sha256.Sum256(content))
		return err
	}))
	if list.Len() == 0 {
		ts.Fatalf("no files in %s", root)
	}
	return list.String()
}
