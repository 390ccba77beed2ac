package failure

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store"
)

// Every kind of error, as each protocol shows it. A new kind must be added here.
func TestTable(t *testing.T) {
	t.Parallel()
	const (
		bad      = pb.ResponseCode_RESPONSE_CODE_BAD_REQUEST
		missing  = pb.ResponseCode_RESPONSE_CODE_NOT_FOUND
		internal = pb.ResponseCode_RESPONSE_CODE_INTERNAL_SERVER_ERROR
		generic  = pb.ResponseCode_RESPONSE_CODE_GENERIC_ERROR
	)
	secret := errors.New("dial tcp 10.1.2.3:6379: refused")
	tests := []struct {
		name string
		err  error
		grpc codes.Code
		std  pb.ResponseCode
		http int
		word string
		text string
	}{
		{"anything", secret, codes.Internal, internal, 500, "internal", "internal error"},
		{"wrapped anything", fmt.Errorf("get: %w", secret), codes.Internal, internal, 500, "internal", "internal error"},
		{"invalid", New(Invalid, "no %s", "x"), codes.InvalidArgument, bad, 400, "invalid", "no x"},
		{"wrapped invalid", fmt.Errorf("step 1: %w", New(Invalid, "no x")), codes.InvalidArgument, bad, 400, "invalid", "step 1: no x"},
		{"not found", New(NotFound, "no x"), codes.NotFound, missing, 404, "not_found", "no x"},
		{"exists", New(Exists, "x is"), codes.AlreadyExists, bad, 409, "already_exists", "x is"},
		{"conflict", New(Conflict, "x moved"), codes.Aborted, generic, 409, "conflict", "x moved"},
		{"unauthenticated", New(Unauthenticated, "who"), codes.Unauthenticated, generic, 401, "unauthenticated", "who"},
		{"denied", New(Denied, "no"), codes.PermissionDenied, generic, 403, "denied", "no"},
		{"throttled", New(Throttled, "slow"), codes.ResourceExhausted, generic, 429, "throttled", "slow"},
		{"too large", New(TooLarge, "big"), codes.ResourceExhausted, bad, 413, "too_large", "big"},
		{"unavailable", New(Unavailable, "later"), codes.Unavailable, internal, 503, "unavailable", "later"},
		{"unimplemented", New(Unimplemented, "no"), codes.Unimplemented, generic, 501, "unimplemented", "no"},
		{"deprecated", New(Deprecated, "no"), codes.Unimplemented, generic, 410, "deprecated", "no"},
		{"locked", New(Locked, "no key"), codes.FailedPrecondition, generic, 423, "locked", "no key"},
		{"upstream", New(Upstream, "no"), codes.FailedPrecondition, generic, 502, "upstream", "no"},
		{"method", New(MethodNotAllowed, "no"), codes.Unimplemented, bad, 405, "method_not_allowed", "no"},
		{"cancelled", fmt.Errorf("read: %w", context.Canceled), codes.Canceled, generic, 499, "cancelled", textCancelled},
		{"late", fmt.Errorf("read: %w", context.DeadlineExceeded), codes.DeadlineExceeded, generic, 504, "late", textLate},
		{"store unavailable", store.Unavailable("apply", secret), codes.Unavailable, internal, 503, "unavailable", textUnavailable},
		{"store closed", store.ErrClosed, codes.Unavailable, internal, 503, "unavailable", textUnavailable},
		{"store conflict", store.ErrConflict, codes.Aborted, generic, 409, "conflict", textConflict},
		{"store refuses", fmt.Errorf("%w: too big", store.ErrInvalid), codes.InvalidArgument, bad, 400, "invalid", "invalid change: too big"},
	}
	seen := map[Kind]bool{}
	for _, tt := range tests {
		kind, text := Of(tt.err)
		seen[kind] = true
		if text != tt.text {
			t.Errorf("%s: got text %q, want %q", tt.name, text, tt.text)
		}
		if got := status.Convert(Status(tt.err)); got.Code() != tt.grpc || got.Message() != tt.text {
			t.Errorf("%s: got status %v, want %v %q", tt.name, got, tt.grpc, tt.text)
		}
		want := &pb.StandardResponse{Id: "id-1", Code: tt.std, Message: tt.text}
		if got := Response("id-1", tt.err); got.String() != want.String() {
			t.Errorf("%s: got %v, want %v", tt.name, got, want)
		}
		code, body := HTTP(tt.err)
		if code != tt.http || body.Code != tt.word || body.Message != tt.text {
			t.Errorf("%s: got %d %+v, want %d %s %q", tt.name, code, body, tt.http, tt.word, tt.text)
		}
	}
	for kind := range kinds {
		if !seen[kind] {
			t.Errorf("kind %d has no case", kind)
		}
	}
}

