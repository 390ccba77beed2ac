package cli

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/mux/freeport"
	"github.com/streamdal/streamdal-server/wasmbuild"
)

// TestOriginalClientsDriveEveryMethod has the clients of @streamdal/protos call every method
// of protos.External, over native gRPC and over gRPC-Web.
func TestOriginalClientsDriveEveryMethod(t *testing.T) {
	t.Parallel()
	const folder = "../api/proto/crosscheck"
	if _, err := os.Stat(filepath.Join(folder, "node_modules/@streamdal/protos")); err != nil {
		t.Fatal("the npm packages that this test drives are missing: run `npm ci` in api/proto/crosscheck")
	}
	builder, err := wasmbuild.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = builder.Close(context.Background()) }()
	module, err := builder.Step(t.Context(), &pb.PipelineStep{Step: &pb.PipelineStep_ValidJson{ValidJson: &steps.ValidJSONStep{}}}, pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "module.wasm")
	if err := os.WriteFile(file, module.Bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	addr := freeport.Addr(t)
	serve(t, addr, t.TempDir(), "--auth-token", testToken)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "drive.mjs", addr, testToken, file)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}
