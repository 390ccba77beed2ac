package auth

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/tap"

	"github.com/streamdal/streamdal-server/api/pb"
)

func TestStats(t *testing.T) {
	t.Parallel()
	a := newAuth(t, newClock())
	viewer := cookieOf(a, Viewer)
	const get, set = pb.External_GetAll_FullMethodName, pb.External_SetPipelines_FullMethodName
	_, _ = call(a, nil, get)
	_, _ = call(a, metadata.Pairs(TokenKey, "wrong"), get)
	_, _ = call(a, metadata.Pairs(TokenKey, rootToken), get)
	_, _ = call(a, web(viewer), set)
	_, _ = a.Tap(t.Context(), &tap.Info{FullMethodName: get})
	mux := http.NewServeMux()
	mux.Handle("GET /api/v1/session", a.HTTP(http.NotFoundHandler()))
	mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/api/v1/session", nil))
	want := Stats{Unauthenticated: 4, Denied: 1, LogIns: loginBurst, Throttled: 2}
	for range loginBurst + 2 {
		_, _, _ = a.LogIn(httptest.NewRequest(http.MethodPost, "/", nil), "wrong", "")
	}
	if got := a.Stats(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
