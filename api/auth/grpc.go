package auth

import (
	"context"
	"errors"
	"path"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
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

// authorize returns the context of a call that may go on. done must be called at its end.
func (a *Auth) authorize(ctx context.Context, method string) (_ context.Context, done func(), err error) {
	need := methods[method]
	name := path.Base(method)
	if need == Open {
		return ctx, func() {}, nil
	}
	md, _ := metadata.FromIncomingContext(ctx)
	if tokens := md.Get(TokenKey); len(tokens) > 0 {
		role, ok := a.role(tokens[0])
		if !ok {
			return nil, nil, errInvalid
		}
		if err := permit(role, need, name); err != nil {
			return nil, nil, err
		}
		return withRole(ctx, role), func() {}, nil
	}
	s, err := a.webSession(md)
	if err != nil {
		return nil, nil, err
	}
	if err := permit(s.role, need, name); err != nil {
		return nil, nil, err
	}
	return a.sessions.join(withRole(ctx, s.role), s)
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
