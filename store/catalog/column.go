package catalog

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/audience"
)

// column is how records of one kind become a map of a snapshot.
type column interface {
	clone(s *Snapshot)
	put(s *Snapshot, id string, value []byte) error
	drop(s *Snapshot, id string)
}

// columns is the one place that says what the values of each kind are. A record
// must carry the id it is stored under, where its message has one: otherwise
// editing and deleting it would hit another record.
var columns = map[store.Kind]column{
	store.KindPipeline: messages(
		func(s *Snapshot) *map[string]*pb.Pipeline { return &s.Pipelines },
		func() *pb.Pipeline { return new(pb.Pipeline) },
		(*pb.Pipeline).GetId),
	store.KindAssignment: messages(
		func(s *Snapshot) *map[audience.Key]*pb.PipelineConfigs { return &s.Assignments },
		func() *pb.PipelineConfigs { return new(pb.PipelineConfigs) },
		nil),
	store.KindAudience: messages(
		func(s *Snapshot) *map[audience.Key]*pb.Audience { return &s.Audiences },
		func() *pb.Audience { return new(pb.Audience) },
		func(a *pb.Audience) string { return string(audience.KeyOf(a)) }),
	store.KindNotification: notifications{},
	store.KindWasm: messages(
		func(s *Snapshot) *map[string]*shared.WasmModule { return &s.Modules },
		func() *shared.WasmModule { return new(shared.WasmModule) },
		(*shared.WasmModule).GetId),
	store.KindSchema: messages(
		func(s *Snapshot) *map[audience.Key]*pb.Schema { return &s.Schemas },
		func() *pb.Schema { return new(pb.Schema) },
		nil),
	store.KindHistory: messages(
		func(s *Snapshot) *map[audience.Key]*console.SchemaHistory { return &s.Histories },
		func() *console.SchemaHistory { return new(console.SchemaHistory) },
		nil),
	store.KindKV: messages(
		func(s *Snapshot) *map[string]*pb.KVObject { return &s.KV },
		func() *pb.KVObject { return new(pb.KVObject) },
		(*pb.KVObject).GetKey),
	store.KindToken: messages(
		func(s *Snapshot) *map[string]*console.Token { return &s.Tokens },
		func() *console.Token { return new(console.Token) },
		(*console.Token).GetId),
	store.KindSetting: opaque(func(s *Snapshot) *map[string][]byte { return &s.Settings }),
	store.KindCounter: opaque(func(s *Snapshot) *map[string][]byte { return &s.Counters }),
}

// opaque is the column of a kind whose values others decode.
func opaque(field func(*Snapshot) *map[string][]byte) column {
	return mapColumn[string, []byte]{
		field:  field,
		decode: func(_ string, value []byte) ([]byte, error) { return value, nil },
	}
}

// mapColumn is a column over one map field of Snapshot.
type mapColumn[K ~string, V any] struct {
	field  func(*Snapshot) *map[K]V
	decode func(id string, value []byte) (V, error)
}

func (c mapColumn[K, V]) clone(s *Snapshot) {
	m := c.field(s)
	*m = cloneOrMake(*m)
}

func (c mapColumn[K, V]) put(s *Snapshot, id string, value []byte) error {
	v, err := c.decode(id, value)
	if err != nil {
		return err
	}
	(*c.field(s))[K(id)] = v
	return nil
}

func (c mapColumn[K, V]) drop(s *Snapshot, id string) { delete(*c.field(s), K(id)) }

// messages is the column of a kind whose values are protobuf messages. idOf
// returns the id inside a message; nil when the message has none and the record's
// id is an audience key.
func messages[K ~string, M proto.Message](field func(*Snapshot) *map[K]M, empty func() M, idOf func(M) string) column {
	return mapColumn[K, M]{field: field, decode: func(id string, value []byte) (M, error) {
		m := empty()
		if err := proto.Unmarshal(value, m); err != nil {
			return m, fmt.Errorf("decode %s: %w", m.ProtoReflect().Descriptor().Name(), err)
		}
		if idOf == nil {
			_, err := audience.Parse(id)
			return m, err
		}
		if inside := idOf(m); inside != id {
			return m, fmt.Errorf("the record says its id is %q", inside)
		}
		return m, nil
	}}
}
