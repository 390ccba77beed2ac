package report

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/inspect"
)

// Summary writes how much of what there is.
func (w Writer) Summary(s *console.StoreSummary) error {
	if w.Format == JSON {
		return w.json(message{s})
	}
	t := newTable()
	t.row("Store", s.GetSource())
	t.row("Layout", s.GetLayout())
	if s.GetNode() != "" {
		t.row("Server", s.GetNode()+", version "+s.GetVersion())
	}
	t.row("Revision", fmt.Sprint(s.GetRevision()))
	var sessions uint64
	for _, n := range s.GetNodes() {
		sessions += n.GetSessions()
	}
	t.row("Nodes", fmt.Sprint(len(s.GetNodes())))
	t.row("Sessions", fmt.Sprint(sessions))
	for _, n := range s.GetNotices() {
		t.row("Note", n)
	}
	t.row()
	if err := t.writeTo(w.Out); err != nil {
		return err
	}
	kinds := newTable("KIND", "RECORDS", "SIZE", "DAMAGED")
	for _, k := range s.GetKinds() {
		kinds.row(k.GetKind(), fmt.Sprint(k.GetRecords()), Size(k.GetBytes()), fmt.Sprint(k.GetDamaged()))
	}
	if err := kinds.writeTo(w.Out); err != nil || len(s.GetNodes()) == 0 {
		return err
	}
	nodes := newTable()
	nodes.row()
	nodes.row("NODE", "SESSIONS")
	for _, n := range s.GetNodes() {
		nodes.row(n.GetName(), fmt.Sprint(n.GetSessions()))
	}
	return nodes.writeTo(w.Out)
}

// Keys writes records without their values.
func (w Writer) Keys(records []*console.StoreRecord) error {
	if w.Format == JSON {
		list := make([]message, 0, len(records))
		for _, r := range records {
			r = proto.CloneOf(r)
			r.Value = nil
			list = append(list, message{r})
		}
		return w.json(list)
	}
	t := newTable("KEY", "REVISION", "SIZE", "PROBLEM")
	for _, r := range records {
		t.row(key(r), revision(r), Size(r.GetSize()), r.GetProblem())
	}
	return t.writeTo(w.Out)
}

func key(r *console.StoreRecord) string { return r.GetKind() + "/" + r.GetId() }

// revision is empty for what has none, such as sessions.
func revision(r *console.StoreRecord) string {
	if r.GetRevision() == 0 {
		return ""
	}
	return fmt.Sprint(r.GetRevision())
}

// record is a record with its value in JSON.
type record struct {
	Key      string   `json:"key"`
	Revision uint64   `json:"revision,omitempty"`
	Size     uint64   `json:"size"`
	Problem  string   `json:"problem,omitempty"`
	Module   *module  `json:"module,omitempty"`
	Value    *message `json:"value,omitempty"`
	// Text and JSON are what the value holds as bytes, where that can be read.
	Text string          `json:"text,omitempty"`
	JSON json.RawMessage `json:"json,omitempty"`
	Note string          `json:"note,omitempty"`
}

// readable returns the bytes in a message that protojson writes in base64.
func readable(m proto.Message) (text string, value json.RawMessage) {
	switch m := m.(type) {
	case *pb.KVObject:
		if utf8.Valid(m.GetValue()) {
			text = string(m.GetValue())
		}
	case *pb.Schema:
		if json.Valid(m.GetJsonSchema()) {
			value = m.GetJsonSchema()
		}
	}
	return text, value
}

type module struct {
	Size   uint64 `json:"size"`
	SHA256 string `json:"sha256"`
}

// Record writes one record with its value, in JSON whatever the format: values are trees.
func (w Writer) Record(r *console.StoreRecord) error {
	out := record{Key: key(r), Revision: r.GetRevision(), Size: r.GetSize(), Problem: r.GetProblem()}
	if m := r.GetModule(); m != nil {
		out.Module = &module{Size: m.GetSize(), SHA256: m.GetSha256()}
	}
	m, known, err := inspect.Decode(store.Kind(r.GetKind()), r.GetValue())
	switch {
	case r.GetProblem() != "":
	case err != nil:
		out.Problem = err.Error()
	case known:
		out.Value = &message{m}
		out.Text, out.JSON = readable(m)
	case len(r.GetValue()) > 0:
		out.Text = strings.ToValidUTF8(string(r.GetValue()), "\uFFFD")
	default:
		out.Note = "the value of this record is not shown, because it may be a secret"
	}
	return w.json(out)
}

// Event writes one thing that happened, on a line in JSON.
func (w Writer) Event(e *console.StoreEvent) error {
	if w.Format == JSON {
		return w.line(message{e})
	}
	var out strings.Builder
	line := func(format string, args ...any) {
		fmt.Fprintf(&out, "%-8d ", e.GetRevision())
		fmt.Fprintf(&out, format+"\n", args...)
	}
	if e.GetNotice() != "" {
		line("note: %s", Clean(e.GetNotice()))
	}
	if e.GetGap() {
		line("too much happened to say what, or the store was replaced")
	}
	for _, r := range e.GetChanges() {
		switch {
		case r.GetDeleted():
			line("deleted %s", Clean(key(r)))
		default:
			line("written %s (%s)", Clean(key(r)), Size(r.GetSize()))
		}
	}
	if e.GetLive() {
		var nodes []string
		for _, n := range e.GetNodes() {
			nodes = append(nodes, fmt.Sprintf("%s %d", Clean(n.GetName()), n.GetSessions()))
		}
		if len(nodes) == 0 {
			nodes = []string{"none"}
		}
		line("sessions by node: %s", strings.Join(nodes, ", "))
	}
	if e.GetTopic() != "" {
		line("message on %s (%s)", Clean(e.GetTopic()), Size(e.GetBytes()))
	}
	_, err := w.Out.Write([]byte(out.String()))
	return err
}
