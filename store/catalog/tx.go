package catalog

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/seal"
)

// Tx collects the writes of one Update. Each write is guarded: the change lands
// only if the record still is as Snapshot shows it. What is put is encoded at
// once, so the caller may go on using the message. A Tx is for one goroutine and
// is worthless after the function that got it returns.
type Tx struct {
	base    *Snapshot
	guarded map[store.Key]bool
	change  store.Change
	err     error // the first message that could not be encoded
}

func newTx(base *Snapshot) *Tx {
	return &Tx{base: base, guarded: make(map[store.Key]bool)}
}

// Snapshot returns the picture that this attempt starts from. It does not show
// the staged writes.
func (tx *Tx) Snapshot() *Snapshot { return tx.base }

// RequirePipeline makes the change depend on the pipeline staying as it is, and
// returns it; nil, when it does not exist, makes the change depend on that.
func (tx *Tx) RequirePipeline(id string) *pb.Pipeline {
	tx.guard(store.Key{Kind: store.KindPipeline, ID: id})
	return tx.base.Pipelines[id]
}

// RequireAssignment is RequirePipeline for the pipelines of an audience.
func (tx *Tx) RequireAssignment(k audience.Key) *pb.PipelineConfigs {
	tx.guard(store.Key{Kind: store.KindAssignment, ID: string(k)})
	return tx.base.Assignments[k]
}

// RequireAudience is RequirePipeline for an audience.
func (tx *Tx) RequireAudience(k audience.Key) *pb.Audience {
	tx.guard(store.Key{Kind: store.KindAudience, ID: string(k)})
	return tx.base.Audiences[k]
}

// PutPipeline stages a pipeline under its id. Module bytes inside its steps are
// not stored: modules are records of their own.
func (tx *Tx) PutPipeline(p *pb.Pipeline) {
	tx.putMessage(store.KindPipeline, p.GetId(), withoutModuleBytes(p))
}

// DeletePipeline stages the removal of a pipeline. Assignments that name it are
// the caller's to change (Snapshot.UsedBy).
func (tx *Tx) DeletePipeline(id string) { tx.remove(store.KindPipeline, id) }

// PutAssignment stages the ordered pipelines of an audience.
func (tx *Tx) PutAssignment(k audience.Key, c *pb.PipelineConfigs) {
	tx.putMessage(store.KindAssignment, string(k), c)
}

// DeleteAssignment stages that an audience has no pipelines.
func (tx *Tx) DeleteAssignment(k audience.Key) { tx.remove(store.KindAssignment, string(k)) }

// PutAudience stages an audience under its key, its names in lower case.
func (tx *Tx) PutAudience(a *pb.Audience) {
	tx.putMessage(store.KindAudience, string(audience.KeyOf(a)), audience.Canonical(a))
}

// DeleteAudience stages the removal of an audience, and of nothing that belongs to it.
func (tx *Tx) DeleteAudience(k audience.Key) { tx.remove(store.KindAudience, string(k)) }

// PutNotification stages a notification config under its id. A locked one makes the update
// fail with seal.ErrLocked.
func (tx *Tx) PutNotification(n *pb.NotificationConfig) {
	tx.refuseLocked(n.GetId())
	tx.putMessage(store.KindNotification, n.GetId(), n)
}

// DeleteNotification stages the removal of a notification config. A locked one makes the
// update fail with seal.ErrLocked.
func (tx *Tx) DeleteNotification(id string) {
	tx.refuseLocked(id)
	tx.remove(store.KindNotification, id)
}

// DropLocked stages the removal of a notification config that is locked: the one way to get
// rid of a secret whose key is lost. It does nothing to others.
func (tx *Tx) DropLocked(id string) {
	if tx.base.Locked[id] {
		tx.remove(store.KindNotification, id)
	}
}

// refuseLocked keeps a secret that nobody can read now from being lost for good.
func (tx *Tx) refuseLocked(id string) {
	if tx.base.Locked[id] {
		tx.fail(fmt.Errorf("notification %s is %w", id, seal.ErrLocked))
	}
}

