package cli

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/mux/freeport"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/bolt"
)

const secret = "a-secret-that-must-not-show"

// tiny is a module with one import, one export and a custom section.
var tiny = []byte("\x00asm\x01\x00\x00\x00" +
	"\x01\x0a\x02\x60\x02\x7f\x7f\x01\x7e\x60\x00\x00" +
	"\x02\x10\x01\x03env\x08kvExists\x00\x00" +
	"\x03\x02\x01\x01" + "\x05\x03\x01\x00\x02" + "\x07\x05\x01\x01f\x00\x01" + "\x0a\x04\x01\x02\x00\x0b" +
	"\x00\x07\x04noteHI")

// sample is a store with one of everything, a record that cannot be read, and names that
// a terminal must not be given as they are.
func sample(t *testing.T) []store.Op {
	t.Helper()
	put := func(kind store.Kind, id string, m proto.Message) store.Op {
		b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return store.Op{Key: store.Key{Kind: kind, ID: id}, Value: b}
	}
	const billing, mail = "billing:operation_type_producer:charge:kafka", "mail:operation_type_consumer:inbound:smtp"
	return []store.Op{
		put(store.KindPipeline, "mask", &pb.Pipeline{Id: "mask", Name: "Mask \x1b[2Je-mail", DataFormat: 1, Steps: []*pb.PipelineStep{
			{Name: "look", Step: &pb.PipelineStep_ValidJson{ValidJson: &steps.ValidJSONStep{}}, XWasmId: proto.String("m1"), XWasmFunction: proto.String("f")},
			{Name: "call", Step: &pb.PipelineStep_HttpRequest{HttpRequest: &steps.HttpRequestStep{Request: &steps.HttpRequest{
				Method: 1, Url: "https://u:" + secret + "@example.com/<x>", Headers: map[string]string{"Authorization": secret},
			}}}},
		}}),
		put(store.KindPipeline, "old", &pb.Pipeline{Id: "old", Name: "Old rule"}),
		put(store.KindAssignment, billing, &pb.PipelineConfigs{Configs: []*pb.PipelineConfig{{Id: "old", Paused: true}, {Id: "mask"}, {Id: "gone"}}}),
		put(store.KindAudience, billing, &pb.Audience{ServiceName: "billing", OperationType: 2, OperationName: "charge", ComponentName: "kafka", XCreatedBy: proto.String("terraform")}),
		put(store.KindAudience, mail, &pb.Audience{ServiceName: "mail", OperationType: 1, OperationName: "inbound", ComponentName: "smtp"}),
		put(store.KindNotification, "n1", &pb.NotificationConfig{Id: proto.String("n1"), Name: "on call", Type: 1, Config: &pb.NotificationConfig_Slack{Slack: &pb.NotificationSlack{BotToken: secret, Channel: "#alerts"}}}),
		put(store.KindWasm, "m1", &shared.WasmModule{Id: "m1", Name: "valid_json", Function: "f", Bytes: tiny, XBundled: true}),
		put(store.KindSchema, mail, &pb.Schema{JsonSchema: []byte(`{"type":"object"}`), XVersion: 2}),
		put(store.KindKV, "deny/list", &pb.KVObject{Key: "deny/list", Value: []byte("x")}),
		{Key: store.Key{Kind: store.KindKV, ID: "torn"}, Value: []byte("\xff")},
		{Key: store.Key{Kind: store.KindSetting, ID: "signing"}, Value: []byte(secret)},
	}
}

func sampleFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), storeFile)
	db, err := bolt.Open(file, bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Apply(t.Context(), store.Change{Ops: sample(t)}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return file
}

// golden compares text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s changed (run go test ./cli -update if that is meant):\n%s", name, diff)
	}
}

func TestInspectReports(t *testing.T) {
	t.Parallel()
	file := sampleFile(t)
	for name, args := range map[string][]string{
		"inspect": {}, "inspect-keys": {"keys"}, "inspect-keys-kv": {"keys", "kv/*"},
		"inspect-get-pipeline": {"get", "pipelines/mask"}, "inspect-get-notification": {"get", "notifications/n1"},
		"inspect-get-module": {"get", "wasm/m1"}, "inspect-get-schema": {"get", "schemas/mail:operation_type_consumer:inbound:smtp"},
		"inspect-get-torn": {"get", "kv/torn"}, "inspect-get-setting": {"get", "settings/signing"}, "inspect-get-kv": {"get", "kv/deny/list"},
		"inspect-sessions": {"sessions"}, "inspect-pipelines": {"pipelines"}, "inspect-audiences": {"audiences"}, "inspect-wasm": {"wasm", "m1"},
	} {
		for _, format := range []string{"table", "json"} {
			if format == "json" && len(args) > 0 && args[0] == "get" {
				continue // the same
			}
			t.Run(name+"-"+format, func(t *testing.T) {
				t.Parallel()
				code, out, errs := run(append([]string{"inspect", "--file", file, "-o", format}, args...)...)
				if code != 0 || errs != "" {
					t.Fatalf("exit %d: %s", code, errs)
				}
				if strings.Contains(out, secret) || strings.Contains(out, "\x1b") {
					t.Errorf("a secret or a control character is shown:\n%s", out)
				}
				if format == "json" && !json.Valid([]byte(out)) {
					t.Errorf("not JSON:\n%s", out)
				}
				golden(t, name+"-"+format, strings.ReplaceAll(out, filepath.Dir(file), "DIR"))
			})
		}
	}
}

