package site

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// manifest is the file in Out that lists what the last build wrote. Only what
// it lists is ever deleted: a directory given by mistake loses nothing.
const manifest = ".pages"

// write stores the pages, each under another name first and then renamed, and
// deletes what an earlier build wrote and this one did not. A file whose bytes
// are the same already is left alone.
func write(dir string, pages []*page) error {
	if err := os.MkdirAll(filepath.Join(dir, "assets"), 0o755); err != nil {
		return fmt.Errorf("the site cannot be written: %w", err)
	}
	names := make([]string, 0, len(pages))
	keep := map[string]bool{}
	for _, p := range pages {
		if err := writeFile(filepath.Join(dir, p.name), p.data); err != nil {
			return fmt.Errorf("the site cannot be written: %w", err)
		}
		names = append(names, p.name)
		keep[p.name] = true
	}
	old, err := os.ReadFile(filepath.Join(dir, manifest))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, name := range strings.Fields(string(old)) {
		if keep[name] || !filepath.IsLocal(name) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("a page that no longer exists cannot be deleted: %w", err)
		}
	}
	sort.Strings(names)
	return writeFile(filepath.Join(dir, manifest), []byte(strings.Join(names, "\n")+"\n"))
}

func writeFile(name string, data []byte) error {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, data) {
		return nil
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // fails after the rename, as it should
	_, err = tmp.Write(data)
	if e := tmp.Chmod(0o644); err == nil {
		err = e
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}