// PutModule stages a module, bytes included, under its id.
func (tx *Tx) PutModule(m *shared.WasmModule) { tx.putMessage(store.KindWasm, m.GetId(), m) }

// DeleteModule stages the removal of a module.
func (tx *Tx) DeleteModule(id string) { tx.remove(store.KindWasm, id) }

// PutSchema stages the schema of an audience.
func (tx *Tx) PutSchema(k audience.Key, s *pb.Schema) { tx.putMessage(store.KindSchema, string(k), s) }

// PutHistory stages the versions that are kept of an audience's schema.
func (tx *Tx) PutHistory(k audience.Key, h *console.SchemaHistory) {
	tx.putMessage(store.KindHistory, string(k), h)
}

// DeleteSchema stages that an audience has no schema, nor had one.
func (tx *Tx) DeleteSchema(k audience.Key) {
	tx.remove(store.KindSchema, string(k))
	tx.remove(store.KindHistory, string(k))
}

// PutKV stages a key-value object under its key.
func (tx *Tx) PutKV(o *pb.KVObject) { tx.putMessage(store.KindKV, o.GetKey(), o) }

// DeleteKV stages the removal of a key-value object.
func (tx *Tx) DeleteKV(key string) { tx.remove(store.KindKV, key) }

// PutToken stages what is known of a scoped token under its id.
func (tx *Tx) PutToken(t *console.Token) { tx.putMessage(store.KindToken, t.GetId(), t) }

// DeleteToken stages that nothing is known of a scoped token.
func (tx *Tx) DeleteToken(id string) { tx.remove(store.KindToken, id) }

// PutSetting stages a setting. The value must not change afterwards.
func (tx *Tx) PutSetting(name string, value []byte) {
	tx.put(store.Key{Kind: store.KindSetting, ID: name}, value)
}

// PutCounter stages a record of counters. The value must not change afterwards.
func (tx *Tx) PutCounter(id string, value []byte) {
	tx.put(store.Key{Kind: store.KindCounter, ID: id}, value)
}

// DeleteCounter stages the removal of a record of counters.
func (tx *Tx) DeleteCounter(id string) { tx.remove(store.KindCounter, id) }

func (tx *Tx) putMessage(kind store.Kind, id string, m proto.Message) {
	key := store.Key{Kind: kind, ID: id}
	if !m.ProtoReflect().IsValid() {
		tx.fail(fmt.Errorf("put %s: %w", key, errNoMessage))
		return
	}
	value, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		tx.fail(fmt.Errorf("put %s: %w: %w", key, store.ErrInvalid, err))
		return
	}
	tx.put(key, value)
}

var errNoMessage = errors.New("the message is nil")

func (tx *Tx) fail(err error) {
	if tx.err == nil {
		tx.err = err
	}
}

func (tx *Tx) put(key store.Key, value []byte) {
	tx.guard(key)
	tx.change.Ops = append(tx.change.Ops, store.Op{Key: key, Value: value})
}

func (tx *Tx) remove(kind store.Kind, id string) {
	key := store.Key{Kind: kind, ID: id}
	tx.guard(key)
	tx.change.Ops = append(tx.change.Ops, store.Op{Key: key, Delete: true})
}

func (tx *Tx) guard(key store.Key) {
	if tx.guarded[key] {
		return
	}
	tx.guarded[key] = true
	tx.change.Guards = append(tx.change.Guards, store.Guard{Key: key, Revision: tx.base.revisions[key.Kind][key.ID]})
}

// records returns what the staged writes leave in the store at revision rev.
func (tx *Tx) records(rev store.Revision) []store.Record {
	records := make([]store.Record, 0, len(tx.change.Ops))
	for _, op := range tx.change.Ops {
		records = append(records, store.Record{Key: op.Key, Value: op.Value, Revision: rev, Deleted: op.Delete})
	}
	return records
}

func withoutModuleBytes(p *pb.Pipeline) *pb.Pipeline {
	for _, step := range p.GetSteps() {
		if step.GetXWasmBytes() == nil {
			continue
		}
		clean := proto.CloneOf(p)
		for _, s := range clean.GetSteps() {
			s.XWasmBytes = nil
		}
		return clean
	}
	return p
}
