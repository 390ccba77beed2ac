package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/streamdal/streamdal-server/mux/freeport"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("/ok", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	mux.HandleFunc("/no", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "the node is shutting down", http.StatusServiceUnavailable)
	})
	plain, secure := httptest.NewServer(mux), httptest.NewTLSServer(mux)
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	for _, tt := range []struct {
		url            string
		code           int
		stdout, stderr string
	}{
		{plain.URL + "/ok", 0, "ok\n", ""},
		{secure.URL + "/ok", 0, "ok\n", ""},
		{plain.URL + "/no", 1, "", "the node is shutting down"},
		{"http://" + freeport.Addr(t) + "/readyz", 1, "", "connection refused"},
		{"127.0.0.1:8082", exitMisuse, "", "write http://HOST:PORT/readyz"},
	} {
		code, stdout, stderr := run("health", "--url", tt.url)
		if code != tt.code || stdout != tt.stdout || !strings.Contains(stderr, tt.stderr) {
			t.Errorf("%s: got %d, %q, %q, want %d, %q, %q", tt.url, code, stdout, stderr, tt.code, tt.stdout, tt.stderr)
		}
	}
}
