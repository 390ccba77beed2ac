package cli

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/shared"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/mux/freeport"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

const originalKey = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

// originalRedis starts a Redis with what an original server leaves that was started with
// originalKey: a rule with the original's own module in it, attached and paused, and an
// uploaded module.
func originalRedis(t *testing.T) *redistest.Server {
	t.Helper()
	server := redistest.Start(t, redistest.Options{})
	put := func(key string, m proto.Message) {
		b, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(key, "streamdal_notification_config:") {
			b = sealAsOriginal(t, b)
		}
		if err := server.Client(t).Set(t.Context(), key, b, 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	const customID = "599166ee-181c-1e48-07ad-248fa064302b"
	email := &steps.DetectiveStep{Path: proto.String("user.mail"), Type: steps.DetectiveType_DETECTIVE_TYPE_PII_EMAIL, Negate: proto.Bool(false)}
	put("streamdal_pipeline:mail-rule", &pb.Pipeline{Id: "Mail-Rule", Name: "mail", DataFormat: 1, Steps: []*pb.PipelineStep{{
		Name: "find", Step: &pb.PipelineStep_Detective{Detective: email},
		OnTrue:  &pb.PipelineStepConditions{Notification: &pb.PipelineStepNotification{NotificationConfigIds: []string{"On-Call"}}},
		XWasmId: proto.String("d2ea86d9-c282-18ba-c5b2-9f193f55fd56"), XWasmFunction: proto.String("f"), XWasmBytes: []byte("generic"),
	}}})
	put("streamdal_pipeline:own", &pb.Pipeline{Id: "own", Name: "own code", DataFormat: 1, Steps: []*pb.PipelineStep{{
		Name: "run", Step: &pb.PipelineStep_Custom{Custom: &steps.CustomStep{}}, XWasmId: proto.String(customID), XWasmFunction: proto.String("f"), XWasmBytes: tiny,
	}}})
	put("streamdal_wasm:mine:"+customID, &shared.WasmModule{Id: customID, Name: "mine", Function: "f", Bytes: tiny})
	put("streamdal_audience:billing:operation_type_producer:charge:kafka", &pb.PipelineConfigs{
		XCreatedBy: proto.String("operator"), Configs: []*pb.PipelineConfig{{Id: "own", Paused: true}, {Id: "Mail-Rule"}},
	})
	put("streamdal_audience:mail:operation_type_consumer:inbound:smtp", &pb.PipelineConfigs{})
	put("streamdal_notification_config:on-call", &pb.NotificationConfig{
		Id: proto.String("On-Call"), Name: "on call", Type: 1, Config: &pb.NotificationConfig_Slack{Slack: &pb.NotificationSlack{BotToken: secret, Channel: "#c"}},
	})
	put("kv:deny/list", &pb.KVObject{Key: "deny/list", Value: []byte("x")})
	server.Do(t, "set", "streamdal_install_id", "c3e73aad-b270-4e92-a95a-06b26e0a47f3")
	return server
}

func sealAsOriginal(t *testing.T, plain []byte) []byte {
	t.Helper()
	key, err := hex.DecodeString(originalKey)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	nonce := []byte("twelve bytes")
	return gcm.Seal(nonce, nonce, plain, nil)
}

// From an original server's Redis to this server: look, be refused without the key, start,
// and have everything.
func TestTakingOverFromTheOriginal(t *testing.T) {
	t.Parallel()
	redis := originalRedis(t)
	look := func(name string, args ...string) {
		t.Helper()
		code, out, errs := run(append([]string{"inspect", "--redis-url", redis.URL()}, args...)...)
		if code != 0 || errs != "" {
			t.Fatalf("%v: exit %d: %s", args, code, errs)
		}
		if strings.Contains(out, secret) {
			t.Errorf("%v shows a secret", args)
		}
		golden(t, name, strings.ReplaceAll(out, redis.Addr(), "HOST"))
	}
	look("inspect-original", "--aes-key", originalKey)
	look("inspect-original-locked", "keys", "notifications")
	look("inspect-original-audiences", "audiences")
	look("inspect-original-notification", "get", "notifications/On-Call", "--aes-key", originalKey)

	addr, dir := freeport.Addr(t), t.TempDir()
	code, _, errs := run("serve", "--listen", addr, "--data-dir", dir, "--redis-url", redis.URL())
	if code != 1 || !strings.Contains(errs, "--aes-key") {
		t.Fatalf("without the key: exit %d, %q; want a refusal that names --aes-key", code, errs)
	}
	p := serve(t, addr, dir, "--redis-url", redis.URL(), "--aes-key", originalKey, "--auth-token", testToken)
	p.waitFor("imported what the original server stored")
	api, ctx := external(t, addr, testToken)
	reply, err := api.GetConfig(ctx, &pb.GetConfigRequest{})
	if err != nil {
		t.Fatal(err)
	}
	config := reply.GetConfig()
	configs := config.GetAudienceMappings()["billing:operation_type_producer:charge:kafka"]
	if c := configs.GetConfigs(); len(c) != 2 || c[0].GetId() != "own" || !c[0].GetPaused() || c[1].GetId() != "Mail-Rule" || c[1].GetPaused() {
		t.Errorf("got assignment %v", configs)
	}
	if n := config.GetNotifications(); len(n) != 1 || n[0].GetSlack().GetBotToken() != secret {
		t.Errorf("got %d notifications", len(n))
	}
	if len(config.GetPipelines()) != 2 || len(config.GetAudiences()) != 2 {
		t.Errorf("got %d pipelines and %d audiences", len(config.GetPipelines()), len(config.GetAudiences()))
	}
	if got := redis.Do(t, "exists", "streamdal_pipeline:mail-rule", "kv:deny/list"); got != int64(2) {
		t.Errorf("%v of 2 keys of the original are left", got)
	}
	look("inspect-taken-over", "audiences")
	watchRedis(t, redis, p)
}

// While Redis is away, a running server shows what it has in memory, and says so.
func TestInspectDuringAnOutage(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	p := serve(t, freeport.Addr(t), t.TempDir(), "--redis-url", redis.URL(), "--auth-token", testToken)
	api, ctx := external(t, p.addr, testToken)
	if _, err := api.CreatePipeline(ctx, &pb.CreatePipelineRequest{Pipeline: hasField("kept in mind", "a")}); err != nil {
		t.Fatal(err)
	}
	redis.Stop(t)
	ask := func(args ...string) (string, error) {
		code, out, errs := run(append([]string{"inspect", "--server", p.addr, "--auth-token", testToken}, args...)...)
		if code != 0 {
			return "", fmt.Errorf("exit %d: %s", code, errs)
		}
		return out, nil
	}
	eventually(t, 60*time.Second, "a summary that says where it is from", func() error {
		out, err := ask()
		if err == nil && !strings.Contains(out, "this is what the server has in memory") {
			err = fmt.Errorf("got:\n%s", out)
		}
		return err
	})
	if out, err := ask("pipelines"); err != nil || !strings.Contains(out, "kept in mind") {
		t.Errorf("got %v:\n%s", err, out)
	}
	if out, err := ask("sessions"); err != nil {
		t.Errorf("got %v:\n%s", err, out)
	}
}

// watchRedis sees in Redis itself what is changed through a server.
func watchRedis(t *testing.T, redis *redistest.Server, p *process) {
	t.Helper()
	watch := command(t, "inspect", "--redis-url", redis.URL(), "watch", "-o", "json")
	watch.waitFor(`"live":true,"nodes":\[\{"name":`)
	api, ctx := external(t, p.addr, testToken)
	if _, err := api.DeletePipeline(ctx, &pb.DeletePipelineRequest{PipelineId: "own"}); err != nil {
		t.Fatal(err)
	}
	watch.waitFor(`\{"kind":"pipelines","id":"own","revision":"\d+","deleted":true\}`)
}

func TestInspectRedisFails(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	server.Do(t, "set", "other", "program's")
	locked := redistest.Start(t, redistest.Options{Password: "secret-password"})
	for name, tt := range map[string]struct {
		args []string
		code int
		want string
	}{
		"foreign":        {[]string{"--redis-url", server.URL()}, 3, "holds nothing of streamdal-server"},
		"empty database": {[]string{"--redis-url", server.Addr(), "--redis-database", "5"}, 3, "check --redis-url and --redis-database"},
		"down":           {[]string{"--redis-url", "127.0.0.1:1"}, 1, "cannot connect, check that Redis runs"},
		"wrong password": {[]string{"--redis-url", locked.Addr(), "--redis-password", "hunter2"}, 1, "check --redis-password"},
		"not a URL":      {[]string{"--redis-url", "http://x"}, exitMisuse, "--redis-url"},
		"no Redis":       {[]string{"--redis-database", "2"}, exitMisuse, "needs --redis-url"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := run(append([]string{"inspect"}, tt.args...)...)
			if code != tt.code || !strings.Contains(errs, tt.want) || strings.Contains(out+errs, "hunter2") {
				t.Errorf("got exit %d, %q; want %d, %q", code, errs, tt.code, tt.want)
			}
		})
	}
}
