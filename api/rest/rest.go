// Package rest answers HTTP: health and version, metrics, log-in, key-value objects, the
// configuration as a file, and the Console's files.
package rest

import (
	"cmp"
	"encoding/json"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/catalog"
)

// maxBody bounds request bodies, but for those of routes with a limit of their own.
const maxBody = 64 << 10

// maxScrapes is how many may read /metrics at once: everybody may, and each answer is in memory
// as a whole.
const maxScrapes = 10

// Config is what New needs.
type Config struct {
	Auth    *auth.Auth
	UI      fs.FS  // index.html at its root; nil leaves the Console out
	Version string // the answer of /version
	// Ready says why this node should get no traffic, or else what is not as it
	// should be; nil: it always may.
	Ready func() (note string, err error)
	// Gate says why requests about rules are refused now; nil: they are not.
	Gate    func() error
	Metrics prometheus.Gatherer // nil leaves /metrics empty
	Catalog *catalog.Catalog    // where key-value objects are
	Export  func() *pb.Config   // a message of its own for each call
	Notify  Tester
	Now     func() time.Time // default time.Now
}

// route is one method of one path. The Console is the route without a method: a mux does
// not take "GET /" beside paths that are closed to other methods.
type route struct {
	method, path string
	handler      http.Handler
	limit        int64 // of the request's body; 0 is maxBody
}

// restOfPath ends a route whose path goes on with a key, which may hold slashes or be one.
const restOfPath = "/{key...}"

func (r route) pattern() string { return strings.TrimSpace(r.method + " " + r.path) }

// New returns the handler of everything that is not gRPC.
func New(c Config) http.Handler {
	list := routes(c)
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, r := range list {
		mux.Handle(r.pattern(), c.Auth.HTTP(gated(c.Gate, r.path, limited(r.handler, r.limit))))
		if r.method != "" {
			methods[r.path] = append(methods[r.path], r.method)
		}
	}
	for path, allowed := range methods {
		mux.Handle(path, methodNotAllowed(allowed))
		if _, deeper := methods[path+restOfPath]; !deeper && !strings.HasSuffix(path, "}") {
			mux.Handle("GET "+path+"/{$}", http.RedirectHandler(path, http.StatusMovedPermanently))
		}
	}
	mux.Handle("/api/", notFound())
	return hardened(mux)
}

func routes(c Config) []route {
	if c.Metrics == nil {
		c.Metrics = prometheus.NewRegistry()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	session := sessionRoutes{c.Auth}
	kv := kvRoutes{c.Catalog, c.Now}
	return []route{
		{method: "GET", path: "/health-check", handler: text("ok")},
		{method: "GET", path: "/version", handler: text(cmp.Or(c.Version, "No version specified"))},
		{method: "GET", path: "/healthz", handler: text("ok")},
		{method: "GET", path: "/readyz", handler: ready(c.Ready)},
		{method: "GET", path: "/metrics", handler: promhttp.HandlerFor(c.Metrics, promhttp.HandlerOpts{MaxRequestsInFlight: maxScrapes})},
		{method: "POST", path: "/api/v1/session", handler: http.HandlerFunc(session.create)},
		{method: "GET", path: "/api/v1/session", handler: http.HandlerFunc(session.show)},
		{method: "DELETE", path: "/api/v1/session", handler: http.HandlerFunc(session.end)},
		{method: "GET", path: "/api/v1/config", handler: config(c.Export)},
		{method: "GET", path: "/api/v1/kv", handler: http.HandlerFunc(kv.list)},
		{method: "POST", path: "/api/v1/kv", handler: http.HandlerFunc(kv.create), limit: maxKVBody},
		{method: "PUT", path: "/api/v1/kv", handler: http.HandlerFunc(kv.update), limit: maxKVBody},
		{method: "DELETE", path: "/api/v1/kv", handler: http.HandlerFunc(kv.clear)},
		{method: "GET", path: "/api/v1/kv" + restOfPath, handler: http.HandlerFunc(kv.get)},
		{method: "DELETE", path: "/api/v1/kv" + restOfPath, handler: http.HandlerFunc(kv.remove)},
		{method: "GET", path: "/api/v1/kv-usage", handler: http.HandlerFunc(kv.usage)},
		{method: "GET", path: "/api/v1/wasm-sizes", handler: moduleSizes(c.Catalog)},
		{method: "GET", path: "/api/v1/notifications-locked", handler: lockedNotifications(c.Catalog)},
		{method: "DELETE", path: "/api/v1/notifications/{id}", handler: dropLocked(c.Catalog)},
		{method: "POST", path: "/api/v1/notifications/{id}/test", handler: testNotification(c.Notify)},
		{path: "/", handler: readOnly(console(c.UI))},
	}
}

// hardened sets the headers that every answer has.
func hardened(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		next.ServeHTTP(w, r)
	})
}

// limited bounds what a request may send.
func limited(next http.Handler, limit int64) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, cmp.Or(limit, maxBody))
		next.ServeHTTP(w, r)
	})
}

func text(s string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write([]byte(s)) // the caller may be gone
	})
}

// ready tells a load balancer the truth. The reason is for people who look.
func ready(check func() (string, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := "ok"
		if check != nil {
			note, err := check()
			if err != nil {
				failure.Write(w, failure.New(failure.Unavailable, "not ready: %v", err))
				return
			}
			if note != "" {
				answer = "ok, but " + note
			}
		}
		text(answer).ServeHTTP(w, r)
	})
}

// gated refuses requests about rules while gate gives an error. Logging in needs none.
func gated(gate func() error, path string, next http.Handler) http.Handler {
	if gate == nil || !strings.HasPrefix(path, "/api/v1/") || path == "/api/v1/session" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := gate(); err != nil {
			failure.Write(w, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func methodNotAllowed(allowed []string) http.Handler {
	if slices.Contains(allowed, http.MethodGet) {
		allowed = append(allowed, http.MethodHead)
	}
	slices.Sort(allowed)
	allow := strings.Join(allowed, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allow)
		failure.Write(w, failure.New(failure.MethodNotAllowed, "%s is not possible here", r.Method))
	})
}

func readOnly(next http.Handler) http.Handler {
	refuse := methodNotAllowed([]string{http.MethodGet})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			refuse.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func notFound() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		failure.Write(w, failure.New(failure.NotFound, "there is nothing at %s", r.URL.Path))
	})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // the caller may be gone
}
