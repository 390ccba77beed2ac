package legacy

import (
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/audience"
	"github.com/streamdal/streamdal-server/store/seal"
)

// Settings under which the original's own facts are kept.
const (
	SettingInstallID    = "install_id"
	SettingCreationDate = "creation_date"
)

// reader turns values into records. The original compares ids in lower case, this server as
// they are, so references are spelled as what they refer to once all is read.
type reader struct {
	ring  seal.Ring
	found *Found

	creators      map[string]string // by audience
	assignments   map[audience.Key]*pb.PipelineConfigs
	pipelineIDs   map[string]string // by lower case
	damagedIDs    map[string]bool   // pipelines that are there but cannot be read, in lower case
	notifications map[string]string // ids by lower case
	modules       map[string]*shared.WasmModule
	taken         map[store.Key]bool
}

func newReader(ring seal.Ring) *reader {
	return &reader{
		ring:          ring,
		found:         &Found{originals: map[string]*shared.WasmModule{}},
		creators:      map[string]string{},
		assignments:   map[audience.Key]*pb.PipelineConfigs{},
		pipelineIDs:   map[string]string{},
		damagedIDs:    map[string]bool{},
		notifications: map[string]string{},
		modules:       map[string]*shared.WasmModule{},
		taken:         map[store.Key]bool{},
	}
}

// errSealed means that a value is sealed with a key that is not there.
var errSealed = errors.New("sealed")

// take takes one key and its value.
func (r *reader) take(key string, value []byte) {
	c, rest := classify(key)
	var err error
	switch c {
	case pipelineKey:
		if err = r.takePipeline(rest, value); err != nil {
			r.damagedIDs[rest] = true
		}
	case audienceKey:
		err = r.takeAudience(rest, value)
	case notificationKey:
		err = r.takeNotification(rest, value)
	case schemaKey:
		err = r.takeSchema(rest, value)
	case wasmKey:
		err = r.takeModule(rest, value)
	case kvKey:
		err = r.takeKV(rest, value)
	case countersKey:
		err = r.takeCounters(value)
	case installKey:
		err = r.put(store.KindSetting, SettingInstallID, value)
	case creationKey:
		err = r.put(store.KindSetting, SettingCreationDate, value)
	case foreign, ours, ephemeral, liveSession, creatorKey: // takeKey wants no values of these
	}
	switch {
	case errors.Is(err, errSealed):
		r.found.Sealed = append(r.found.Sealed, key)
	case err != nil:
		r.leaveOut(key, err.Error())
	}
}

func (r *reader) takePipeline(rest string, value []byte) error {
	p := &pb.Pipeline{}
	if err := decode(value, p); err != nil {
		return err
	}
	if err := same(p.GetId(), rest); err != nil {
		return err
	}
	for _, step := range p.GetSteps() {
		id := step.GetXWasmId()
		if b := step.GetXWasmBytes(); id != "" && len(b) > 0 && r.found.originals[id] == nil {
			r.found.originals[id] = &shared.WasmModule{Id: id, Bytes: b, Function: step.GetXWasmFunction()}
		}
		step.XWasmBytes = nil
	}
	r.pipelineIDs[rest] = p.GetId()
	r.found.pipelines = append(r.found.pipelines, p)
	return nil
}

// takeAudience takes an audience, and what is attached to it from the value.
func (r *reader) takeAudience(rest string, value []byte) error {
	a, err := parseAudience(rest)
	if err != nil {
		return err
	}
	configs := &pb.PipelineConfigs{}
	if err := decode(value, configs); err != nil {
		return err
	}
	if creator := r.creators[rest]; creator != "" {
		a.XCreatedBy = proto.String(creator)
	}
	if len(configs.GetConfigs()) > 0 {
		configs.XIsEmpty = nil
		r.assignments[audience.KeyOf(a)] = configs
	}
	return r.putMessage(store.KindAudience, string(audience.KeyOf(a)), a)
}

func (r *reader) takeNotification(rest string, value []byte) error {
	n := &pb.NotificationConfig{}
	if decode(value, n) != nil || !strings.EqualFold(n.GetId(), rest) {
		// Not plain text of this config, so it is sealed or worthless.
		plain, err := r.ring.OpenOriginal(value)
		if err != nil && len(value) < sealedBytes {
			return errors.New("it is neither a NotificationConfig nor long enough to be a sealed one")
		}
		if err != nil {
			return errSealed
		}
		n.Reset()
		if err := decode(plain, n); err != nil {
			return err
		}
		if err := same(n.GetId(), rest); err != nil {
			return err
		}
	}
	r.notifications[rest] = n.GetId()
	return r.putMessage(store.KindNotification, n.GetId(), n)
}

// sealedBytes is the least that sealing adds: a nonce and a tag.
const sealedBytes = 12 + 16

func (r *reader) takeSchema(rest string, value []byte) error {
	a, err := parseAudience(rest)
	if err != nil {
		return err
	}
	s := &pb.Schema{}
	if err := decode(value, s); err != nil {
		return err
	}
	return r.putMessage(store.KindSchema, string(audience.KeyOf(a)), s)
}

// takeModule takes an uploaded module. Those that came with the original are of no use: this
// server builds a module for each step.
func (r *reader) takeModule(rest string, value []byte) error {
	m := &shared.WasmModule{}
	if err := decode(value, m); err != nil {
		return err
	}
	if m.GetXBundled() {
		return nil
	}
	_, id, _ := strings.Cut(rest, ":")
	if err := same(m.GetId(), id); err != nil {
		return err
	}
	r.modules[id] = m
	return r.putMessage(store.KindWasm, m.GetId(), m)
}

func (r *reader) takeKV(rest string, value []byte) error {
	o := &pb.KVObject{}
	if err := decode(value, o); err != nil {
		return err
	}
	if o.GetKey() != rest {
		return fmt.Errorf("the value says its key is %q, so another program may have written it", o.GetKey())
	}
	return r.putMessage(store.KindKV, rest, o)
}

// parseAudience reads an audience back. The original writes keys in lower case only, so one
// that is not would stand in the way of its own.
func parseAudience(rest string) (*pb.Audience, error) {
	a, err := audience.Parse(rest)
	if err == nil && string(audience.KeyOf(a)) != rest {
		err = fmt.Errorf("the original server would have written it as %q", audience.KeyOf(a))
	}
	return a, err
}

func decode(value []byte, m proto.Message) error {
	if err := proto.Unmarshal(value, m); err != nil {
		return fmt.Errorf("the value is not a %s", m.ProtoReflect().Descriptor().Name())
	}
	return nil
}

// same compares the id in a value with that in its key.
func same(inside, key string) error {
	if strings.ToLower(inside) != key {
		return fmt.Errorf("the value says its id is %q", inside)
	}
	return nil
}

func (r *reader) putMessage(kind store.Kind, id string, m proto.Message) error {
	value, err := encode(m)
	if err != nil {
		return fmt.Errorf("the value cannot be stored: %w", err)
	}
	return r.put(kind, id, value)
}

// put adds a record, unless no store would take it.
func (r *reader) put(kind store.Kind, id string, value []byte) error {
	record := store.Record{Key: store.Key{Kind: kind, ID: id}, Value: value}
	if err := (store.State{Records: []store.Record{record}}).CheckRestore(); err != nil {
		return err
	}
	if r.taken[record.Key] {
		return errors.New("another key holds the same")
	}
	r.taken[record.Key] = true
	r.found.Records = append(r.found.Records, record)
	return nil
}
