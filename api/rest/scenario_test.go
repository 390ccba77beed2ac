package rest

import (
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/failure"
)

const rootToken = "root-token"

// scenario is one request and what must come back. Members that are empty are not looked
// at, except that Cookie must be "" when no cookie is to be set.
type scenario struct {
	Name    string
	Method  string // default GET
	Path    string
	Headers map[string]string
	Body    string

	Status      int
	Type        string            // Content-Type
	Content     []string          // parts of the body
	NotContent  []string          // not parts of the body
	WantHeaders map[string]string // whole values
	Cookie      string            // name of the cookie that is set
}

func (s scenario) run(t *testing.T, h http.Handler) {
	t.Helper()
	method := s.Method
	if method == "" {
		method = http.MethodGet
	}
	r := httptest.NewRequest(method, "http://localhost:8082"+s.Path, strings.NewReader(s.Body))
	for k, v := range s.Headers {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != s.Status {
		t.Errorf("got status %d, want %d; body %s", w.Code, s.Status, w.Body)
	}
	if got := w.Header().Get("Content-Type"); s.Type != "" && got != s.Type {
		t.Errorf("got type %q, want %q", got, s.Type)
	}
	for _, part := range s.Content {
		if !strings.Contains(w.Body.String(), part) {
			t.Errorf("got body %s, want %q in it", w.Body, part)
		}
	}
	for _, part := range s.NotContent {
		if strings.Contains(w.Body.String(), part) {
			t.Errorf("got body %s, want no %q in it", w.Body, part)
		}
	}
	for k, want := range s.WantHeaders {
		if got := w.Header().Get(k); got != want {
			t.Errorf("got header %s %q, want %q", k, got, want)
		}
	}
	cookies := w.Result().Cookies()
	switch {
	case s.Cookie == "" && len(cookies) > 0:
		t.Errorf("got cookie %v, want none", cookies)
	case s.Cookie != "" && (len(cookies) != 1 || cookies[0].Name != s.Cookie):
		t.Errorf("got cookies %v, want %s", cookies, s.Cookie)
	}
	for name, want := range map[string]string{
		"X-Content-Type-Options":     "nosniff",
		"Referrer-Policy":            "no-referrer",
		"Cross-Origin-Opener-Policy": "same-origin",
		"Content-Security-Policy":    contentSecurityPolicy,
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("got header %s %q, want %q on every answer", name, got, want)
		}
	}
}

func runAll(t *testing.T, h http.Handler, scenarios []scenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			s.run(t, h)
		})
	}
}

// newAuth returns an Auth whose time stands still.
func newAuth(t *testing.T) *auth.Auth {
	t.Helper()
	now := time.Now()
	a, err := auth.New(auth.Config{RootToken: rootToken, Now: func() time.Time { return now }, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func newHandler(t *testing.T, change func(*Config)) http.Handler {
	t.Helper()
	c := Config{Auth: newAuth(t), Version: "v1.2.3", UI: fstest.MapFS{
		"index.html":      {Data: []byte("<title>Streamdal</title>")},
		"favicon.svg":     {Data: []byte("<svg/>")},
		"data.bin":        {Data: []byte("<html>not a page</html>")},
		"assets/app-1.js": {Data: []byte("run()")},
	}}
	if change != nil {
		change(&c)
	}
	return New(c)
}

// logIn returns the Cookie header of a new session.
func logIn(t *testing.T, h http.Handler) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "http://localhost:8082/api/v1/session", strings.NewReader(`{"token":"root-token"}`))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("log in: got %d %s", w.Code, w.Body)
	}
	c := w.Result().Cookies()[0]
	return c.Name + "=" + c.Value
}

