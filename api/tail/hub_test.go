package tail

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/fleet"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/bolt"
)

// patience is how long tests wait for what happens soon.
const patience = 30 * time.Second

// fakeFleet keeps what it is told.
type fakeFleet struct {
	mu      sync.Mutex
	tails   []fleet.Tail
	stopped []string
}

func (f *fakeFleet) SetTails(tails []fleet.Tail) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tails = tails
}

func (f *fakeFleet) StopTail(session string, a audience.Key, id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stopped = append(f.stopped, fmt.Sprintf("%s %s %s", session, a, id))
}

// ids returns the tails as text: id, "!" when paused.
func (f *fakeFleet) ids() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := []string{}
	for _, t := range f.tails {
		if t.Paused {
			t.ID += "!"
		}
		list = append(list, t.ID)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// link is a node's way to the bus, which can be cut. It notes where the node listens.
type link struct {
	store.Bus
	mu     sync.Mutex
	cut    bool
	topics map[string]int
}

var errCut = errors.New("the bus is away")

func (l *link) sever() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
}

func (l *link) Publish(ctx context.Context, topic string, payload []byte) error {
	l.mu.Lock()
	cut := l.cut
	l.mu.Unlock()
	if cut {
		return errCut
	}
	return l.Bus.Publish(ctx, topic, payload)
}

func (l *link) Subscribe(ctx context.Context, topic string) <-chan []byte {
	from := l.Bus.Subscribe(ctx, topic)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.topics[topic]++
	context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.topics[topic]--
	})
	return from
}

func (l *link) listens(topic string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.topics[topic] > 0
}

// hub is a Hub that runs, with what is around it.
type hub struct {
	*Hub
	t     *testing.T
	fleet *fakeFleet
	clock *clock
	bus   *link
	stop  func()
}

func newBus(t *testing.T) store.Bus {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func newHub(t *testing.T, node string, bus store.Bus) *hub {
	t.Helper()
	h := &hub{t: t, fleet: &fakeFleet{}, clock: &clock{at: time.Unix(1_800_000_000, 0)}}
	c := Config{Node: node, Fleet: h.fleet, Log: zerolog.Nop(), Now: h.clock.now, Announce: 5 * time.Millisecond}
	if bus != nil {
		h.bus = &link{Bus: bus, topics: make(map[string]int)}
		c.Bus = h.bus
	}
	h.Hub = New(c)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = h.Run(ctx) }()
	h.stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(h.stop)
	if h.bus != nil {
		eventually(t, "the hub listens", func() bool { return h.bus.listens(controlTopic) })
	}
	return h
}

