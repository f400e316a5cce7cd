package kernel

import (
	"errors"
	"fmt"
	"net"
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

// listen returns a blocking socket, as servers in C have it: those of package
// net are not.
func listen(port int) (*os.File, netip.AddrPort, error) {
	var addr netip.AddrPort
	ln, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if errors.Is(err, unix.EADDRINUSE) {
		err = fmt.Errorf("port %d is in use; choose another, PORT=0 for any that is free", port)
	}
	if err != nil {
		return nil, addr, err
	}
	defer ln.Close()
	tcp := ln.(*net.TCPListener)
	addr = tcp.Addr().(*net.TCPAddr).AddrPort()
	f, err := tcp.File()
	if err != nil {
		return nil, addr, err
	}
	return f, addr, unix.SetNonblock(int(f.Fd()), false)
}
