package auth

import (
	"path"
	"strings"

	"github.com/streamdal/streamdal-server/api/failure"
	"github.com/streamdal/streamdal-server/api/pb"
)

// speakers says, for each method of SDKs, which services a message speaks for. A token for
// one service may call no method without a row.
var speakers = map[string]func(m any, speak func(service string)) (ok bool){
	pb.Internal_Register_FullMethodName: spoken(func(m *pb.RegisterRequest, speak func(string)) {
		speak(m.GetServiceName())
		speakAll(m.GetAudiences(), speak)
	}),
	pb.Internal_Heartbeat_FullMethodName: spoken(func(m *pb.HeartbeatRequest, speak func(string)) {
		speak(m.GetServiceName())
		speakAll(m.GetAudiences(), speak)
	}),
	pb.Internal_NewAudience_FullMethodName: spoken(func(m *pb.NewAudienceRequest, speak func(string)) {
		speakOf(m.GetAudience(), speak)
	}),
	pb.Internal_Notify_FullMethodName: spoken(func(m *pb.NotifyRequest, speak func(string)) {
		speakOf(m.GetAudience(), speak)
	}),
	pb.Internal_Metrics_FullMethodName: spoken(func(m *pb.MetricsRequest, speak func(string)) {
		for _, metric := range m.GetMetrics() {
			speakOf(metric.GetAudience(), speak)
			speak(metric.GetLabels()["service"])
			speak(metric.GetLabels()["service_name"])
		}
	}),
	pb.Internal_GetSetPipelinesCommandsByService_FullMethodName: spoken(
		func(m *pb.GetSetPipelinesCommandsByServiceRequest, speak func(string)) { speak(m.GetServiceName()) }),
	pb.Internal_SendTail_FullMethodName: spoken(func(m *pb.TailResponse, speak func(string)) {
		speakOf(m.GetAudience(), speak)
	}),
	pb.Internal_SendSchema_FullMethodName: spoken(func(m *pb.SendSchemaRequest, speak func(string)) {
		speakOf(m.GetAudience(), speak)
	}),
}

func spoken[M any](fn func(m M, speak func(string))) func(any, func(string)) bool {
	return func(m any, speak func(string)) bool {
		message, ok := m.(M)
		if ok {
			fn(message, speak)
		}
		return ok
	}
}

func speakAll(audiences []*pb.Audience, speak func(string)) {
	for _, a := range audiences {
		speakOf(a, speak)
	}
}

func speakOf(a *pb.Audience, speak func(string)) { speak(a.GetServiceName()) }

// speaks refuses a message of a service that the caller may not speak for. What names no
// service passes: it is refused, or ignored, as of anybody. SDKs do send blank audiences.
func speaks(c Caller, method string, m any) (err error) {
	if c.Service == "" {
		return nil
	}
	row := speakers[method]
	own := strings.ToLower(c.Service)
	if row == nil || !row(m, func(service string) {
		if err == nil && service != "" && strings.ToLower(service) != own {
			err = failure.New(failure.Denied, "this token speaks for service '%s' only, not for '%s'", c.Service, bounded(service))
		}
	}) {
		return failure.New(failure.Denied, "%s is not for a token of one service", path.Base(method))
	}
	return err
}

// bounded cuts what a caller sent to what fits in a sentence.
func bounded(s string) string {
	if len(s) > maxServiceBytes {
		s = s[:maxServiceBytes] + "..."
	}
	return strings.ToValidUTF8(s, "?")
}
