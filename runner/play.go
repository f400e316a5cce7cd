//go:build linux

package main

import (
	"context"
	"net/netip"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/kernel"
)

// runPlay runs a chapter's server in the foreground, for real clients.
func runPlay(ctx context.Context, a *app, args []string) error {
	flags := a.flags("play")
	server := flags.String("server", "", "`NAME` of the cell, when the chapter has several servers")
	port := flags.Int("port", 8080, "`PORT` on 127.0.0.1 to listen on, 0 for any that is free")
	engine := flags.String("engine", kernel.Yaegi, "`ENGINE` to run it with: yaegi or go")
	traced := flags.Bool("trace", false, "print system calls as they happen")
	ch, err := a.parseChapter(flags, args)
	if err != nil {
		return err
	}
	if err := knownEngine(*engine); err != nil {
		return err
	}
	if _, err := kernel.Server(ch, *server); err != nil {
		if servers := kernel.Servers(ch); len(servers) > 0 {
			return usagef("%v\nmake play %d SERVER=%s starts the first", err, ch.Number, servers[0].Name)
		}
		return usageError{err.Error()}
	}
	if *traced && *engine == kernel.Go {
		return usagef("a compiled server is not traced; leave out TRACE=1 or ENGINE=go")
	}

	stopWaiting := a.out.waiting("starting the server")
	defer func() { stopWaiting() }()
	err = kernel.Play(ctx, kernel.PlayConfig{
		Chapter: ch,
		Server:  *server,
		Port:    *port,
		Engine:  *engine,
		Trace:   *traced,
		Out:     a.stdout,
		Listening: func(cell *chapter.Cell, addr netip.AddrPort, _ int) {
			stopWaiting()
			a.out.printf("%s, cell %q of %s, listens on %s until Ctrl-C.\nIn another terminal: nc %s %d\n",
				cell.Attr.Play, cell.Name, cell.Pos(), addr, addr.Addr(), addr.Port())
		},
	})
	if err != nil && ctx.Err() == nil {
		return a.cannotRun(ch, err)
	}
	return err
}
