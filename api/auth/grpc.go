package auth

import (
	"context"
	"errors"
	"path"

	"google.golang.org/grpc"
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
		return next(ctx, req)
	}
}

// Stream is Unary for streaming calls. A stream of a browser session ends with
// Unauthenticated when the session does.
func (a *Auth) Stream() grpc.StreamServerInterceptor {
	return func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		ctx, done, err := a.authorize(stream.Context(), info.FullMethod)
		if err != nil {
			return err
		}
		defer done()
		err = next(srv, authorized{stream, ctx})
		if errors.Is(context.Cause(ctx), errSession) {
			return errSession
		}
		return err
	}
}

type authorized struct {
	grpc.ServerStream
	ctx context.Context
}

func (s authorized) Context() context.Context { return s.ctx }

// Tap refuses calls before their message is read, so that who has no token cannot make the
// server hold megabytes per stream. The interceptors check again: not every transport taps.
func (a *Auth) Tap(ctx context.Context, info *tap.Info) (context.Context, error) {
	need, known := methods[info.FullMethodName]
	if need == Open {
		return ctx, nil
	}
	role, _, err := a.caller(info.Header)
	if err == nil && known { // gRPC itself has an answer for methods that nobody implements
		err = permit(role, need, path.Base(info.FullMethodName))
	}
	if err != nil {
		return ctx, failure.Status(a.refuse(err))
	}
	return ctx, nil
}

// authorize returns the context of a call that may go on. done must be called at its end.
func (a *Auth) authorize(ctx context.Context, method string) (_ context.Context, done func(), err error) {
	need := methods[method]
	if need == Open {
		return ctx, func() {}, nil
	}
	md, _ := metadata.FromIncomingContext(ctx)
	role, web, err := a.caller(md)
	if err != nil {
		return nil, nil, a.refuse(err)
	}
	if err := permit(role, need, path.Base(method)); err != nil {
		return nil, nil, a.refuse(err)
	}
	ctx = withRole(ctx, role)
	if web == nil {
		return ctx, func() {}, nil
	}
	return a.sessions.join(ctx, *web)
}

// caller returns the role of a gRPC caller, and the session if it is a browser's.
func (a *Auth) caller(md metadata.MD) (Role, *session, error) {
	if tokens := md.Get(TokenKey); len(tokens) > 0 {
		role, ok := a.role(tokens[0])
		if !ok {
			return nobody, nil, errInvalid
		}
		return role, nil, nil
	}
	s, err := a.webSession(md)
	if err != nil {
		return nobody, nil, err
	}
	return s.role, &s, nil
}

// webSession returns the browser session of a grpc-web call. A page of another site can
// neither set the header x-grpc-web without a pre-flight that we refuse, nor choose Origin.
func (a *Auth) webSession(md metadata.MD) (session, error) {
	s, found, valid := a.find(md.Get("cookie"))
	switch {
	case !found:
		return session{}, errMissing
	case !valid:
		return session{}, errSession
	case len(md.Get("x-grpc-web")) == 0 || !sameOrigin(first(md.Get("origin")), first(md.Get(":authority"))):
		return session{}, errForeign
	default:
		return s, nil
	}
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}
