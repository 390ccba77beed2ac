// Package rest answers HTTP: health and version, metrics, log-in, and the Console's files.
package rest

import (
	"cmp"
	"encoding/json"
	"io/fs"
	"net/http"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/failure"
)

// maxBody bounds request bodies; the largest is a log-in.
const maxBody = 64 << 10

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
}

// route is one method of one path. The Console is the route without a method: a mux does
// not take "GET /" beside paths that are closed to other methods.
type route struct {
	method, path string
	handler      http.Handler
}

func (r route) pattern() string { return strings.TrimSpace(r.method + " " + r.path) }

// New returns the handler of everything that is not gRPC.
func New(c Config) http.Handler {
	list := routes(c)
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, r := range list {
		mux.Handle(r.pattern(), c.Auth.HTTP(gated(c.Gate, r.path, r.handler)))
		if r.method != "" {
			methods[r.path] = append(methods[r.path], r.method)
		}
	}
	for path, allowed := range methods {
		mux.Handle(path, methodNotAllowed(allowed))
		mux.Handle("GET "+path+"/{$}", http.RedirectHandler(path, http.StatusMovedPermanently))
	}
	mux.Handle("/api/", notFound())
	return limited(hardened(mux))
}

func routes(c Config) []route {
	if c.Metrics == nil {
		c.Metrics = prometheus.NewRegistry()
	}
	session := sessionRoutes{c.Auth}
	return []route{
		{"GET", "/health-check", text("ok")},
		{"GET", "/version", text(cmp.Or(c.Version, "No version specified"))},
		{"GET", "/healthz", text("ok")},
		{"GET", "/readyz", ready(c.Ready)},
		{"GET", "/metrics", promhttp.HandlerFor(c.Metrics, promhttp.HandlerOpts{})},
		{"POST", "/api/v1/session", http.HandlerFunc(session.create)},
		{"GET", "/api/v1/session", http.HandlerFunc(session.show)},
		{"DELETE", "/api/v1/session", http.HandlerFunc(session.end)},
		{"", "/", readOnly(console(c.UI))},
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
func limited(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
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
