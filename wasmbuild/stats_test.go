package wasmbuild

import (
	"errors"
	"testing"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
)

func TestStats(t *testing.T) {
	t.Parallel()
	b, err := New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close(t.Context())
	good := detective(steps.DetectiveType_DETECTIVE_TYPE_HAS_FIELD, "a.b")
	build(t, b, good)
	build(t, b, good) // kept from before
	var refused *StepError
	if _, err := b.Step(t.Context(), &pb.PipelineStep{}, 0); !errors.As(err, &refused) {
		t.Fatalf("got %v, want a refusal", err)
	}
	got := b.Stats()
	if got.Built != 1 || got.Failed != 1 || got.Verified != 1 || got.Took < got.VerifyTook || got.VerifyTook <= 0 {
		t.Errorf("got %+v, want one module built and verified, one step refused", got)
	}
}
