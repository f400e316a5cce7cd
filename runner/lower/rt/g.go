package rt

// gaddr is the address of the calling goroutine's descriptor.
func gaddr() uintptr
