package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/streamdal/streamdal-server/api/pb"
)

// implicitTLS is the port on which TLS begins with the connection.
const implicitTLS = 465

// mailer writes to mail servers.
type mailer struct {
	roots      *x509.CertPool
	publicOnly bool
	timeout    time.Duration
}

// smtp sends an alert to all recipients. The connection is encrypted and the server's
// certificate checked, whatever use_tls says, except that it may be plain on this machine.
func (m mailer) smtp(ctx context.Context, email *pb.NotificationEmail, a *alert, suppressed int) error {
	msg, err := compose(email, a, suppressed)
	if err != nil {
		return err
	}
	c := email.GetSmtp()
	address := net.JoinHostPort(c.GetHost(), strconv.Itoa(int(c.GetPort())))
	conn, err := m.dial(ctx, address)
	if err != nil {
		return explain(address, "connect to", err)
	}
	// Whatever it hangs in, it ends with ctx.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer func() { _ = conn.Close() }() // when QUIT did not
	err = m.converse(conn, c, msg)
	if err != nil && ctx.Err() != nil {
		err = ctx.Err() // rather than that the connection is closed
	}
	return explain(address, "send by", err)
}

// converse hands a message to the server at the other end of a connection.
func (m mailer) converse(conn net.Conn, c *pb.NotificationEmailSMTP, msg *mail.Msg) error {
	settings := &tls.Config{ServerName: c.GetHost(), RootCAs: m.roots, MinVersion: tls.VersionTLS12}
	local := loopback(conn.RemoteAddr())
	if c.GetPort() == implicitTLS {
		conn = tls.Client(conn, settings)
	}
	client, err := smtp.NewClient(conn, c.GetHost())
	if err != nil {
		return err
	}
	if err := transact(client, c, settings, local, msg); err != nil {
		return err
	}
	_ = client.Quit() // the message is accepted, whatever the answer
	return nil
}

// transact does everything between the greeting and the good-bye.
func transact(client *smtp.Client, c *pb.NotificationEmailSMTP, settings *tls.Config, local bool, msg *mail.Msg) error {
	if err := client.Hello(hostName()); err != nil {
		return err
	}
	encrypted := c.GetPort() == implicitTLS
	if offered, _ := client.Extension("STARTTLS"); offered && !encrypted {
		if err := client.StartTLS(settings); err != nil {
			return err
		}
		encrypted = true
	}
	if !encrypted && (!local || c.GetUseTls()) {
		return refuse("it offers no STARTTLS, and neither passwords nor payloads are sent unencrypted; use another port (465 is TLS from the start) or another server")
	}
	if offered, mechanisms := client.Extension("AUTH"); offered {
		if err := client.Auth(authentication(mechanisms, c, local)); err != nil {
			return err
		}
	}
	return transfer(client, msg)
}

// authentication picks the best mechanism that a server offers.
func authentication(mechanisms string, c *pb.NotificationEmailSMTP, local bool) smtp.Auth {
	offered := map[string]bool{}
	for _, m := range strings.Fields(strings.ToUpper(mechanisms)) {
		offered[m] = true
	}
	switch {
	case offered["SCRAM-SHA-256"]:
		return smtp.ScramSHA256Auth(c.GetUser(), c.GetPassword())
	case offered["SCRAM-SHA-1"]:
		return smtp.ScramSHA1Auth(c.GetUser(), c.GetPassword())
	case offered["LOGIN"] && !offered["PLAIN"]:
		return smtp.LoginAuth(c.GetUser(), c.GetPassword(), c.GetHost(), local)
	default:
		return smtp.PlainAuth("", c.GetUser(), c.GetPassword(), c.GetHost(), local)
	}
}

// transfer hands a message over. Recipients that the server refuses do not keep it from the
// others.
func transfer(client *smtp.Client, msg *mail.Msg) error {
	from, err := msg.GetSender(false)
	if err != nil {
		return refuse("%s", err)
	}
	to, err := msg.GetRecipients()
	if err != nil {
		return refuse("%s", err)
	}
	if err := client.Mail(from); err != nil {
		return err
	}
	var refused []string
	for _, address := range to {
		if err := client.Rcpt(address); err != nil {
			if !isAnswer(err) || len(refused) == len(to)-1 {
				return err
			}
			refused = append(refused, strings.Trim(address, "<>"))
		}
	}
	body, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := msg.WriteTo(body); err != nil {
		return err
	}
	if err := body.Close(); err != nil {
		return err
	}
	if len(refused) > 0 {
		return refuse("the others got it, but it refused %s", strings.Join(refused, ", "))
	}
	return nil
}

// compose writes the e-mail.
func compose(email *pb.NotificationEmail, a *alert, suppressed int) (*mail.Msg, error) {
	html, err := page(a, suppressed)
	if err != nil {
		return nil, refuse("write the e-mail: %s", err)
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := msg.From(email.GetFromAddress()); err != nil {
		return nil, refuse("%q is no address to send from", email.GetFromAddress())
	}
	if err := msg.To(email.GetRecipients()...); err != nil {
		return nil, refuse("the recipients are not all e-mail addresses")
	}
	msg.Subject(a.Summary)
	msg.SetDate()
	msg.SetMessageID()
	msg.SetBodyString(mail.TypeTextPlain, plain(a, suppressed))
	msg.AddAlternativeString(mail.TypeTextHTML, html)
	return msg, nil
}

// dial connects, where it is allowed to.
func (m mailer) dial(ctx context.Context, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: m.timeout}
	if m.publicOnly {
		d.ControlContext = func(_ context.Context, _, resolved string, _ syscall.RawConn) error { return public(resolved) }
	}
	return d.DialContext(ctx, "tcp", address)
}

// explain says which server failed, and whether there is a point in trying again.
func explain(address, doing string, err error) error {
	if err == nil {
		return nil
	}
	text := fmt.Sprintf("%s the mail server %s: %v", doing, address, err)
	var answer *textproto.Error
	var certificate *tls.CertificateVerificationError
	var refused *refusal
	switch {
	case errors.As(err, &answer):
		return &refusal{text: text, temporary: answer.Code < 500}
	case errors.As(err, &refused):
		return &refusal{text: text, temporary: refused.temporary}
	case errors.As(err, &certificate):
		return &refusal{text: text + "; its certificate must be valid for this host name and from an authority that this machine trusts"}
	default:
		return fmt.Errorf("%s the mail server %s: %w", doing, address, err)
	}
}

// isAnswer reports whether the server said something, rather than going away.
func isAnswer(err error) bool {
	var answer *textproto.Error
	return errors.As(err, &answer)
}

// hostName is how we introduce ourselves.
func hostName() string {
	name, err := os.Hostname()
	if err != nil || name == "" || strings.ContainsAny(name, " \r\n") {
		return "localhost"
	}
	return name
}
