package token

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/auth"
	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/bolt"
	"github.com/streamdal/streamdal-server/store/catalog"
)

const (
	rootToken = "a root token that is long enough"
	patience  = 30 * time.Second
)

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// node is a Server over a store that it may share with others.
type node struct {
	*Server
	t       *testing.T
	auth    *auth.Auth
	catalog *catalog.Catalog
	clock   *clock
	log     *bytes.Buffer
}

func newStore(t *testing.T) store.Store {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func newNode(t *testing.T, st store.Store) *node { return newNodeOf(t, st, rootToken) }

func newNodeOf(t *testing.T, st store.Store, root string) *node {
	t.Helper()
	n := &node{t: t, clock: &clock{at: time.Unix(1_800_000_000, 0)}, log: &bytes.Buffer{}}
	cat, err := catalog.Open(t.Context(), st, zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	n.catalog = cat
	n.auth, err = auth.New(auth.Config{RootToken: root, Revoked: Revoked(cat), Now: n.clock.now, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	n.Server = New(Config{Auth: n.auth, Catalog: cat, Now: n.clock.now, Log: zerolog.New(n.log)})
	var running sync.WaitGroup
	ctx, stop := context.WithCancel(context.Background())
	running.Go(func() { _ = cat.Run(ctx) })
	running.Go(func() { _ = n.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })
	return n
}

// as calls what needs an administrator with a token.
func (n *node) as(token, method string, req any, handler grpc.UnaryHandler) (any, error) {
	ctx := metadata.NewIncomingContext(n.t.Context(), metadata.Pairs(auth.TokenKey, token))
	return n.auth.Unary()(ctx, req, &grpc.UnaryServerInfo{FullMethod: method}, handler)
}

func (n *node) issue(token string, req *console.IssueTokenRequest) (*console.IssueTokenResponse, error) {
	reply, err := n.as(token, console.Tokens_Issue_FullMethodName, req,
		func(ctx context.Context, _ any) (any, error) { return n.Issue(ctx, req) })
	if err != nil {
		return nil, err
	}
	return reply.(*console.IssueTokenResponse), nil
}

func (n *node) mustIssue(req *console.IssueTokenRequest) *console.IssueTokenResponse {
	n.t.Helper()
	reply, err := n.issue(rootToken, req)
	if err != nil {
		n.t.Fatal(err)
	}
	return reply
}

func (n *node) revoke(token, id string) (*console.Token, error) {
	req := &console.RevokeTokenRequest{Id: id}
	reply, err := n.as(token, console.Tokens_Revoke_FullMethodName, req,
		func(ctx context.Context, _ any) (any, error) { return n.Revoke(ctx, req) })
	if err != nil {
		return nil, err
	}
	return reply.(*console.RevokeTokenResponse).GetAbout(), nil
}

func (n *node) list() []*console.Token {
	n.t.Helper()
	reply, err := n.List(n.t.Context(), &console.ListTokensRequest{})
	if err != nil {
		n.t.Fatal(err)
	}
	return reply.GetTokens()
}

// read makes a call that a viewer may make.
func (n *node) read(token string) error {
	_, err := n.as(token, pb.External_GetAll_FullMethodName, nil, func(context.Context, any) (any, error) { return nil, nil })
	return err
}

func wantText(t *testing.T, err error, kind failure.Kind, text string) {
	t.Helper()
	if k, got := failure.Of(err); err == nil || k != kind || !strings.Contains(got, text) {
		t.Errorf("got %v (kind %d), want %q (kind %d)", err, k, text, kind)
	}
}

func TestIssueListRevoke(t *testing.T) {
	t.Parallel()
	n := newNode(t, newStore(t))
	expires := n.clock.now().Add(time.Hour).Unix()
	first := n.mustIssue(&console.IssueTokenRequest{Role: "viewer", Name: "for Ada", ExpiresUnix: expires})
	n.clock.advance(time.Minute)
	second := n.mustIssue(&console.IssueTokenRequest{Role: "sdk", Service: "billing"})
	want := []*console.Token{
		{Id: second.GetAbout().GetId(), Role: "sdk", Service: "billing", IssuedUnix: 1_800_000_060, IssuedBy: "root"},
		{Id: first.GetAbout().GetId(), Role: "viewer", Name: "for Ada", ExpiresUnix: expires, IssuedUnix: 1_800_000_000, IssuedBy: "root"},
	}
	if diff := cmp.Diff(want, n.list(), protocmp.Transform()); diff != "" {
		t.Errorf("the list (-want +got):\n%s", diff)
	}
	if err := n.read(first.GetToken()); err != nil {
		t.Errorf("the viewer cannot read: %v", err)
	}
	about, err := n.revoke(rootToken, first.GetAbout().GetId())
	if err != nil {
		t.Fatal(err)
	}
	want[1].RevokedUnix, want[1].RevokedBy = 1_800_000_060, "root"
	if diff := cmp.Diff(want[1], about, protocmp.Transform()); diff != "" {
		t.Errorf("what is known of it (-want +got):\n%s", diff)
	}
	wantText(t, n.read(first.GetToken()), failure.Unauthenticated, "this token was revoked")
	n.clock.advance(time.Minute)
	if again, err := n.revoke(rootToken, first.GetAbout().GetId()); err != nil || !proto.Equal(again, about) {
		t.Errorf("revoked again: got %v, %v, want the same as before", again, err)
	}
	if diff := cmp.Diff(want, n.list(), protocmp.Transform()); diff != "" {
		t.Errorf("the list (-want +got):\n%s", diff)
	}
	for _, issued := range []*console.IssueTokenResponse{first, second} {
		if log := n.log.String(); strings.Contains(log, issued.GetToken()) || !strings.Contains(log, issued.GetAbout().GetId()) {
			t.Errorf("the log has the token, or not its id: %s", log)
		}
	}
}

func TestTokensAreNotStored(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	n := newNode(t, st)
	issued := n.mustIssue(&console.IssueTokenRequest{Role: "viewer"})
	state, err := st.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, secret, _ := strings.Cut(issued.GetToken(), "_")
	for _, r := range state.Records {
		if bytes.Contains(r.Value, []byte(secret)) {
			t.Errorf("%s holds the token", r.Key)
		}
	}
}

func TestRevocationsSurviveRestart(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	n := newNode(t, st)
	issued := n.mustIssue(&console.IssueTokenRequest{Role: "viewer"})
	if _, err := n.revoke(rootToken, issued.GetAbout().GetId()); err != nil {
		t.Fatal(err)
	}
	wantText(t, newNode(t, st).read(issued.GetToken()), failure.Unauthenticated, "this token was revoked")
}

// A token of the command line is known to nobody until it is revoked.
func TestRevokeOfTheCommandLine(t *testing.T) {
	t.Parallel()
	n := newNode(t, newStore(t))
	signer, err := auth.NewSigner(rootToken)
	if err != nil {
		t.Fatal(err)
	}
	expires := n.clock.now().Add(time.Hour)
	value, g := signer.Sign(auth.Grant{Role: auth.Admin, Expires: expires})
	if err := n.read(value); err != nil || len(n.list()) != 0 {
		t.Errorf("got %v and the list %v, want it to work and to be unknown", err, n.list())
	}
	// It may revoke itself.
	about, err := n.revoke(value, g.ID)
	want := &console.Token{Id: g.ID, ExpiresUnix: expires.Unix(), RevokedUnix: 1_800_000_000, RevokedBy: g.ID}
	if diff := cmp.Diff(want, about, protocmp.Transform()); err != nil || diff != "" {
		t.Errorf("got error %v (-want +got):\n%s", err, diff)
	}
	wantText(t, n.read(value), failure.Unauthenticated, "this token was revoked")
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	n := newNode(t, newStore(t))
	for _, tt := range []struct {
		req  *console.IssueTokenRequest
		want string
	}{
		{&console.IssueTokenRequest{}, "choose admin, editor, viewer or sdk"},
		{&console.IssueTokenRequest{Role: "root"}, "choose admin, editor, viewer or sdk"},
		{&console.IssueTokenRequest{Role: "viewer", Service: "billing"}, "only a token with the role sdk"},
		{&console.IssueTokenRequest{Role: "viewer", ExpiresUnix: n.clock.now().Unix()}, "expire at once"},
		{&console.IssueTokenRequest{Role: "viewer", ExpiresUnix: -1}, "expire at once"},
		{&console.IssueTokenRequest{Role: "viewer", Name: "a\x00"}, "one line"},
	} {
		_, err := n.issue(rootToken, tt.req)
		wantText(t, err, failure.Invalid, tt.want)
	}
	short := n.mustIssue(&console.IssueTokenRequest{Role: "viewer", ExpiresUnix: n.clock.now().Add(time.Second).Unix()}).GetAbout().GetId()
	n.clock.advance(time.Second)
	for id, want := range map[string]string{"": "not the id", "root": "not the id", strings.Repeat("a", 24): "not the id", short: "expired at 2027-01-15T08:00:01Z"} {
		_, err := n.revoke(rootToken, id)
		wantText(t, err, failure.Invalid, want)
	}
	viewer := n.mustIssue(&console.IssueTokenRequest{Role: "viewer"}).GetToken()
	_, err := n.issue(viewer, &console.IssueTokenRequest{Role: "viewer"})
	wantText(t, err, failure.Denied, "Issue needs the role admin; yours is viewer")

	weak := newNodeOf(t, newStore(t), "1234")
	_, err = weak.issue("1234", &console.IssueTokenRequest{Role: "viewer"})
	wantText(t, err, failure.Invalid, "the root token has fewer than 16 characters")
	_, err = weak.revoke("1234", short)
	wantText(t, err, failure.Invalid, "the root token has fewer than 16 characters")
}

// Revoking a scoped administrator is the end of it: it could not make another of its kind,
// nor one that lives on.
func TestScopedAdministrators(t *testing.T) {
	t.Parallel()
	n := newNode(t, newStore(t))
	own := n.clock.now().Add(time.Hour)
	admin := n.mustIssue(&console.IssueTokenRequest{Role: "admin", ExpiresUnix: own.Unix()})
	_, err := n.issue(admin.GetToken(), &console.IssueTokenRequest{Role: "admin", ExpiresUnix: own.Unix()})
	wantText(t, err, failure.Denied, "only the root token issues")
	for _, expires := range []int64{0, own.Unix() + 1} {
		_, err = n.issue(admin.GetToken(), &console.IssueTokenRequest{Role: "viewer", ExpiresUnix: expires})
		wantText(t, err, failure.Denied, "would outlive yours, which expires at 2027-01-15T09:00:00Z")
	}
	viewer, err := n.issue(admin.GetToken(), &console.IssueTokenRequest{Role: "viewer", ExpiresUnix: own.Unix()})
	if err != nil || viewer.GetAbout().GetIssuedBy() != admin.GetAbout().GetId() {
		t.Errorf("got %v, %v, want a viewer by that administrator", viewer, err)
	}
}

func TestExpiredTokensAreForgotten(t *testing.T) {
	t.Parallel()
	n := newNode(t, newStore(t))
	short := n.mustIssue(&console.IssueTokenRequest{Role: "viewer", ExpiresUnix: n.clock.now().Add(time.Hour).Unix()})
	if _, err := n.revoke(rootToken, short.GetAbout().GetId()); err != nil {
		t.Fatal(err)
	}
	n.mustIssue(&console.IssueTokenRequest{Role: "viewer"})
	n.clock.advance(time.Hour)
	if got := n.list(); len(got) != 1 {
		t.Errorf("the list has %v, want one that has not expired", got)
	}
	if err := n.forget(t.Context()); err != nil || len(n.catalog.Snapshot().Tokens) != 2 {
		t.Errorf("error %v, %v are stored; want a revocation kept while clocks may differ", err, n.catalog.Snapshot().Tokens)
	}
	n.clock.advance(forgetAfter)
	if err := n.forget(t.Context()); err != nil || len(n.catalog.Snapshot().Tokens) != 1 {
		t.Errorf("error %v, %v are stored, want one", err, n.catalog.Snapshot().Tokens)
	}
	wantText(t, n.read(short.GetToken()), failure.Unauthenticated, "this token has expired")
}

func TestKnownTokensAreBounded(t *testing.T) {
	t.Parallel()
	n := newNode(t, newStore(t))
	signer, err := n.auth.Signer()
	if err != nil {
		t.Fatal(err)
	}
	_, known := signer.Sign(auth.Grant{Role: auth.Viewer})
	_, err = n.catalog.Update(t.Context(), func(tx *catalog.Tx) error {
		for range maxKnown {
			_, g := signer.Sign(auth.Grant{Role: auth.Viewer})
			tx.PutToken(&console.Token{Id: g.ID})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = n.issue(rootToken, &console.IssueTokenRequest{Role: "viewer"})
	wantText(t, err, failure.Invalid, "10000 tokens are known")
	if _, err := n.revoke(rootToken, known.ID); err != nil {
		t.Errorf("revoking: got %v, want it to be possible always", err)
	}
}

// Whichever node revokes a token, its streams end on all.
func TestRevocationEndsStreamsOfOtherNodes(t *testing.T) {
	t.Parallel()
	st := newStore(t)
	here, there := newNode(t, st), newNode(t, st)
	issued := here.mustIssue(&console.IssueTokenRequest{Role: "viewer"})
	opened, ended := make(chan struct{}), make(chan error, 1)
	ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs(auth.TokenKey, issued.GetToken()))
	go func() {
		ended <- there.auth.Stream()(nil, stream{ctx: ctx}, &grpc.StreamServerInfo{FullMethod: console.Console_Watch_FullMethodName},
			func(_ any, s grpc.ServerStream) error {
				close(opened)
				<-s.Context().Done()
				return s.Context().Err()
			})
	}()
	<-opened
	if _, err := here.revoke(rootToken, issued.GetAbout().GetId()); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		wantText(t, err, failure.Unauthenticated, "this token was revoked")
	case <-time.After(patience):
		t.Error("the stream did not end")
	}
}

type stream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s stream) Context() context.Context { return s.ctx }
