package tail

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
)

// payloadTopic is where the payloads of a tail go. Only nodes that view it subscribe.
func payloadTopic(id string) string { return "tail/" + id }

// batchVersion is the first byte of a batch. The rest is the sender's run, then each
// payload's length and its TailResponse.
const batchVersion = 1

func encodeBatch(run uint64, payloads [][]byte) []byte {
	size := 9
	for _, p := range payloads {
		size += binary.MaxVarintLen32 + len(p)
	}
	b := make([]byte, 0, size)
	b = append(b, batchVersion)
	b = binary.BigEndian.AppendUint64(b, run)
	for _, p := range payloads {
		b = binary.AppendUvarint(b, uint64(len(p)))
		b = append(b, p...)
	}
	return b
}

var errBatch = errors.New("not a batch of tailed payloads")

// decodeBatch reads what encodeBatch wrote. The payloads share the message's memory.
func decodeBatch(b []byte) (run uint64, payloads [][]byte, err error) {
	if len(b) < 9 || b[0] != batchVersion {
		return 0, nil, errBatch
	}
	run, b = binary.BigEndian.Uint64(b[1:9]), b[9:]
	for len(b) > 0 {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return 0, nil, errBatch
		}
		payloads = append(payloads, b[n:n+int(size)])
		b = b[n+int(size):]
	}
	return run, payloads, nil
}

// receive takes the payloads of tails that are viewed here from other nodes until ctx ends.
func (h *Hub) receive(ctx context.Context) {
	var wg sync.WaitGroup
	defer wg.Wait()
	inlets := make(map[string]context.CancelFunc) // by tail id
	for {
		select {
		case <-h.inletWake:
		case <-ctx.Done():
			return
		}
		routes := *h.routes.Load()
		for id, end := range inlets {
			if way := routes[id]; way == nil || len(way.viewers) == 0 {
				end()
				delete(inlets, id)
			}
		}
		for id, way := range routes {
			if len(way.viewers) == 0 || inlets[id] != nil {
				continue
			}
			inlet, end := context.WithCancel(ctx)
			inlets[id] = end
			wg.Go(func() {
				defer end()
				for message := range h.cfg.Bus.Subscribe(inlet, payloadTopic(id)) {
					h.takeBatch(id, message)
				}
			})
		}
	}
}

func (h *Hub) takeBatch(id string, message []byte) {
	run, payloads, err := decodeBatch(message)
	if err != nil {
		h.stats.garbled.Add(1)
		return
	}
	way := (*h.routes.Load())[id]
	if run == h.run || way == nil { // what this node sent, its viewers have
		return
	}
	for _, encoded := range payloads {
		r := &pb.TailResponse{}
		if proto.Unmarshal(encoded, r) != nil {
			h.stats.garbled.Add(1)
			continue
		}
		p := newPayload(r)
		for _, v := range way.viewers {
			v.offer(p, way.paused, true)
		}
	}
}
