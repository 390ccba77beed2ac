package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/mux/freeport"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

func TestTokenIsSignedOnlyWithARole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	code, first, stderr := run("token", "--data-dir", dir)
	_, second, _ := run("token", "--data-dir", dir)
	if code != 0 || stderr != "" || len(first) < 40 || first == second || strings.HasPrefix(first, "sds_") {
		t.Errorf("got %d, %q and %q, stderr %q, want two random tokens", code, first, second, stderr)
	}
}

func TestTokenIssue(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), tokenFile)
	if err := os.WriteFile(file, []byte(testToken+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	signer, err := auth.NewSigner(testToken)
	if err != nil {
		t.Fatal(err)
	}
	for name, source := range map[string][]string{
		"flag": {"--auth-token", testToken}, "file": {"--auth-token-file", file}, "data directory": {"--data-dir", filepath.Dir(file)},
	} {
		code, stdout, stderr := run(append([]string{"token", "--role", "sdk", "--service", "billing", "--expires", "720h", "--name", "for Ada"}, source...)...)
		g, ok := signer.Open(strings.TrimSuffix(stdout, "\n"))
		left := time.Until(g.Expires)
		if code != 0 || !ok || g.Role != auth.SDK || g.Service != "billing" || g.Name != "for Ada" || left > 720*time.Hour || left < 719*time.Hour {
			t.Errorf("%s: got %d, %+v %t, stderr %q", name, code, g, ok, stderr)
		}
		if want := "id       " + g.ID + "\nrole     sdk for billing\nexpires  " + g.Expires.UTC().Format(time.RFC3339) + "\n"; stderr != want {
			t.Errorf("%s: got stderr %q, want %q", name, stderr, want)
		}
	}
	_, stdout, stderr := run("token", "--role", "viewer", "--auth-token", testToken)
	if g, ok := signer.Open(strings.TrimSuffix(stdout, "\n")); !ok || !g.Expires.IsZero() || !strings.Contains(stderr, "expires  never") {
		t.Errorf("got %+v %t, stderr %q, want one that does not expire", g, ok, stderr)
	}
}

func TestTokenArguments(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		args string
		want string
	}{
		{"token --service billing", "need --role"},
		{"token --role root", "choose admin, editor, viewer or sdk"},
		{"token --role viewer --service billing", "only a token with the role sdk"},
		{"token --role viewer --expires=-1h", "more than 0s"},
		{"token --role viewer --expires 100ms", "expire at once"},
		{"token --role viewer", "there is no root token"},
		{"token --role viewer --auth-token 1234", "fewer than 16 characters"},
		{"token --role viewer --auth-token-file none", "read the auth token"},
		{"token revoke x", "say which one to ask with --server"},
		{"token list", "say which one to ask with --server"},
		{"token list --server 127.0.0.1:1", "there is no root token"},
	} {
		code, stdout, stderr := run(append(strings.Fields(tt.args), "--data-dir", t.TempDir())...)
		if code != 1 || stdout != "" || !strings.Contains(stderr, tt.want) {
			t.Errorf("%s: got %d, stdout %q, stderr %q, want %q", tt.args, code, stdout, stderr, tt.want)
		}
	}
	if code, _, stderr := run("token", "--auth-token", "a", "--auth-token-file", "b"); code != exitMisuse || !strings.Contains(stderr, "exclude each other") {
		t.Errorf("two root tokens: got %d, %q", code, stderr)
	}
}

