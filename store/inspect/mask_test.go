package inspect

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/api/pb/steps"
	"github.com/streamdal/streamdal-server/store"
)

// open are the text fields of notification configs that are no secrets. A new field must
// be listed here, or masked.
var open = map[protoreflect.FullName]bool{
	"protos.NotificationConfig.id": true, "protos.NotificationConfig.name": true, "protos.NotificationConfig._created_by": true,
	"protos.NotificationSlack.channel":    true,
	"protos.NotificationEmail.recipients": true, "protos.NotificationEmail.from_address": true,
	"protos.NotificationEmailSMTP.host": true, "protos.NotificationEmailSMTP.user": true,
	"protos.NotificationEmailSES.ses_region": true,
	"protos.NotificationPagerDuty.email":     true, "protos.NotificationPagerDuty.service_id": true,
}

func TestSecretsOfNotificationsAreMasked(t *testing.T) {
	t.Parallel()
	masks := 0
	for _, n := range []*pb.NotificationConfig{
		{Config: &pb.NotificationConfig_Slack{Slack: &pb.NotificationSlack{}}},
		{Config: &pb.NotificationConfig_Email{Email: &pb.NotificationEmail{Config: &pb.NotificationEmail_Smtp{Smtp: &pb.NotificationEmailSMTP{}}}}},
		{Config: &pb.NotificationConfig_Email{Email: &pb.NotificationEmail{Config: &pb.NotificationEmail_Ses{Ses: &pb.NotificationEmailSES{}}}}},
		{Config: &pb.NotificationConfig_Pagerduty{Pagerduty: &pb.NotificationPagerDuty{}}},
	} {
		texts(n.ProtoReflect(), func(m protoreflect.Message, f protoreflect.FieldDescriptor) {
			if !f.IsList() {
				m.Set(f, protoreflect.ValueOfString("secret"))
			}
		})
		mask(n)
		texts(n.ProtoReflect(), func(m protoreflect.Message, f protoreflect.FieldDescriptor) {
			if open[f.FullName()] {
				return
			}
			masks++
			if got := m.Get(f).String(); got != stars {
				t.Errorf("%s shows %q", f.FullName(), got)
			}
		})
	}
	if masks != 5 {
		t.Errorf("checked %d masks, want 5", masks)
	}
}

// texts calls fn for each text field of m and of the messages that are set in it.
func texts(m protoreflect.Message, fn func(protoreflect.Message, protoreflect.FieldDescriptor)) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case f.Kind() == protoreflect.StringKind:
			fn(m, f)
		case f.Message() != nil && !f.IsList() && !f.IsMap() && m.Has(f):
			texts(m.Get(f).Message(), fn)
		}
	}
}

func TestSecretsOfRequestsAreMasked(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://api.example.com/v1/x":                    "https://api.example.com/v1/x",
		"https://user:pass@api.example.com/v1?key=k#frag": "https://***@api.example.com/v1?***",
		"https://user:p%40ss@api.example.com":             "https://***@api.example.com",
		"http://[::1":                                     "***",
		"":                                                "",
	} {
		r := &steps.HttpRequest{
			Url: url, Body: []byte(`{"token":"secret"}`),
			Headers: map[string]string{"content-type": "application/json", "authorization": "Bearer secret", "X-Api-Key": "secret"},
		}
		p := &pb.Pipeline{Id: "p", Steps: []*pb.PipelineStep{{
			Step:       &pb.PipelineStep_HttpRequest{HttpRequest: &steps.HttpRequestStep{Request: r}},
			XWasmBytes: []byte("module"),
		}}}
		value, err := New(nil, About{}).masked(store.Record{Key: store.Key{Kind: store.KindPipeline, ID: "p"}, Value: marshal(t, p)})
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := Decode(store.KindPipeline, value)
		if err != nil {
			t.Fatal(err)
		}
		wantStep := &pb.PipelineStep{Step: &pb.PipelineStep_HttpRequest{HttpRequest: &steps.HttpRequestStep{Request: &steps.HttpRequest{
			Url: want, Body: []byte(stars),
			Headers: map[string]string{"content-type": "application/json", "authorization": stars, "X-Api-Key": stars},
		}}}}
		if diff := cmp.Diff(proto.Message(&pb.Pipeline{Id: "p", Steps: []*pb.PipelineStep{wantStep}}), got, protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", url, diff)
		}
	}
}

// What a newer server stored may hold secrets that this program does not know.
func TestUnknownFieldsAreNotShown(t *testing.T) {
	t.Parallel()
	value := append(marshal(t, &pb.NotificationConfig{Name: "n"}), 0x9a, 0x38, 1, 's') // field 899
	got, err := New(nil, About{}).masked(store.Record{Key: store.Key{Kind: store.KindNotification, ID: "n"}, Value: value})
	if err != nil || string(got) != string(marshal(t, &pb.NotificationConfig{Name: "n"})) {
		t.Errorf("got %q, error %v", got, err)
	}
}
