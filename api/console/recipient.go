package console

import (
	"net/mail"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
)

const (
	// maxNotification bounds a config; all of them are in every node's memory.
	maxNotification = 64 << 10
	// maxRecipients is the most that SES sends one message to.
	maxRecipients = 50
	maxPort       = 1<<16 - 1
)

// field is a member of a message that must not be empty.
type field struct{ name, value string }

func checkAll(fields ...field) error {
	for _, f := range fields {
		if err := checkSet(f.name, f.value); err != nil {
			return err
		}
		if err := checkText(f.name, f.value); err != nil {
			return err
		}
	}
	return nil
}

// checkNotification says what is wrong with a notification config. What passes can be sent
// to, as far as one can say without trying.
func checkNotification(n *pb.NotificationConfig) error {
	if n == nil {
		return errNoNotification
	}
	if err := checkText("Id", n.GetId()); err != nil {
		return err
	}
	if err := checkText("CreatedBy", n.GetXCreatedBy()); err != nil {
		return err
	}
	if err := checkAll(field{"Name", n.GetName()}); err != nil {
		return err
	}
	if size := proto.Size(n); size > maxNotification {
		return invalid("notification config has %d bytes, at most %d are allowed", size, maxNotification)
	}
	if err := checkSecret(n); err != nil {
		return err
	}
	switch n.GetType() {
	case pb.NotificationType_NOTIFICATION_TYPE_UNSET:
		return invalid("enum 'Type' cannot be unset")
	case pb.NotificationType_NOTIFICATION_TYPE_SLACK:
		return checkSlack(n.GetSlack())
	case pb.NotificationType_NOTIFICATION_TYPE_EMAIL:
		return checkEmail(n.GetEmail())
	case pb.NotificationType_NOTIFICATION_TYPE_PAGERDUTY:
		return checkPagerDuty(n.GetPagerduty())
	default:
		return invalid("enum 'Type' has the unknown value %d", n.GetType())
	}
}

func checkSlack(c *pb.NotificationSlack) error {
	if c == nil {
		return invalid(".Slack cannot be nil")
	}
	return checkAll(field{"Slack.BotToken", c.GetBotToken()}, field{"Slack.Channel", c.GetChannel()})
}

func checkPagerDuty(c *pb.NotificationPagerDuty) error {
	if c == nil {
		return invalid(".PagerDuty cannot be nil")
	}
	return checkAll(field{"PagerDuty.Token", c.GetToken()}, field{"PagerDuty.ServiceId", c.GetServiceId()}, field{"PagerDuty.Email", c.GetEmail()})
}

func checkEmail(c *pb.NotificationEmail) error {
	if c == nil {
		return invalid(".Email cannot be nil")
	}
	if err := checkAddress("Email.FromAddress", c.GetFromAddress()); err != nil {
		return err
	}
	switch n := len(c.GetRecipients()); {
	case n == 0:
		return invalid("field 'Email.Recipients' cannot be empty")
	case n > maxRecipients:
		return invalid("field 'Email.Recipients' has %d addresses, at most %d are allowed; use a mailing list", n, maxRecipients)
	}
	for _, r := range c.GetRecipients() {
		if err := checkAddress("Email.Recipients", r); err != nil {
			return err
		}
	}
	kind := c.GetType()
	if kind == pb.NotificationEmail_TYPE_UNSET {
		// The original takes it; what is filled in says what is meant.
		switch {
		case c.GetSmtp() != nil:
			kind = pb.NotificationEmail_TYPE_SMTP
		case c.GetSes() != nil:
			kind = pb.NotificationEmail_TYPE_SES
		}
	}
	switch kind {
	case pb.NotificationEmail_TYPE_SMTP:
		return checkSMTP(c.GetSmtp())
	case pb.NotificationEmail_TYPE_SES:
		ses := c.GetSes()
		return checkAll(field{"Email.Ses.Region", ses.GetSesRegion()}, field{"Email.Ses.AccessKeyId", ses.GetSesAccessKeyId()},
			field{"Email.Ses.SecretAccessKey", ses.GetSesSecretAccessKey()})
	case pb.NotificationEmail_TYPE_UNSET:
		return invalid("enum 'Email.Type' cannot be unset")
	default:
		return invalid("enum 'Email.Type' has the unknown value %d", kind)
	}
}

func checkSMTP(c *pb.NotificationEmailSMTP) error {
	if err := checkAll(field{"Email.Smtp.Host", c.GetHost()}); err != nil {
		return err
	}
	switch port := c.GetPort(); {
	case port == 0:
		return invalid("field 'Email.Smtp.Port' cannot be empty")
	case port < 0 || port > maxPort:
		return invalid("field 'Email.Smtp.Port' is %d, which is no port", port)
	}
	return checkAll(field{"Email.Smtp.User", c.GetUser()}, field{"Email.Smtp.Password", c.GetPassword()})
}

func checkAddress(name, address string) error {
	if err := checkAll(field{name, address}); err != nil {
		return err
	}
	if _, err := mail.ParseAddress(address); err != nil {
		return invalid("field '%s' has %q, which is no e-mail address", name, address)
	}
	return nil
}
