package freeport

import (
	"net"
	"strconv"
	"testing"
)

func TestPortIsFreeAndNew(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for range 200 {
		port := Port(t)
		if port < lowest || port > highest || seen[port] {
			t.Fatalf("got %d, had %d others", port, len(seen))
		}
		seen[port] = true
		l, err := net.Listen("tcp", addr(port))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
	}
}

func TestAddr(t *testing.T) {
	t.Parallel()
	host, port, err := net.SplitHostPort(Addr(t))
	if err != nil || host != "127.0.0.1" {
		t.Fatalf("got %q, %q, %v", host, port, err)
	}
	if n, err := strconv.Atoi(port); err != nil || n < lowest || n > highest {
		t.Errorf("got port %q", port)
	}
}
