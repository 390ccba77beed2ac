package mux

import (
	"net"
	"sync"
)

// connSet holds the connections on which nothing has been asked yet: a shutdown
// closes them at once and waits for none.
type connSet struct {
	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
}

func newConnSet() *connSet { return &connSet{conns: make(map[net.Conn]struct{})} }

// add puts c into the set, or closes it when the set is closed.
func (s *connSet) add(c net.Conn) {
	s.mu.Lock()
	if !s.closed {
		s.conns[c] = struct{}{}
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	_ = c.Close()
}

func (s *connSet) remove(c net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// closeAll closes every connection in the set and every one that is added later.
func (s *connSet) closeAll() {
	s.mu.Lock()
	conns := s.conns
	s.conns, s.closed = nil, true
	s.mu.Unlock()
	for c := range conns { // not under the lock: closing removes
		_ = c.Close()
	}
}
