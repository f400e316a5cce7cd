//go:build linux

// Package compare puts the servers that the chapters build beside what a
// program would use in their place: package net, and the event-loop library
// netpoll. Each is a process of its own and answers in upper case; the same
// clients ask each of them, and the book's conformance client examines whether
// they do so under all circumstances.
package compare

import (
	"context"
	"fmt"
	"io"

	"ioworkbook/runner/chapter"
	"ioworkbook/runner/lab"
)

// Config says what to compare, and how thoroughly.
type Config struct {
	Chapters []*chapter.Chapter
	Loads    []Load
	Rounds   int       // how often each server gets each load
	Out      io.Writer // gets what servers print
}

// Comparison is what came out.
type Comparison struct {
	Servers []string
	Loads   []Load
	// Runs has those of a server under a load, in the order of the rounds.
	Runs map[Pairing][]Run
	// Failed has the conformance tests that a server fails.
	Failed [][]string
	// Missing are sentences about servers that cannot run here.
	Missing []string
}

// Pairing is a server and a load, by their index.
type Pairing struct{ Server, Load int }

// A taught server is one of the book's.
type taught struct {
	name    string
	chapter int
	cell    string
	needs   string // a capability of lab.Has
}

func taughtServers() []taught {
	return []taught{
		{"epoll level", 7, "level-server", ""},
		{"epoll edge", 7, "edge-server", ""},
		{"io_uring plain", 10, "plain", "io_uring"},
		{"io_uring tuned", 10, "serve", "io_uring"},
		{"package net", 11, "net-server", ""},
	}
}

// Servers compares servers. They take turns within a round, so that what the
// machine does besides hits all of them alike.
func Servers(ctx context.Context, cfg Config) (*Comparison, error) {
	c := &Comparison{Loads: cfg.Loads, Runs: map[Pairing][]Run{}}
	var running []*server
	defer func() {
		for _, s := range running {
			s.stop()
		}
	}()
	add := func(name string, s *server, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.Servers, running = append(c.Servers, name), append(running, s)
		return nil
	}
	for _, t := range taughtServers() {
		if t.needs != "" {
			if ok, why := lab.Has(t.needs); !ok {
				c.Missing = append(c.Missing, fmt.Sprintf("%s is missing: %s", t.name, why))
				continue
			}
		}
		name := fmt.Sprintf("%s, ch. %d", t.name, t.chapter)
		s, err := startTaught(ctx, cfg, t)
		if err := add(name, s, err); err != nil {
			return nil, err
		}
	}
	library, err := buildLibrary(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		c.Missing = append(c.Missing, fmt.Sprintf(
			"%s is missing, because %s does not build: %v", libraryPath, libraryDir, err))
	} else {
		defer library.remove()
		s, err := library.start(ctx)
		if err := add(library.name, s, err); err != nil {
			return nil, err
		}
	}
	for range cfg.Rounds {
		for l, load := range cfg.Loads {
			for i, s := range running {
				run, err := load.on(s)
				if ctx.Err() != nil {
					return nil, ctx.Err()
				}
				if err != nil {
					return nil, fmt.Errorf("%s, %s: %w", c.Servers[i], load, err)
				}
				p := Pairing{i, l}
				c.Runs[p] = append(c.Runs[p], run)
			}
		}
	}
	for _, s := range running {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		var failed []string
		for _, v := range lab.Conform(int(s.addr.Port())) {
			if !v.OK {
				failed = append(failed, v.Test)
			}
		}
		c.Failed = append(c.Failed, failed)
	}
	return c, nil
}
