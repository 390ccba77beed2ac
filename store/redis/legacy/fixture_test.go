package legacy

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"path"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/store/seal"
)

// What the original server keeps in Redis, as it was seen to write it: every key in lower
// case except those of kv, every value a message in protobuf's binary form, modules copied
// into every step.
const (
	aesKey = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

	customID  = "599166ee-181c-1e48-07ad-248fa064302b"
	orphanID  = "11111111-2222-3333-4444-555555555555"
	detective = "d2ea86d9-c282-18ba-c5b2-9f193f55fd56"
	validJSON = "da29e5c6-6e3e-ff5f-e7f0-f324856b355e"

	billing = "billing:operation_type_producer:charge:kafka"
	lonely  = "lonely:operation_type_consumer:op:c"
	noone   = "noone:operation_type_consumer:x:y"
	emptied = "emptied:operation_type_consumer:x:y"
)

func encoded(t testing.TB, m proto.Message) string {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// frozen is a step as the original stores it: with its module inside.
func frozen(step *pb.PipelineStep, id, module string) *pb.PipelineStep {
	step.XWasmId, step.XWasmFunction, step.XWasmBytes = proto.String(id), proto.String("f"), []byte(module)
	return step
}

func detectiveStep(notify ...string) *pb.PipelineStep {
	path := "a.b"
	return &pb.PipelineStep{
		Name:   "find",
		OnTrue: &pb.PipelineStepConditions{Notification: &pb.PipelineStepNotification{NotificationConfigIds: notify}},
		Step: &pb.PipelineStep_Detective{Detective: &steps.DetectiveStep{
			Path: &path, Type: steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL, Negate: proto.Bool(false),
		}},
	}
}

func jsonStep() *pb.PipelineStep {
	return &pb.PipelineStep{Name: "json", Step: &pb.PipelineStep_ValidJson{ValidJson: &steps.ValidJSONStep{}}}
}

func customStep() *pb.PipelineStep {
	return &pb.PipelineStep{Name: "own", Step: &pb.PipelineStep_Custom{Custom: &steps.CustomStep{}}}
}

func customModule() *shared.WasmModule {
	return &shared.WasmModule{
		Id: customID, Name: "My-Custom", Function: "f", Bytes: []byte("\x00asm\x01\x00\x00\x00own"), XFilename: "c.wasm",
		Description: proto.String("desc"), XCreatedAtUnixTsNsUtc: proto.Int64(1795876186571065104), XCreatedBy: proto.String("Me"),
	}
}

func slackConfig() *pb.NotificationConfig {
	return &pb.NotificationConfig{
		Id: proto.String("Note-ID"), Name: "slack", Type: pb.NotificationType_NOTIFICATION_TYPE_SLACK, XCreatedBy: proto.String("tf"),
		Config: &pb.NotificationConfig_Slack{Slack: &pb.NotificationSlack{BotToken: "xoxb-secret", Channel: "#c"}},
	}
}

func kvObject() *pb.KVObject {
	return &pb.KVObject{Key: "Key/1 %", Value: []byte("hi"), CreatedAtUnixTsNanoUtc: 1795876084281287703, UpdatedAtUnixTsNanoUtc: 1795876084289399649}
}

func schema() *pb.Schema {
	return &pb.Schema{
		JsonSchema: []byte(`{"type":"object"}`), XVersion: 3, XMetadata: map[string]string{"last_updated": "2026-11-28T14:29:46Z"},
	}
}

// original returns everything that a busy original server leaves.
func original(t testing.TB) fakeRedis {
	t.Helper()
	pipeline := func(id, name string, list ...*pb.PipelineStep) string {
		return encoded(t, &pb.Pipeline{Id: id, Name: name, DataFormat: 1, Steps: list, XCreatedBy: proto.String("operator")})
	}
	bundled := &shared.WasmModule{Id: detective, Name: "detective", Function: "f", Bytes: []byte("generic"), XBundled: true, XFilename: "detective.wasm"}
	return fakeRedis{
		"streamdal_install_id":             "c3e73aad-b270-4e92-a95a-06b26e0a47f3",
		"streamdal_settings:creation_date": "1795876042",
		"streamdal_counters":               `[{"name":"counter_produce_bytes","labels":{"service":"Billing","component":"kafka","operation":"charge","pipeline_id":"p2","pipeline_name":"second"},"value":42},{"name":"counter_notify","value":0}]`,

		"streamdal_pipeline:mixed-case-id": pipeline("Mixed-Case-ID", "mixed",
			frozen(detectiveStep("NOTE-id", "gone"), detective, "generic"),
			frozen(jsonStep(), validJSON, "generic json")),
		"streamdal_pipeline:p2":         pipeline("p2", "second", frozen(customStep(), customID, "an older copy")),
		"streamdal_pipeline:with:colon": pipeline("with:colon", "orphan", frozen(customStep(), orphanID, "its only copy")),

		"streamdal_audience:" + billing: encoded(t, &pb.PipelineConfigs{XCreatedBy: proto.String("op2"), Configs: []*pb.PipelineConfig{
			{Id: "MIXED-case-id", CreatedAtUnixTsUtc: 1795876186},
			{Id: "p2", Paused: true, CreatedAtUnixTsUtc: 1795876187},
			{Id: "deleted", CreatedAtUnixTsUtc: 1795876188},
			{Id: "with:colon", CreatedAtUnixTsUtc: 1795876189},
		}}),
		"streamdal_audience:" + lonely:                                       "",
		"streamdal_audience:" + emptied:                                      encoded(t, &pb.PipelineConfigs{XIsEmpty: proto.Bool(true), XCreatedBy: proto.String("who")}),
		"streamdal_audience:" + noone:                                        encoded(t, &pb.PipelineConfigs{Configs: []*pb.PipelineConfig{{Id: "deleted"}}}),
		"streamdal_audience_created_by:" + billing + ":operator:with:colons": "",

		"streamdal_notification_config:note-id": encoded(t, slackConfig()),
		"streamdal_schema:" + billing:           encoded(t, schema()),
		"streamdal_wasm:my-custom:" + customID:  encoded(t, customModule()),
		"streamdal_wasm:detective:" + detective: encoded(t, bundled),
		"kv:Key/1 %":                            encoded(t, kvObject()),

		"streamdal_live:sess-1:node-1:register":              encoded(t, &pb.ClientInfo{Language: "go"}),
		"streamdal_live:sess-1:node-1:" + billing:            "",
		"streamdal_tail:billing:tail1":                       "x",
		"streamdal_tail_paused:billing:tail1":                "x",
		"streamdal_telemetry:registrations:0a":               "x",
		"streamdal_notification_assoc:mixed-case-id:note-id": "x",
		"streamdal_{config}:revision":                        "ours, and not a string in truth",
		"streamdal_live:{node-2}":                            "ours",
		"unrelated":                                          "of another program",
	}
}

// sealedByOriginal returns a value as the original seals it: nonce, ciphertext and tag.
func sealedByOriginal(t testing.TB, key, plain string) string {
	t.Helper()
	secret, err := hex.DecodeString(key)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	nonce := []byte("twelve bytes")
	return string(gcm.Seal(nonce, nonce, []byte(plain), nil))
}

func ringOf(t testing.TB, key string) seal.Ring {
	t.Helper()
	ring, err := seal.New(key, "")
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// fakeRedis is a Source in memory.
type fakeRedis map[string]string

func (f fakeRedis) Keys(_ context.Context, pattern string) ([]string, error) {
	var keys []string
	for k := range f {
		if ok, err := path.Match(pattern, escapeSlashes(k)); err != nil || ok {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

// escapeSlashes makes path.Match treat slashes as Redis does: like any other character.
func escapeSlashes(k string) string {
	b := []byte(k)
	for i := range b {
		if b[i] == '/' {
			b[i] = '_'
		}
	}
	return string(b)
}

func (f fakeRedis) Strings(_ context.Context, keys []string) ([][]byte, error) {
	values := make([][]byte, len(keys))
	for i, k := range keys {
		if v, ok := f[k]; ok {
			values[i] = []byte(v)
		}
	}
	return values, nil
}
