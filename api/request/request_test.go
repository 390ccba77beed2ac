package request

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

func TestWith(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, sent string
		kept       bool
	}{
		{"none", "", false},
		{"chosen by the client", "my-id", true},
		{"longest", strings.Repeat("x", maxID), true},
		{"too long", strings.Repeat("x", maxID+1), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs("auth-token", "t"))
			if tt.sent != "" {
				ctx = metadata.NewIncomingContext(ctx, metadata.Pairs("auth-token", "t", Key, tt.sent))
			}
			with := With(ctx)
			got := ID(with)
			if tt.kept && got != tt.sent {
				t.Errorf("got id %q, want the client's", got)
			}
			if !tt.kept && uuid.Validate(got) != nil {
				t.Errorf("got id %q, want a new uuid", got)
			}
			if v := metadata.ValueFromIncomingContext(with, "auth-token"); len(v) != 1 {
				t.Errorf("got auth-token %v, want other metadata kept", v)
			}
		})
	}
}

func TestOutsideOfACall(t *testing.T) {
	t.Parallel()
	if got := ID(context.Background()); got != "" {
		t.Errorf("got %q, want no id", got)
	}
	if got := ID(With(context.Background())); got == "" {
		t.Error("got no id, want one")
	}
}

type stream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s stream) Context() context.Context { return s.ctx }

func TestInterceptorsIdentifyTheCall(t *testing.T) {
	t.Parallel()
	var unary, streamed string
	_, err := Unary()(t.Context(), nil, nil, func(ctx context.Context, _ any) (any, error) {
		unary = ID(ctx)
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = Stream()(nil, stream{ctx: t.Context()}, nil, func(_ any, s grpc.ServerStream) error {
		streamed = ID(s.Context())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if unary == "" || streamed == "" || unary == streamed {
		t.Errorf("got ids %q and %q, want two different ones", unary, streamed)
	}
}
