package lab

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// A client is one connection of a test, with a deadline on everything.
type client struct{ *net.TCPConn }

func dial(port int) (client, error) {
	c, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", port), patience)
	if err != nil {
		return client{}, fmt.Errorf("connect: %w", plain(err))
	}
	c.SetDeadline(time.Now().Add(patience))
	return client{c.(*net.TCPConn)}, nil
}

// ask sends text and waits for as many bytes to come back.
func (c client) ask(text string) error {
	if _, err := c.Write([]byte(text)); err != nil {
		return fmt.Errorf("send %s: %w", short(text), plain(err))
	}
	return c.expect(upperASCII(text))
}

// expect reads exactly the bytes of want.
func (c client) expect(want string) error {
	got := make([]byte, len(want))
	n, err := io.ReadFull(c, got)
	if i := mismatch(got[:n], want[:n]); i >= 0 {
		return fmt.Errorf("byte %d of the answer is %q, want %q", i, got[i], want[i])
	}
	if err != nil {
		return fmt.Errorf("%d of %d bytes came back, then %w", n, len(want), plain(err))
	}
	return nil
}

// expectEnd reads the end of the stream, and nothing before it.
func (c client) expectEnd() error {
	var b [1]byte
	switch n, err := c.Read(b[:]); {
	case n > 0:
		return fmt.Errorf("got %q after the whole answer, want the end of the stream", b[:n])
	case err == nil || errors.Is(err, io.EOF):
		return nil
	default:
		return fmt.Errorf("want the end of the stream, got %w", plain(err))
	}
}

// abort closes with a reset: SO_LINGER with a time of 0 discards what is
// unsent and sends RST instead of FIN (socket(7)).
func (c client) abort() {
	c.SetLinger(0)
	c.Close()
}

// exchange is one whole conversation: send text, finish, read it back.
func exchange(port int, text string) error {
	c, err := dial(port)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.converse(text)
}

// converse sends text while reading the answer: a server need not buffer
// more than it likes, so a client that only sends could wait for ever.
func (c client) converse(text string) error {
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(c, text)
		if err == nil {
			err = c.CloseWrite()
		}
		sent <- err
	}()
	if err := c.expect(upperASCII(text)); err != nil {
		return err
	}
	if err := <-sent; err != nil {
		return fmt.Errorf("send: %w", plain(err))
	}
	return c.expectEnd()
}

// payload is n bytes in which every position can be told from its
// neighbours, so that a lost, doubled or swapped block shows.
func payload(n int) string {
	var b bytes.Buffer
	for b.Len() < n {
		fmt.Fprintf(&b, "line-%d-abcXYZ;", b.Len())
	}
	return b.String()[:n]
}

// plain takes the address pair off a net error: it names a port that
// differs from run to run and that nobody needs to read.
func plain(err error) error {
	var op *net.OpError
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("silence")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the end of the stream")
	case errors.As(err, &op):
		return op.Err
	}
	return err
}

// upperASCII is the service itself: a to z become A to Z, and every other
// byte, part of a multi-byte character or not, stays as it is.
func upperASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

func mismatch(got []byte, want string) int {
	for i := range got {
		if got[i] != want[i] {
			return i
		}
	}
	return -1
}

func short(s string) string {
	if len(s) > 24 {
		s = s[:24] + "..."
	}
	return fmt.Sprintf("%q", s)
}
