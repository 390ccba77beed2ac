package console

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/streamdal/streamdal-server/api/pb"
	consolepb "github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/wasmbuild"
	"github.com/streamdal/streamdal-server/wasmbuild/bench"
)

var update = flag.Bool("update", false, "write testdata/templates.txt")

// template is a pipeline for a common job that the Console offers.
type template struct {
	ID       string          `json:"id"`
	Sample   string          `json:"sample"`
	Pipeline json.RawMessage `json:"pipeline"`
}

// TestTemplates: the templates of the Console can be saved, and do on their samples what
// testdata/templates.txt says.
func TestTemplates(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	builder, err := wasmbuild.New(ctx)
	if err != nil {
		t.Fatal(err)
	}
	trials, err := bench.New(ctx)
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, func(c *Config) { c.Builder, c.Bench = builder, trials })
	t.Cleanup(func() {
		if err := errors.Join(trials.Close(ctx), builder.Close(ctx)); err != nil {
			t.Error(err)
		}
	})
	text, err := os.ReadFile(filepath.Join("..", "..", "ui", "src", "pages", "pipelines", "templates", "templates.json"))
	if err != nil {
		t.Fatal(err)
	}
	var templates []template
	if err := json.Unmarshal(text, &templates); err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	for _, one := range templates {
		p := &pb.Pipeline{}
		if err := protojson.Unmarshal(one.Pipeline, p); err != nil {
			t.Fatalf("%s: %v", one.ID, err)
		}
		wantSound(t, h, one.ID, p)
		trial, err := h.console.TryPipeline(t.Context(), &consolepb.TryPipelineRequest{Pipeline: p, Payload: []byte(one.Sample)})
		if err != nil || trial.GetProblem() != "" {
			t.Fatalf("%s: %v %s", one.ID, err, trial.GetProblem())
		}
		tell(&told, one.ID, trial)
	}
	golden := filepath.Join("testdata", "templates.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(told.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), told.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// wantSound fails when a step of a pipeline could not be saved.
func wantSound(t *testing.T, h *house, id string, p *pb.Pipeline) {
	t.Helper()
	check, err := h.console.CheckPipeline(t.Context(), &consolepb.CheckPipelineRequest{Pipeline: p})
	if err != nil || check.GetProblem() != "" {
		t.Fatalf("%s: %v %s", id, err, check.GetProblem())
	}
	for i, step := range check.GetSteps() {
		if step.GetProblem() != "" {
			t.Errorf("%s: step %d: %s", id, i+1, step.GetProblem())
		}
	}
}

// tell writes what came of a trial.
func tell(w *strings.Builder, id string, trial *consolepb.TryPipelineResponse) {
	fmt.Fprintf(w, "# %s\n", id)
	for _, step := range trial.GetSteps() {
		fmt.Fprintf(w, "%s: %s %s\n", step.GetVerdict(), step.GetMessage(), strings.Join(step.GetMatches(), ", "))
	}
	fmt.Fprintf(w, "aborted: %t\n%s\n\n", trial.GetAborted(), trial.GetPayload())
}
