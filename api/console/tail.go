package console

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/tail"
)

var errStuckViewer = failure.New(failure.Unavailable, "the payloads were not read for too long; start the tail again")

// Tail shows the payloads of an audience while its stream is open, with a keep-alive message
// every 10 s. What became of the payloads is in the metadata of the keep-alive messages, and
// in the trailer: see tail.Counts. It never ends with OK, as viewers start again after errors.
func (s *Server) Tail(req *pb.TailRequest, stream grpc.ServerStreamingServer[pb.TailResponse]) error {
	request, err := tail.Parse(req, sessionOf(stream.Context()))
	if err != nil {
		return fmt.Errorf("invalid tail request: %w", err)
	}
	viewer, err := s.tails.Open(request)
	if err != nil {
		return err
	}
	defer viewer.Close()
	defer func() { stream.SetTrailer(metadata.New(viewer.Counts().Metadata())) }()
	if err := stream.SendHeader(nil); err != nil { // the first payload may be far away
		return err
	}
	return s.show(stream, viewer)
}

// sessionOf returns the session to which the viewer wants to restrict a tail.
func sessionOf(ctx context.Context) string {
	if values := metadata.ValueFromIncomingContext(ctx, tail.SessionKey); len(values) > 0 {
		return values[0]
	}
	return ""
}

// show returns when the viewer leaves or does not read, or the server stops. Sending is
// another goroutine's, because a send may hang, and only a call that returns makes it end.
func (s *Server) show(stream grpc.ServerStreamingServer[pb.TailResponse], viewer *tail.Viewer) error {
	w := &tailWriter{viewer: viewer, stream: stream, keepAlive: s.keepAlive}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	written := make(chan error, 1)
	go func() { written <- w.write(ctx) }()
	watch := time.NewTicker(s.stuck / 4)
	defer watch.Stop()
	for {
		select {
		case err := <-written:
			return err
		case <-s.draining:
			return failure.ErrShuttingDown
		case <-watch.C:
			if w.stuck(s.stuck) {
				viewer.NoteCut()
				return errStuckViewer
			}
		}
	}
}

// tailWriter sends what a viewer gets.
type tailWriter struct {
	viewer    *tail.Viewer
	stream    grpc.ServerStreamingServer[pb.TailResponse]
	keepAlive time.Duration
	since     atomic.Pointer[time.Time] // when the send under way began; nil for none
}

func (w *tailWriter) stuck(limit time.Duration) bool {
	since := w.since.Load()
	return since != nil && time.Since(*since) > limit
}

// write sends until ctx or the stream ends. A keep-alive is due also while payloads come
// without a pause, because of the counts that it carries.
func (w *tailWriter) write(ctx context.Context) error {
	keepAlive := time.NewTicker(w.keepAlive)
	defer keepAlive.Stop()
	for {
		if r, ok := w.viewer.Next(); ok {
			if err := w.send(r); err != nil {
				return err
			}
			select {
			case <-keepAlive.C:
			default:
				continue
			}
		} else {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-w.viewer.Ready():
				continue
			case <-keepAlive.C:
			}
		}
		err := w.send(&pb.TailResponse{XKeepalive: proto.Bool(true), XMetadata: w.viewer.Counts().Metadata()})
		if err != nil {
			return err
		}
	}
}

func (w *tailWriter) send(r *pb.TailResponse) error {
	now := time.Now()
	w.since.Store(&now)
	defer w.since.Store(nil)
	return w.stream.Send(r)
}

// PauseTail drops the payloads of a tail until ResumeTail. The tail's stream stays open.
func (s *Server) PauseTail(ctx context.Context, req *pb.PauseTailRequest) (*pb.StandardResponse, error) {
	err := checkSet("TailId", req.GetTailId())
	if err == nil {
		err = s.tails.Pause(req.GetTailId())
	}
	return s.inBand(ctx, "PauseTail", "tail paused", err)
}

// ResumeTail ends PauseTail.
func (s *Server) ResumeTail(ctx context.Context, req *pb.ResumeTailRequest) (*pb.StandardResponse, error) {
	err := checkSet("TailId", req.GetTailId())
	if err == nil {
		err = s.tails.Resume(req.GetTailId())
	}
	return s.inBand(ctx, "ResumeTail", "tail resumed", err)
}
