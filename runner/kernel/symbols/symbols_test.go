package symbols

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestUpToDate generates the tables again. A package that gained a function
// since would hide it from cells.
func TestUpToDate(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("go", "run", "./generate", "-dir", dir).CombinedOutput(); err != nil {
		t.Fatalf("generate: %v\n%s", err, out)
	}
	fresh, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(fresh) == 0 {
		t.Fatalf("nothing was generated (%v)", err)
	}
	for _, path := range fresh {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		have, err := os.ReadFile(filepath.Base(path))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(have, want) {
			t.Errorf("%s is out of date; run: go generate ./runner/kernel/symbols", filepath.Base(path))
		}
	}
}

func TestTablesHaveWhatCellsUse(t *testing.T) {
	for name, table := range map[string]int{"Accept4": len(Unix()), "Check": len(Lab())} {
		if table == 0 {
			t.Fatalf("the table with %s is empty", name)
		}
	}
	for _, name := range []string{"Socket", "EpollWait", "EAGAIN", "SockaddrInet4", "Syscall6", "SYS_IO_URING_SETUP"} {
		if !Unix()[name].IsValid() {
			t.Errorf("unix.%s is missing", name)
		}
	}
	for _, path := range []string{"fmt/fmt", "net/net", "unsafe/unsafe", "syscall/syscall", "os/exec/exec", "sync/atomic/atomic"} {
		if len(Standard()[path]) == 0 {
			t.Errorf("the table of %s is missing", path)
		}
	}
}
