package cli

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/mux/freeport"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// People's ways through the Console, in a real browser, each against a demo server of its own.
func TestBrowser(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"details",   // small things that are missed when missing
		"editor",    // a pipeline by forms
		"first",     // log-in, map, pipelines, log-out
		"manage",    // the pages that manage things
		"operation", // the panel of one operation
		"long",      // a fleet of many sessions
		"tabs",      // many tabs of one browser
		"tokens",    // tokens that may do less
		"tail",      // messages while they happen
		"tryit",     // around the editor: templates, trying, files, merging
		"map",       // the map and its table
		"pictures",  // those of the docs; make screenshots keeps them
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, token := startDemo(t)
			journey(t, name, p.addr, p.waitFor(`Console +(\S+)`)[1], token)
		})
	}
}

// The Console by TLS, with a session that is for TLS only.
func TestBrowserByTLS(t *testing.T) {
	t.Parallel()
	files := redistest.NewCertificates(t)
	p, token := startDemo(t, "--tls-cert", files.ServerCert, "--tls-key", files.ServerKey)
	link := strings.Replace(p.waitFor(`Console +(\S+)`)[1], "http://", "https://", 1)
	chromium := cmp.Or(os.Getenv("CHROMIUM"), "chromium")
	trusting := filepath.Join(t.TempDir(), "chromium")
	if err := os.WriteFile(trusting, []byte("#!/bin/sh\nexec "+chromium+` --ignore-certificate-errors "$@"`+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	journey(t, "secure", p.addr, link, token, "BASE_URL=https://"+p.addr, "CHROMIUM="+trusting)
}

// A viewer sees all there is and no button that it may not use.
func TestBrowserViewer(t *testing.T) {
	t.Parallel()
	p, root := startDemo(t)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "auth-token", root)
	issued, err := console.NewTokensClient(dial(t, p.addr)).Issue(ctx, &console.IssueTokenRequest{Role: "viewer", Name: "journey"})
	if err != nil {
		t.Fatal(err)
	}
	journey(t, "viewer", p.addr, p.waitFor(`Console +(\S+)`)[1], issued.GetToken())
}

// A notification whose secret was sealed with another key than the server has.
func TestBrowserLocked(t *testing.T) {
	t.Parallel()
	addr, dir := freeport.Addr(t), t.TempDir()
	p := serve(t, addr, dir, "--aes-key", keyOne)
	token := p.waitFor(`Token +(\S+)`)[1]
	api, ctx := external(t, addr, token)
	_, err := api.CreateNotification(ctx, &pb.CreateNotificationRequest{Notification: &pb.NotificationConfig{
		Id: proto.String("sealed-one"), Name: "alerts", Type: pb.NotificationType_NOTIFICATION_TYPE_SLACK,
		Config: &pb.NotificationConfig_Slack{Slack: &pb.NotificationSlack{BotToken: "xoxb-secret", Channel: "#a"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	p.kill()
	p = serve(t, addr, dir)
	journey(t, "locked", addr, p.waitFor(`Console +(\S+)`)[1], token)
}

// journey runs ui/test/NAME.mjs in a browser against the server at addr.
func journey(t *testing.T, name, addr, link, token string, env ...string) {
	t.Helper()
	shots := t.TempDir()
	if dir := os.Getenv("SCREENSHOT_DIR"); dir != "" {
		shots = dir
	}
	cmd := exec.CommandContext(t.Context(), "node", "--test", filepath.Join("test", name+".mjs"))
	cmd.Dir = filepath.Join("..", "ui")
	cmd.Env = append(os.Environ(), "BASE_URL=http://"+addr, "LOGIN_URL="+link, "TOKEN="+token, "SCREENSHOT_DIR="+shots)
	cmd.Env = append(cmd.Env, env...) // the last one counts
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("journey: %v (run npm ci in ui, and install chromium, if it says so)\n%s", err, out)
	}
	t.Logf("%s", out)
}