func TestStatusKeepsAStatus(t *testing.T) {
	t.Parallel()
	want := status.Error(codes.DataLoss, "gone")
	if got := Status(want); !errors.Is(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestWriteSaysWhenToComeBack(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	Write(w, &Error{Kind: Throttled, Text: "slow down", After: 1500 * time.Millisecond})
	if got := w.Header().Get("Retry-After"); got != "2" {
		t.Errorf("got Retry-After %q, want whole seconds, rounded up", got)
	}
	want := `{"message":"slow down","code":"throttled","hint":"Wait as long as Retry-After says."}` + "\n"
	if diff := cmp.Diff(want, w.Body.String()); diff != "" {
		t.Error(diff)
	}
}

type stream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s stream) Context() context.Context { return s.ctx }

// What the caller is not told is in the log, under the id that the caller has.
func TestInterceptorsLogWhatTheyHide_9_5_8(t *testing.T) {
	t.Parallel()
	ctx := metadata.NewIncomingContext(t.Context(), metadata.Pairs("request-id", "id-7"))
	for _, tt := range []struct {
		name string
		err  error
		log  string // part of the one line, "" for none
		code codes.Code
	}{
		{"bug", errors.New("index out of range"), "index out of range", codes.Internal},
		{"store", store.Unavailable("apply", errors.New("disk full")), "disk full", codes.Unavailable},
		{"caller's mistake", New(Invalid, "no name"), "", codes.InvalidArgument},
		{"shutdown", ErrShuttingDown, "", codes.Unavailable},
		{"caller left", context.Canceled, "", codes.Canceled},
		{"status", status.Error(codes.Internal, "sent already"), "", codes.Internal},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			log := zerolog.New(&out)
			_, err := Unary(log)(ctx, nil, &grpc.UnaryServerInfo{FullMethod: "/a/B"},
				func(context.Context, any) (any, error) { return nil, tt.err })
			if got := status.Code(err); got != tt.code {
				t.Errorf("unary: got %v, want %v", got, tt.code)
			}
			err = Stream(log)(nil, stream{ctx: ctx}, &grpc.StreamServerInfo{FullMethod: "/a/B"},
				func(any, grpc.ServerStream) error { return tt.err })
			if got := status.Code(err); got != tt.code {
				t.Errorf("stream: got %v, want %v", got, tt.code)
			}
			lines := strings.Count(out.String(), "\n")
			switch {
			case tt.log == "" && lines != 0:
				t.Errorf("got log %s, want none", out.String())
			case tt.log != "" && (lines != 2 || strings.Count(out.String(), tt.log) != 2 || strings.Count(out.String(), "id-7") != 2):
				t.Errorf("got log %s, want two lines with %q and the request id", out.String(), tt.log)
			}
		})
	}
}

func TestInterceptorsPassSuccess(t *testing.T) {
	t.Parallel()
	reply, err := Unary(zerolog.Nop())(t.Context(), nil, &grpc.UnaryServerInfo{},
		func(context.Context, any) (any, error) { return "reply", nil })
	if reply != "reply" || err != nil {
		t.Errorf("got %v, %v, want the reply", reply, err)
	}
	err = Stream(zerolog.Nop())(nil, stream{ctx: t.Context()}, &grpc.StreamServerInfo{},
		func(any, grpc.ServerStream) error { return nil })
	if err != nil {
		t.Errorf("got %v, want nil", err)
	}
}
