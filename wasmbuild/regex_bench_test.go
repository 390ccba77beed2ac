package wasmbuild

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild/runner"
)

// BenchmarkRegex measures whole scans as the Go SDK makes them.
func BenchmarkRegex(b *testing.B) {
	build, engine := newBuilder(b), newRunner(b, runner.Options{})
	every := func(int) bool { return true }
	for _, r := range []struct{ name, pattern string }{
		{"literal", `EXAMPLE`},
		{"prefix", `ORD-\d+`},
		{"byte", `^\w+@\w+\.\w+$`},
		{"hyphen", `\b\d{3}-\d{2}-\d{4}\b`},
		{"words", `(?i)\b(?:password|secret|token)\b`},
		{"class", `[A-Z]{3}\d{5}`},
		{"simulated", `[ab]*a[ab]{20}c`},
		{"simulated-large", `(?:\w{1,40}_){1,40}$`},
	} {
		s := &pb.PipelineStep{Step: &pb.PipelineStep_Detective{Detective: &steps.DetectiveStep{Type: steps.DetectiveType_DETECTIVE_TYPE_REGEX, Args: []string{r.pattern}}}}
		m, err := build.Step(b.Context(), s, 0)
		if err != nil {
			b.Fatal(err)
		}
		for _, size := range []int{700, 87000} {
			payload := benchPayload(size, every)
			request, err := proto.Marshal(&pb.WASMRequest{Step: s, InputPayload: payload})
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%s/%d", r.name, size), func(b *testing.B) {
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
