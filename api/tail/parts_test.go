package tail

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

func TestParse(t *testing.T) {
	t.Parallel()
	start := pb.TailRequestType_TAIL_REQUEST_TYPE_START
	good := func(change func(*pb.TailRequest)) *pb.TailRequest {
		r := &pb.TailRequest{Type: start, Id: "ID", Audience: aud("Op")}
		change(r)
		return r
	}
	key := audience.KeyOf(aud("op"))
	for _, tt := range []struct {
		name    string
		request *pb.TailRequest
		session string
		want    Request
		refusal string
	}{
		{"all", good(func(*pb.TailRequest) {}), "", Request{ID: "ID", Audience: key}, ""},
		{"one session", good(func(*pb.TailRequest) {}), "S", Request{ID: "ID", Audience: key, Session: "S"}, ""},
		{"sampled", good(func(r *pb.TailRequest) { r.SampleOptions = &pb.SampleOptions{SampleRate: 5, SampleIntervalSeconds: 2} }), "", Request{ID: "ID", Audience: key, Rate: 5, Seconds: 2}, ""},
		{"no interval", good(func(r *pb.TailRequest) { r.SampleOptions = &pb.SampleOptions{SampleRate: 5} }), "", Request{ID: "ID", Audience: key, Rate: 5, Seconds: 1}, ""},
		{"no rate", good(func(r *pb.TailRequest) { r.SampleOptions = &pb.SampleOptions{SampleIntervalSeconds: 5} }), "", Request{ID: "ID", Audience: key}, ""},
		{"nothing, 9.1.6", nil, "", Request{}, "enum 'Type' cannot be unset"},
		{"no id", good(func(r *pb.TailRequest) { r.Id = "" }), "", Request{}, "field 'Id' cannot be empty"},
		{"no audience, 9.1.6", good(func(r *pb.TailRequest) { r.Audience = nil }), "", Request{}, "field 'Audience' cannot be nil"},
		{"blank audience", good(func(r *pb.TailRequest) { r.Audience = &pb.Audience{} }), "", Request{}, "field 'Audience.ServiceName' cannot be empty"},
		{"stop", good(func(r *pb.TailRequest) { r.Type = pb.TailRequestType_TAIL_REQUEST_TYPE_STOP }), "", Request{}, "type must be TAIL_REQUEST_TYPE_START"},
		{"long id", good(func(r *pb.TailRequest) { r.Id = strings.Repeat("x", 256) }), "", Request{}, "field 'Id' has 256 bytes, at most 255 are allowed"},
		{"odd id", good(func(r *pb.TailRequest) { r.Id = "a\nb" }), "", Request{}, "field 'Id' contains invalid characters"},
		{"odd session", good(func(*pb.TailRequest) {}), "\xff", Request{}, "field 'tail-session-id' contains invalid characters"},
	} {
		got, err := Parse(tt.request, tt.session)
		if tt.refusal == "" {
			if err != nil || got != tt.want {
				t.Errorf("%s: got %+v (%v), want %+v", tt.name, got, err, tt.want)
			}
			continue
		}
		if kind, text := failure.Of(err); kind != failure.Invalid || !strings.HasPrefix(text, tt.refusal) {
			t.Errorf("%s: got %v %q, want %q", tt.name, kind, text, tt.refusal)
		}
	}
}

// With more traffic than asked for, exactly what was asked for passes.
func TestSamplerIsExact(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rate, seconds uint32
		every         time.Duration
		for_          time.Duration
		want          int
	}{
		{10, 1, time.Millisecond, 10 * time.Second, 100},
		{1, 1, 7 * time.Millisecond, 60 * time.Second, 60},
		{3, 10, 100 * time.Millisecond, 100 * time.Second, 30},
		{1, 3600, time.Second, 3 * time.Hour, 3},
		{math.MaxUint32, math.MaxUint32, time.Second, time.Minute, 60},
		{0, 0, time.Second, time.Minute, 60},
	} {
		s := newSampler(Request{Rate: tt.rate, Seconds: tt.seconds})
		start, got := time.Unix(1_800_000_000, 0), 0
		for at := time.Duration(0); at < tt.for_; at += tt.every {
			if s.allow(start.Add(at), false) {
				got++
			}
		}
		if got != tt.want {
			t.Errorf("%d per %d s, a payload every %v for %v: %d passed, want %d", tt.rate, tt.seconds, tt.every, tt.for_, got, tt.want)
		}
	}
}

