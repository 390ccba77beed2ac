package mux

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"
	"github.com/soheilhy/cmux"
)

// farewell bounds how long the last record of a TLS connection may take to leave: the peer
// may have stopped reading, and a shutdown closes many connections in turn.
const farewell = 100 * time.Millisecond

// tlsListener hands out the connections that began with a TLS record, as what they carry.
// Their hand-shakes are sniff's, one goroutine each.
type tlsListener struct {
	net.Listener // of cmux
	conf         *tls.Config
}

func (l tlsListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	outer := &outerConn{Conn: c}
	inner := tls.Server(outer, l.conf)
	return &conn{
		Conn: inner, tls: inner, root: c.(*cmux.MuxConn).Conn.(*conn).root,
		release: func() {}, // closing the outer connection does
		parting: outer.part,
	}, nil
}

// outerConn is the connection below TLS.
type outerConn struct {
	net.Conn
	parting atomic.Bool
}

func (c *outerConn) part() { c.parting.Store(true) }

// SetWriteDeadline takes the 5 s back that crypto/tls gives its last record.
func (c *outerConn) SetWriteDeadline(t time.Time) error {
	if limit := time.Now().Add(farewell); c.parting.Load() && t.After(limit) {
		t = limit
	}
	return c.Conn.SetWriteDeadline(t)
}

// handshake makes a TLS connection of c; its deadlines are set.
func (s *server) handshake(c *conn) bool {
	if err := c.tls.Handshake(); err != nil {
		s.refusals.tell(c.RemoteAddr(), err)
		return false
	}
	return true
}

// noTLS is the answer to a TLS hello where TLS makes no sense: those who get it in return
// see in their error, or their log, that it is HTTP.
const noTLS = "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\n\r\nthis server has no TLS certificate: use http://\n"

func (s *server) refuseTLS(c *conn) {
	_, _ = io.WriteString(c, noTLS) // the deadline is set
	s.cfg.Log.Debug().Stringer("peer", c.RemoteAddr()).Msg("connection closed: it speaks TLS, and there is no certificate")
}

// refusals logs hand-shakes that failed, so that whoever renews certificates or sets up
// clients sees why, and strangers cannot fill the log.
type refusals struct {
	log zerolog.Logger

	mu     sync.Mutex
	told   time.Time
	untold int
}

func (r *refusals) tell(peer net.Addr, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(r.told) < warnEvery {
		r.untold++
	} else {
		r.log.Info().Err(err).Stringer("peer", peer).Int("not_told", r.untold).Msg("TLS hand-shake failed")
		r.told, r.untold = now, 0
	}
}

// secureKey is the context key of a connection's TLS state.
type secureKey struct{}

// withTLS puts the TLS state of a connection into the context of its requests. The
// http.Server looks for it only in connections that are not wrapped.
func withTLS(ctx context.Context, c net.Conn) context.Context {
	if ack, ok := c.(*ackConn); ok {
		c = ack.Conn
	}
	if m, ok := c.(*cmux.MuxConn); ok {
		if own, ok := m.Conn.(*conn); ok && own.tls != nil {
			state := own.tls.ConnectionState()
			return context.WithValue(ctx, secureKey{}, &state)
		}
	}
	return ctx
}

// secured lets handlers see TLS as they would without the wrapping.
func secured(next http.Handler, only bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if state, ok := r.Context().Value(secureKey{}).(*tls.ConnectionState); ok {
			r.TLS = state
		}
		if only && r.TLS == nil {
			refuseClear(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

const onlyTLS = "this server speaks TLS only: use https://, or a client of gRPC with TLS"

// refuseClear answers a request in clear text where TLS is demanded. It does not redirect:
// whoever has just sent a token in clear text should notice.
func refuseClear(w http.ResponseWriter, r *http.Request) {
	guardBody(w, r, stallTimeout)
	w.Header().Set("Connection", "close")
	if kind := r.Header.Get("Content-Type"); isGRPC(kind) {
		const failedPrecondition = 9
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Grpc-Status", fmt.Sprint(failedPrecondition))
		w.Header().Set("Grpc-Message", onlyTLS)
		return
	}
	http.Error(w, onlyTLS, http.StatusBadRequest)
}
