package mux

import (
	"net/http"
	"time"

	"github.com/improbable-eng/grpc-web/go/grpcweb"
)

// web is what the http.Server does with a request.
type web struct {
	calls  http.Handler // native gRPC
	bridge *grpcweb.WrappedGrpcServer
	next   http.Handler
	origin *http.CrossOriginProtection
	stall  time.Duration
}

func newWeb(calls, next http.Handler, stall time.Duration) http.Handler {
	return &web{
		calls:  calls,
		bridge: grpcweb.WrapHandler(calls, grpcweb.WithWebsockets(false)),
		next:   next,
		origin: http.NewCrossOriginProtection(),
		stall:  stall,
	}
}

func (h *web) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// One place for all of gRPC-Web, gRPC and REST: a page of another site must
	// not use the session of a browser that has one here.
	if h.origin.Check(r) != nil {
		http.Error(w, "cross-origin requests are not served", http.StatusForbidden)
		return
	}
	guarded := guardWrites(w, r, h.stall)
	defer guarded.finish()
	switch {
	case isNativeGRPC(r.Header.Get("Content-Type")):
		// A proxy pools the requests of browsers and SDKs on one connection, which
		// can go to one server only. No guard for its body: idle streams are fine.
		h.calls.ServeHTTP(guarded, r)
	case h.bridge.IsGrpcWebRequest(r):
		guardBody(w, r, h.stall)
		// Not bridge.ServeHTTP, which adds answers to CORS pre-flights.
		h.bridge.HandleGrpcWebRequest(guarded, r)
	default:
		guardBody(w, r, h.stall)
		h.next.ServeHTTP(guarded, r)
	}
}
