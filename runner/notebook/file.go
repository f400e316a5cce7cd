package notebook

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Path returns where the recording of a chapter is stored: beside it.
func Path(chapter string) string { return strings.TrimSuffix(chapter, ".md") + ".ipynb" }

// Read reads a stored notebook. The error of a file that does not exist is an
// fs.ErrNotExist.
func Read(path string) (*Notebook, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n, err := Decode(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return n, nil
}

// WriteFile stores the notebook in one step: whoever reads path, also after a
// crash, finds the old content or the new. The permissions of a file that is
// replaced are kept.
func (n *Notebook) WriteFile(path string) (err error) {
	data, err := n.Encode()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	mode := fs.FileMode(0o644)
	if old, err := os.Stat(path); err == nil {
		mode = old.Mode().Perm()
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Chmod(mode); err != nil {
		return err
	}
	// rename(2) alone may reach the disk before the data does.
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
