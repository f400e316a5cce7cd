package rt

import (
	"strconv"
	"unsafe"
)

// The functions here do what a cell is about to do with an index out of range, so
// that the panic is the run-time's own. Elements of no size take no memory.

type nothing = struct{}

// Index indexes a slice of a length.
func Index(i, length int) { _ = make([]nothing, length)[i] }

// IndexU is Index for indexes of unsigned types.
func IndexU(i uint64, length int) { _ = make([]nothing, length)[i] }

// BoundsSlice slices a slice.
func BoundsSlice(low, high, length, capacity int) {
	_ = make([]nothing, length, capacity)[low:high]
}

// BoundsSlice3 slices a slice with three indexes.
func BoundsSlice3(low, high, max, length, capacity int) {
	_ = make([]nothing, length, capacity)[low:high:max]
}

// BoundsSubstring slices a string. Its bytes are not there, and not read.
//
//go:nocheckptr
func BoundsSubstring(low, high, length int) {
	var b byte
	_ = unsafe.String(&b, length)[low:high]
}

// BoundsSliceArray slices an array: the panic tells its length, as a string's does.
func BoundsSliceArray(low, high, length int) { BoundsSubstring(low, high, length) }

// BoundsSliceArray3 slices an array with three indexes.
func BoundsSliceArray3(low, high, max, length int) {
	if max < 0 || max > length {
		panic(
			boundsError("slice bounds out of range [::" + strconv.Itoa(max) + "] with length " + strconv.Itoa(length)),
		)
	}
	BoundsSlice3(low, high, max, length, length)
}
