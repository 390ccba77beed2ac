package wasmbuild

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// host says how a vector's host answers: like the Go SDK with these keys, with a
// given message, with given bytes, or with nothing.
type host struct {
	Keys    []string        `json:"kv_keys"`
	KV      json.RawMessage `json:"kv_response"`
	HTTP    json.RawMessage `json:"http_response"`
	Raw     []byte          `json:"raw_response_b64"`
	Nothing bool            `json:"returns_zero"`
}

// fakeHost answers one vector after the other and keeps what it is asked.
type fakeHost struct {
	host  host
	asked []proto.Message
	wrong error // what is asked cannot be read
}

func (h *fakeHost) options() runner.Options {
	return runner.Options{Interpreter: true, KVExists: h.kvExists, HTTPRequest: h.httpRequest}
}

func (h *fakeHost) begin(how host) { *h = fakeHost{host: how} }

// note keeps a request, decoded.
func (h *fakeHost) note(request []byte, m proto.Message) {
	if err := proto.Unmarshal(request, m); err != nil {
		h.wrong = fmt.Errorf("request %x: %w", request, err)
	}
	h.asked = append(h.asked, m)
}

func (h *fakeHost) kvExists(_ context.Context, request []byte) []byte {
	step := &steps.KVStep{}
	h.note(request, step)
	answer := &steps.KVStepResponse{}
	switch {
	case h.host.Nothing:
		return nil
	case h.host.Raw != nil:
		return h.host.Raw
	case h.host.KV != nil:
		return h.encode(h.host.KV, answer)
	}
	return kvAnswer(step.GetKey(), h.host.Keys)
}

// kvAnswer is how the Go SDK answers for a key.
func kvAnswer(key string, keys []string) []byte {
	answer := &steps.KVStepResponse{Status: steps.KVStatus_KV_STATUS_FAILURE, Message: fmt.Sprintf("key '%s' does not exist", key)}
	switch {
	case key == "":
		answer.Status, answer.Message = steps.KVStatus_KV_STATUS_ERROR, "unable to validate KVExistsRequest: request.Key cannot be empty"
	case slices.Contains(keys, key):
		answer.Status, answer.Message = steps.KVStatus_KV_STATUS_SUCCESS, fmt.Sprintf("key '%s' exists", key)
	}
	wire, err := proto.Marshal(answer)
	if err != nil {
		return nil // a key that is no text: the module's mistake, which shows
	}
	return wire
}

func (h *fakeHost) httpRequest(_ context.Context, request []byte) []byte {
	h.note(request, &pb.WASMRequest{})
	switch {
	case h.host.Nothing:
		return nil
	case h.host.Raw != nil:
		return h.host.Raw
	}
	return h.encode(h.host.HTTP, &steps.HttpResponse{})
}

// encode turns a JSON answer into wire form.
func (h *fakeHost) encode(text json.RawMessage, m proto.Message) []byte {
	wire := []byte(nil)
	err := protojson.Unmarshal(text, m)
	if err == nil {
		wire, err = proto.Marshal(m)
	}
	if err != nil {
		h.wrong = err
	}
	return wire
}

// requests are what the module asked, as the vectors have it.
func (h *fakeHost) requests(t *testing.T) []json.RawMessage {
	t.Helper()
	if h.wrong != nil {
		t.Error(h.wrong)
	}
	var list []json.RawMessage
	for _, m := range h.asked {
		text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, text)
	}
	return list
}

func equalRequests(t *testing.T, a, b []json.RawMessage) bool {
	t.Helper()
	return slices.EqualFunc(a, b, func(x, y json.RawMessage) bool {
		var got, want any
		if err := json.Unmarshal(x, &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(y, &want); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(got) == fmt.Sprint(want)
	})
}
