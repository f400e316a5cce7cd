package main

import "fmt"

type event struct {
	fd     int
	events uint32
}

type client struct {
	out  []byte
	want uint32
}

type server struct {
	clients map[int]*client
	served  int
}

func (s *server) wait() []event {
	var list []event
	for fd, c := range s.clients {
		if c.want != 0 {
			list = append(list, event{fd, c.want})
		}
	}
	return list
}

func (s *server) handle(e event) error {
	c, ok := s.clients[e.fd]
	if !ok {
		return fmt.Errorf("no client %d", e.fd)
	}
	switch {
	case e.events&1 != 0:
		c.out = append(c.out, "hello"...)
		c.want = 4
	case e.events&4 != 0:
		s.served += len(c.out)
		c.out = c.out[:0]
		c.want = 1
	}
	return nil
}

func main() {
	s := &server{clients: map[int]*client{}}
	for fd := range 100 {
		s.clients[fd] = &client{want: 1}
	}
	for range 100 {
		for _, e := range s.wait() {
			if err := s.handle(e); err != nil {
				panic(err)
			}
		}
	}
	fmt.Println(s.served)
}
