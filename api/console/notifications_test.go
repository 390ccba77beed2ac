package console

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store/catalog"
	"github.com/streamdal/streamdal-server/store/seal"
)

const generic = pb.ResponseCode_RESPONSE_CODE_GENERIC_ERROR

func slack(id string) *pb.NotificationConfig {
	return &pb.NotificationConfig{
		Id: proto.String(id), Name: "alerts", Type: pb.NotificationType_NOTIFICATION_TYPE_SLACK, XCreatedBy: proto.String("me"),
		Config: &pb.NotificationConfig_Slack{Slack: &pb.NotificationSlack{BotToken: "xoxb-1", Channel: "#alerts"}},
	}
}

func pagerDuty(id string) *pb.NotificationConfig {
	return &pb.NotificationConfig{
		Id: proto.String(id), Name: "pages", Type: pb.NotificationType_NOTIFICATION_TYPE_PAGERDUTY,
		Config: &pb.NotificationConfig_Pagerduty{Pagerduty: &pb.NotificationPagerDuty{Token: "u+1", Email: "a@example.com", ServiceId: "S1"}},
	}
}

func email(id string, change func(*pb.NotificationEmail)) *pb.NotificationConfig {
	e := &pb.NotificationEmail{FromAddress: "streamdal@example.com", Recipients: []string{"ops@example.com"}}
	change(e)
	return &pb.NotificationConfig{
		Id: proto.String(id), Name: "mail", Type: pb.NotificationType_NOTIFICATION_TYPE_EMAIL, Config: &pb.NotificationConfig_Email{Email: e},
	}
}

func smtp(id string) *pb.NotificationConfig {
	return email(id, func(e *pb.NotificationEmail) {
		e.Type = pb.NotificationEmail_TYPE_SMTP
		e.Config = &pb.NotificationEmail_Smtp{Smtp: &pb.NotificationEmailSMTP{Host: "mail.example.com", Port: 587, User: "u", Password: "s3cret", UseTls: true}}
	})
}

func ses(id string) *pb.NotificationConfig {
	return email(id, func(e *pb.NotificationEmail) {
		e.Type = pb.NotificationEmail_TYPE_SES
		e.Config = &pb.NotificationEmail_Ses{Ses: &pb.NotificationEmailSES{SesRegion: "eu-west-1", SesAccessKeyId: "AKIA", SesSecretAccessKey: "s3cret"}}
	})
}

// with returns a config after a change.
func with(n *pb.NotificationConfig, change func(*pb.NotificationConfig)) *pb.NotificationConfig {
	change(n)
	return n
}

func (h *house) notify(t *testing.T, configs ...*pb.NotificationConfig) {
	t.Helper()
	for _, n := range configs {
		reply, err := h.client.CreateNotification(t.Context(), &pb.CreateNotificationRequest{Notification: n})
		if err != nil {
			t.Fatalf("create notification: %v", err)
		}
		if diff := cmp.Diff(n, reply.GetNotification(), protocmp.Transform()); diff != "" {
			t.Errorf("the reply is not what is stored:\n%s", diff)
		}
	}
}

func (h *house) stored(id string) *pb.NotificationConfig {
	return h.catalog.Snapshot().Notifications[id]
}

func TestCreateNotification(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	all := []*pb.NotificationConfig{slack("s"), pagerDuty("p"), smtp("m"), ses("e")}
	h.notify(t, all...)
	for _, n := range all {
		if diff := cmp.Diff(n, h.stored(n.GetId()), protocmp.Transform()); diff != "" {
			t.Errorf("stored otherwise than given:\n%s", diff)
		}
	}
	_, err := h.client.CreateNotification(t.Context(), &pb.CreateNotificationRequest{Notification: slack("s")})
	wantStatus(t, err, codes.AlreadyExists, "notification with that ID already exists")
	first, err := h.client.CreateNotification(t.Context(), &pb.CreateNotificationRequest{Notification: slack("")})
	if err != nil || len(first.GetNotification().GetId()) != 36 {
		t.Errorf("without an id: got %v, %v, want a UUID", first, err)
	}
}

