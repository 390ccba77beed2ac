// Package freeport finds loopback ports for the servers that tests start, stop and start again.
package freeport

import (
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"testing"
)

// Linux takes ports from 32768 on for outgoing connections, other systems from 49152. A test's
// server that is down for a moment would lose such a port to any of them.
const (
	lowest  = 20_000
	highest = 32_767
)

// given are the ports that this process has had; none is given twice.
var given sync.Map

// Port returns a port on which nobody listens, and which this process did not have before.
func Port(t testing.TB) int {
	t.Helper()
	var last error
	for range 1000 {
		port := lowest + rand.IntN(highest-lowest+1)
		if _, had := given.LoadOrStore(port, true); had {
			continue
		}
		l, err := net.Listen("tcp", addr(port))
		if err != nil {
			last = err
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return port
	}
	t.Fatalf("no free port between %d and %d: %v", lowest, highest, last)
	return 0
}

// Addr returns 127.0.0.1 with such a port.
func Addr(t testing.TB) string {
	t.Helper()
	return addr(Port(t))
}

func addr(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
