// Package mux serves many protocols on each address it is given: native gRPC,
// gRPC-Web, HTTP/1.1 and HTTP/2, in clear text and by TLS. It knows nothing of what is served.
//
// A connection is sniffed once (match.go) and then belongs to one of two servers
// for ever: the grpc.Server when its first request is native gRPC, which is the
// fast path of SDKs, and otherwise one http.Server, whose handler (web.go) also
// answers gRPC-Web and gRPC that arrives on a connection it shares with other
// requests.
package mux

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/soheilhy/cmux"
	"google.golang.org/grpc"
)

const (
	// DefaultGrace leaves SDKs time to hear that their streams end, and stays
	// below the 30 s after which systemd and Kubernetes kill.
	DefaultGrace = 15 * time.Second
	// DefaultSniffTimeout is what an SDK on a bad link needs for its first request.
	DefaultSniffTimeout = 5 * time.Second
	// DefaultMaxConns keeps the promised 10,000 sessions with half as many to spare.
	DefaultMaxConns = 15_000
)

// Config says what is served and where. Zero durations and counts take the defaults.
type Config struct {
	// Listeners are the addresses; every one serves everything. Serve closes them.
	Listeners []net.Listener
	// GRPC answers native gRPC, gRPC-Web and gRPC that a proxy re-framed. Its
	// services are registered before Serve is called, and Serve stops it.
	GRPC *grpc.Server
	// Admit, if set, is asked about each gRPC call on the http.Server before any of its body
	// is read: a client without rights must not make the server keep what it sends. The
	// error becomes the call's status; limit bounds the body in bytes, 0 does not. Native
	// calls pass the taps and interceptors of GRPC only, web calls these too.
	Admit func(r *http.Request) (limit int64, err error)
	// Running, if set, says how many calls of GRPC have handlers that run. When there are none,
	// a shutdown waits for clients that do not read for a moment only.
	Running func() int
	// HTTP answers every other request. Nil answers 404.
	HTTP http.Handler
	// Drain, if set, is called once new connections are no longer accepted. It
	// makes every long-lived stream end and returns when they have, or when its
	// context ends: streams that outlive it are cut at the end of Grace.
	Drain func(context.Context)
	// Grace bounds the whole shutdown.
	Grace time.Duration
	// SniffTimeout bounds how long a connection may take to show its protocol, and
	// an HTTP/1 request to show its header.
	SniffTimeout time.Duration
	// MaxConns is how many connections may be open over all listeners; more wait
	// in the kernel until one closes.
	MaxConns int
	// TLS, if set, serves on every address those who begin with a TLS hand-shake, beside
	// clear text. It should offer h2 and http/1.1.
	TLS *tls.Config
	// TLSOnly refuses what comes in clear text, with an answer that says so.
	TLSOnly bool
	Log     zerolog.Logger
}

// Serve serves until ctx ends, then shuts down within Config.Grace. It returns
// nil after that, even when streams had to be cut, and an error when a listener
// broke (the rest is then shut down too) or a handler outlived the shutdown.
func Serve(ctx context.Context, cfg Config) error {
	s, err := newServer(cfg)
	if err != nil {
		return err
	}
	for _, l := range s.listeners {
		s.start(l, false)
	}
	select {
	case <-ctx.Done():
	case err = <-s.broken:
		s.cfg.Log.Error().Err(err).Msg("listener broke, shutting down")
	}
	return errors.Join(err, s.shutdown(context.WithoutCancel(ctx)))
}

type server struct {
	cfg       Config
	http      *http.Server
	listeners []*listener
	requests  *requests     // on the http.Server
	sniffing  *connSet      // accepted, protocol not known yet
	fresh     *connSet      // HTTP/1, first request not complete yet
	refusals  refusals      // of TLS
	broken    chan error    // holds the first listener error
	stopping  chan struct{} // closed when the shutdown begins
	serving   sync.WaitGroup
}

func newServer(cfg Config) (*server, error) {
	if len(cfg.Listeners) == 0 || cfg.GRPC == nil {
		return nil, errors.New("serve: a listener and a gRPC server are needed")
	}
	if cfg.TLSOnly && cfg.TLS == nil {
		return nil, errors.New("serve: TLS is demanded and there is no certificate")
	}
	if cfg.HTTP == nil {
		cfg.HTTP = http.NotFoundHandler()
	}
	if cfg.Grace <= 0 {
		cfg.Grace = DefaultGrace
	}
	if cfg.SniffTimeout <= 0 {
		cfg.SniffTimeout = DefaultSniffTimeout
	}
	if cfg.MaxConns <= 0 {
		cfg.MaxConns = DefaultMaxConns
	}
	s := &server{
		cfg:      cfg,
		requests: newRequests(),
		sniffing: newConnSet(),
		fresh:    newConnSet(),
		broken:   make(chan error, 1),
		stopping: make(chan struct{}),
		refusals: refusals{log: cfg.Log},
	}
	s.http = newHTTPServer(cfg, s.requests, s.fresh)
	slots := make(chan struct{}, cfg.MaxConns)
	for _, l := range cfg.Listeners {
		s.listeners = append(s.listeners, newListener(l, slots, s.sniffing, cfg.Log))
	}
	return s, nil
}