func TestNotificationChecks_9_4_6(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	const prefix = "invalid create notification request: "
	for want, n := range map[string]*pb.NotificationConfig{
		".Notification cannot be nil":                                                                      nil,
		"field 'Name' cannot be empty":                                                                     {Type: pb.NotificationType_NOTIFICATION_TYPE_SLACK},
		"enum 'Type' cannot be unset":                                                                      {Name: "n"},
		"enum 'Type' has the unknown value 7":                                                              {Name: "n", Type: 7},
		".Slack cannot be nil":                                                                             with(pagerDuty(""), func(n *pb.NotificationConfig) { n.Type = 1 }),
		".Email cannot be nil":                                                                             with(pagerDuty(""), func(n *pb.NotificationConfig) { n.Type = 2 }),
		".PagerDuty cannot be nil":                                                                         with(slack(""), func(n *pb.NotificationConfig) { n.Type = 3 }),
		"field 'Slack.BotToken' cannot be empty":                                                           with(slack(""), func(n *pb.NotificationConfig) { n.GetSlack().BotToken = "" }),
		"field 'Slack.Channel' cannot be empty":                                                            with(slack(""), func(n *pb.NotificationConfig) { n.GetSlack().Channel = "" }),
		"field 'Slack.Channel' contains invalid characters":                                                with(slack(""), func(n *pb.NotificationConfig) { n.GetSlack().Channel = "a\nb" }),
		"field 'PagerDuty.Token' cannot be empty":                                                          with(pagerDuty(""), func(n *pb.NotificationConfig) { n.GetPagerduty().Token = "" }),
		"field 'PagerDuty.ServiceId' cannot be empty":                                                      with(pagerDuty(""), func(n *pb.NotificationConfig) { n.GetPagerduty().ServiceId = "" }),
		"field 'PagerDuty.Email' cannot be empty":                                                          with(pagerDuty(""), func(n *pb.NotificationConfig) { n.GetPagerduty().Email = "" }),
		"field 'Email.FromAddress' cannot be empty":                                                        with(smtp(""), func(n *pb.NotificationConfig) { n.GetEmail().FromAddress = "" }),
		`field 'Email.FromAddress' has "x", which is no e-mail address`:                                    with(smtp(""), func(n *pb.NotificationConfig) { n.GetEmail().FromAddress = "x" }),
		"field 'Email.Recipients' cannot be empty":                                                         with(smtp(""), func(n *pb.NotificationConfig) { n.GetEmail().Recipients = nil }),
		`field 'Email.Recipients' has "x y", which is no e-mail address`:                                   with(smtp(""), func(n *pb.NotificationConfig) { n.GetEmail().Recipients = []string{"a@b.c", "x y"} }),
		"field 'Email.Smtp.Host' cannot be empty":                                                          with(smtp(""), func(n *pb.NotificationConfig) { n.GetEmail().GetSmtp().Host = "" }),
		"field 'Email.Smtp.Port' cannot be empty":                                                          with(smtp(""), func(n *pb.NotificationConfig) { n.GetEmail().GetSmtp().Port = 0 }),
		"field 'Email.Smtp.Port' is 65536, which is no port":                                               with(smtp(""), func(n *pb.NotificationConfig) { n.GetEmail().GetSmtp().Port = 65536 }),
		"field 'Email.Smtp.User' cannot be empty":                                                          with(smtp(""), func(n *pb.NotificationConfig) { n.GetEmail().GetSmtp().User = "" }),
		"field 'Email.Smtp.Password' cannot be empty":                                                      with(smtp(""), func(n *pb.NotificationConfig) { n.GetEmail().GetSmtp().Password = "" }),
		"field 'Email.Ses.Region' cannot be empty":                                                         with(ses(""), func(n *pb.NotificationConfig) { n.GetEmail().GetSes().SesRegion = "" }),
		"field 'Email.Ses.AccessKeyId' cannot be empty":                                                    with(ses(""), func(n *pb.NotificationConfig) { n.GetEmail().GetSes().SesAccessKeyId = "" }),
		"field 'Email.Ses.SecretAccessKey' cannot be empty":                                                with(ses(""), func(n *pb.NotificationConfig) { n.GetEmail().GetSes().SesSecretAccessKey = "" }),
		"field 'Slack.BotToken' has only asterisks, which stand for a secret: give the secret itself":      with(slack(""), func(n *pb.NotificationConfig) { n.GetSlack().BotToken = "********" }),
		"field 'Email.Smtp.Password' has only asterisks, which stand for a secret: give the secret itself": with(smtp(""), func(n *pb.NotificationConfig) { n.GetEmail().GetSmtp().Password = "••••" }),
		"enum 'Email.Type' cannot be unset":                                                                email("", func(*pb.NotificationEmail) {}),
		"enum 'Email.Type' has the unknown value 9":                                                        with(ses(""), func(n *pb.NotificationConfig) { n.GetEmail().Type = 9 }),
	} {
		_, err := h.client.CreateNotification(t.Context(), &pb.CreateNotificationRequest{Notification: n})
		wantStatus(t, err, codes.InvalidArgument, prefix+want)
	}
	many := with(smtp(""), func(n *pb.NotificationConfig) { n.GetEmail().Recipients = make([]string, 51) })
	big := with(slack(""), func(n *pb.NotificationConfig) { n.Name = strings.Repeat("x", 256) })
	for _, n := range []*pb.NotificationConfig{many, big} {
		if err := checkNotification(n); err == nil {
			t.Errorf("%d bytes pass", proto.Size(n))
		}
	}
	unset := with(smtp("unset"), func(n *pb.NotificationConfig) { n.GetEmail().Type = pb.NotificationEmail_TYPE_UNSET })
	h.notify(t, unset)
}

