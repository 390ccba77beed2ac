package wasmbuild

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// BenchmarkKeyword measures whole calls as the Go SDK makes them.
func BenchmarkKeyword(b *testing.B) {
	build, engine := newBuilder(b), newRunner(b, runner.Options{})
	for _, mode := range []string{"PERFORMANCE", "ACCURACY"} {
		s := &pb.PipelineStep{}
		text := `{"detective":{"type":"DETECTIVE_TYPE_PII_KEYWORD","pii_keyword_mode":"DETECTIVE_TYPE_PII_KEYWORD_MODE_` + mode + `"}}`
		if err := protojson.Unmarshal([]byte(text), s); err != nil {
			b.Fatal(err)
		}
		m, err := build.Step(b.Context(), s, 0)
		if err != nil {
			b.Fatal(err)
		}
		for _, size := range []int{700, 9000, 87000} {
			payload := benchPayload(size, func(int) bool { return true })
			request, err := proto.Marshal(&pb.WASMRequest{Step: s, InputPayload: payload})
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%s/%d", mode, size), func(b *testing.B) {
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
				b.ReportMetric(float64(len(m.Bytes)), "module-bytes")
			})
		}
	}
}
