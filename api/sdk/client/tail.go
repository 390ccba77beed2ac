package client

import (
	"bytes"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
	"google.golang.org/grpc"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

// tailQueue is how many payloads wait for the server; more are dropped, so that a slow
// server never holds up the application.
const tailQueue = 100

// tails are the payloads that somebody watches.
type tails struct {
	mu      sync.Mutex
	active  map[string]*tail // by request id
	queue   chan *pb.TailResponse
	dropped atomic.Uint64
}

type tail struct {
	audience audience.Key
	limit    *rate.Limiter
	paused   bool
}

func newTails() *tails {
	return &tails{active: make(map[string]*tail), queue: make(chan *pb.TailResponse, tailQueue)}
}

// handle starts, stops, pauses or resumes a tail.
func (t *tails) handle(request *pb.TailRequest) {
	t.mu.Lock()
	defer t.mu.Unlock()
	id := request.GetId()
	switch request.GetType() {
	case pb.TailRequestType_TAIL_REQUEST_TYPE_START:
		sample := request.GetSampleOptions()
		count, seconds := max(1, sample.GetSampleRate()), max(1, sample.GetSampleIntervalSeconds())
		t.active[id] = &tail{
			audience: audience.KeyOf(request.GetAudience()),
			limit:    rate.NewLimiter(rate.Limit(float64(count)/float64(seconds)), int(count)),
		}
	case pb.TailRequestType_TAIL_REQUEST_TYPE_STOP:
		delete(t.active, id)
	case pb.TailRequestType_TAIL_REQUEST_TYPE_PAUSE, pb.TailRequestType_TAIL_REQUEST_TYPE_RESUME:
		if one := t.active[id]; one != nil {
			one.paused = request.GetType() == pb.TailRequestType_TAIL_REQUEST_TYPE_PAUSE
		}
	case pb.TailRequestType_TAIL_REQUEST_TYPE_UNSET:
	}
}

// stop forgets every tail: a server that comes back starts again those that are still wanted.
func (t *tails) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.active)
}

// offer queues a processed payload for every tail of its audience that has a turn.
func (t *tails) offer(a *pb.Audience, session string, before, after []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, one := range t.active {
		if one.paused || one.audience != audience.KeyOf(a) || !one.limit.Allow() {
			continue
		}
		select {
		case t.queue <- &pb.TailResponse{
			Type: pb.TailResponseType_TAIL_RESPONSE_TYPE_PAYLOAD, TailRequestId: id, Audience: a, SessionId: session,
			TimestampNs: time.Now().UnixNano(), OriginalData: bytes.Clone(before), NewData: bytes.Clone(after),
		}:
		default:
			t.dropped.Add(1)
		}
	}
}

// sendTails sends what is queued until ctx ends. A stream is opened when there is something
// to send, and again after it broke; what it held then is lost, as tails may lose.
func (c *Client) sendTails(ctx context.Context) {
	var stream grpc.ClientStreamingClient[pb.TailResponse, pb.StandardResponse]
	for {
		select {
		case <-ctx.Done():
			return
		case response := <-c.tails.queue:
			var err error
			if stream == nil {
				stream, err = c.api.SendTail(c.outgoing(ctx))
			}
			if err == nil {
				err = stream.Send(response)
			}
			if err != nil {
				c.tails.dropped.Add(1)
				stream = nil
			}
		}
	}
}
