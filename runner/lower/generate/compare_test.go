package generate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"ioworkbook/runner/program"
)

// sample is a program on its way through both machines.
type sample struct {
	seed        uint64
	entry       string // its function
	suffix      string // of its names
	src         string
	refused     []string
	lowered     string
	compiled    string
	interpreted string
}

func (s *sample) differs() bool { return s.refused == nil && s.compiled != s.interpreted }

var limit = 2 * time.Minute // for one program; nothing but a hang takes as long

const (
	begin = "\x01begin "
	end   = "\x01end "

	// What is printed before it comes from the initialization of the package,
	// which in the compiled program is that of all samples.
	mark = "\x01main\n"
)

// compare runs programs both ways. It returns an error if one of them is not a
// program that can be compared.
func compare(dir string, batch []*sample) error {
	var run []*sample
	for _, s := range batch {
		if err := legal(s.src); err != nil {
			return fmt.Errorf("seed %d is not a legal program: %w", s.seed, err)
		}
		s.lower()
		if s.refused == nil {
			run = append(run, s)
		}
	}
	if len(run) == 0 {
		return nil
	}
	return errors.Join(runCompiled(dir, run), runInterpreted(dir, run))
}

// lower translates a sample. That it cannot be is a difference.
func (s *sample) lower() {
	var err error
	s.lowered, s.refused, err = lowerGuarded(s.src, s.entry)
	if err != nil {
		s.lowered, s.interpreted = "", "not lowered: "+err.Error()+"\n"
	}
}

func lowerGuarded(src, entry string) (text string, refused []string, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	return lowerProgram(src, entry)
}

// legal says what the compiler would say of a program.
func legal(src string) error {
	_, err := typeCheck(src)
	return err
}

func typeCheck(src string) (*ast.File, error) {
	p, errs, err := program.Check(src)
	if err != nil {
		return nil, err
	}
	for _, e := range errs {
		err = errors.Join(err, e)
	}
	return p.Files[0], err
}

// runCompiled builds one program of all samples: to link is what takes long.
func runCompiled(dir string, batch []*sample) (failed error) {
	dir = filepath.Join(dir, "oracle")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	main := "package main\n\nimport \"os\"\n\nfunc main() {\n\tos.Stdout.WriteString(" + strconv.Quote(
		mark,
	) + ")\n\tmap[string]func(){\n"
	files := map[string]string{"go.mod": "module oracle\n\ngo 1.26\n"}
	for _, s := range batch {
		files[s.entry+".go"] = s.src
		main += fmt.Sprintf("\t\t%q: %s,\n", s.entry, s.entry)
	}
	files["main.go"] = main + "\t}[os.Args[1]]()\n}\n"
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	build := exec.Command("go", "build", "-o", "oracle", ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("the compiler refuses a program in %s: %w\n%s", dir, err, out)
	}
	for _, s := range batch {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		cmd := exec.CommandContext(ctx, filepath.Join(dir, "oracle"), s.entry)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		cancel()
		if err != nil {
			failed = fmt.Errorf("seed %d does not end by itself when compiled: %w\n%s",
				s.seed, err, head(stderr.String()))
			continue
		}
		s.compiled = afterMark(stdout.String())
	}
	return failed
}

// runInterpreted interprets all samples in one child process, and starts another
// one after a sample that has ended the process.
func runInterpreted(dir string, batch []*sample) error {
	var todo []*sample
	for _, s := range batch {
		if s.lowered == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, s.entry+".lowered"), []byte(s.lowered), 0o644); err != nil {
			return err
		}
		todo = append(todo, s)
	}
	for len(todo) > 0 {
		var names []string
		for _, s := range todo {
			names = append(names, s.entry)
		}
		cmd := exec.Command(os.Args[0])
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "FUZZ_INTERPRET="+limit.String()+" "+strings.Join(names, " "))
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		all := stdout.String()
		for len(todo) > 0 {
			s := todo[0]
			_, text, ok := strings.Cut(all, begin+s.entry+"\n")
			if !ok {
				if err == nil {
					return fmt.Errorf("%s was not interpreted", s.entry)
				}
				break
			}
			todo = todo[1:]
			if out, rest, ok := strings.Cut(text, end+s.entry+"\n"); ok {
				s.interpreted, all = afterMark(out), rest
				continue
			}
			s.interpreted = afterMark(
				text,
			) + fmt.Sprintf(
				"the interpreter has ended: %v\n%s",
				err,
				head(stderr.String()),
			)
			break
		}
	}
	return nil
}

// interpretAll is the child process. Its first argument is the limit.
func interpretAll(names []string) {
	limit, _ = time.ParseDuration(names[0])
	names = names[1:]
	debug.SetMaxStack(256 << 20)
	for _, name := range names {
		text, err := os.ReadFile(name + ".lowered")
		if err != nil {
			panic(err)
		}
		hang := time.AfterFunc(limit, func() {
			fmt.Println("it hangs")
			os.Exit(3)
		})
		fmt.Print(begin + name + "\n")
		interpret(string(text), name, func() { fmt.Print(mark) })
		fmt.Print(end + name + "\n")
		hang.Stop()
	}
}

func afterMark(s string) string {
	if _, after, ok := strings.Cut(s, mark); ok {
		return after
	}
	return s
}

func head(s string) string { return s[:min(len(s), 3000)] }
