package rest

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

// The Console's scripts are several hundred kilobytes; on a slow link that is what a
// person waits for.
func TestConsoleFilesAreCompressedForWhoAsks(t *testing.T) {
	t.Parallel()
	script := strings.Repeat("let a = 1;\n", 1000)
	handler := New(Config{Auth: newAuth(t), UI: fstest.MapFS{
		"index.html":      {Data: []byte("<title>Streamdal</title>")},
		"assets/app-1.js": {Data: []byte(script)},
	}})
	for _, encoding := range []string{"", "gzip", "br, gzip;q=0.8", "gzip;q=0"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/assets/app-1.js", nil)
		r.Header.Set("Accept-Encoding", encoding)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		body := io.Reader(w.Body)
		wanted := strings.HasPrefix(encoding, "gzip") && encoding != "gzip;q=0" || strings.HasPrefix(encoding, "br")
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != wanted {
			t.Fatalf("Accept-Encoding %q: compressed is %t, want %t", encoding, got, wanted)
		}
		if wanted {
			var err error
			if body, err = gzip.NewReader(body); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := io.ReadAll(body); err != nil || string(got) != script {
			t.Errorf("Accept-Encoding %q: %d bytes, %v; want the script", encoding, len(got), err)
		}
		if got := w.Header().Get("Vary"); !strings.Contains(got, "Accept-Encoding") {
			t.Errorf("Accept-Encoding %q: Vary %q would poison caches", encoding, got)
		}
	}
}
