//go:build linux

// Command netpoll is the service of the workbook, bytes in and the same bytes
// out in upper case, on the event-loop library of that name. `make bench`
// compares the servers of the chapters with it. It listens on descriptor 3, and
// ends with its standard input.
package main

import (
	"context"
	"io"
	"log"
	"net"
	"os"

	"github.com/cloudwego/netpoll"
)

func main() {
	// The library reports every client that resets its connection.
	if err := netpoll.Configure(netpoll.Config{LoggerOutput: io.Discard}); err != nil {
		log.Fatal(err)
	}
	listener, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		log.Fatal(err)
	}
	loop, err := netpoll.NewEventLoop(answer)
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	log.Fatal(loop.Serve(listener))
}

// answer takes what has come from a client so far and sends it back. An error
// is the library's to notice: it closes the connection.
func answer(_ context.Context, client netpoll.Connection) error {
	question, err := client.Reader().Next(client.Reader().Len())
	if err != nil {
		return err
	}
	out, err := client.Writer().Malloc(len(question))
	if err != nil {
		return err
	}
	for i, c := range question {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		out[i] = c
	}
	if err := client.Reader().Release(); err != nil {
		return err
	}
	return client.Writer().Flush()
}