func TestPlainRoutes(t *testing.T) {
	t.Parallel()
	plain := "text/plain; charset=utf-8"
	runAll(t, newHandler(t, nil), []scenario{
		{Name: "health check", Path: "/health-check", Status: 200, Type: plain, Content: []string{"ok"}},
		{Name: "healthz", Path: "/healthz", Status: 200, Type: plain, Content: []string{"ok"}},
		{Name: "readyz", Path: "/readyz", Status: 200, Type: plain, Content: []string{"ok"}},
		{Name: "version", Path: "/version", Status: 200, Type: plain, Content: []string{"v1.2.3"}},
		{Name: "metrics", Path: "/metrics", Status: 200},
		{Name: "head", Method: "HEAD", Path: "/version", Status: 200},
		{Name: "trailing slash", Path: "/version/", Status: 301, WantHeaders: map[string]string{"Location": "/version"}},
		{Name: "not cached", Path: "/healthz", Status: 200, WantHeaders: map[string]string{"Cache-Control": "no-store"}},
		{
			Name: "wrong method", Method: "POST", Path: "/version", Status: 405, Type: "application/json",
			Content:     []string{`"code":"method_not_allowed"`, `"message":"POST is not possible here"`, `"hint":`},
			WantHeaders: map[string]string{"Allow": "GET, HEAD"},
		},
		{
			Name: "wrong method with a body", Method: "PUT", Path: "/api/v1/session", Body: strings.Repeat("x", 1<<20), Status: 405,
			WantHeaders: map[string]string{"Allow": "DELETE, GET, HEAD, POST"},
		},
		{Name: "unknown api", Path: "/api/v1/nothing", Status: 404, Type: "application/json", Content: []string{`"code":"not_found"`}},
		{Name: "unknown api, changing", Method: "DELETE", Path: "/api/v2/kv", Status: 404, Type: "application/json"},
	})
}

func TestReadinessTellsTheReason(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *Config) {
		c.Ready = func() (string, error) { return "ignored", errors.New("the store cannot be read") }
	})
	runAll(t, h, []scenario{
		{
			Name: "not ready", Path: "/readyz", Status: 503, Type: "application/json",
			Content: []string{`"message":"not ready: the store cannot be read"`, `"code":"unavailable"`},
		},
		{Name: "alive", Path: "/healthz", Status: 200},
	})
	h = newHandler(t, func(c *Config) { c.Ready = func() (string, error) { return "the store is away", nil } })
	scenario{Path: "/readyz", Status: 200, Content: []string{"ok, but the store is away"}}.run(t, h)
}

// What is about rules waits behind the gate, in this release and later ones; being
// logged in does not.
func TestGate(t *testing.T) {
	t.Parallel()
	gate := func() error { return failure.New(failure.Unavailable, "no rules yet") }
	fine := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for path, want := range map[string]int{
		"/api/v1/kv": 503, "/api/v1/kv/x": 503, "/api/v1/session": 204, "/metrics": 204, "/": 204, "/readyz": 204,
	} {
		w := httptest.NewRecorder()
		gated(gate, path, fine).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("%s: got status %d, want %d", path, w.Code, want)
		}
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "streamdal_things_total", Help: "Things."})
	counter.Inc()
	registry.MustRegister(counter)
	h := newHandler(t, func(c *Config) { c.Metrics = registry })
	scenario{Path: "/metrics", Status: 200, Content: []string{"streamdal_things_total 1"}}.run(t, h)
}

func TestVersionDefault(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *Config) { c.Version = "" })
	scenario{Path: "/version", Status: 200, Content: []string{"No version specified"}}.run(t, h)
}

