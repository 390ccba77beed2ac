package mux

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/mux/certificate"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// secureFixture serves TLS too.
type secureFixture struct {
	*fixture
	files *redistest.Certificates
}

func startTLS(t *testing.T, askClients bool, change ...func(*Config)) *secureFixture {
	t.Helper()
	files := redistest.NewCertificates(t)
	pair := certificate.Files{Cert: files.ServerCert, Key: files.ServerKey}
	if askClients {
		pair.ClientCA = files.CA
	}
	keeper, err := certificate.Open(pair, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	change = append([]func(*Config){func(c *Config) { c.TLS = keeper.Config() }}, change...)
	return &secureFixture{start(t, change...), files}
}

// client trusts the fixture's authority, and shows a certificate on request.
func (f *secureFixture) client(t *testing.T, shows bool, protocols ...string) *tls.Config {
	t.Helper()
	ca, err := os.ReadFile(f.files.CA)
	if err != nil {
		t.Fatal(err)
	}
	conf := &tls.Config{RootCAs: x509.NewCertPool(), NextProtos: protocols}
	conf.RootCAs.AppendCertsFromPEM(ca)
	if shows {
		pair, err := tls.LoadX509KeyPair(f.files.ClientCert, f.files.ClientKey)
		if err != nil {
			t.Fatal(err)
		}
		conf.Certificates = []tls.Certificate{pair}
	}
	return conf
}

func secureGRPC(t *testing.T, addr string, conf *tls.Config, options ...grpc.DialOption) pb.ExternalClient {
	t.Helper()
	options = append([]grpc.DialOption{grpc.WithTransportCredentials(credentials.NewTLS(conf))}, options...)
	c, err := grpc.NewClient("passthrough:///"+addr, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return pb.NewExternalClient(c)
}

// withoutALPN makes a client of gRPC do its hand-shake without naming a protocol, as some do.
func withoutALPN(conf *tls.Config) []grpc.DialOption {
	conf = conf.Clone()
	conf.NextProtos = nil
	return []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) {
			d := tls.Dialer{Config: conf}
			return d.DialContext(ctx, "tcp", addr)
		}),
	}
}

func secureHTTP(t *testing.T, conf *tls.Config, http2 bool) *http.Client {
	t.Helper()
	p := new(http.Protocols)
	p.SetHTTP1(!http2)
	p.SetHTTP2(http2)
	tr := &http.Transport{Protocols: p, TLSClientConfig: conf}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: upgrade{tr}, Timeout: patience}
}

// upgrade sends to https what helpers send to http.
type upgrade struct{ *http.Transport }

func (u upgrade) RoundTrip(r *http.Request) (*http.Response, error) {
	r.URL.Scheme = "https"
	return u.Transport.RoundTrip(r)
}

// Every protocol works on one port in clear text, by TLS and by TLS with client certificates.
func TestEveryProtocolWithAndWithoutTLS_9_5_3(t *testing.T) {
	t.Parallel()
	for _, mutual := range []bool{false, true} {
		name := "TLS"
		if mutual {
			name = "mutual TLS"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startTLS(t, mutual)
			conf := f.client(t, mutual)
			for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
				conf := conf.Clone()
				conf.MinVersion, conf.MaxVersion = v, v
				wantUnary(t, secureGRPC(t, f.addr, conf), "native")
				wantUnary(t, secureGRPC(t, f.addr, conf, withoutALPN(conf)...), "native")
				wantUnary(t, secureGRPC(t, f.addr, conf), "native", grpc.CallContentSubtype("proto"))
				for _, http2 := range []bool{false, true} {
					c := secureHTTP(t, conf.Clone(), http2)
					for range 3 {
						if got := get(t, c, f.addr, "/"); !strings.Contains(got, "Console") {
							t.Errorf("http2=%v: GET / answered %q", http2, got)
						}
					}
					for _, kind := range []string{"application/grpc-web+proto", "application/grpc-web-text"} {
						wantWebUnary(t, c, f.addr, kind)
					}
				}
			}
			// Clear text on the same port, as before.
			wantUnary(t, grpcClient(t, f.addr), "native")
			wantWebUnary(t, httpClient(t, false), f.addr, "application/grpc-web+proto")
			get(t, httpClient(t, false), f.addr, "/")
			get(t, httpClient(t, true), f.addr, "/")
		})
	}
}

func TestHandlersSeeTLS(t *testing.T) {
	t.Parallel()
	f := startTLS(t, true, func(c *Config) {
		c.HTTP = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.TLS != nil {
				_, _ = io.WriteString(w, "by TLS from "+r.TLS.PeerCertificates[0].Subject.CommonName)
			}
		})
	})
	for _, http2 := range []bool{false, true} {
		if got := get(t, secureHTTP(t, f.client(t, true), http2), f.addr, "/"); got != "by TLS from client" {
			t.Errorf("http2=%v: got %q", http2, got)
		}
		if got := get(t, httpClient(t, http2), f.addr, "/"); got != "" {
			t.Errorf("clear text, http2=%v: got %q", http2, got)
		}
	}
}

