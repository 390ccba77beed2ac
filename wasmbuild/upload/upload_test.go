package upload

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/wasmbuild"
	"github.com/streamdal/streamdal-server/wasmbuild/wasm"
)

func TestCheckTakesWhatSDKsCanRun(t *testing.T) {
	t.Parallel()
	builder, err := wasmbuild.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = builder.Close(context.Background()) }()
	built, err := builder.Step(t.Context(), &pb.PipelineStep{Name: "valid", Step: &pb.PipelineStep_ValidJson{ValidJson: &steps.ValidJSONStep{}}}, pb.PipelineDataFormat_PIPELINE_DATA_FORMAT_JSON)
	if err != nil {
		t.Fatal(err)
	}
	for name, module := range map[string][]byte{
		"one of ours": built.Bytes,
		"hand-made":   echo().encode(),
		"with WASI":   echo().importing("wasi_snapshot_preview1", "fd_write").encode(),
	} {
		if err := New().Check(t.Context(), module, DefaultFunction); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	good := echo().encode()
	for name, tt := range map[string]struct {
		module   []byte
		function string
		want     string
	}{
		"nothing":           {nil, "f", "not a WebAssembly module"},
		"text":              {[]byte("(module)"), "f", "not a WebAssembly module"},
		"too large":         {append(bytes.Clone(good), make([]byte, MaxBytes)...), "f", "at most"},
		"cut off":           {good[:len(good)-3], "f", "cut off"},
		"other function":    {good, "main", "does not export main"},
		"foreign import":    {echo().importing("env", "system").encode(), "f", "imports env.system"},
		"file access":       {echo().importing("wasi_snapshot_preview1", "path_open").encode(), "f", "imports wasi_snapshot_preview1.path_open"},
		"wrong signature":   {echo().encode(), "dealloc", "another signature"},
		"invalid code":      {fixture{code: []byte{0x0b}}.encode(), "f", "not valid WebAssembly"},
		"traps":             {fixture{code: []byte{0x00, 0x0b}}.encode(), "f", "fails on a trial message"},
		"loops":             {fixture{code: []byte{0x03, 0x40, 0x0c, 0x00, 0x0b, 0x00, 0x0b}}.encode(), "f", "did not end within"},
		"loops at start":    {fixture{code: echoCode, start: true}.encode(), "f", "did not end within"},
		"answers nothing":   {fixture{code: []byte{0x42, 0x00, 0x0b}}.encode(), "f", "no answer"},
		"answers outside":   {fixture{code: []byte{0x42, 0x7f, 0x0b}}.encode(), "f", "outside its memory"},
		"answers a request": {fixture{code: packed(true)}.encode(), "f", "no exit code"},
		"huge table":        {fixture{code: echoCode, table: 1 << 31}.encode(), "f", "tables of"},
		"huge memory":       {fixture{code: echoCode, pages: 2000}.encode(), "f", "not valid WebAssembly"},
		"too many types":    {append([]byte(wasm.Header), section(wasm.SectionType, wasm.AppendU32(nil, 1<<30))...), "f", "entries"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := New().Check(t.Context(), tt.module, tt.function)
			var refusal *RefusedError
			if !errors.As(err, &refusal) || !strings.Contains(refusal.Reason, tt.want) {
				t.Errorf("got %v, want a refusal with %q", err, tt.want)
			}
		})
	}
}

func TestCheckGivesUpWithItsCaller(t *testing.T) {
	t.Parallel()
	c := New()
	c.slots <- struct{}{} // another upload is being judged
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Check(ctx, echo().encode(), DefaultFunction); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the caller's cancellation", err)
	}
}

func FuzzScan(f *testing.F) {
	f.Add(echo().encode())
	f.Add(echo().importing("env", "kvExists").encode())
	f.Add([]byte(wasm.Header))
	f.Fuzz(func(t *testing.T, module []byte) {
		s, err := scan(module)
		var refusal *RefusedError
		if err != nil && !errors.As(err, &refusal) {
			t.Fatalf("%v is no refusal", err)
		}
		if err == nil {
			_ = s.check(DefaultFunction)
		}
	})
}

// TestID holds the scheme against a pair that the original server made.
func TestID(t *testing.T) {
	t.Parallel()
	if got, want := ID([]byte("AAAA")), "7e577136-eb7e-1ddd-9b94-bde75474bb2a"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
