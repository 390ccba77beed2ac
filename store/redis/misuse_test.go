package redis

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// hostOf is the first address in a URL.
func hostOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	rest = rest[strings.LastIndex(rest, "@")+1:]
	return rest[:strings.IndexAny(rest+"/", ",/?")]
}

// greeter is a server that says something at once, as SSH and mail servers do.
func greeter(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, "SSH-2.0-example\r\n")
			defer c.Close()
		}
	})
	t.Cleanup(func() { _ = l.Close(); serving.Wait() })
	return l.Addr().String()
}

// What is wrong with the address is said in one line when the store is opened, or when it is
// read first.
func TestWrongKindOfServer(t *testing.T) {
	t.Parallel()
	certs := redistest.NewCertificates(t)
	secure := redistest.Start(t, redistest.Options{TLS: certs})
	asks := redistest.Start(t, redistest.Options{TLS: certs, ClientCerts: true})
	plain := redistest.Start(t, redistest.Options{})
	sentinel := hostOf(redistest.StartSentinel(t, redistest.Options{}).URL())
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	for _, tt := range []struct {
		name string
		opts Options
		want string
	}{
		{"clear text to TLS", Options{URL: secure.Addr()}, "it may want TLS: write rediss://"},
		{"TLS to clear text", Options{URL: "rediss://" + plain.Addr()}, "or has no TLS: then write redis://"},
		{"TLS to another server", Options{URL: "rediss://" + greeter(t)}, "does not answer by TLS"},
		{"unknown authority", Options{URL: "rediss://" + secure.Addr()}, "--redis-tls-ca"},
		{"no certificate", Options{URL: asks.URL(), TLS: TLSFiles{CA: certs.CA}}, "--redis-tls-cert"},
		{"HTTP", Options{URL: web.Listener.Addr().String()}, "not Redis, check --redis-url"},
		{"SSH", Options{URL: greeter(t)}, "not Redis, check --redis-url"},
		{"a Sentinel as Redis", Options{URL: sentinel}, "write redis+sentinel://host/master"},
		{"Redis as a Sentinel", Options{URL: "redis+sentinel://" + plain.Addr() + "/m"}, "no Sentinel listens there"},
		{"no such master", Options{URL: "redis+sentinel://" + sentinel + "/wrong"}, "no master of this name"},
		{"Redis as a Cluster", Options{URL: "redis+cluster://" + plain.Addr()}, "write redis:// instead of redis+cluster://"},
		{"nobody", Options{URL: "127.0.0.1:1"}, "check that Redis runs"},
		{"no such database", Options{URL: "redis://" + plain.Addr() + "/99"}, "--redis-database"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log := new(strings.Builder)
			var mu sync.Mutex
			tt.opts.Log = zerolog.New(writerFunc(func(p []byte) (int, error) {
				mu.Lock()
				defer mu.Unlock()
				return log.Write(p)
			}))
			db, err := Open(t.Context(), tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			_, err = db.Load(ctx)
			if err == nil {
				t.Fatal("it was read")
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			mu.Lock()
			defer mu.Unlock()
			var greeting string
			for line := range strings.Lines(log.String()) {
				if strings.Contains(line, "Redis cannot be used yet") {
					greeting = line
				}
			}
			if !strings.Contains(greeting+err.Error(), tt.want) {
				t.Errorf("got %q and %v, want %q", greeting, err, tt.want)
			}
		})
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