func TestALPN(t *testing.T) {
	t.Parallel()
	f := startTLS(t, false)
	for _, tt := range []struct {
		offers []string
		want   string // "refused", or the protocol
	}{{nil, ""}, {[]string{"h2"}, "h2"}, {[]string{"http/1.1", "h2"}, "h2"}, {[]string{"http/1.1"}, "http/1.1"}, {[]string{"spdy/1"}, "refused"}} {
		got := "refused"
		if c, err := tls.Dial("tcp", f.addr, f.client(t, false, tt.offers...)); err == nil {
			got = c.ConnectionState().NegotiatedProtocol
			_ = c.Close()
		}
		if got != tt.want {
			t.Errorf("offering %v: got %q, want %q", tt.offers, got, tt.want)
		}
	}
	old := f.client(t, false)
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if c, err := tls.Dial("tcp", f.addr, old); err == nil {
		_ = c.Close()
		t.Error("TLS 1.1 was accepted")
	}
}

func TestClientCertificateIsDemanded(t *testing.T) {
	t.Parallel()
	log := new(syncLog)
	f := startTLS(t, true, withLog(log))
	stranger := f.client(t, false)
	if _, err := secureHTTP(t, stranger, false).Get("http://" + f.addr + "/"); err == nil {
		t.Error("a client without a certificate was served")
	}
	other := redistest.NewCertificates(t)
	pair, err := tls.LoadX509KeyPair(other.ClientCert, other.ClientKey)
	if err != nil {
		t.Fatal(err)
	}
	stranger.Certificates = []tls.Certificate{pair}
	if _, err := secureHTTP(t, stranger, false).Get("http://" + f.addr + "/"); err == nil {
		t.Error("a client of another authority was served")
	}
	if f.external.called() != 0 || !strings.Contains(log.String(), "TLS hand-shake failed") {
		t.Errorf("the log does not say why: %s", log)
	}
}

// Clear text is answered in its own protocol, and no handler sees it.
func TestOnlyTLS(t *testing.T) {
	t.Parallel()
	f := startTLS(t, false, func(c *Config) { c.TLSOnly = true })
	wantUnary(t, secureGRPC(t, f.addr, f.client(t, false)), "native")
	get(t, secureHTTP(t, f.client(t, false), false), f.addr, "/")
	get(t, secureHTTP(t, f.client(t, false), true), f.addr, "/")
	called := f.external.called()

	_, err := grpcClient(t, f.addr).Test(t.Context(), &pb.TestRequest{})
	if status.Code(err) != codes.FailedPrecondition || !strings.Contains(err.Error(), "TLS only") {
		t.Errorf("gRPC in clear text: got %v", err)
	}
	for _, h2c := range []bool{false, true} {
		r, err := httpClient(t, h2c).Post("http://"+f.addr+"/api/echo", "text/plain", strings.NewReader("secret"))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if r.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "use https://") {
			t.Errorf("h2c=%v: got %s, %q", h2c, r.Status, body)
		}
		answer := webPost(t, httpClient(t, h2c), f.addr, testMethod, "application/grpc-web+proto", &pb.TestRequest{})
		if got := answer.Header.Get("Grpc-Status"); got != "9" {
			t.Errorf("gRPC-Web, h2c=%v: got status %q", h2c, got)
		}
	}
	if got := f.external.called(); got != called {
		t.Errorf("%d calls in clear text reached a handler", got-called)
	}
}

func TestTLSWithoutCertificate(t *testing.T) {
	t.Parallel()
	f := start(t)
	_, err := (&http.Client{Timeout: patience}).Get("https://" + f.addr + "/")
	if err == nil || !strings.Contains(err.Error(), "HTTP response to HTTPS client") {
		t.Errorf("got %v, want an error that says what is wrong", err)
	}
}

// clientHello is a real first message of a client.
func clientHello(t *testing.T) []byte {
	t.Helper()
	client, server := net.Pipe()
	defer server.Close()
	go func() { _ = tls.Client(client, &tls.Config{ServerName: "x"}).Handshake() }()
	b := make([]byte, 4096)
	n, err := server.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return b[:n]
}