func eventually(t testing.TB, what string, ok func() bool) {
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

func aud(operation string) *pb.Audience {
	return &pb.Audience{ServiceName: "svc", OperationName: operation, ComponentName: "kafka", OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER}
}

func request(id string) Request { return Request{ID: id, Audience: audience.KeyOf(aud("op"))} }

func (h *hub) open(r Request) *Viewer {
	h.t.Helper()
	v, err := h.Open(r)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(v.Close)
	return v
}

// send offers a payload of session s.
func (h *hub) send(id, data string) { h.sendAs("s", id, data) }

func (h *hub) sendAs(session, id, data string) {
	h.Offer(&pb.TailResponse{
		Type: pb.TailResponseType_TAIL_RESPONSE_TYPE_PAYLOAD, TailRequestId: id, Audience: aud("Op"), SessionId: session,
		TimestampNs: h.clock.now().UnixNano(), OriginalData: []byte(data), NewData: []byte("new " + data),
	})
}

// got returns the data of everything that waits for a viewer.
func got(v *Viewer) string {
	list := []string{}
	for r, ok := v.Next(); ok; r, ok = v.Next() {
		list = append(list, string(r.GetOriginalData()))
	}
	return strings.Join(list, " ")
}

func expect(t *testing.T, v *Viewer, data string) {
	t.Helper()
	if got := got(v); got != data {
		t.Errorf("viewer of %s: got %q, want %q", v.request.ID, got, data)
	}
}

func wantCounts(t *testing.T, v *Viewer, c Counts) {
	t.Helper()
	if diff := cmp.Diff(c, v.Counts()); diff != "" {
		t.Errorf("viewer of %s (-want +got):\n%s", v.request.ID, diff)
	}
}

func TestViewersSeeTheirTailInOrder_9_2_26(t *testing.T) {
	t.Parallel()
	h := newHub(t, "n", nil)
	if h.send("t1", "early"); h.Stats().Unwanted != 1 {
		t.Error("a payload of no tail was not counted")
	}
	v1, v2 := h.open(request("t1")), h.open(request("t2")) // two viewers of one audience
	if got := h.fleet.ids(); got != "t1 t2" {
		t.Errorf("the fleet was told of %q", got)
	}
	for i := range 5 {
		h.send("t1", fmt.Sprint("a", i))
		h.send("t2", fmt.Sprint("b", i))
	}
	select {
	case <-v1.Ready():
	default:
		t.Error("a viewer with payloads is not ready")
	}
	expect(t, v1, "a0 a1 a2 a3 a4")
	expect(t, v2, "b0 b1 b2 b3 b4")
	wantCounts(t, v1, Counts{Received: 5})
	v1.Close()
	v1.Close()
	h.send("t1", "late")
	expect(t, v1, "")
	if got := h.fleet.ids(); got != "t2" {
		t.Errorf("after the end, the fleet was told of %q", got)
	}
	if s := h.Stats(); s.Received != 10 || s.Shown != 10 || s.Viewers != 1 || s.Tails != 1 || s.Unwanted != 2 {
		t.Errorf("got %+v", s)
	}
}

// Viewers that chose one id do not disturb each other, whatever each wants to see.
func TestOneIDTwice(t *testing.T) {
	t.Parallel()
	h := newHub(t, "n", nil)
	all := h.open(request("t"))
	some := request("t")
	some.Rate, some.Seconds = 2, 10
	sampled := h.open(some)
	other := request("t")
	other.Audience = audience.KeyOf(aud("other"))
	foreign := h.open(other)
	for i := range 3 {
		h.send("t", fmt.Sprint(i))
	}
	expect(t, all, "0 1 2")
	expect(t, sampled, "0 1")
	expect(t, foreign, "")
	wantCounts(t, sampled, Counts{Received: 3, Sampled: 1})
	all.Close()
	h.send("t", "3")
	h.clock.advance(10 * time.Second)
	h.send("t", "4")
	expect(t, sampled, "4")
	h.fleet.mu.Lock()
	defer h.fleet.mu.Unlock()
	slices.SortFunc(h.fleet.tails, func(a, b fleet.Tail) int { return strings.Compare(string(a.Audience), string(b.Audience)) })
	wanted := []fleet.Tail{
		{ID: "t", Audience: audience.KeyOf(aud("op")), Rate: 2, Seconds: 10},
		{ID: "t", Audience: audience.KeyOf(aud("other")), Rate: unlimited, Seconds: 1},
	}
	if diff := cmp.Diff(wanted, h.fleet.tails); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSessionFilter(t *testing.T) {
	t.Parallel()
	h := newHub(t, "n", nil)
	r := request("t")
	r.Session = "mine"
	v := h.open(r)
	h.sendAs("mine", "t", "1")
	h.sendAs("other", "t", "2")
	h.sendAs("mine", "t", "3")
	expect(t, v, "1 3")
	wantCounts(t, v, Counts{Received: 2})
	if h.fleet.tails[0].Session != "mine" {
		t.Errorf("the fleet was told of %+v, want only session mine", h.fleet.tails)
	}
}

func TestPause_9_2_26(t *testing.T) {
	t.Parallel()
	h := newHub(t, "n", nil)
	v := h.open(request("T"))
	refused := func(err error, id string) {
		t.Helper()
		kind, text := failure.Of(err)
		if want := "error fetching tail request: no tail request found for tail ID '" + id + "'"; kind != failure.NotFound || text != want {
			t.Errorf("got %v %q, want %q", kind, text, want)
		}
	}
	refused(h.Pause("unknown"), "unknown")
	refused(h.Resume("T"), "T")
	if err := h.Pause("T"); err != nil {
		t.Fatal(err)
	}
	refused(h.Pause("T"), "T")
	h.send("T", "1")
	if got := h.fleet.ids(); got != "T!" {
		t.Errorf("the fleet was told of %q", got)
	}
	second := h.open(request("T"))
	h.send("T", "2")
	if err := h.Resume("T"); err != nil {
		t.Fatal(err)
	}
	h.send("T", "3")
	expect(t, v, "3")
	expect(t, second, "3")
	wantCounts(t, v, Counts{Received: 3, Paused: 2})
	// A paused tail leaves nothing behind when it ends: section 9.2.26.
	if err := h.Pause("T"); err != nil {
		t.Fatal(err)
	}
	v.Close()
	second.Close()
	again := h.open(request("T"))
	h.send("T", "4")
	expect(t, again, "4")
}

// A viewer that does not read loses what is old, and neither memory nor others suffer.
func TestSlowViewerLosesTheOldest(t *testing.T) {
	t.Parallel()
	h := newHub(t, "n", nil)
	v := h.open(request("t"))
	for i := range maxQueued + 10 {
		h.send("t", fmt.Sprint(i))
	}
	wantCounts(t, v, Counts{Received: maxQueued + 10, Dropped: 10})
	if r, ok := v.Next(); !ok || string(r.GetOriginalData()) != "10" {
		t.Errorf("the oldest is %v, want payload 10", r)
	}
	_ = got(v)
	large := strings.Repeat("x", MaxData)
	for range 100 {
		h.send("t", large)
	}
	n := 0
	for _, ok := v.Next(); ok; _, ok = v.Next() {
		n++
	}
	if most := maxQueuedBytes / (2 * MaxData); n == 0 || n > most {
		t.Errorf("%d payloads of 2 MiB wait, want at most %d", n, most)
	}
	if s := h.Stats(); s.Dropped != 10+100-uint64(n) {
		t.Errorf("got %+v, want the drops counted", s)
	}
}

func TestLongDataIsCut(t *testing.T) {
	t.Parallel()
	h := newHub(t, "n", nil)
	v := h.open(request("t"))
	h.send("t", strings.Repeat("x", MaxData+1))
	r, _ := v.Next()
	wanted := map[string]string{originalSizeKey: fmt.Sprint(MaxData + 1), newSizeKey: fmt.Sprint(MaxData + 5)}
	if diff := cmp.Diff(wanted, r.GetXMetadata()); diff != "" || len(r.GetOriginalData()) != MaxData || len(r.GetNewData()) != MaxData {
		t.Errorf("got %d and %d bytes (-want +got):\n%s", len(r.GetOriginalData()), len(r.GetNewData()), diff)
	}
	if got := h.Stats().Cut; got != 2 {
		t.Errorf("%d cuts are counted, want 2", got)
	}
}

func TestInvalidMessagesAreCounted(t *testing.T) {
	t.Parallel()
	h := newHub(t, "n", nil)
	v := h.open(request("t"))
	good := func() *pb.TailResponse {
		return &pb.TailResponse{Type: pb.TailResponseType_TAIL_RESPONSE_TYPE_ERROR, TailRequestId: "t", Audience: aud("op"), SessionId: "s"}
	}
	for _, spoil := range []func(*pb.TailResponse){
		func(r *pb.TailResponse) { r.Type = 0 },
		func(r *pb.TailResponse) { r.TailRequestId = "" },
		func(r *pb.TailResponse) { r.Audience = nil },
		func(r *pb.TailResponse) { r.SessionId = "" },
		func(r *pb.TailResponse) { r.PipelineId = strings.Repeat("x", maxBeside) },
	} {
		r := good()
		spoil(r)
		h.Offer(r)
	}
	h.Offer(&pb.TailResponse{})
	if s := h.Stats(); s.Invalid != 6 {
		t.Errorf("got %+v, want 6 invalid", s)
	}
	expect(t, v, "")
	h.Offer(good())
	if r, ok := v.Next(); !ok || r.GetTimestampNs() != h.clock.now().UnixNano() {
		t.Errorf("got %v, want a message with the time of its arrival", r)
	}
}

func TestSessionsThatKeptATailAreStopped(t *testing.T) {
	t.Parallel()
	h := newHub(t, "n", nil)
	for range 1000 {
		h.send("kept", "x")
	}
	h.open(request("brief")).Close()
	h.clock.advance(time.Second)
	h.send("brief", "on its way") // no surprise
	h.clock.advance(time.Minute)
	h.send("brief", "still")
	key := string(audience.KeyOf(aud("op")))
	h.fleet.mu.Lock()
	defer h.fleet.mu.Unlock()
	if got, want := fmt.Sprint(h.fleet.stopped), fmt.Sprintf("[s %s kept s %s brief]", key, key); got != want {
		t.Errorf("stopped %s, want %s", got, want)
	}
}

func TestTooManyViewers(t *testing.T) {
	t.Parallel()
	h := newHub(t, "n", nil)
	for i := range MaxViewers {
		h.open(request(fmt.Sprint(i)))
	}
	if _, err := h.Open(request("one more")); !errors.Is(err, ErrTooManyViewers) {
		t.Errorf("got %v, want a refusal", err)
	}
	if s := h.Stats(); s.Viewers != MaxViewers || s.RefusedViewers != 1 {
		t.Errorf("got %+v", s)
	}
}

func BenchmarkOffer(b *testing.B) {
	h := New(Config{Fleet: &fakeFleet{}})
	v, err := h.Open(request("t"))
	if err != nil {
		b.Fatal(err)
	}
	data := make([]byte, 1024)
	for b.Loop() {
		h.Offer(&pb.TailResponse{
			Type: pb.TailResponseType_TAIL_RESPONSE_TYPE_PAYLOAD, TailRequestId: "t", Audience: aud("op"), SessionId: "s", OriginalData: data, NewData: data,
		})
		v.Next()
	}
}
