package fleet

import (
	"bytes"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/streamdal/streamdal-server/api/fleet/frame"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
)

// kvChunk is how many bytes of keys and values go into one command, as in the original: more
// begin a new one.
const kvChunk = 64 << 10

// kvPicture is the key-value pairs as they were at one time. It never changes; the frames
// that lead to it are made when they are first needed and shared by all streams.
type kvPicture struct {
	objects map[string]*pb.KVObject
	number  uint64 // counts pictures, from 1

	mu sync.Mutex
	// frames by the number of the picture that they start from; 0 for nothing. Not by the
	// picture itself: each would hold the one before it, and so all there ever were.
	frames map[uint64][]frame.Frame
}

// kvChange is what a stream has to be sent.
type kvChange struct {
	from, to *kvPicture
	quirks   Quirks
}

// changeKV takes over the key-value pairs and wakes every stream. f.mu is held.
func (f *Fleet) changeKV(objects map[string]*pb.KVObject) {
	next := &kvPicture{objects: objects, number: 1, frames: make(map[uint64][]frame.Frame)}
	if f.kv != nil {
		next.number = f.kv.number + 1
	}
	f.kv = next
	for st := range f.ring.all() {
		st.signal()
	}
}

// takeKV returns how a stream gets from the pairs it was sent to the newest. f.mu is held.
func (f *Fleet) takeKV(st *stream) *kvChange {
	if st.kv == f.kv {
		return nil
	}
	change := &kvChange{from: st.kv, to: f.kv, quirks: st.session.quirks}
	st.kv = f.kv
	if change.quirks.NoKV && change.from != nil {
		return nil
	}
	return change
}

// emptyKV is the first message of a stream that gets no pairs: it makes the response headers
// go out, which the Node SDK waits for, and tells the Go SDK that the stream works.
var emptyKV = mustEncode(&pb.Command{Command: &pb.Command_Kv{Kv: &pb.KVCommand{}}})

func mustEncode(c *pb.Command) frame.Frame {
	fr, err := frame.Encode(c)
	if err != nil {
		panic(err) // a constant of ours
	}
	return fr
}

// kvFrames returns the frames of a change; for the first one of a stream at least one.
func (f *Fleet) kvFrames(c *kvChange) []frame.Frame {
	if c.from == nil && (c.quirks.NoKV || len(c.to.objects) == 0) {
		return []frame.Frame{emptyKV}
	}
	var from uint64
	if c.from != nil {
		from = c.from.number
	}
	c.to.mu.Lock()
	defer c.to.mu.Unlock()
	frames, ok := c.to.frames[from]
	if !ok {
		var err error
		if frames, err = encodeKV(instructions(c.from, c.to, f.cfg.Now())); err != nil {
			f.noteUnencodable(err)
		}
		c.to.frames[from] = frames
	}
	return frames
}

// instructions returns what turns one picture into another, in the order of the keys.
func instructions(from, to *kvPicture, now time.Time) []*pb.KVInstruction {
	var list []*pb.KVInstruction
	add := func(action shared.KVAction, object *pb.KVObject) {
		list = append(list, &pb.KVInstruction{
			Id: uuid.NewString(), Action: action, Object: object, RequestedAtUnixTsNanoUtc: now.UnixNano(),
		})
	}
	var before map[string]*pb.KVObject
	if from != nil {
		before = from.objects
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if to.objects[key] == nil {
			add(shared.KVAction_KV_ACTION_DELETE, &pb.KVObject{Key: key})
		}
	}
	for _, key := range slices.Sorted(maps.Keys(to.objects)) {
		old, object := before[key], to.objects[key]
		if old == nil || (old != object && !bytes.Equal(old.GetValue(), object.GetValue())) {
			// An SDK overwrites what it has, so creating serves for updating as well.
			add(shared.KVAction_KV_ACTION_CREATE, object)
		}
	}
	return list
}

// encodeKV divides instructions into commands of bounded size.
func encodeKV(list []*pb.KVInstruction) ([]frame.Frame, error) {
	var frames []frame.Frame
	for len(list) > 0 {
		n, size := 0, 0
		for n < len(list) && (n == 0 || size <= kvChunk) {
			size += len(list[n].GetObject().GetKey()) + len(list[n].GetObject().GetValue())
			n++
		}
		if n > 1 && size > kvChunk {
			n--
		}
		fr, err := frame.Encode(&pb.Command{Command: &pb.Command_Kv{Kv: &pb.KVCommand{
			Instructions: list[:n], Overwrite: true,
		}}})
		if err != nil {
			return frames, err
		}
		frames = append(frames, fr)
		list = list[n:]
	}
	return frames, nil
}
