package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/mux/freeport"
)

// ask returns the answer to a REST request with the token.
func ask(t *testing.T, addr, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+addr+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

const (
	keyOne = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	keyTwo = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
)

// Secrets are unreadable in the store, through a change of keys, and are not lost when a key
// is missing for a while.
func TestSecretsAreSealedThroughKeyChanges(t *testing.T) {
	t.Parallel()
	dir, addr := t.TempDir(), freeport.Addr(t)
	const secret = "xoxb-very-secret-token"
	onDisk := func() bool {
		content, err := os.ReadFile(filepath.Join(dir, storeFile))
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(content, []byte(secret))
	}
	stored := func() string {
		code, body := ask(t, addr, "GET", "/api/v1/config", "")
		if code != http.StatusOK {
			t.Fatalf("config: got %d %s", code, body)
		}
		return body
	}
	p := serve(t, addr, dir, "--auth-token", testToken)
	api, ctx := external(t, addr, testToken)
	_, err := api.CreateNotification(ctx, &pb.CreateNotificationRequest{Notification: &pb.NotificationConfig{
		Id: proto.String("n"), Name: "alerts", Type: pb.NotificationType_NOTIFICATION_TYPE_SLACK,
		Config: &pb.NotificationConfig_Slack{Slack: &pb.NotificationSlack{BotToken: secret, Channel: "#a"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	p.waitFor("stored in plain text")
	p.kill()
	for _, step := range []struct {
		args   []string
		locked bool
		log    string
	}{
		{[]string{"--aes-key", keyOne}, false, `"records":1,.*sealed secrets`},
		{[]string{"--aes-key", keyTwo}, true, "cannot be opened"},
		{nil, true, "cannot be opened"},
		{[]string{"--aes-key", keyTwo, "--aes-key-previous", keyOne}, false, `"records":1,.*sealed secrets`},
		{[]string{"--aes-key", keyTwo}, false, "ready"},
	} {
		p := serve(t, addr, dir, append([]string{"--auth-token", testToken}, step.args...)...)
		p.waitFor(step.log)
		if got := !strings.Contains(stored(), secret); got != step.locked {
			t.Errorf("with %v: locked is %t, want %t", step.args, got, step.locked)
		}
		if strings.Contains(p.output(), secret) || strings.Contains(p.output(), keyOne) || strings.Contains(p.output(), keyTwo) {
			t.Errorf("with %v: the log shows a secret", step.args)
		}
		p.kill()
	}
	// The plain text of before lies in free pages until they are used again.
	serve(t, addr, dir, "--auth-token", testToken, "--aes-key", keyTwo)
	eventually(t, 60*time.Second, "the plain secret to be overwritten", func() error {
		for i := range 20 {
			ask(t, addr, "POST", "/api/v1/kv", fmt.Sprintf(`{"kvs":[{"key":"k%d","value":"eA=="}],"overwrite":true}`, i))
		}
		if onDisk() {
			return fmt.Errorf("it is still in the file")
		}
		return nil
	})
}

// inbox is a mail server on this machine that takes its time.
type inbox struct {
	mu   sync.Mutex
	mail []string
}

func (i *inbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &letters{i}, nil }

type letters struct{ to *inbox }

func (l *letters) Mail(string, *smtp.MailOptions) error { return nil }
func (l *letters) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (l *letters) Reset()                               {}
func (l *letters) Logout() error                        { return nil }

func (l *letters) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	l.to.mu.Lock()
	defer l.to.mu.Unlock()
	l.to.mail = append(l.to.mail, string(text))
	return err
}

// From an SDK's call to the mailbox; what is queued when the server is told to stop still
// arrives.
func TestAlertsArriveBeforeTheServerStops(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box := &inbox{}
	mail := smtp.NewServer(box)
	var serving sync.WaitGroup
	serving.Go(func() { _ = mail.Serve(listener) })
	t.Cleanup(func() { _ = mail.Close(); serving.Wait() })

	addr := freeport.Addr(t)
	p := serve(t, addr, t.TempDir(), "--auth-token", testToken)
	conn := dial(t, addr)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "auth-token", testToken)
	api := pb.NewExternalClient(conn)
	_, err = api.CreateNotification(ctx, &pb.CreateNotificationRequest{Notification: &pb.NotificationConfig{
		Id: proto.String("n"), Name: "mail", Type: pb.NotificationType_NOTIFICATION_TYPE_EMAIL,
		Config: &pb.NotificationConfig_Email{Email: &pb.NotificationEmail{
			Type: pb.NotificationEmail_TYPE_SMTP, FromAddress: "a@example.com", Recipients: []string{"b@example.com"},
			Config: &pb.NotificationEmail_Smtp{Smtp: &pb.NotificationEmailSMTP{
				Host: "127.0.0.1", Port: int32(listener.Addr().(*net.TCPAddr).Port), User: "u", Password: "p",
			}},
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if code, body := ask(t, addr, "POST", "/api/v1/notifications/n/test", ""); code != http.StatusOK {
		t.Fatalf("test: got %d %s", code, body)
	}
	pipeline := hasField("orders", "mail")
	pipeline.Id = "p-1"
	pipeline.Steps[0].OnFalse = &pb.PipelineStepConditions{Notification: &pb.PipelineStepNotification{
		NotificationConfigIds: []string{"n"}, PayloadType: pb.PipelineStepNotification_PAYLOAD_TYPE_SELECT_PATHS, Paths: []string{"order.id"},
	}}
	if _, err := api.CreatePipeline(ctx, &pb.CreatePipelineRequest{Pipeline: pipeline}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		reply, err := pb.NewInternalClient(conn).Notify(ctx, &pb.NotifyRequest{
			ConditionType: pb.NotifyRequest_CONDITION_TYPE_ON_FALSE, Step: pipeline.GetSteps()[0], PipelineId: "p-1",
			Audience: &pb.Audience{ServiceName: "billing"}, Payload: []byte(`{"order":{"id":4711},"card":"4242"}`),
		})
		if err != nil || reply.GetMessage() != "Notification queued" {
			t.Fatalf("notify: %v, %v", reply, err)
		}
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-p.done
	if p.err != nil {
		t.Errorf("the server ended with %v", p.err)
	}
	box.mu.Lock()
	defer box.mu.Unlock()
	if len(box.mail) != 4 {
		t.Fatalf("%d messages arrived, want the test and three alerts", len(box.mail))
	}
	if m := box.mail[3]; !strings.Contains(m, "4711") || strings.Contains(m, "4242") {
		t.Errorf("got %s, want the chosen path and nothing else of the payload", m)
	}
	if strings.Contains(p.output(), "4711") {
		t.Error("the log shows a payload")
	}
}

// What is written over REST reaches a connected SDK, once.
func TestKVReachesSDKs_9_2_9(t *testing.T) {
	t.Parallel()
	addr := freeport.Addr(t)
	serve(t, addr, t.TempDir(), "--auth-token", testToken)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "auth-token", testToken)
	stream, err := pb.NewInternalClient(dial(t, addr)).Register(ctx, &pb.RegisterRequest{
		ServiceName: "svc", SessionId: "s", ClientInfo: &pb.ClientInfo{LibraryName: "go-sdk"},
		Audiences: []*pb.Audience{
			{ServiceName: "svc", OperationType: 1, OperationName: "a", ComponentName: "kafka"},
			{ServiceName: "svc", OperationType: 1, OperationName: "b", ComponentName: "kafka"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if first, err := stream.Recv(); err != nil || first.GetKv() == nil {
		t.Fatalf("got %v, %v, want an empty KV command first", first, err)
	}
	if code, body := ask(t, addr, "POST", "/api/v1/kv", `{"kvs":[{"key":"a/b","value":"//79AA=="},{"key":"c","value":"eA=="}]}`); code != http.StatusOK {
		t.Fatalf("create: got %d %s", code, body)
	}
	if code, body := ask(t, addr, "DELETE", "/api/v1/kv/a/b", ""); code != http.StatusOK {
		t.Fatalf("delete: got %d %s", code, body)
	}
	if code, body := ask(t, addr, "POST", "/api/v1/kv", `{"kvs":[{"key":"last","value":"eA=="}]}`); code != http.StatusOK {
		t.Fatalf("create: got %d %s", code, body)
	}
	seen := map[string]int{}
	for seen["last"] == 0 {
		command, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range command.GetKv().GetInstructions() {
			seen[i.GetObject().GetKey()]++
			if !command.GetKv().GetOverwrite() {
				t.Errorf("instruction without overwrite: %v", i)
			}
		}
	}
	if seen["c"] != 1 || seen["last"] != 1 || seen["a/b"] > 2 {
		t.Errorf("got %v instructions by key, want each once, with a deletion at most", seen)
	}
	var usage struct {
		Items int `json:"num_items"`
	}
	_, body := ask(t, addr, "GET", "/api/v1/kv-usage", "")
	if err := json.Unmarshal([]byte(body), &usage); err != nil || usage.Items != 2 {
		t.Errorf("usage: got %s, want two items", body)
	}
}