func TestReadingNotificationsMasksSecrets_9_5_4(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.notify(t, slack("s"), pagerDuty("p"), smtp("m"), ses("e"))
	all, err := h.client.GetNotifications(t.Context(), &pb.GetNotificationsRequest{})
	if err != nil || len(all.GetNotifications()) != 4 {
		t.Fatalf("got %v, %v, want four configs", all, err)
	}
	const shown = "********" // the original's Console saves no form with a blank one
	want := map[string]*pb.NotificationConfig{
		"s": with(slack("s"), func(n *pb.NotificationConfig) { n.GetSlack().BotToken = shown }),
		"p": with(pagerDuty("p"), func(n *pb.NotificationConfig) { n.GetPagerduty().Token = shown }),
		"m": with(smtp("m"), func(n *pb.NotificationConfig) { n.GetEmail().GetSmtp().Password = shown }),
		"e": with(ses("e"), func(n *pb.NotificationConfig) { n.GetEmail().GetSes().SesSecretAccessKey = shown }),
	}
	if diff := cmp.Diff(want, all.GetNotifications(), protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	for id := range want {
		one, err := h.client.GetNotification(t.Context(), &pb.GetNotificationRequest{NotificationId: id})
		if err != nil || !proto.Equal(one.GetNotification(), want[id]) {
			t.Errorf("%s alone: got %v, %v", id, one, err)
		}
		if secret, _ := secretOf(h.stored(id)); *secret == shown {
			t.Errorf("%s: masking changed what is stored", id)
		}
		reply, err := h.client.UpdateNotification(t.Context(), &pb.UpdateNotificationRequest{Notification: one.GetNotification()})
		wantReply(t, reply, err, ok, "Notification config update")
		if secret, _ := secretOf(h.stored(id)); *secret == shown {
			t.Errorf("%s: saved as it was read, the mask is stored", id)
		}
	}
	_, err = h.client.GetNotification(t.Context(), &pb.GetNotificationRequest{NotificationId: "x"})
	wantStatus(t, err, codes.NotFound, "unable to get notification config: notification config 'x' not found")
	_, err = h.client.GetNotification(t.Context(), &pb.GetNotificationRequest{})
	wantStatus(t, err, codes.InvalidArgument, "invalid get notification request: field 'NotificationId' cannot be empty")
}

// Defect 9.2.18 of the original: a blank secret was refused before it could be filled in.
func TestUpdateNotificationKeepsSecrets_9_2_18(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.notify(t, slack("s"), pagerDuty("p"), smtp("m"), ses("e"))
	update := func(n *pb.NotificationConfig, code pb.ResponseCode, message string) {
		t.Helper()
		reply, err := h.client.UpdateNotification(t.Context(), &pb.UpdateNotificationRequest{Notification: n})
		wantReply(t, reply, err, code, message)
	}
	const updated = "Notification config update"
	for _, mask := range []string{"", "****", "••••••"} {
		for _, n := range []*pb.NotificationConfig{slack("s"), pagerDuty("p"), smtp("m"), ses("e")} {
			want := proto.CloneOf(n)
			want.Name = "renamed" + mask
			asked := proto.CloneOf(want)
			secret, _ := secretOf(asked)
			*secret = mask
			asked.XCreatedBy = proto.String("somebody else")
			update(asked, ok, updated)
			if diff := cmp.Diff(want, h.stored(n.GetId()), protocmp.Transform()); diff != "" {
				t.Errorf("mask %q:\n%s", mask, diff)
			}
		}
	}
	update(with(slack("s"), func(n *pb.NotificationConfig) { n.GetSlack().BotToken = "xoxb-2" }), ok, updated)
	if got := h.stored("s").GetSlack().GetBotToken(); got != "xoxb-2" {
		t.Errorf("got token %q, want the new one", got)
	}
	update(with(pagerDuty("s"), func(n *pb.NotificationConfig) { n.GetPagerduty().Token = "" }), bad, "field 'PagerDuty.Token' cannot be empty")
	update(with(ses("m"), func(n *pb.NotificationConfig) { n.GetEmail().GetSes().SesSecretAccessKey = "" }), bad, "field 'Email.Ses.SecretAccessKey' cannot be empty")
	update(with(ses("m"), func(n *pb.NotificationConfig) { n.GetEmail().GetSes().SesSecretAccessKey = "********" }), bad,
		"field 'Email.Ses.SecretAccessKey' has only asterisks, which stand for a secret: give the secret itself")
	elsewhere := func(n *pb.NotificationConfig) {
		n.GetEmail().GetSmtp().Host, n.GetEmail().GetSmtp().Password = "evil.example", ""
	}
	update(with(smtp("m"), elsewhere), bad, "field 'Email.Smtp.Password' must be given again, because the host changes")
	update(smtp("x"), missing, "notification config 'x' not found")
	update(smtp(""), bad, "field 'Id' cannot be empty")
	update(nil, bad, ".Notification cannot be nil")
}

func TestDeleteNotification(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.notify(t, slack("s"))
	for _, tt := range []struct {
		id      string
		code    pb.ResponseCode
		message string
	}{
		{"s", ok, "Notification config deleted"},
		{"s", ok, "Notification config deleted"},
		{"", bad, "field 'NotificationId' cannot be empty"},
	} {
		reply, err := h.client.DeleteNotification(t.Context(), &pb.DeleteNotificationRequest{NotificationId: tt.id})
		wantReply(t, reply, err, tt.code, tt.message)
	}
	if h.stored("s") != nil {
		t.Error("the config is still there")
	}
}

// A config whose key is missing is neither shown nor changed by anybody.
func TestLockedNotifications(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ring, err := seal.New(strings.Repeat("ab", 32), "")
	if err != nil {
		t.Fatal(err)
	}
	keeper, err := catalog.Open(t.Context(), seal.NewStore(h.store, ring, zerolog.Nop()), zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	snap, err := keeper.Update(t.Context(), func(tx *catalog.Tx) error { tx.PutNotification(slack("s")); return nil })
	if err != nil {
		t.Fatal(err)
	}
	h.await(t, snap.Revision)
	const locked = "notification config 's' is sealed with a key that this server was not given"
	all, err := h.client.GetNotifications(t.Context(), &pb.GetNotificationsRequest{})
	if err != nil || len(all.GetNotifications()) != 0 {
		t.Errorf("got %v, %v, want none", all, err)
	}
	_, err = h.client.GetNotification(t.Context(), &pb.GetNotificationRequest{NotificationId: "s"})
	wantStatus(t, err, codes.FailedPrecondition, "unable to get notification config: "+locked)
	_, err = h.client.CreateNotification(t.Context(), &pb.CreateNotificationRequest{Notification: slack("s")})
	wantStatus(t, err, codes.FailedPrecondition, locked)
	reply, err := h.client.UpdateNotification(t.Context(), &pb.UpdateNotificationRequest{Notification: slack("s")})
	wantReply(t, reply, err, generic, locked)
	reply, err = h.client.DeleteNotification(t.Context(), &pb.DeleteNotificationRequest{NotificationId: "s"})
	wantReply(t, reply, err, generic, locked)
}
