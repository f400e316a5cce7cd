package lab

import "time"

// Step is one thing a peer does.
type Step struct {
	name string
	do   func(p *PeerRun) error
}

// PeerRun is a running peer.
type PeerRun struct {
	done    chan struct{}
	release chan struct{}
	got     []byte
	err     error
}

// Peer connects to 127.0.0.1:port in the background and takes the steps in turn.
func Peer(port int, steps ...Step) *PeerRun { return &PeerRun{} }

// Pause waits.
func Pause(d time.Duration) Step { return Step{} }

// Send sends a text.
func Send(text string) Step { return Step{} }

// Flood sends n bytes.
func Flood(n int) Step { return Step{} }

// HalfClose ends the peer's sending direction (FIN); it can still read.
func HalfClose() Step { return Step{} }

// Reset closes the connection with RST.
func Reset() Step { return Step{} }

// ReadN reads until n bytes have come.
func ReadN(n int) Step { return Step{} }

// ReadAll reads until the other side closes.
func ReadAll() Step { return Step{} }

// Hold keeps the connection open until Release.
func Hold() Step { return Step{} }

// Wait waits for the last step.
func (p *PeerRun) Wait() ([]byte, error) { return p.got, p.err }

// Release ends Hold.
func (p *PeerRun) Release() {}