// The command line issues without a server, and revokes at one.
func TestTokenOfTheCommandLine(t *testing.T) {
	t.Parallel()
	dir, addr := t.TempDir(), freeport.Addr(t)
	p := serve(t, addr, dir) // with a token of its own
	code, token, stderr := run("token", "--role", "viewer", "--data-dir", dir)
	if code != 0 {
		t.Fatalf("issue: got %d, %s", code, stderr)
	}
	token = strings.TrimSpace(token)
	api, ctx := external(t, addr, token)
	stream, err := api.GetAllStream(ctx, &pb.GetAllRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatalf("a viewer reads: %v", err)
	}
	_, err = api.CreatePipeline(ctx, &pb.CreatePipelineRequest{})
	if status.Code(err) != codes.PermissionDenied {
		t.Errorf("a viewer writes: got %v", err)
	}
	if code, stdout, stderr := run("token", "list", "--data-dir", dir, "--auth-token", token); code != 1 || !strings.Contains(stderr, "List needs the role admin; yours is viewer") {
		t.Errorf("a viewer lists: got %d, %q, %q", code, stdout, stderr)
	}
	if code, stdout, stderr := run("token", "revoke", token, "--data-dir", dir); code != 0 || !strings.HasPrefix(stdout, "revoked ") {
		t.Fatalf("revoke: got %d, %q, %q", code, stdout, stderr)
	}
	wantRevoked(t, stream)

	id, _ := auth.IDOf(token)
	code, stdout, stderr := run("token", "list", "--server", addr, "--data-dir", dir, "--output", "json")
	var list []struct{ ID, RevokedBy string }
	if err := json.Unmarshal([]byte(stdout), &list); code != 0 || err != nil || len(list) != 1 || list[0].ID != id || list[0].RevokedBy != "root" {
		t.Errorf("list: got %d, %q, %q", code, stdout, stderr)
	}
	if _, stdout, _ := run("token", "list", "--data-dir", dir); !strings.HasPrefix(stdout, "ID ") || !strings.Contains(stdout, id) {
		t.Errorf("list: got %q", stdout)
	}
	if code, _, stderr := run("token", "revoke", id[1:], "--data-dir", dir); code != 1 || !strings.Contains(stderr, "this is not the id of a token") {
		t.Errorf("a mistyped id: got %d, %q", code, stderr)
	}

	p.kill()
	again := serve(t, addr, dir)
	api, ctx = external(t, again.addr, token)
	if _, err := api.GetAll(ctx, &pb.GetAllRequest{}); status.Convert(err).Message() != "this token was revoked" {
		t.Errorf("after a restart: got %v, want it revoked", err)
	}
	if log := p.output() + again.output(); strings.Contains(log, token) {
		t.Error("the token is in the log")
	}
}

type receiver interface {
	Recv() (*pb.GetAllResponse, error)
}

func wantRevoked(t *testing.T, stream receiver) {
	t.Helper()
	for {
		_, err := stream.Recv()
		if err == nil {
			continue // what was on its way
		}
		if s := status.Convert(err); s.Code() != codes.Unauthenticated || s.Message() != "this token was revoked" {
			t.Errorf("got %v, want the stream to end with the reason", err)
		}
		return
	}
}

// One node revokes, all refuse.
func TestTokensOfACluster(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, redistest.Options{})
	a, b := startNode(t, "a", server.URL()), startNode(t, "b", server.URL())
	tokens := console.NewTokensClient(dial(t, a.addr))
	issued, err := tokens.Issue(a.ctx, &console.IssueTokenRequest{Role: "viewer"})
	if err != nil {
		t.Fatal(err)
	}
	viewer := metadata.AppendToOutgoingContext(t.Context(), "auth-token", issued.GetToken())
	stream, err := pb.NewExternalClient(dial(t, b.addr)).GetAllStream(viewer, &pb.GetAllRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatalf("the other node: %v", err)
	}
	began := time.Now()
	if _, err := tokens.Revoke(a.ctx, &console.RevokeTokenRequest{Id: issued.GetAbout().GetId()}); err != nil {
		t.Fatal(err)
	}
	wantRevoked(t, stream)
	if took := time.Since(began); took > settled {
		t.Errorf("the other node's stream ended after %v, want it within %v", took, settled)
	}
	_, secret, _ := strings.Cut(issued.GetToken(), "_")
	for _, key := range []string{"tokens", "log"} {
		if dump, _ := server.Do(t, "dump", "streamdal_{config}:"+key).(string); strings.Contains(dump, secret) {
			t.Errorf("Redis' %s holds the token", key)
		}
	}
}