// start serves every protocol on l. TLS is one of them: what its connections carry goes
// through start again.
func (s *server) start(l net.Listener, secure bool) {
	m := cmux.New(l)
	m.SetReadTimeout(s.cfg.SniffTimeout)
	m.HandleError(func(err error) bool {
		if errors.As(err, new(cmux.ErrNotMatched)) {
			s.cfg.Log.Debug().Err(err).Msg("connection closed: no protocol of ours within the time limit")
		}
		return true
	})
	// cmux tries matchers in this order: the first one sniffs, the others look at
	// what it found.
	first := m.MatchWithWriters(func(w io.Writer, r io.Reader) bool { return s.sniff(w.(*conn), r) == protocolTLS })
	native := m.MatchWithWriters(func(w io.Writer, _ io.Reader) bool { return w.(*conn).protocol == protocolGRPC })
	http2 := m.MatchWithWriters(func(w io.Writer, _ io.Reader) bool { return w.(*conn).protocol == protocolHTTP2 })
	http1 := m.MatchWithWriters(func(w io.Writer, _ io.Reader) bool { return w.(*conn).protocol == protocolHTTP1 })

	if !secure && s.cfg.TLS != nil {
		s.start(tlsListener{first, s.cfg.TLS}, true)
	}
	s.serve(func() error { return s.cfg.GRPC.Serve(native) })
	s.serve(func() error { return s.http.Serve(http1) })
	s.serve(func() error { return s.http.Serve(ackListener{http2}) })
	s.serve(m.Serve)
}

// sniff finds and remembers the protocol of c.
func (s *server) sniff(c *conn, r io.Reader) protocol {
	// cmux bounds the reads; sniffing also writes.
	_ = c.SetWriteDeadline(time.Now().Add(s.cfg.SniffTimeout))
	if c.tls == nil || s.handshake(c) {
		c.protocol = sniff(c, r)
	}
	switch {
	case c.protocol == protocolTLS && c.tls == nil && s.cfg.TLS != nil:
		_ = c.SetWriteDeadline(time.Time{})
		return protocolTLS // what it carries is not known yet
	case c.protocol == protocolTLS:
		s.refuseTLS(c)
		c.protocol = protocolNone
	case c.protocol == protocolGRPC && c.tls == nil && s.cfg.TLSOnly:
		c.protocol = protocolHTTP2 // where it is refused
	}
	_ = c.SetWriteDeadline(time.Time{})
	s.sniffing.remove(c.root)
	return c.protocol
}

// serve runs one server loop, which must not end before the shutdown begins.
func (s *server) serve(loop func() error) {
	s.serving.Go(func() {
		err := loop()
		select {
		case <-s.stopping:
			return
		default:
		}
		select {
		case s.broken <- fmt.Errorf("serve: %w", err):
		default:
		}
	})
}

func newHTTPServer(cfg Config, active *requests, fresh *connSet) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:     active.count(secured(newWeb(newCalls(cfg.GRPC, cfg.Admit), cfg.HTTP, stallTimeout), cfg.TLSOnly)),
		Protocols:   protocols,
		ConnContext: withTLS,
		// No ReadTimeout and WriteTimeout: they would cut long streams. A peer that
		// stalls is cut by the guards of stall.go instead.
		ReadHeaderTimeout: cfg.SniffTimeout,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeaderBytes,
		HTTP2: &http.HTTP2Config{
			// A proxy puts the streams of many clients on one connection.
			MaxConcurrentStreams: 1000,
			SendPingTimeout:      30 * time.Second,
			PingTimeout:          10 * time.Second,
			WriteByteTimeout:     stallTimeout,
		},
		ErrorLog: log.New(errorLog{cfg.Log}, "", 0),
		ConnState: func(c net.Conn, state http.ConnState) {
			if _, ok := c.(*ackConn); ok {
				return // HTTP/2 says good-bye by itself
			}
			if state == http.StateNew {
				fresh.add(c)
			} else {
				fresh.remove(c)
			}
		},
	}
}
