package auth

import (
	"context"
	"errors"
	"net/http"
	"path"
	"time"

	"google.golang.org/grpc"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/tap"

	"github.com/streamdal/streamdal-server/api/failure"
)

// TokenKey is the gRPC metadata key of the token.
const TokenKey = "auth-token"

// Unary refuses unary calls without the role that their method needs. Errors are of
// package failure, whose interceptor must come before this one.
func (a *Auth) Unary() grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
		ctx, done, err := a.authorize(ctx, info.FullMethod)
		if err != nil {
			return nil, err
		}
		defer done()
		if err := speaks(CallerOf(ctx), info.FullMethod, req); err != nil {
			return nil, a.refuse(err)
		}
		return next(ctx, req)
	}
}

// Stream is Unary for streaming calls. A stream of a browser session or a scoped token ends
// with Unauthenticated when that does.
func (a *Auth) Stream() grpc.StreamServerInterceptor {
	return func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		ctx, done, err := a.authorize(stream.Context(), info.FullMethod)
		if err != nil {
			return err
		}
		defer done()
		err = next(srv, authorized{stream, ctx, a, info.FullMethod})
		if ended := ending(ctx); ended != nil {
			return ended
		}
		return err
	}
}

// ending says why the credential of a call has ended meanwhile, nil when it has not.
func ending(ctx context.Context) error {
	cause := context.Cause(ctx)
	if errors.Is(cause, errSession) || errors.Is(cause, errRevoked) || errors.Is(cause, errExpired) {
		return cause
	}
	return nil
}

// authorized is a stream on which nothing more passes when its credential has ended.
type authorized struct {
	grpc.ServerStream
	ctx    context.Context
	auth   *Auth
	method string
}

func (s authorized) Context() context.Context { return s.ctx }

func (s authorized) SendMsg(m any) error {
	if err := ending(s.ctx); err != nil {
		return err
	}
	return s.ServerStream.SendMsg(m)
}

// RecvMsg also refuses messages of services that the caller may not speak for.
func (s authorized) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	if err := ending(s.ctx); err != nil {
		return err
	}
	if err := speaks(CallerOf(s.ctx), s.method, m); err != nil {
		return s.auth.refuse(err)
	}
	return nil
}

// Tap refuses calls before their message is read, so that who has no token cannot make the
// server hold megabytes per stream. The interceptors check again: not every transport taps.
func (a *Auth) Tap(ctx context.Context, info *tap.Info) (context.Context, error) {
	if openUnary[info.FullMethodName] {
		ctx, cancel := context.WithTimeout(ctx, openLimit)
		context.AfterFunc(ctx, cancel)
		return ctx, nil
	}
	return ctx, a.admit(info.FullMethodName, info.Header)
}

// openUnary are the methods that anybody may call and that answer once. The message of such a
// call must come soon, or strangers could make the server hold messages that never end.
var openUnary = map[string]bool{health.Health_Check_FullMethodName: true, health.Health_List_FullMethodName: true}

const openLimit = 10 * time.Second

// openBody bounds the request of a call that needs no credentials, in bytes.
const openBody = 4 << 10

// Admit is Tap for calls that come as HTTP requests, whose transport does not tap. limit bounds
// the body, in bytes; 0 does not.
func (a *Auth) Admit(r *http.Request) (limit int64, err error) {
	if methods[r.URL.Path] == Open {
		return openBody, nil
	}
	md := metadata.MD{":authority": {r.Host}}
	for _, key := range []string{TokenKey, "cookie", "x-grpc-web", "origin"} {
		md[key] = r.Header.Values(key)
	}
	return 0, a.admit(r.URL.Path, md)
}

// admit refuses a call, as a status, by what it says before its message.
func (a *Auth) admit(method string, md metadata.MD) error {
	need, known := methods[method]
	if need == Open {
		return nil
	}
	who, err := a.caller(md)
	if err == nil && known { // gRPC itself has an answer for methods that nobody implements
		err = permit(who.Role, need, path.Base(method))
	}
	if err != nil {
		return failure.Status(a.refuse(err))
	}
	return nil
}

// authorize returns the context of a call that may go on. done must be called at its end.
func (a *Auth) authorize(ctx context.Context, method string) (_ context.Context, done func(), err error) {
	need := methods[method]
	if need == Open {
		return ctx, func() {}, nil
	}
	md, _ := metadata.FromIncomingContext(ctx)
	who, err := a.caller(md)
	if err != nil {
		return nil, nil, a.refuse(err)
	}
	if err := permit(who.Role, need, path.Base(method)); err != nil {
		return nil, nil, a.refuse(err)
	}
	ctx, done, err = a.join(withCaller(ctx, who.Caller), who)
	if err != nil {
		return nil, nil, a.refuse(err)
	}
	return ctx, done, nil
}

// caller returns what a gRPC caller shows.
func (a *Auth) caller(md metadata.MD) (credential, error) {
	if tokens := md.Get(TokenKey); len(tokens) > 0 {
		return a.token(tokens[0])
	}
	return a.webSession(md)
}

// webSession returns the browser session of a grpc-web call. A page of another site can
// neither set the header x-grpc-web without a pre-flight that we refuse, nor choose Origin.
func (a *Auth) webSession(md metadata.MD) (credential, error) {
	c, err := a.find(md.Get("cookie"))
	switch {
	case err != nil:
		return credential{}, err
	case len(md.Get("x-grpc-web")) == 0 || !sameOrigin(first(md.Get("origin")), first(md.Get(":authority"))):
		return credential{}, errForeign
	default:
		return c, nil
	}
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
