// Package remote connects the command line to a running server.
package remote

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/auth"
)

// Conn is a connection to a running server, with a token.
type Conn struct {
	*grpc.ClientConn

	addr, token string
}

// Dial returns a connection to the server at addr, by TLS if conf is not nil, which takes
// answers of at most maxAnswer bytes. It connects when it is used.
func Dial(addr, token string, conf *tls.Config, maxAnswer int) (*Conn, error) {
	transport := insecure.NewCredentials()
	if conf != nil {
		transport = credentials.NewTLS(conf)
	}
	conn, err := grpc.NewClient("passthrough:///"+addr,
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxAnswer)))
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", addr, err)
	}
	return &Conn{conn, addr, token}, nil
}

// With returns a context for calls, which carries the token.
func (c *Conn) With(ctx context.Context) context.Context {
	return metadata.AppendToOutgoingContext(ctx, auth.TokenKey, c.token)
}

// Explain says in a sentence why the server did not answer, and what to do. It is nil for no
// error, and that of ctx when that has ended.
func (c *Conn) Explain(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	text := status.Convert(err).Message()
	switch status.Code(err) {
	case codes.Unauthenticated:
		return fmt.Errorf("%s refuses the token (%s): give the one it was started with as --auth-token, --auth-token-file or STREAMDAL_SERVER_AUTH_TOKEN", c.addr, text)
	case codes.Unimplemented:
		return fmt.Errorf("the server at %s does not know this: it is older than this program, or not a streamdal-server", c.addr)
	case codes.Unavailable:
		return fmt.Errorf("cannot reach the server at %s: %s", c.addr, text)
	case codes.InvalidArgument, codes.PermissionDenied:
		return errors.New(text)
	default:
		return fmt.Errorf("ask the server at %s: %s", c.addr, text)
	}
}
