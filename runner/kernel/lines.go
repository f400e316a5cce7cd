package kernel

import (
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// lineCells is memory that a session shares with its child: one number per run
// of a cell, the source line that its main actor is at. It says where a cell was
// that took the process with it. Runs take the slots in turn: an earlier run
// that was given up may still write to its own.
type lineCells []int32

const numLineCells = 1024

// newLineCells returns the memory, and the file by which a child can have it.
func newLineCells() (lineCells, *os.File, error) {
	fd, err := unix.MemfdCreate("lines", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, nil, err
	}
	f := os.NewFile(uintptr(fd), "lines")
	if err := f.Truncate(numLineCells * 4); err != nil {
		f.Close()
		return nil, nil, err
	}
	cells, err := mapLineCells(fd)
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return cells, f, nil
}

func mapLineCells(fd int) (lineCells, error) {
	b, err := unix.Mmap(fd, 0, numLineCells*4, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, err
	}
	return unsafe.Slice((*int32)(unsafe.Pointer(&b[0])), numLineCells), nil
}

// cell is the line cell of a slot; memory of its own where nothing is shared.
func (l lineCells) cell(slot int) *int32 {
	if l == nil {
		return new(int32)
	}
	return &l[slot%numLineCells]
}

// private copies the lines and gives the shared memory back.
func (l lineCells) private() lineCells {
	own := make(lineCells, len(l))
	for i := range l {
		own[i] = atomic.LoadInt32(&l[i])
	}
	if len(l) > 0 {
		_ = unix.Munmap(unsafe.Slice((*byte)(unsafe.Pointer(&l[0])), numLineCells*4))
	}
	return own
}
