package report

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
)

func TestEvent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		event       *console.StoreEvent
		table, json string
	}{
		{
			&console.StoreEvent{Revision: 7, Changes: []*console.StoreRecord{{Kind: "kv", Id: "a\x1b[2J", Size: 3}, {Kind: "kv", Id: "b", Deleted: true}}},
			"7        written kv/a\\x1b[2J (3 B)\n7        deleted kv/b\n",
			`{"revision":"7","changes":[{"kind":"kv","id":"a\u001b[2J","size":"3"},{"kind":"kv","id":"b","deleted":true}]}` + "\n",
		},
		{
			&console.StoreEvent{Revision: 8, Live: true, Nodes: []*console.NodeSummary{{Name: "n1", Sessions: 2}, {Name: "n2"}}},
			"8        sessions by node: n1 2, n2 0\n",
			`{"revision":"8","live":true,"nodes":[{"name":"n1","sessions":"2"},{"name":"n2"}]}` + "\n",
		},
		{&console.StoreEvent{Revision: 8, Live: true}, "8        sessions by node: none\n", `{"revision":"8","live":true}` + "\n"},
		{
			&console.StoreEvent{Revision: 9, Gap: true}, "9        too much happened to say what, or the store was replaced\n",
			`{"revision":"9","gap":true}` + "\n",
		},
		{&console.StoreEvent{Topic: "tail", Bytes: 12_345}, "0        message on tail (12.3 kB)\n", `{"topic":"tail","bytes":"12345"}` + "\n"},
		{&console.StoreEvent{Revision: 9, Notice: "gone"}, "9        note: gone\n", `{"revision":"9","notice":"gone"}` + "\n"},
	}
	for _, tt := range tests {
		for format, want := range map[Format]string{Table: tt.table, JSON: tt.json} {
			var out strings.Builder
			if err := (Writer{Out: &out, Format: format}).Event(tt.event); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, out.String()); diff != "" {
				t.Errorf("%v as %s (-want +got):\n%s", tt.event, format, diff)
			}
		}
	}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	info, err := proto.Marshal(&pb.LiveInfo{
		Client: &pb.ClientInfo{LibraryName: "go-sdk", LibraryVersion: "1.2", XServiceName: proto.String("Billing")},
		Audiences: []*pb.Audience{
			{ServiceName: "Billing", OperationType: 2, OperationName: "charge", ComponentName: "kafka"},
			{ServiceName: "Billing", OperationType: 1, OperationName: "refund", ComponentName: "kafka"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := NewPicture()
	for _, id := range []string{"node-1/abc", "node-1/with/slash"} {
		if err := p.Add(&console.StoreRecord{Kind: "sessions", Id: id, Value: info}); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Add(&console.StoreRecord{Kind: "sessions", Id: "node-1/torn", Value: []byte{0xff}}); err != nil {
		t.Fatal(err)
	}
	want := `NODE    SESSION     SERVICE  LIBRARY     AUDIENCES
node-1  abc         Billing  go-sdk 1.2  2
node-1  with/slash  Billing  go-sdk 1.2  2
`
	var out strings.Builder
	if err := (Writer{Out: &out, Format: Table}).Sessions(p); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("sessions (-want +got):\n%s", diff)
	}
	out.Reset()
	if err := (Writer{Out: &out, Format: Table}).Audiences(p); err != nil {
		t.Fatal(err)
	}
	want = `AUDIENCE                                      SESSIONS  SCHEMA  PIPELINES
billing:operation_type_consumer:refund:kafka  2         no
billing:operation_type_producer:charge:kafka  2         no
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("audiences (-want +got):\n%s", diff)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain é": "plain é", "\x1b]0;x\a": `\x1b]0;x\a`, "a\tb\nc": `a\tb\nc`, "\xff": `\xff`, "\u202e": `\u202e`,
	} {
		if got := Clean(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for n, want := range map[uint64]string{0: "0 B", 9_999: "9999 B", 10_000: "10.0 kB", 12_345_678: "12.3 MB"} {
		if got := Size(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
