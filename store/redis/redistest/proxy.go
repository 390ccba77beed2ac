package redistest

import (
	"bytes"
	"errors"
	"net"
	"sync"
	"testing"
)

// Proxy stands between a client and a server and can do to their connections what a
// network can. It tells those that subscribe from the others.
type Proxy struct {
	listener net.Listener
	target   string
	group    sync.WaitGroup

	mu      sync.Mutex
	changed chan struct{} // closed and replaced when stalled changes
	conns   map[*proxied]bool
	stalled map[bool]bool // by whether a connection subscribes
	refuse  bool
	loseN   int // replies to lose
	total   int
}

// proxied is one connection through the proxy.
type proxied struct {
	client, server net.Conn
	subscribes     bool
}

// NewProxy starts a proxy and closes it when the test ends.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{
		listener: l, target: target, changed: make(chan struct{}),
		conns: make(map[*proxied]bool), stalled: make(map[bool]bool),
	}
	p.group.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.Stall(true, false)
		p.Stall(false, false)
		p.Refuse(true)
		p.Cut(true)
		p.Cut(false)
		p.group.Wait()
	})
	return p
}

// Addr returns the host:port to connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Cut closes all connections that subscribe, or all others.
func (p *Proxy) Cut(subscribing bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		if c.subscribes == subscribing {
			c.close()
		}
	}
}

// Stall stops, or lets go on, what flows in both directions through connections that
// subscribe, or all others. They stay open: nobody is told.
func (p *Proxy) Stall(subscribing, on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stalled[subscribing] = on
	close(p.changed)
	p.changed = make(chan struct{})
}

// Refuse closes new connections at once, or stops doing so.
func (p *Proxy) Refuse(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = on
}

// LoseReplies closes the connection, in place of passing on a reply, for the next n
// replies to connections that do not subscribe: what was asked has been done.
func (p *Proxy) LoseReplies(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.loseN = n
}

func (p *Proxy) loses(c *proxied) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.subscribes || p.loseN == 0 {
		return false
	}
	p.loseN--
	return true
}

// Connections returns how many connections there have been.
func (p *Proxy) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.total
}

// Subscribers returns how many connections subscribe now.
func (p *Proxy) Subscribers() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for c := range p.conns {
		if c.subscribes {
			n++
		}
	}
	return n
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		c := &proxied{client: client, server: server}
		p.mu.Lock()
		p.total++
		if p.refuse {
			c.close()
		}
		p.conns[c] = true
		p.mu.Unlock()
		p.group.Go(func() {
			var both sync.WaitGroup
			both.Go(func() { p.pump(c, client, server, true) })
			both.Go(func() { p.pump(c, server, client, false) })
			both.Wait()
			p.mu.Lock()
			delete(p.conns, c)
			p.mu.Unlock()
		})
	}
}

func (p *Proxy) pump(c *proxied, from, to net.Conn, fromClient bool) {
	defer c.close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if fromClient && bytes.Contains(bytes.ToLower(buffer[:n]), []byte("\r\nsubscribe\r\n")) {
			p.mu.Lock()
			c.subscribes = true
			p.mu.Unlock()
		}
		p.flow(c)
		if !fromClient && p.loses(c) {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// flow returns when the connection is not stalled.
func (p *Proxy) flow(c *proxied) {
	for {
		p.mu.Lock()
		stalled, changed := p.stalled[c.subscribes], p.changed
		p.mu.Unlock()
		if !stalled {
			return
		}
		<-changed
	}
}

func (c *proxied) close() {
	_ = c.client.Close()
	_ = c.server.Close()
}
