//go:build linux

package main

import (
	"context"
	"net/netip"
	"strconv"
	"strings"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/kernel"
)

// runPlay runs a chapter's server in the foreground, for real clients.
func runPlay(ctx context.Context, a *app, args []string) error {
	flags := a.flags("play")
	server := flags.String("server", "", "`NAME` of the cell; the chapter's first server without it")
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
		return usagef("%v%s", err, a.chaptersToPlay(ch))
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
			a.out.printf("%s, cell %q of %s, listens on %s until Ctrl-C.\n"+
				"Talk to it from another terminal, for instance with nc %s %d\n",
				cell.Attr.Play, cell.Name, cell.Pos(), addr, addr.Addr(), addr.Port())
			if others := othersToPlay(ch, cell); others != "" {
				a.out.printf("The chapter's other servers: %s.\n", others)
			}
		},
	})
	if err != nil && ctx.Err() == nil {
		return a.cannotRun(ch, err)
	}
	return err
}

// chaptersToPlay says which chapters have a server, if this one has none.
func (a *app) chaptersToPlay(ch *chapter.Chapter) string {
	if len(kernel.Servers(ch)) > 0 {
		return ""
	}
	// A mistake in another chapter is no concern of this one: what can be read counts.
	chapters, _ := chapter.LoadDir(a.dir)
	var numbers []string
	for _, c := range chapters {
		if len(kernel.Servers(c)) > 0 {
			numbers = append(numbers, strconv.Itoa(c.Number))
		}
	}
	if len(numbers) == 0 {
		return ""
	}
	return "; chapters with a server: " + strings.Join(numbers, ", ")
}

// othersToPlay lists what starts the servers of the chapter but one.
func othersToPlay(ch *chapter.Chapter, played *chapter.Cell) string {
	var others []string
	for _, cell := range kernel.Servers(ch) {
		if cell != played {
			others = append(others, "SERVER="+cell.Name)
		}
	}
	return strings.Join(others, ", ")
}