func TestInspectFails(t *testing.T) {
	t.Parallel()
	file := sampleFile(t)
	dir := t.TempDir()
	junk := filepath.Join(dir, "junk")
	if err := os.WriteFile(junk, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no store", []string{"--data-dir", dir}, 3, "there is no store in " + dir},
		{"no file", []string{"--file", filepath.Join(dir, "x")}, 1, "no such file"},
		{"not a store", []string{"--file", junk}, 1, "damaged or not a store"},
		{"no such record", []string{"--file", file, "get", "kv/nope"}, 3, "kv/nope: there is no such record"},
		{"no such module", []string{"--file", file, "wasm", "nope"}, 3, "wasm/nope: there is no such record"},
		{"no match", []string{"--file", file, "keys", "x*"}, 3, "no key matches"},
		{"not a key", []string{"--file", file, "get", "kv"}, 1, "write kind/id"},
		{"not a kind", []string{"--file", file, "get", "kvs/x"}, 1, "the kinds are"},
		{"not a module", []string{"--file", file, "wasm", junk}, 1, "not a WebAssembly module"},
		{"nothing to watch", []string{"--file", file, "watch"}, 1, "watch a running one"},
		{"no server", []string{"--server", "127.0.0.1:1", "--auth-token", "x"}, 1, "cannot reach the server at 127.0.0.1:1"},
		{"two sources", []string{"--server", "x", "--file", "y"}, exitMisuse, "exclude each other"},
		{"bad key", []string{"--aes-key", "xyz"}, exitMisuse, "--aes-key"},
		{"bad format", []string{"-o", "yaml"}, exitMisuse, "must be one of"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			code, _, errs := run(append([]string{"inspect"}, tt.args...)...)
			if code != tt.code || !strings.Contains(errs, tt.want) {
				t.Errorf("got exit %d, %q; want %d, %q", code, errs, tt.code, tt.want)
			}
		})
	}
}

// A running server is asked with what is in its data directory, and shows what its file
// would.
func TestInspectRunningServer(t *testing.T) {
	t.Parallel()
	file := sampleFile(t)
	dir := filepath.Dir(file)
	p := serve(t, freeport.Addr(t), dir)
	token, err := os.ReadFile(filepath.Join(dir, tokenFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range [][]string{{"--data-dir", dir}, {"--server", p.addr, "--auth-token", strings.TrimSpace(string(token))}} {
		for name, args := range map[string][]string{
			"inspect-get-notification-table": {"get", "notifications/n1"}, "inspect-pipelines-table": {"pipelines"}, "inspect-get-torn-table": {"get", "kv/torn"},
			"inspect-audiences-json": {"audiences", "-o", "json"}, "inspect-wasm-table": {"wasm", "m1"}, "inspect-keys-kv-table": {"keys", "kv/*"},
		} {
			code, out, errs := run(append(append([]string{"inspect"}, source...), args...)...)
			if code != 0 || errs != "" {
				t.Fatalf("%v: exit %d: %s", args, code, errs)
			}
			golden(t, name, out)
		}
	}
	code, out, _ := run("inspect", "--server", p.addr, "--auth-token-file", filepath.Join(dir, tokenFile), "-o", "json")
	if code != 0 || !strings.Contains(out, `"version": "test"`) {
		t.Errorf("summary: exit %d:\n%s", code, out)
	}
	for name, tt := range map[string]struct {
		args []string
		code int
		want string
	}{
		"wrong token":    {[]string{"--server", p.addr, "--auth-token", "wrong"}, 1, "refuses the token"},
		"no such record": {[]string{"--data-dir", dir, "get", "kv/nope"}, 3, "kv/nope: there is no such record"},
		"its file":       {[]string{"--file", file}, 1, "another streamdal-server uses"},
	} {
		code, _, errs := run(append([]string{"inspect"}, tt.args...)...)
		if code != tt.code || !strings.Contains(errs, tt.want) {
			t.Errorf("%s: got exit %d, %q; want %d, %q", name, code, errs, tt.code, tt.want)
		}
	}
	watchServer(t, p, dir, strings.TrimSpace(string(token)))
}

// watchServer sees a change and the end of the server.
func watchServer(t *testing.T, p *process, dir, token string) {
	t.Helper()
	watch := command(t, "inspect", "--data-dir", dir, "watch")
	watch.waitFor(`1 +sessions by node: `)
	api, ctx := external(t, p.addr, token)
	if _, err := api.CreatePipeline(ctx, &pb.CreatePipelineRequest{Pipeline: hasField("new", "a")}); err != nil {
		t.Fatal(err)
	}
	watch.waitFor(`2 +written pipelines/`)
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	watch.waitFor("server shutting down")
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	select {
	case <-watch.done:
	case <-ctx.Done():
		t.Fatal("watch did not end with its server")
	}
	if watch.err == nil {
		t.Errorf("watch ended well although its server went away:\n%s", watch.output())
	}
}
