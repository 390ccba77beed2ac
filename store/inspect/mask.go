package inspect

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/pb/counters"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/store"
)

// stars stand where a secret was.
const stars = "***"

// messages says what the values of each kind are. Kinds that are missing hold no message
// that this package knows.
var messages = map[store.Kind]func() proto.Message{
	store.KindPipeline:     func() proto.Message { return new(pb.Pipeline) },
	store.KindAssignment:   func() proto.Message { return new(pb.PipelineConfigs) },
	store.KindAudience:     func() proto.Message { return new(pb.Audience) },
	store.KindNotification: func() proto.Message { return new(pb.NotificationConfig) },
	store.KindWasm:         func() proto.Message { return new(shared.WasmModule) },
	store.KindSchema:       func() proto.Message { return new(pb.Schema) },
	store.KindHistory:      func() proto.Message { return new(console.SchemaHistory) },
	store.KindKV:           func() proto.Message { return new(pb.KVObject) },
	store.KindToken:        func() proto.Message { return new(console.Token) },
	store.KindCounter:      func() proto.Message { return new(counters.Counters) },
	KindSession:            func() proto.Message { return new(pb.LiveInfo) },
}

// Decode returns the message that the value of a record of some kind is. ok is false for
// kinds that hold none.
func Decode(kind store.Kind, value []byte) (m proto.Message, ok bool, err error) {
	empty, ok := messages[kind]
	if !ok {
		return nil, false, nil
	}
	m = empty()
	// What this program does not know it cannot mask either.
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(value, m); err != nil {
		return nil, true, fmt.Errorf("its value is not a %s", m.ProtoReflect().Descriptor().Name())
	}
	return m, true, nil
}

// publicSettings are the settings that may be shown. Others may be secrets.
var publicSettings = map[string]bool{"install_id": true, "creation_date": true}

// masked returns what of a record's value may leave this package.
func (s *Store) masked(r store.Record) ([]byte, error) {
	if r.Kind == store.KindNotification {
		plain, err := s.about.Ring.Open(r.Key, r.Value)
		if err != nil {
			return nil, err
		}
		r.Value = plain
	}
	m, ok, err := Decode(r.Kind, r.Value)
	switch {
	case err != nil:
		return nil, err
	case ok:
		mask(m)
		return proto.MarshalOptions{Deterministic: true}.Marshal(m)
	case r.Kind == store.KindSetting && publicSettings[r.ID]:
		return r.Value, nil
	default:
		return nil, nil
	}
}

// mask takes secrets and module bytes out of a message.
func mask(m proto.Message) {
	switch m := m.(type) {
	case *pb.Pipeline:
		for _, s := range m.GetSteps() {
			maskStep(s)
		}
		for _, n := range m.GetXNotificationConfigs() { //nolint:staticcheck // nothing writes it any more, but old secrets may be in it
			maskNotification(n)
		}
	case *pb.NotificationConfig:
		maskNotification(m)
	case *shared.WasmModule:
		m.Bytes = nil
	}
}

func maskNotification(n *pb.NotificationConfig) {
	if c := n.GetSlack(); c != nil {
		hide(&c.BotToken)
	}
	if c := n.GetEmail().GetSmtp(); c != nil {
		hide(&c.Password)
	}
	if c := n.GetEmail().GetSes(); c != nil {
		hide(&c.SesAccessKeyId)
		hide(&c.SesSecretAccessKey)
	}
	if c := n.GetPagerduty(); c != nil {
		hide(&c.Token)
	}
}

func hide(s *string) {
	if *s != "" {
		*s = stars
	}
}

func maskStep(s *pb.PipelineStep) {
	s.XWasmBytes = nil
	if r := s.GetHttpRequest().GetRequest(); r != nil {
		maskRequest(r)
	}
}

// openHeaders are those of a request that tell nothing secret. Any other may be a key.
var openHeaders = map[string]bool{"Accept": true, "Content-Type": true, "Content-Encoding": true, "User-Agent": true}

// maskRequest hides what may carry keys: headers, body, and user and query of the address.
func maskRequest(r *steps.HttpRequest) {
	if len(r.GetBody()) > 0 {
		r.Body = []byte(stars)
	}
	for name := range r.GetHeaders() {
		if !openHeaders[http.CanonicalHeaderKey(name)] {
			r.Headers[name] = stars
		}
	}
	u, err := url.Parse(r.GetUrl())
	if err != nil {
		hide(&r.Url) // no telling what is where
		return
	}
	user, query := u.User != nil, u.RawQuery != ""
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	r.Url = u.String()
	if user {
		r.Url = strings.Replace(r.Url, "//", "//"+stars+"@", 1)
	}
	if query {
		r.Url += "?" + stars
	}
}

func moduleBytes(value []byte) []byte {
	m := new(shared.WasmModule)
	if proto.Unmarshal(value, m) != nil {
		return nil
	}
	return m.GetBytes()
}
