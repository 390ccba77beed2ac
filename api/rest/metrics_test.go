package rest

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// Everybody may read /metrics, so not everybody at once.
func TestScrapesAtOnceAreBounded(t *testing.T) {
	t.Parallel()
	gathering, free := make(chan struct{}), make(chan struct{})
	h := newHandler(t, func(c *Config) {
		registry := prometheus.NewRegistry()
		registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "slow", Help: "Slow."}, func() float64 {
			gathering <- struct{}{}
			<-free
			return 1
		}))
		c.Metrics = registry
	})
	scrape := func() int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		return w.Code
	}
	var scrapes sync.WaitGroup
	for range maxScrapes {
		scrapes.Go(func() {
			if code := scrape(); code != http.StatusOK {
				t.Errorf("one of %d: got %d", maxScrapes, code)
			}
		})
	}
	for range maxScrapes {
		<-gathering
	}
	more := make(chan int)
	go func() { more <- scrape() }()
	select {
	case code := <-more:
		if code != http.StatusServiceUnavailable {
			t.Errorf("one more: got %d, want %d", code, http.StatusServiceUnavailable)
		}
	case <-gathering:
		t.Error("one more is served as well")
		go func() { <-more }()
	}
	close(free)
	scrapes.Wait()
}
