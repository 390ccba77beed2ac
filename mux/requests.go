package mux

import (
	"net/http"
	"strings"
	"sync"

	"github.com/rs/zerolog"
)

// requests counts the handlers that run on the http.Server, whose Close does not
// wait for them.
type requests struct {
	mu    sync.Mutex
	n     int
	empty chan struct{} // made by none, closed when n is 0
}

func newRequests() *requests { return new(requests) }

func (r *requests) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.add(1)
		defer r.add(-1)
		next.ServeHTTP(w, req)
	})
}

func (r *requests) add(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.n += n
	if r.n == 0 && r.empty != nil {
		close(r.empty)
		r.empty = nil
	}
}

// none returns a channel that is closed as soon as no handler runs.
func (r *requests) none() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	empty := make(chan struct{})
	if r.n == 0 {
		close(empty)
	} else {
		r.empty = empty
	}
	return empty
}

// errorLog takes the error log of an http.Server. Nearly all of it is clients'
// doing, which is no news to an operator; a handler's panic is.
type errorLog struct{ log zerolog.Logger }

func (l errorLog) Write(p []byte) (int, error) {
	line := strings.TrimSpace(string(p))
	event := l.log.Debug()
	if strings.Contains(line, "panic") {
		event = l.log.Error()
	}
	event.Msg(line)
	return len(p), nil
}