func TestConsoleFiles(t *testing.T) {
	t.Parallel()
	page := []string{"<title>Streamdal</title>"}
	html := "text/html; charset=utf-8"
	fresh := map[string]string{"Cache-Control": "no-cache"}
	runAll(t, newHandler(t, nil), []scenario{
		{Name: "root", Path: "/", Status: 200, Type: html, Content: page, WantHeaders: fresh},
		{Name: "index by name", Path: "/index.html", Status: 200, Type: html, Content: page, WantHeaders: fresh},
		{Name: "page", Path: "/pipelines", Status: 200, Type: html, Content: page, WantHeaders: fresh},
		{Name: "deep page", Path: "/service/a/b/", Status: 200, Type: html, Content: page},
		{Name: "page of a service with dots", Path: "/service/my.svc.v2", Status: 200, Type: html, Content: page},
		{Name: "head", Method: "HEAD", Path: "/", Status: 200, Type: html, NotContent: page},
		{
			Name: "asset", Path: "/assets/app-1.js", Status: 200, Type: "text/javascript; charset=utf-8",
			Content: []string{"run()"}, WantHeaders: map[string]string{"Cache-Control": "public, max-age=31536000, immutable"},
		},
		{Name: "other file", Path: "/favicon.svg", Status: 200, Type: "image/svg+xml", WantHeaders: fresh},
		{Name: "unknown type is not guessed", Path: "/data.bin", Status: 200, Type: "application/octet-stream"},
		{Name: "missing asset", Path: "/assets/app-0.js", Status: 404, Type: "application/json", NotContent: page},
		{Name: "missing asset without extension", Path: "/assets/app", Status: 404, NotContent: page},
		{Name: "assets folder", Path: "/assets", Status: 200, Content: page},
		{Name: "missing file", Path: "/favicon.ico", Status: 404, NotContent: page},
		{Name: "zero byte", Path: "/%00", Status: 200, Content: page},
		{Name: "outside", Path: "/..%2f..%2fetc/passwd", Status: 200, Content: page},
		{Name: "post", Method: "POST", Path: "/pipelines", Status: 405, WantHeaders: map[string]string{"Allow": "GET, HEAD"}},
	})
}

func TestBuildWithoutConsole(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *Config) { c.UI = nil })
	runAll(t, h, []scenario{
		{Name: "root", Path: "/", Status: 200, Type: "text/plain; charset=utf-8", Content: []string{"has no Console"}},
		{Name: "routes stay", Path: "/version", Status: 200, Content: []string{"v1.2.3"}},
	})
}

// A file system that breaks is our fault, not a missing page, and says nothing about it.
func TestBrokenFileSystem(t *testing.T) {
	t.Parallel()
	h := newHandler(t, func(c *Config) { c.UI = broken{} })
	scenario{Path: "/", Status: 500, Type: "application/json", Content: []string{"internal error"}, NotContent: []string{"disk"}}.run(t, h)
}

type broken struct{}

func (broken) Open(string) (fs.File, error) { return nil, errors.New("the disk is on fire") }

