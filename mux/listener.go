package mux

import (
	"crypto/tls"
	"net"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

const (
	minBackOff = 5 * time.Millisecond
	maxBackOff = time.Second
	// warnEvery keeps a full server from filling its log too.
	warnEvery = 10 * time.Second
)

// keepAlive finds a peer that vanished without a word within a minute.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 3}

// listener is a root listener: it caps connections, sleeps where cmux would spin,
// and marks what it accepts as being sniffed. Accept is for one goroutine.
type listener struct {
	net.Listener
	slots    chan struct{} // one element for each open connection, shared by all listeners
	sniffing *connSet
	log      zerolog.Logger
	warned   time.Time
	done     chan struct{}
	close    func() error
}

func newListener(l net.Listener, slots chan struct{}, sniffing *connSet, log zerolog.Logger) *listener {
	done := make(chan struct{})
	return &listener{
		Listener: l,
		slots:    slots,
		sniffing: sniffing,
		log:      log.With().Stringer("address", l.Addr()).Logger(),
		done:     done,
		// Both servers close it again through cmux.
		close: sync.OnceValue(func() error {
			close(done)
			return l.Close()
		}),
	}
}

// Close stops accepting. Calling it again does nothing.
func (l *listener) Close() error { return l.close() }

// Accept returns the next connection, net.ErrClosed after Close, and any error
// that waiting cannot cure.
func (l *listener) Accept() (net.Conn, error) {
	if !l.takeSlot() {
		return nil, net.ErrClosed
	}
	for delay := minBackOff; ; delay = min(2*delay, maxBackOff) {
		c, err := l.Listener.Accept()
		if err == nil {
			return l.open(c), nil
		}
		if !isTemporary(err) || !l.sleep(delay, err) {
			<-l.slots
			if l.closed() {
				err = net.ErrClosed
			}
			return nil, err
		}
	}
}

func (l *listener) open(c net.Conn) net.Conn {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetKeepAliveConfig(keepAlive) // a connection that is already gone fails here
	}
	own := &conn{Conn: c}
	own.root = own
	own.release = sync.OnceFunc(func() {
		l.sniffing.remove(own)
		<-l.slots
	})
	l.sniffing.add(own)
	return own
}

// takeSlot waits until one more connection may be open; it reports false when the
// listener is closed.
func (l *listener) takeSlot() bool {
	select {
	case l.slots <- struct{}{}:
		return true
	default:
	}
	if now := time.Now(); now.Sub(l.warned) >= warnEvery {
		l.warned = now
		l.log.Warn().Int("limit", cap(l.slots)).Msg("connection limit reached, new connections wait until one closes")
	}
	select {
	case l.slots <- struct{}{}:
		return true
	case <-l.done:
		return false
	}
}

// sleep waits before the next try; it reports false when the listener is closed.
func (l *listener) sleep(d time.Duration, err error) bool {
	if now := time.Now(); now.Sub(l.warned) >= warnEvery {
		l.warned = now
		l.log.Warn().Err(err).Msg("cannot accept connections, trying again (out of file descriptors? raise the limit)")
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-l.done:
		return false
	}
}

func (l *listener) closed() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// isTemporary tells running out of file descriptors and connections that were
// aborted before they were accepted from a broken listener.
func isTemporary(err error) bool {
	t, ok := err.(interface{ Temporary() bool })
	return ok && t.Temporary()
}

// conn is an accepted connection, which holds a slot until it is closed, or what came out of
// one by TLS.
type conn struct {
	net.Conn
	tls      *tls.Conn // nil in clear text
	root     *conn     // what was accepted
	protocol protocol  // set once, by the goroutine that sniffs
	release  func()
	parting  func() // if set, is called before closing
}

func (c *conn) Close() error {
	if c.parting != nil {
		c.parting()
	}
	err := c.Conn.Close()
	c.release()
	return err
}
