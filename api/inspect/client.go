package inspect

import (
	"context"
	"crypto/tls"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/pb/console"
	"github.com/streamdal/streamdal-server/api/remote"
	"github.com/streamdal/streamdal-server/store"
	look "github.com/streamdal/streamdal-server/store/inspect"
)

// maxAnswer is the largest record that is taken: a module and a little more.
const maxAnswer = store.MaxValueBytes + 1<<20

// Client looks into the store of a running server.
type Client struct {
	conn *remote.Conn
	api  console.InspectClient
}

// Dial returns a client of the server at addr, by TLS if conf is not nil. It connects when it
// is used.
func Dial(addr, token string, conf *tls.Config) (*Client, error) {
	conn, err := remote.Dial(addr, token, conf, maxAnswer)
	if err != nil {
		return nil, err
	}
	return &Client{conn, console.NewInspectClient(conn)}, nil
}

// Close ends the connection.
func (c *Client) Close() error { return c.conn.Close() }

func (c *Client) with(ctx context.Context) context.Context { return c.conn.With(ctx) }

// explain says in a sentence why the server did not answer, and what to do.
func (c *Client) explain(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		switch status.Code(err) {
		case codes.NotFound:
			return notFoundError{status.Convert(err).Message()}
		case codes.PermissionDenied:
			return errors.New("this token may not look into the store: use one with the role admin")
		default:
		}
	}
	return c.conn.Explain(ctx, err)
}

// notFoundError is look.ErrNotFound in the words of the server.
type notFoundError struct{ text string }

func (e notFoundError) Error() string        { return e.text }
func (e notFoundError) Is(target error) bool { return target == look.ErrNotFound }

// Summary is Summary of look.Store.
func (c *Client) Summary(ctx context.Context) (*console.StoreSummary, error) {
	sum, err := c.api.Summary(c.with(ctx), &console.StoreSummaryRequest{})
	if err != nil {
		return nil, c.explain(ctx, err)
	}
	return sum, nil
}

// Records is Records of look.Store.
func (c *Client) Records(ctx context.Context, pattern string, values bool, yield func(*console.StoreRecord) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	stream, err := c.api.ListRecords(c.with(ctx), &console.ListRecordsRequest{Pattern: pattern, Values: values})
	return receive(ctx, c, stream, err, yield)
}

// Record is Record of look.Store.
func (c *Client) Record(ctx context.Context, key store.Key, module bool) (*console.StoreRecord, error) {
	r, err := c.api.GetRecord(c.with(ctx), &console.GetRecordRequest{Kind: string(key.Kind), Id: key.ID, Module: module})
	if err != nil {
		return nil, c.explain(ctx, err)
	}
	return r, nil
}

// Watch is Watch of look.Store; it also ends, with an error, when the server does.
func (c *Client) Watch(ctx context.Context, yield func(*console.StoreEvent) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	stream, err := c.api.Watch(c.with(ctx), &console.WatchStoreRequest{})
	return receive(ctx, c, stream, err, yield)
}

func receive[T any](ctx context.Context, c *Client, stream grpc.ServerStreamingClient[T], err error, yield func(*T) error) error {
	if err != nil {
		return c.explain(ctx, err)
	}
	for {
		m, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return c.explain(ctx, err)
		}
		if err := yield(m); err != nil {
			return err
		}
	}
}
