package tail

import (
	"bytes"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/audience"
)

// payload is one message of an SDK on its way to viewers. It never changes.
type payload struct {
	response *pb.TailResponse
	audience audience.Key
	size     int
}

// maxBeside is how many bytes a message may have besides its data: names, ids, metadata.
const maxBeside = 16 << 10

func newPayload(r *pb.TailResponse) *payload {
	return &payload{response: r, audience: audience.KeyOf(r.GetAudience()), size: proto.Size(r)}
}

// route is what to do with the payloads of a tail. It never changes.
type route struct {
	audiences map[audience.Key]struct{}
	paused    bool
	viewers   []*Viewer // on this node
	relay     *relay    // nil unless another node has viewers
}

// Offer takes a payload that an SDK sent. It never waits. What makes no sense or is not
// wanted is counted and dropped, and never the SDK's problem. The caller gives r away.
func (h *Hub) Offer(r *pb.TailResponse) {
	if r.GetTailRequestId() == "" || r.GetSessionId() == "" || r.GetAudience() == nil ||
		r.GetType() == pb.TailResponseType_TAIL_RESPONSE_TYPE_UNSET {
		h.stats.invalid.Add(1)
		return
	}
	way := (*h.routes.Load())[r.GetTailRequestId()]
	if way == nil {
		h.unwanted(r)
		return
	}
	h.mend(r)
	p := newPayload(r)
	if _, wanted := way.audiences[p.audience]; !wanted {
		h.unwanted(r)
		return
	}
	if p.size-len(r.GetOriginalData())-len(r.GetNewData()) > maxBeside {
		h.stats.invalid.Add(1)
		return
	}
	h.stats.received.Add(1)
	for _, v := range way.viewers {
		v.offer(p, way.paused, false)
	}
	if way.relay != nil {
		way.relay.offer(p, way.paused)
	}
}

const (
	// strayEvery bounds how often sessions are told to stop: a busy SDK sends thousands of
	// payloads until it hears.
	strayEvery = 100 * time.Millisecond
	// endedFor is how long payloads of a tail that has ended are no surprise.
	endedFor = 10 * time.Second
)

// unwanted counts a payload of no tail, and makes its session stop sending such.
func (h *Hub) unwanted(r *pb.TailResponse) {
	h.stats.unwanted.Add(1)
	now := h.cfg.Now()
	last := h.lastStray.Load()
	if now.UnixNano()-last < int64(strayEvery) || !h.lastStray.CompareAndSwap(last, now.UnixNano()) {
		return
	}
	h.mu.Lock()
	ended, known := h.ended[r.GetTailRequestId()]
	h.mu.Unlock()
	if known && now.Sub(ended) < endedFor {
		return
	}
	h.cfg.Fleet.StopTail(r.GetSessionId(), audience.KeyOf(r.GetAudience()), r.GetTailRequestId())
}

// Keys of a payload's metadata that say how long data was before it was cut.
const (
	originalSizeKey = "original_data_bytes"
	newSizeKey      = "new_data_bytes"
)

// mend cuts what is too long to be shown, and corrects the time.
func (h *Hub) mend(r *pb.TailResponse) {
	r.TimestampNs = plausible(r.GetTimestampNs(), h.cfg.Now())
	r.XKeepalive = nil // viewers would take the payload for nothing
	r.OriginalData = h.cut(r, r.GetOriginalData(), originalSizeKey)
	r.NewData = h.cut(r, r.GetNewData(), newSizeKey)
}

func (h *Hub) cut(r *pb.TailResponse, data []byte, key string) []byte {
	if len(data) <= MaxData {
		return data
	}
	h.stats.cut.Add(1)
	if r.XMetadata == nil {
		r.XMetadata = make(map[string]string)
	}
	r.XMetadata[key] = strconv.Itoa(len(data))
	return bytes.Clone(data[:MaxData]) // lets go of the rest
}

// plausible returns a time in nanoseconds. The Ruby SDK sends seconds; others may send
// another unit, or nothing.
func plausible(t int64, now time.Time) int64 {
	const day = int64(24 * time.Hour)
	for _, unit := range []time.Duration{time.Nanosecond, time.Microsecond, time.Millisecond, time.Second} {
		if t <= 0 || t > (now.UnixNano()+day)/int64(unit) {
			break // the units that follow are larger still
		}
		if ns := t * int64(unit); ns > now.UnixNano()-365*day {
			return ns
		}
	}
	return now.UnixNano()
}
