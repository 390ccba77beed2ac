package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/sdk/client"
	"github.com/streamdal/streamdal-server/mux/freeport"
)

// settled is how soon after a fault everything must be as it should. The promise is
// 5 s; twice that is for test machines that stand still now and then.
const settled = 10 * time.Second

// node is a running serve that shares a Redis.
type node struct {
	*process
	dir string
	api pb.ExternalClient
	ctx context.Context // with the token
}

// startNode starts a node by a name and waits until it is ready.
func startNode(t testing.TB, name, redisURL string, args ...string) *node {
	t.Helper()
	n := launchNode(t, name, t.TempDir(), redisURL, args...)
	n.waitFor(`"message":"ready"`)
	return n
}

func launchNode(t testing.TB, name, dir, redisURL string, args ...string) *node {
	t.Helper()
	addr := freeport.Addr(t)
	args = append([]string{"--auth-token", testToken, "--redis-url", redisURL, "--node-name", name}, args...)
	n := &node{process: launch(t, addr, dir, args...), dir: dir}
	n.api, n.ctx = external(t, addr, testToken)
	return n
}

// create makes a pipeline and returns its id.
func (n *node) create(name string) (string, error) {
	ctx, cancel := context.WithTimeout(n.ctx, 5*time.Second)
	defer cancel()
	created, err := n.api.CreatePipeline(ctx, &pb.CreatePipelineRequest{Pipeline: hasField(name, "a")})
	return created.GetPipelineId(), err
}

// set gives an audience its pipelines.
func (n *node) set(a *pb.Audience, ids ...string) error {
	ctx, cancel := context.WithTimeout(n.ctx, 5*time.Second)
	defer cancel()
	reply, err := n.api.SetPipelines(ctx, &pb.SetPipelinesRequest{Audience: a, PipelineIds: ids})
	if err == nil && reply.GetCode() != pb.ResponseCode_RESPONSE_CODE_OK {
		err = fmt.Errorf("%s: %s", reply.GetCode(), reply.GetMessage())
	}
	return err
}

// all returns everything that the node shows.
func (n *node) all() *pb.GetAllResponse {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.ctx, patience)
	defer cancel()
	all, err := n.api.GetAll(ctx, &pb.GetAllRequest{})
	if err != nil {
		n.t.Fatalf("GetAll: %v", err)
	}
	return all
}

// live returns "session@node" of every session that the node shows.
func (n *node) live() []string {
	n.t.Helper()
	list := []string{}
	for _, l := range n.all().GetLive() {
		list = append(list, l.GetClient().GetXSessionId()+"@"+l.GetClient().GetXNodeName())
	}
	slices.Sort(list)
	return list
}

// get returns an answer over HTTP, or 0 and the error.
func (n *node) get(path string) (status int, body string) {
	c := http.Client{Timeout: 10 * time.Second}
	resp, err := c.Get("http://" + n.addr + path)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

// metric returns the value of a metric without labels, -1 when there is none.
func (n *node) metric(name string) float64 {
	n.t.Helper()
	_, body := n.get("/metrics")
	m := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(body)
	if m == nil {
		return -1
	}
	v, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		n.t.Fatalf("%s: %v", name, err)
	}
	return v
}

func consumerOf(service string) *pb.Audience {
	return &pb.Audience{
		ServiceName: service, OperationType: pb.OperationType_OPERATION_TYPE_CONSUMER, OperationName: "op", ComponentName: "kafka",
	}
}

// peer is an SDK that is connected to a node.
type peer struct {
	*client.Client
	audience *pb.Audience
	stop     func()
}

// connect starts a session and runs it until the test ends or it is stopped.
func (n *node) connect(id, service string) *peer {
	n.t.Helper()
	return n.connectBy(testToken, id, service)
}

// connectBy is connect with another token than the root token.
func (n *node) connectBy(token, id, service string) *peer {
	n.t.Helper()
	t, a := n.t, consumerOf(service)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := client.New(ctx, client.Options{
		Addr: n.addr, Token: token, Service: service, Session: id, Audiences: []*pb.Audience{a},
		Reconnect: 200 * time.Millisecond, Log: zerolog.Nop(),
	})
	if err != nil {
		t.Fatal(err)
	}
	running, end := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { _ = c.Run(running) }) // its connection may be gone by then
	s := &peer{Client: c, audience: a, stop: sync.OnceFunc(func() { end(); done.Wait() })}
	t.Cleanup(s.stop)
	return s
}

// ids are the pipelines that the session runs, without the hidden one.
func (s *peer) ids() []string {
	list := []string{}
	for i, p := range s.Pipelines(s.audience) {
		if i > 0 {
			list = append(list, p.GetId())
		}
	}
	return list
}

// wantIDs waits until the sessions run exactly these pipelines.
func wantIDs(t testing.TB, limit time.Duration, what string, want []string, sessions ...*peer) {
	t.Helper()
	for _, s := range sessions {
		eventually(t, limit, what, func() error {
			if got := s.ids(); !slices.Equal(got, want) {
				return fmt.Errorf("session %s runs %v, want %v", s.Session(), got, want)
			}
			return nil
		})
	}
}

// wantLive waits until the nodes show exactly these sessions.
func wantLive(t testing.TB, limit time.Duration, want string, nodes ...*node) {
	t.Helper()
	for _, n := range nodes {
		eventually(t, limit, "sessions of "+n.addr, func() error {
			if got := strings.Join(n.live(), " "); got != want {
				return fmt.Errorf("got %q, want %q", got, want)
			}
			return nil
		})
	}
}
