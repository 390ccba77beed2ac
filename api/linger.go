package api

import (
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
)

const (
	// stuckAfter is how long a client may take to read one message, or to send the one that
	// a call begins with: as long as SDKs may take for a command.
	stuckAfter = 30 * time.Second
	// leavingTakes is what streams get to end by themselves when the server stops.
	leavingTakes = time.Second
)

var errStuck = failure.New(failure.Unavailable, "the client did not read or send for too long; call again")

// linger ends streams whose client neither reads nor goes away, and those that know nothing
// of the server's end, such as health watches. Otherwise they would keep what they have to
// send for ever, and a stopping server waiting.
type linger struct {
	stuckAfter time.Duration
	leaving    <-chan struct{}
}

// stream runs the handler in a goroutine of its own: a write may hang, and only a call that
// returns makes gRPC end it. The handler ends with it. Streams of SDKs look after themselves;
// ten thousand goroutines more would be most of what their sessions cost.
func (l linger) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	if strings.HasPrefix(info.FullMethod, "/"+pb.Internal_ServiceDesc.ServiceName+"/") {
		return next(srv, ss)
	}
	w := &watched{ServerStream: ss, patient: info.IsClientStream}
	ended := make(chan error, 1)
	go func() { ended <- next(srv, w) }()
	look := time.NewTicker(l.stuckAfter / 4)
	defer look.Stop()
	leaving := l.leaving
	var leave <-chan time.Time
	for {
		select {
		case err := <-ended:
			return err
		case <-look.C:
			if w.stuck(l.stuckAfter) {
				return failure.Status(errStuck)
			}
		case <-leaving:
			leaving = nil
			leave = time.After(leavingTakes)
		case <-leave:
			return failure.Status(failure.ErrShuttingDown)
		}
	}
}

// watched notes since when a stream waits for its client.
type watched struct {
	grpc.ServerStream
	patient bool // a message may take any time to come

	sending, receiving atomic.Pointer[time.Time]
}

func (w *watched) stuck(limit time.Duration) bool {
	for _, since := range []*time.Time{w.sending.Load(), w.receiving.Load()} {
		if since != nil && time.Since(*since) > limit {
			return true
		}
	}
	return false
}

func (w *watched) SendMsg(m any) error {
	now := time.Now()
	w.sending.Store(&now)
	defer w.sending.Store(nil)
	return w.ServerStream.SendMsg(m)
}

func (w *watched) RecvMsg(m any) error {
	if !w.patient {
		now := time.Now()
		w.receiving.Store(&now)
		defer w.receiving.Store(nil)
	}
	return w.ServerStream.RecvMsg(m)
}
