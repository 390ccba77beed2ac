package auth

import (
	"context"
	"io"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
)

// messages is a stream on which a client sent some.
type messages struct {
	grpc.ServerStream
	ctx  context.Context
	next []any
}

func (m *messages) Context() context.Context { return m.ctx }
func (m *messages) SendMsg(any) error        { return nil }

func (m *messages) RecvMsg(into any) error {
	if len(m.next) == 0 {
		return io.EOF
	}
	proto.Merge(into.(proto.Message), m.next[0].(proto.Message))
	m.next = m.next[1:]
	return nil
}

func TestEveryMethodOfSDKsSaysForWhom(t *testing.T) {
	t.Parallel()
	for method, need := range methods {
		if _, ok := speakers[method]; ok != (need == SDK) {
			t.Errorf("%s needs %v; has a row of services: %t", method, need, ok)
		}
	}
}

func TestATokenOfOneServiceSpeaksForNoOther(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	token, _ := o.issue(t, Grant{Role: SDK, Service: "Billing"})
	const denied = "this token speaks for service 'Billing' only, not for 'orders'"
	own, other := &pb.Audience{ServiceName: "BILLING"}, &pb.Audience{ServiceName: "orders"}
	for _, tt := range []struct {
		name, method string
		message      proto.Message
		want         string
	}{
		{"register", pb.Internal_Register_FullMethodName, &pb.RegisterRequest{ServiceName: "billing", Audiences: []*pb.Audience{own, {}, nil}}, ""},
		{"register another", pb.Internal_Register_FullMethodName, &pb.RegisterRequest{ServiceName: "orders"}, denied},
		{"register its audience", pb.Internal_Register_FullMethodName, &pb.RegisterRequest{ServiceName: "billing", Audiences: []*pb.Audience{own, other}}, denied},
		{"heartbeat", pb.Internal_Heartbeat_FullMethodName, &pb.HeartbeatRequest{ServiceName: "billing", Audiences: []*pb.Audience{own}}, ""},
		{"heartbeat another", pb.Internal_Heartbeat_FullMethodName, &pb.HeartbeatRequest{ServiceName: "orders"}, denied},
		{"heartbeat its audience", pb.Internal_Heartbeat_FullMethodName, &pb.HeartbeatRequest{ServiceName: "billing", Audiences: []*pb.Audience{other}}, denied},
		{"audience", pb.Internal_NewAudience_FullMethodName, &pb.NewAudienceRequest{Audience: own}, ""},
		{"audience of another", pb.Internal_NewAudience_FullMethodName, &pb.NewAudienceRequest{Audience: other}, denied},
		{"alert", pb.Internal_Notify_FullMethodName, &pb.NotifyRequest{Audience: own}, ""},
		{"alert of another", pb.Internal_Notify_FullMethodName, &pb.NotifyRequest{Audience: other}, denied},
		{"counters", pb.Internal_Metrics_FullMethodName, &pb.MetricsRequest{Metrics: []*pb.Metric{{Audience: own}, {Labels: map[string]string{"service": "billing"}}, {}}}, ""},
		{"counters of another", pb.Internal_Metrics_FullMethodName, &pb.MetricsRequest{Metrics: []*pb.Metric{{Audience: own}, {Audience: other}}}, denied},
		{"counters labelled as another's", pb.Internal_Metrics_FullMethodName, &pb.MetricsRequest{Metrics: []*pb.Metric{{Labels: map[string]string{"service": "orders"}}}}, denied},
		{"counters labelled in the other way", pb.Internal_Metrics_FullMethodName, &pb.MetricsRequest{Metrics: []*pb.Metric{{Labels: map[string]string{"service_name": "orders"}}}}, denied},
		{"pull", pb.Internal_GetSetPipelinesCommandsByService_FullMethodName, &pb.GetSetPipelinesCommandsByServiceRequest{ServiceName: "billing"}, ""},
		{"pull another's", pb.Internal_GetSetPipelinesCommandsByService_FullMethodName, &pb.GetSetPipelinesCommandsByServiceRequest{ServiceName: "orders"}, denied},
		{"payload", pb.Internal_SendTail_FullMethodName, &pb.TailResponse{Audience: own}, ""},
		{"payload of another", pb.Internal_SendTail_FullMethodName, &pb.TailResponse{Audience: other}, denied},
		{"schema", pb.Internal_SendSchema_FullMethodName, &pb.SendSchemaRequest{Audience: own}, ""},
		{"schema of another", pb.Internal_SendSchema_FullMethodName, &pb.SendSchemaRequest{Audience: other}, denied},
		{"a message of another method", pb.Internal_SendSchema_FullMethodName, &pb.NotifyRequest{}, "SendSchema is not for a token of one service"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx := metadata.NewIncomingContext(context.Background(), metadata.Pairs(TokenKey, token))
			_, unary := o.Unary()(ctx, tt.message, &grpc.UnaryServerInfo{FullMethod: tt.method},
				func(context.Context, any) (any, error) { return nil, nil })
			stream := o.Stream()(nil, &messages{ctx: ctx, next: []any{tt.message}}, &grpc.StreamServerInfo{FullMethod: tt.method},
				func(_ any, s grpc.ServerStream) error { return s.RecvMsg(proto.Clone(tt.message)) })
			for form, err := range map[string]error{"unary": unary, "stream": stream} {
				if kind, text := failure.Of(err); tt.want == "" && err != nil || tt.want != "" && (err == nil || kind != failure.Denied || text != tt.want) {
					t.Errorf("%s: got %v, want %q", form, err, tt.want)
				}
			}
		})
	}
}

// An SDK's token without a service speaks for all, as the root token does.
func TestATokenOfNoServiceSpeaksForAll(t *testing.T) {
	t.Parallel()
	if err := speaks(Caller{Role: SDK}, pb.Internal_Heartbeat_FullMethodName, &pb.HeartbeatRequest{ServiceName: "orders"}); err != nil {
		t.Error(err)
	}
}
