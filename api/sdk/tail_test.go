package sdk_test

import (
	"sync"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/pb"
)

// watcher keeps the ids of payloads.
type watcher struct {
	mu  sync.Mutex
	ids []string
}

func (w *watcher) Offer(r *pb.TailResponse) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids = append(w.ids, r.GetTailRequestId())
}

// One stream carries payloads of many tails, valid or not, in order, and is answered at
// half-close.
func TestSendTailHandsOverWhatComes(t *testing.T) {
	t.Parallel()
	seen := &watcher{}
	w := newWorldWith(t, seen)
	stream, err := w.client.SendTail(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b", "", "a"} {
		if err := stream.Send(&pb.TailResponse{TailRequestId: id}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := stream.CloseAndRecv()
	if err != nil || got.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK || got.GetId() == "" || got.GetMessage() != "" {
		t.Errorf("got %v (%v)", got, err)
	}
	if len(seen.ids) != 4 || seen.ids[0] != "a" || seen.ids[1] != "b" || seen.ids[2] != "" || seen.ids[3] != "a" {
		t.Errorf("got %q", seen.ids)
	}
}

func TestDrainEndsSendTail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stream, err := w.client.SendTail(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&pb.TailResponse{}); err != nil {
		t.Fatal(err)
	}
	w.server.Drain()
	w.server.Drain()
	var reply pb.StandardResponse
	err = stream.RecvMsg(&reply)
	if s := status.Convert(err); s.Code() != codes.Unavailable || s.Message() != "server shutting down" {
		t.Errorf("got %v (%v)", &reply, err)
	}
}
