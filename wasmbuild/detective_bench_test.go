package wasmbuild

import (
	"bytes"
	"fmt"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// benchPayload is a JSON document of about size bytes: records of the usual
// kinds of values. emails says how many of the records hold an address.
func benchPayload(size int, emails func(record int) bool) []byte {
	var b bytes.Buffer
	b.WriteString(`{"first":{"name":"here"},"records":[`)
	for i := 0; ; i++ {
		contact := "none"
		if emails(i) {
			contact = fmt.Sprintf("user%d@mail.example.com", i)
		}
		record := fmt.Sprintf(`{"id":%d,"guid":"7c1b4a1e-%04x-4d5e-9b1a-0f2f3c4d5e6f","active":true,"balance":%d.75,`+
			`"name":{"first":"Mira","last":"Kovac"},"company":"EXAMPLE CORP","contact":"%s","phone":"+1 (941) 555-%04d",`+
			`"about":"Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore.",`+
			`"tags":["alpha","beta","gamma"],"friends":[{"id":0,"name":"A. Friend"},{"id":1,"name":"B. Friend"}],"rating":null}`,
			i, i, i*7, contact, i%10000)
		if b.Len()+len(record) > size && i > 0 {
			break
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(record)
	}
	b.WriteString(`],"last":{"name":"there"}}`)
	return b.Bytes()
}

// BenchmarkDetective measures whole calls as the Go SDK makes them.
func BenchmarkDetective(b *testing.B) {
	build, engine := newBuilder(b), newRunner(b, runner.Options{})
	every := func(int) bool { return true }
	for _, step := range []struct{ name, json string }{
		{"equal-first", `{"path":"first.name","args":["here"],"type":"DETECTIVE_TYPE_STRING_EQUAL"}`},
		{"equal-last", `{"path":"last.name","args":["there"],"type":"DETECTIVE_TYPE_STRING_EQUAL"}`},
		{"equal-none", `{"path":"last.none","args":["there"],"type":"DETECTIVE_TYPE_STRING_EQUAL"}`},
		{"query", `{"path":"records.#(id==1).name.first","args":["Mira"],"type":"DETECTIVE_TYPE_STRING_EQUAL"}`},
		{"email", `{"type":"DETECTIVE_TYPE_PII_EMAIL"}`},
		{"card", `{"type":"DETECTIVE_TYPE_PII_CREDIT_CARD"}`},
		{"number", `{"args":["100"],"type":"DETECTIVE_TYPE_NUMERIC_EQUAL_TO"}`},
		{"contains", `{"args":["nowhere"],"type":"DETECTIVE_TYPE_STRING_CONTAINS_ANY"}`},
	} {
		s := &pb.PipelineStep{}
		if err := protojson.Unmarshal([]byte(`{"detective":`+step.json+`}`), s); err != nil {
			b.Fatal(err)
		}
		m, err := build.Step(b.Context(), s, 0)
		if err != nil {
			b.Fatal(err)
		}
		for _, size := range []int{700, 9000, 87000} {
			payload := benchPayload(size, every)
			request, err := proto.Marshal(&pb.WASMRequest{Step: s, InputPayload: payload})
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%s/%d", step.name, size), func(b *testing.B) {
				i, err := engine.Load(b.Context(), m.Bytes, m.Function)
				if err != nil {
					b.Fatal(err)
				}
				defer i.Close(b.Context())
				b.SetBytes(int64(len(payload)))
				for b.Loop() {
					if _, err := i.CallRaw(b.Context(), request); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
