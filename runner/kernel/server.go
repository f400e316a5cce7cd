package kernel

import (
	"fmt"
	"net/netip"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"ioworkbook/runner/chapter"
)

// Servers returns the chapter's cells with play=.
func Servers(c *chapter.Chapter) []*chapter.Cell {
	var cells []*chapter.Cell
	for _, cell := range c.Cells() {
		if cell.Attr.Play != "" {
			cells = append(cells, cell)
		}
	}
	return cells
}

// Server returns the server in the cell of that name. If name is empty it is the
// chapter's first that this machine can run, or else the first. The error lists
// the names there are.
func Server(c *chapter.Chapter, name string) (*chapter.Cell, error) {
	servers := Servers(c)
	if len(servers) == 0 {
		return nil, fmt.Errorf("%s has no server: no cell has play=", c.Path)
	}
	var names []string
	for _, cell := range servers {
		if cell.Name == name || name == "" && missing(cell.Attr.Needs) == "" {
			return cell, nil
		}
		names = append(names, cell.Name)
	}
	if name == "" {
		return servers[0], nil
	}
	return nil, fmt.Errorf("%s has no server %q; there are: %s", c.Path, name, strings.Join(names, ", "))
}

// listen returns a blocking socket, as servers in C have it: package net would
// make it non-blocking.
func listen(port int) (*os.File, netip.AddrPort, error) {
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(port))
	fail := func(what string, err error) (*os.File, netip.AddrPort, error) {
		if err == unix.EADDRINUSE {
			return nil, addr, fmt.Errorf("port %d is in use; choose another, PORT=0 for any that is free", port)
		}
		return nil, addr, fmt.Errorf("%s %s: %w", what, addr, err)
	}
	if port < 0 || port > 65535 {
		return nil, addr, fmt.Errorf("no port %d; ports are 0 to 65535", port)
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fail("socket for", err)
	}
	f := os.NewFile(uintptr(fd), "listener")
	// A port whose last connections are in TIME_WAIT can be had again.
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		f.Close()
		return fail("setsockopt for", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: port, Addr: addr.Addr().As4()}); err != nil {
		f.Close()
		return fail("bind to", err)
	}
	if err := unix.Listen(fd, unix.SOMAXCONN); err != nil {
		f.Close()
		return fail("listen on", err)
	}
	sa, err := unix.Getsockname(fd)
	if err != nil {
		f.Close()
		return fail("getsockname of", err)
	}
	if sa4, ok := sa.(*unix.SockaddrInet4); ok {
		addr = netip.AddrPortFrom(addr.Addr(), uint16(sa4.Port))
	}
	return f, addr, nil
}