// Less traffic than asked for passes whole, in whatever bursts it comes.
func TestSamplerLetsBurstsPass(t *testing.T) {
	t.Parallel()
	s := newSampler(Request{Rate: 5, Seconds: 1})
	at := time.Unix(1_800_000_000, 0)
	for range 10 {
		for range 5 {
			if !s.allow(at, false) {
				t.Fatal("a payload within the rate was left out")
			}
		}
		at = at.Add(1300 * time.Millisecond)
	}
}

// Two samplers in a row do not halve the rate when the way between them takes a little
// longer or shorter from time to time.
func TestSamplingTwiceKeepsTheRate(t *testing.T) {
	t.Parallel()
	first, second := newSampler(Request{Rate: 2, Seconds: 1}), newSampler(Request{Rate: 2, Seconds: 1})
	start, passed := time.Unix(1_800_000_000, 0), 0
	for i := range 60_000 { // a payload each millisecond for a minute
		sent := start.Add(time.Duration(i) * time.Millisecond)
		jitter := time.Duration(i*7919%50) * time.Millisecond
		if first.allow(sent, false) && second.allow(sent.Add(jitter), true) {
			passed++
		}
	}
	if passed < 118 || passed > 120 {
		t.Errorf("%d of 2 per second passed in a minute, want 120", passed)
	}
}

func TestPlausibleTimes(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 123)
	for name, tt := range map[string]struct{ got, want int64 }{
		"nanoseconds":       {now.UnixNano() - 5, now.UnixNano() - 5},
		"slightly ahead":    {now.Add(time.Hour).UnixNano(), now.Add(time.Hour).UnixNano()},
		"microseconds":      {1_800_000_000_000_001, 1_800_000_000_000_001_000},
		"milliseconds":      {1_800_000_000_001, 1_800_000_000_001_000_000},
		"seconds from Ruby": {1_799_999_999, 1_799_999_999_000_000_000},
		"none":              {0, now.UnixNano()},
		"negative":          {math.MinInt64, now.UnixNano()},
		"far future":        {math.MaxInt64, now.UnixNano()},
		"long ago":          {1, now.UnixNano()},
	} {
		if got := plausible(tt.got, now); got != tt.want {
			t.Errorf("%s: %d became %d, want %d", name, tt.got, got, tt.want)
		}
	}
}

func FuzzDecodeBatch(f *testing.F) {
	f.Add(encodeBatch(7, [][]byte{[]byte("a"), nil, bytes.Repeat([]byte("b"), 300)}))
	f.Add([]byte{batchVersion})
	f.Add([]byte("\x01........\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"))
	f.Fuzz(func(t *testing.T, b []byte) {
		run, payloads, err := decodeBatch(b)
		if err != nil {
			return
		}
		again, read, err := decodeBatch(encodeBatch(run, payloads))
		if err != nil || again != run || len(read) != len(payloads) {
			t.Fatalf("%x: read back %d payloads of %d (%v), want %d of %d", b, len(read), again, err, len(payloads), run)
		}
		for i := range read {
			if !bytes.Equal(read[i], payloads[i]) {
				t.Fatalf("%x: payload %d changed", b, i)
			}
		}
	})
}

func FuzzDecodeAnnouncement(f *testing.F) {
	f.Add([]byte(`{"v":1,"run":18446744073709551615,"node":"n","viewers":{"1":{"id":"t","audience":"s:operation_type_consumer:o:c","rate":1,"seconds":2}},"pauses":{"t":{"on":true,"at":5}},"counts":{"t":{"received":3}}}`))
	f.Add([]byte(`{"v":2}`))
	f.Add([]byte(`{"v":1,"viewers":{"1":{"id":"","audience":""}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := decodeAnnouncement(b)
		if err != nil {
			return
		}
		encoded, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		again, err := decodeAnnouncement(encoded)
		if diff := cmp.Diff(fmt.Sprint(a), fmt.Sprint(again)); err != nil || diff != "" {
			t.Fatalf("%s: %v (-want +got):\n%s", b, err, diff)
		}
		h := New(Config{Fleet: &fakeFleet{}})
		h.heard(a) // whatever passes does no harm
		h.expire()
	})
}

func TestAnnouncementsOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	many := announcement{Version: 1, Viewers: map[uint64]Request{}}
	for i := range uint64(MaxViewers + 1) {
		many.Viewers[i] = Request{ID: "t", Audience: audience.KeyOf(aud("op"))}
	}
	encoded, err := json.Marshal(many)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "x", "[]", `{}`, `{"v":2}`, `{"v":1,"viewers":{"1":{"id":"t","audience":"x"}}}`, string(encoded)} {
		if a, err := decodeAnnouncement([]byte(text)); err == nil {
			t.Errorf("%.40s: got %+v, want an error", text, a)
		}
	}
}
