package cli

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	pb "github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/sdk/client"
	"github.com/streamdal/streamdal-server/mux/freeport"
)

// A newcomer's way from an empty server to a masked message, as the original's own browser
// test has it: the service connects when there is a pipeline.
func TestBrowserFromNothing(t *testing.T) {
	t.Parallel()
	p := serve(t, freeport.Addr(t), t.TempDir())
	link, token := p.waitFor(`Console +(\S+)`)[1], p.waitFor(`Token +(\S+)`)[1]

	ctx, cancel := context.WithCancel(t.Context())
	service := make(chan error, 1)
	go func() { service <- signUps(ctx, p.addr, token) }()
	journey(t, "newcomer", p.addr, link, token)
	cancel()
	if err := <-service; !errors.Is(err, context.Canceled) {
		t.Errorf("the service: %v", err)
	}
}

// signUps is a service whose messages begin to pass once the server has a pipeline.
func signUps(ctx context.Context, addr, token string) error {
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for api := pb.NewExternalClient(conn); ; {
		r, err := api.GetPipelines(metadata.AppendToOutgoingContext(ctx, "auth-token", token), &pb.GetPipelinesRequest{})
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		if len(r.GetPipelines()) > 0 {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}

	engine, err := client.NewWazero(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = engine.Close(context.WithoutCancel(ctx)) }()
	c, err := client.New(ctx, client.Options{Addr: addr, Token: token, Service: "signup-service", Engine: engine})
	if err != nil {
		return err
	}
	running := make(chan error, 1)
	go func() { running <- c.Run(ctx) }()
	a := &pb.Audience{ServiceName: "signup-service", OperationType: pb.OperationType_OPERATION_TYPE_PRODUCER, OperationName: "verifier", ComponentName: "postgresql"}
	for {
		if _, err := c.Process(ctx, a, []byte(`{"user_id":"5412345678","birthdate":"1980-02-29","plan":"free"}`)); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			<-running
			return ctx.Err()
		case <-tick.C:
		}
	}
}
