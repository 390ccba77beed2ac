package console

import (
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
)

// secretOf returns where a notification config keeps its secret, and what the secret is
// for; nil when it has none. Each kind of config has one.
func secretOf(n *pb.NotificationConfig) (secret *string, purpose string) {
	switch {
	case n.GetSlack() != nil:
		return &n.GetSlack().BotToken, "Slack.BotToken"
	case n.GetPagerduty() != nil:
		return &n.GetPagerduty().Token, "PagerDuty.Token"
	case n.GetEmail().GetSmtp() != nil:
		return &n.GetEmail().GetSmtp().Password, "Email.Smtp.Password"
	case n.GetEmail().GetSes() != nil:
		return &n.GetEmail().GetSes().SesSecretAccessKey, "Email.Ses.SecretAccessKey"
	default:
		return nil, ""
	}
}

// mask is shown for a secret. It is not blank, because the original's Console saves no form
// in which a secret is.
const mask = "********"

// isMask says whether a secret is nothing but what some client shows in place of one.
func isMask(secret string) bool { return secret != "" && strings.Trim(secret, "*•") == "" }

// masked returns a copy of a config with a mask for its secret.
func masked(n *pb.NotificationConfig) *pb.NotificationConfig {
	n = proto.CloneOf(n)
	if secret, _ := secretOf(n); secret != nil && *secret != "" {
		*secret = mask
	}
	return n
}

// checkSecret refuses a mask, which would be stored and then sent as if it were the secret.
func checkSecret(n *pb.NotificationConfig) error {
	if secret, purpose := secretOf(n); secret != nil && isMask(*secret) {
		return invalid("field '%s' has only asterisks, which stand for a secret: give the secret itself", purpose)
	}
	return nil
}

// keepSecret copies the secret of old into next when next has none or a mask, and is of the
// same kind. A password is not kept for another host, because an SMTP server sees what it is
// sent.
func keepSecret(old, next *pb.NotificationConfig) error {
	secret, purpose := secretOf(next)
	kept, before := secretOf(old)
	if secret == nil || (*secret != "" && !isMask(*secret)) || kept == nil || purpose != before {
		return nil
	}
	if smtp := next.GetEmail().GetSmtp(); smtp != nil && !strings.EqualFold(smtp.GetHost(), old.GetEmail().GetSmtp().GetHost()) {
		return invalid("field '%s' must be given again, because the host changes", purpose)
	}
	*secret = *kept
	return nil
}