// hostileTLS says what a client does instead of finishing its hand-shake and asking something.
func hostileTLS(t *testing.T, f *secureFixture) map[string]func(net.Conn) {
	first := clientHello(t)
	after := func(say string) func(net.Conn) {
		return func(c net.Conn) {
			conf := f.client(t, false)
			conf.ServerName = "127.0.0.1"
			secure := tls.Client(c, conf)
			if err := secure.Handshake(); err != nil {
				t.Error(err)
			}
			_, _ = io.WriteString(secure, say)
		}
	}
	garbled := append([]byte{}, first...)
	for i := 6; i < len(garbled); i++ {
		garbled[i] ^= 0x55
	}
	return map[string]func(net.Conn){
		"one byte":              func(c net.Conn) { _, _ = c.Write(first[:1]) },
		"half a hello":          func(c net.Conn) { _, _ = c.Write(first[:len(first)/2]) },
		"a hello and silence":   func(c net.Conn) { _, _ = c.Write(first) },
		"a garbled hello":       func(c net.Conn) { _, _ = c.Write(garbled) },
		"a huge record":         func(c net.Conn) { _, _ = c.Write([]byte{22, 3, 1, 0xff, 0xff, 1}) },
		"a hand-shake":          after(""),
		"half a request":        after("GET / HT"),
		"half a header":         after("GET / HTTP/1.1\r\nHost: x\r\n"),
		"half a preface":        after("PRI * HTTP/2.0\r\n"),
		"a hello within TLS":    after(string(first)),
		"garbage within TLS":    after("\xff\x00\x16\x03"),
		"a request, never read": after(strings.Repeat("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 3)),
	}
}

func TestHostileTLSClientsDelayNobody(t *testing.T) {
	t.Parallel()
	for name := range hostileTLS(t, startTLS(t, false)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startTLS(t, false, func(c *Config) { c.SniffTimeout, c.Grace = patience, 2*time.Minute })
			act := hostileTLS(t, f)[name]
			for range 3 {
				act(dial(t, f.addr))
			}
			wantUnary(t, secureGRPC(t, f.addr, f.client(t, false)), "native")
			wantUnary(t, grpcClient(t, f.addr), "native")
			get(t, secureHTTP(t, f.client(t, false), false), f.addr, "/")
			began := time.Now()
			if err := f.stop(t); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("shutdown took %v", took)
			}
		})
	}
}

// Neither the hand-shake nor what comes after it can be drawn out, and slots come back.
func TestSlowTLSIsClosedInTime(t *testing.T) {
	t.Parallel()
	f := startTLS(t, false, func(c *Config) { c.SniffTimeout, c.MaxConns = 2*time.Second, 12 })
	acts := hostileTLS(t, f)
	delete(acts, "a request, never read") // which is served, and idle
	for range 2 {
		conns := map[string]net.Conn{}
		for name, act := range acts {
			conns[name] = dial(t, f.addr)
			act(conns[name])
		}
		for name, c := range conns {
			if err := readToEnd(c); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s: still open", name)
			}
		}
	}
}

// A hello of which each byte comes by itself must not gain time.
func TestDribbledHello(t *testing.T) {
	t.Parallel()
	f := startTLS(t, false, func(c *Config) { c.SniffTimeout = 300 * time.Millisecond })
	other := httpClient(t, false)
	c := dial(t, f.addr)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for _, b := range clientHello(t) {
		<-tick.C
		if _, err := c.Write([]byte{b}); err != nil {
			break
		}
		get(t, other, f.addr, "/")
	}
	if err := readToEnd(c); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("still open")
	}
}

func TestManySlowHandshakes(t *testing.T) {
	t.Parallel()
	f := startTLS(t, false, func(c *Config) { c.SniffTimeout = 10 * patience })
	first := clientHello(t)
	for i := range 300 {
		_, _ = dial(t, f.addr).Write(first[:1+i%len(first)])
	}
	wantUnary(t, secureGRPC(t, f.addr, f.client(t, false)), "native")
	if err := f.stop(t); err != nil {
		t.Fatal(err)
	}
}

// A peer that stopped reading does not get the 5 s that crypto/tls has for good-bye.
func TestClosingDoesNotWaitForThePeer(t *testing.T) {
	t.Parallel()
	f := startTLS(t, false)
	client, server := net.Pipe() // on which every write waits for its reader
	defer client.Close()
	root := &conn{Conn: server, release: func() {}}
	root.root = root
	outer := &outerConn{Conn: root}
	keeper, err := certificate.Open(certificate.Files{Cert: f.files.ServerCert, Key: f.files.ServerKey}, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	c := &conn{Conn: tls.Server(outer, keeper.Config()), release: func() {}, parting: outer.part}
	done := make(chan error, 1)
	go func() {
		secure := tls.Client(client, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12})
		done <- secure.Handshake()
	}()
	if err := c.Conn.(*tls.Conn).Handshake(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	_ = c.Close()
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("closing took %v", took)
	}
}

// Streams over TLS end like others when the server stops.
func TestShutdownEndsTLSStreams(t *testing.T) {
	t.Parallel()
	f := startTLS(t, false)
	s, err := secureGRPC(t, f.addr, f.client(t, false)).GetAllStream(t.Context(), &pb.GetAllRequest{})
	if err == nil {
		_, err = s.Recv()
	}
	if err != nil {
		t.Fatal(err)
	}
	answer := webPost(t, secureHTTP(t, f.client(t, false), true), f.addr, streamMethod, "application/grpc-web+proto", &pb.GetAllRequest{})
	webFrame(t, answer.Body)
	if err := f.stop(t); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("the stream ended with %v", err)
	}
	if _, last := webFrame(t, bufio.NewReader(answer.Body)); !last {
		t.Error("the web stream ended without a status")
	}
}

func TestTLSBehindAStarvedListener(t *testing.T) {
	t.Parallel()
	l := &starvedListener{Listener: listen(t), fails: 4}
	f := startTLS(t, false, func(c *Config) { c.Listeners = []net.Listener{l} })
	wantUnary(t, secureGRPC(t, f.addr, f.client(t, false)), "native")
}
