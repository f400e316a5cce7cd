package program

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// exports is the gc export data of [Packages], one after the other. It is made
// from what `go list -export` leaves in the build cache and copied because that
// cache drops what was not used for some days, and because asking it costs more
// than running a chapter.
//
// The file is one line of JSON, the index, and then the data the index points
// into. Each package's data is the archive that the compiler wrote, cut after
// its first member: the object code is left behind.
type exports struct {
	index map[string]exported
	data  io.ReaderAt
	base  int64 // where in data the first package begins
}

// An exported package is data[base+Offset : base+Offset+Size], or could not be
// compiled.
type exported struct {
	Offset int64  `json:"offset"`
	Size   int64  `json:"size"`
	Err    string `json:"err,omitempty"`
}

const moduleName = "ioworkbook"

// openExports opens the stored export data, making it first when there is none
// for this Go version and these sources.
func openExports(root, cache string) (*exports, error) {
	key, err := exportsKey(root)
	if err != nil {
		return nil, err
	}
	name := filepath.Join(cache, "exports-"+key)
	if f, err := os.Open(name); err == nil {
		if x, err := readExports(f); err == nil {
			return x, nil
		}
		f.Close() // damaged: made again below
	}
	text, complete, err := makeExports(root)
	if err != nil {
		return nil, err
	}
	// A package that does not compile now may do so later without a change of
	// the key, by a change of what it imports: then nothing is stored.
	if complete {
		if err := store(name, text); err != nil {
			return nil, err
		}
	}
	return readExports(bytes.NewReader(text))
}

// Root returns the directory of the workbook's go.mod, where the go command can
// compile its programs. It is looked for above the working directory and then
// above the executable.
func Root() (string, error) {
	var starts []string
	if wd, err := os.Getwd(); err == nil {
		starts = append(starts, wd)
	}
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			exe = real
		}
		starts = append(starts, filepath.Dir(exe))
	}
	for _, dir := range starts {
		for {
			mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
			if err == nil && slices.Contains(strings.Fields(firstLine(string(mod))), moduleName) {
				return dir, nil
			}
			up := filepath.Dir(dir)
			if up == dir {
				break
			}
			dir = up
		}
	}
	return "", fmt.Errorf("no go.mod of module %s above %s; run this inside the workbook's directory",
		moduleName, strings.Join(starts, " or "))
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// exportsKey names everything the export data depends on: the compiler, the
// versions of dependencies, and the sources of the packages of this module that
// cells see.
func exportsKey(root string) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, runtime.Version(), runtime.GOOS, runtime.GOARCH, strings.Join(packages, " "))
	names := []string{filepath.Join(root, "go.mod"), filepath.Join(root, "go.sum")}
	sources, err := filepath.Glob(filepath.Join(root, "runner", "lab", "*.go"))
	if err != nil {
		return "", err
	}
	for _, name := range sources {
		if !strings.HasSuffix(name, "_test.go") {
			names = append(names, name)
		}
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n%s", filepath.Base(name), len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil))[:24], nil
}

func readExports(data io.ReaderAt) (*exports, error) {
	r := bufio.NewReaderSize(io.NewSectionReader(data, 0, 1<<20), 1<<15)
	line, err := r.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	x := &exports{data: data, base: int64(len(line))}
	if err := json.Unmarshal(line, &x.index); err != nil {
		return nil, err
	}
	return x, nil
}

// open returns a package's data as a reader of an archive, which is what
// go/importer expects.
func (x *exports) open(path string) (io.ReadCloser, error) {
	e, ok := x.index[path]
	if !ok {
		return nil, fmt.Errorf("no export data for %q", path)
	}
	if e.Err != "" {
		return nil, fmt.Errorf("%s does not compile: %s", path, e.Err)
	}
	return io.NopCloser(io.NewSectionReader(x.data, x.base+e.Offset, e.Size)), nil
}

// makeExports asks the go command for the export data. It is complete if every
// package compiles.
func makeExports(root string) (text []byte, complete bool, err error) {
	args := append([]string{"list", "-export", "-e", "-json=ImportPath,Export,Error"}, packages...)
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	// For what this runner was built for, which another may run.
	cmd.Env = append(os.Environ(), "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil && len(out) == 0 {
		if text := strings.TrimSpace(stderr.String()); text != "" {
			err = errors.New(text)
		}
		return nil, false, fmt.Errorf("go list -export: %w", err)
	}

	complete = true
	index := map[string]exported{}
	var data bytes.Buffer
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, Export string
			Error              *struct{ Err string }
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, false, fmt.Errorf("go list -export: %w", err)
		}
		if p.ImportPath == "unsafe" {
			continue // known to go/types itself
		}
		if p.Export == "" {
			why := strings.TrimSpace(stderr.String())
			if p.Error != nil {
				why = p.Error.Err
			}
			index[p.ImportPath] = exported{Err: why}
			complete = false
			continue
		}
		member, err := firstMember(p.Export)
		if err != nil {
			return nil, false, fmt.Errorf("%s: %w", p.ImportPath, err)
		}
		index[p.ImportPath] = exported{Offset: int64(data.Len()), Size: int64(len(member))}
		data.Write(member)
	}
	line, err := json.Marshal(index)
	if err != nil {
		return nil, false, err
	}
	return append(append(line, '\n'), data.Bytes()...), complete, nil
}

// store writes aside and renames: a reader sees the whole file or none.
func store(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), "exports-*.tmp")
	if err != nil {
		return err
	}
	_, err = tmp.Write(text)
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		os.Remove(tmp.Name())
		return err
	}
	removeOld(filepath.Dir(name))
	return nil
}

// removeOld removes what was stored long ago, for versions that are likely gone.
// A process that has one open keeps it.
func removeOld(dir string) {
	const age = 7 * 24 * time.Hour
	names, _ := filepath.Glob(filepath.Join(dir, "exports-*"))
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && time.Since(info.ModTime()) > age {
			os.Remove(name)
		}
	}
}

// firstMember returns the beginning of an ar archive up to the end of its first
// member, __.PKGDEF. A member's header is 60 bytes; bytes 48 to 57 are the size
// in decimal.
func firstMember(name string) ([]byte, error) {
	const magic, header = "!<arch>\n", 60
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	if len(data) < len(magic)+header || string(data[:len(magic)]) != magic {
		return nil, errors.New("not a package archive")
	}
	size, err := strconv.Atoi(strings.TrimSpace(string(data[len(magic)+48 : len(magic)+58])))
	if err != nil || len(magic)+header+size > len(data) {
		return nil, errors.New("damaged package archive")
	}
	return data[:len(magic)+header+size], nil
}
