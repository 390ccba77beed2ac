package console

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/tail"
)

func startTail(id string) *pb.TailRequest {
	return &pb.TailRequest{Type: pb.TailRequestType_TAIL_REQUEST_TYPE_START, Id: id, Audience: consumer("Svc")}
}

// tail opens a tail and waits until it is active.
func (h *house) tail(ctx context.Context, t *testing.T, req *pb.TailRequest) grpc.ServerStreamingClient[pb.TailResponse] {
	t.Helper()
	stream, err := h.client.Tail(ctx, req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Header(); err != nil { // comes at once, not with the first payload
		t.Fatal(err)
	}
	return stream
}

func payload(id, session, data string) *pb.TailResponse {
	return &pb.TailResponse{
		Type: pb.TailResponseType_TAIL_RESPONSE_TYPE_PAYLOAD, TailRequestId: id, Audience: consumer("svc"), SessionId: session,
		PipelineId: "p", TimestampNs: time.Now().UnixNano(), OriginalData: []byte(data), NewData: []byte("new " + data),
	}
}

func receive(t *testing.T, stream grpc.ServerStreamingClient[pb.TailResponse]) *pb.TailResponse {
	t.Helper()
	r, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTailShowsPayloads(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stream := h.tail(within(t), t, startTail("T-1"))
	sent := payload("T-1", "S", "data")
	h.tails.Offer(proto.CloneOf(sent))
	if diff := cmp.Diff(sent, receive(t, stream), protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTailOfOneSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	stream := h.tail(metadata.AppendToOutgoingContext(within(t), tail.SessionKey, "mine"), t, startTail("t"))
	h.tails.Offer(payload("t", "other", "1"))
	h.tails.Offer(payload("t", "mine", "2"))
	if got := receive(t, stream); got.GetSessionId() != "mine" {
		t.Errorf("got %v, want the payload of session mine", got)
	}
}

// Of docs/defects.md, 9.4.6.
func TestTailRefusals_9_1_6(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for text, req := range map[string]*pb.TailRequest{
		"invalid tail request: enum 'Type' cannot be unset": {}, // crashed the original: 9.1.6
		"invalid tail request: field 'Id' cannot be empty":  {Type: pb.TailRequestType_TAIL_REQUEST_TYPE_START},
		"invalid tail request: field 'Audience' cannot be nil": {
			Type: pb.TailRequestType_TAIL_REQUEST_TYPE_START, Id: "t",
		},
		"invalid tail request: field 'Audience.ServiceName' cannot be empty": {
			Type: pb.TailRequestType_TAIL_REQUEST_TYPE_START, Id: "t", Audience: &pb.Audience{},
		},
	} {
		stream, err := h.client.Tail(within(t), req)
		if err != nil {
			t.Fatal(err)
		}
		_, err = stream.Recv()
		wantStatus(t, err, codes.InvalidArgument, text)
	}
}

func TestTooManyTails(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range tail.MaxViewers {
		h.tail(within(t), t, startTail(fmt.Sprint(i)))
	}
	stream, err := h.client.Tail(within(t), startTail("one more"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = stream.Recv()
	wantStatus(t, err, codes.ResourceExhausted, tail.ErrTooManyViewers.Error())
}

func TestPauseAndResumeTail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := within(t)
	pause := func(id string) (*pb.StandardResponse, error) {
		return h.client.PauseTail(ctx, &pb.PauseTailRequest{TailId: id})
	}
	resume := func(id string) (*pb.StandardResponse, error) {
		return h.client.ResumeTail(ctx, &pb.ResumeTailRequest{TailId: id})
	}
	check := func(reply *pb.StandardResponse, err error) func(pb.ResponseCode, string) {
		return func(code pb.ResponseCode, message string) {
			t.Helper()
			wantReply(t, reply, err, code, message)
		}
	}
	check(pause(""))(bad, "field 'TailId' cannot be empty")
	check(resume(""))(bad, "field 'TailId' cannot be empty")
	check(pause("t"))(missing, "error fetching tail request: no tail request found for tail ID 't'")
	stream := h.tail(ctx, t, startTail("t"))
	check(resume("t"))(missing, "error fetching tail request: no tail request found for tail ID 't'")
	check(pause("t"))(ok, "tail paused")
	h.tails.Offer(payload("t", "s", "while paused"))
	check(resume("t"))(ok, "tail resumed")
	h.tails.Offer(payload("t", "s", "after"))
	if got := receive(t, stream); string(got.GetOriginalData()) != "after" {
		t.Errorf("got %q, want what came after the pause", got.GetOriginalData())
	}
}

// What became of the payloads is in keep-alive messages, and in the trailer.
func TestTailTellsWhatItLeftOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.KeepAlive = 5 * time.Millisecond })
	req := startTail("t")
	req.SampleOptions = &pb.SampleOptions{SampleRate: 2, SampleIntervalSeconds: 3600}
	stream := h.tail(within(t), t, req)
	for i := range 5 {
		h.tails.Offer(payload("t", "s", fmt.Sprint(i)))
	}
	want := map[string]string{tail.ReceivedKey: "5", tail.SampledKey: "3", tail.PausedKey: "0", tail.DroppedKey: "0"}
	for {
		m := receive(t, stream)
		if m.XKeepalive != nil && m.GetXMetadata()[tail.ReceivedKey] == "5" {
			if diff := cmp.Diff(&pb.TailResponse{XKeepalive: proto.Bool(true), XMetadata: want}, m, protocmp.Transform()); diff != "" {
				t.Errorf("keep-alive (-want +got):\n%s", diff)
			}
			break
		}
	}
	h.server.Drain()
	var err error
	for err == nil {
		_, err = stream.Recv()
	}
	wantStatus(t, err, codes.Unavailable, "server shutting down")
	for key, value := range want {
		if got := stream.Trailer().Get(key); len(got) != 1 || got[0] != value {
			t.Errorf("trailer %s: got %v, want %s", key, got, value)
		}
	}
}

func TestTailEndsWithItsViewer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, leave := context.WithCancel(within(t))
	h.tail(ctx, t, startTail("t"))
	if got := h.tails.Stats(); got.Viewers != 1 {
		t.Errorf("got %+v, want a viewer", got)
	}
	leave()
	eventually(t, "the tail ends", func() bool { return h.tails.Stats().Tails == 0 })
}

// A viewer that does not read is cut; what it did not read was counted as dropped.
func TestViewerThatDoesNotReadIsCut(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *Config) { c.StuckAfter = 20 * time.Millisecond })
	stream := h.tail(within(t), t, startTail("t"))
	large := string(make([]byte, 256<<10))
	eventually(t, "the viewer is cut", func() bool {
		h.tails.Offer(payload("t", "s", large))
		return h.tails.Stats().CutViewers == 1
	})
	var err error
	for err == nil {
		_, err = stream.Recv()
	}
	wantStatus(t, err, codes.Unavailable, errStuckViewer.Error())
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("never: %s", what)
		}
	}
}