func TestSessionRoutes(t *testing.T) {
	t.Parallel()
	a := newAuth(t)
	code := a.LoginCode()
	h := newHandler(t, func(c *Config) { c.Auth = a })
	cookie := logIn(t, h)
	json := map[string]string{"Content-Type": "application/json"}
	const path = "/api/v1/session"
	runAll(t, h, []scenario{
		{Name: "token", Method: "POST", Path: path, Headers: json, Body: `{"token":"root-token"}`, Status: 200, Content: []string{`{"role":"admin","expires":"20`}, Cookie: auth.CookieName},
		{Name: "code", Method: "POST", Path: path, Headers: json, Body: `{"code":"` + code + `"}`, Status: 200, Content: []string{`{"role":"admin","expires":"20`}, Cookie: auth.CookieName},
		{
			Name: "wrong token", Method: "POST", Path: path, Headers: json, Body: `{"token":"x"}`, Status: 401,
			Content: []string{`"message":"invalid auth token"`, `"code":"unauthenticated"`},
		},
		{Name: "nothing", Method: "POST", Path: path, Headers: json, Body: `{}`, Status: 400, Content: []string{`"code":"invalid"`}},
		{Name: "no JSON", Method: "POST", Path: path, Headers: json, Body: `token=x`, Status: 400, Content: []string{"not the JSON expected"}},
		{Name: "unknown member", Method: "POST", Path: path, Headers: json, Body: `{"password":"x"}`, Status: 400, Content: []string{"password"}},
		{Name: "more than JSON", Method: "POST", Path: path, Headers: json, Body: `{"token":"root-token"} x`, Status: 400},
		{Name: "a form", Method: "POST", Path: path, Headers: map[string]string{"Content-Type": "text/plain"}, Body: `{"token":"root-token"}`, Status: 400},
		{Name: "too much", Method: "POST", Path: path, Headers: json, Body: `{"token":"` + strings.Repeat("x", maxBody) + `"}`, Status: 413, Content: []string{`"code":"too_large"`}},
		{
			Name: "another site", Method: "POST", Path: path, Body: `{"token":"root-token"}`, Status: 403,
			Headers: map[string]string{"Content-Type": "application/json", "Origin": "http://evil.example"},
		},

		{Name: "who am I", Path: path, Headers: map[string]string{"Cookie": cookie}, Status: 200, Type: "application/json", Content: []string{`{"role":"admin","expires":"20`}},
		{Name: "who am I by token", Path: path, Headers: map[string]string{"Authorization": "Bearer root-token"}, Status: 200, Content: []string{`{"role":"admin"}`}},
		{Name: "nobody", Path: path, Status: 401, Content: []string{`"message":"unauthorized"`}},
		{Name: "wrong bearer", Path: path, Headers: map[string]string{"Authorization": "Bearer x"}, Status: 401},
		{Name: "scheme in lower case", Path: path, Headers: map[string]string{"Authorization": "bearer root-token"}, Status: 401},
		{Name: "no scheme", Path: path, Headers: map[string]string{"Authorization": "root-token"}, Status: 401},
		{Name: "wrong bearer beside a session", Path: path, Headers: map[string]string{"Authorization": "Bearer x", "Cookie": cookie}, Status: 401},
		{Name: "forged session", Path: path, Headers: map[string]string{"Cookie": auth.CookieName + "=AQUAAAAA"}, Status: 401},
	})
}

func TestLogOutEndsTheSession(t *testing.T) {
	t.Parallel()
	h := newHandler(t, nil)
	cookie := logIn(t, h)
	mine := map[string]string{"Cookie": cookie, "Origin": "http://localhost:8082"}
	const path = "/api/v1/session"
	for _, s := range []scenario{
		{Name: "from another site", Method: "DELETE", Path: path, Headers: map[string]string{"Cookie": cookie, "Origin": "http://evil.example"}, Status: 403},
		{Name: "still in", Path: path, Headers: mine, Status: 200},
		{Name: "log out", Method: "DELETE", Path: path, Headers: mine, Status: 204, Cookie: auth.CookieName},
		{Name: "out", Path: path, Headers: mine, Status: 401},
		{Name: "again", Method: "DELETE", Path: path, Headers: mine, Status: 204, Cookie: auth.CookieName},
	} {
		s.run(t, h)
	}
}

func TestGuessingIsSlowed(t *testing.T) {
	t.Parallel()
	h := newHandler(t, nil)
	guess := scenario{Method: "POST", Path: "/api/v1/session", Headers: map[string]string{"Content-Type": "application/json"}, Body: `{"token":"x"}`, Status: 401}
	for range 10 {
		guess.run(t, h)
	}
	guess.Status, guess.Content = 429, []string{`"code":"throttled"`}
	guess.WantHeaders = map[string]string{"Retry-After": "3"}
	guess.run(t, h)
}

// Default deny: a route that the table of package auth does not know is closed, so a new
// one must be added there.
func TestEveryRouteHasARole(t *testing.T) {
	t.Parallel()
	for _, r := range routes(Config{Auth: newAuth(t)}) {
		if _, ok := auth.Route(r.pattern()); !ok {
			t.Errorf("route %q has no row in package auth", r.pattern())
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /new", newAuth(t).HTTP(text("open")))
	r := httptest.NewRequest(http.MethodGet, "/new", nil)
	r.Header.Set("Authorization", "Bearer "+rootToken)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("a route without a row: got %d, want 403", w.Code)
	}
}
