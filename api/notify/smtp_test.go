package notify

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
)

var alertTime = time.Unix(1_700_000_000, 0)

// mailServer is a real SMTP server on this machine.
type mailServer struct {
	port     int
	received chan received
	refuse   map[string]*smtp.SMTPError // by recipient
	noAuth   bool
}

type received struct {
	user string
	from string
	to   []string
	tls  bool
	body string
}

// authority returns a certificate for names and the pool of the authority that signed it.
func authority(t *testing.T, names ...string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	make := func(template, parent *x509.Certificate, signer *ecdsa.PrivateKey) ([]byte, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if signer == nil {
			parent, signer = template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
		if err != nil {
			t.Fatal(err)
		}
		return der, key
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	caDER, caKey := make(ca, nil, nil)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "mail"}, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, n)
		}
	}
	der, key := make(leaf, ca, caKey)
	parsed, err := x509.ParseCertificate(caDER)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func newMailServer(t *testing.T, certificate *tls.Certificate, change func(*mailServer)) *mailServer {
	t.Helper()
	m := &mailServer{received: make(chan received, 100), refuse: map[string]*smtp.SMTPError{}}
	if change != nil {
		change(m)
	}
	server := smtp.NewServer(m)
	server.Domain = "localhost"
	server.AllowInsecureAuth = true
	server.ErrorLog = quiet{}
	if certificate != nil {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*certificate}, MinVersion: tls.VersionTLS12}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m.port = listener.Addr().(*net.TCPAddr).Port
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	t.Cleanup(func() { _ = server.Close(); serving.Wait() })
	return m
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func (m *mailServer) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, encrypted := c.TLSConnectionState()
	s := &mailSession{server: m, got: received{tls: encrypted}}
	if m.noAuth {
		return s, nil
	}
	return authSession{s}, nil
}

// mailSession takes one message after the other.
type mailSession struct {
	server *mailServer
	got    received
}

// authSession is one whose server offers AUTH.
type authSession struct{ *mailSession }

func (authSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s authSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "mail-secret" {
			return &smtp.SMTPError{Code: 535, Message: "wrong password"}
		}
		s.got.user = user
		return nil
	}), nil
}

func (s *mailSession) Mail(from string, _ *smtp.MailOptions) error { s.got.from = from; return nil }

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.server.refuse[to]; err != nil {
		return err
	}
	s.got.to = append(s.got.to, to)
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.got.body = string(body)
	s.server.received <- s.got
	return nil
}

func (s *mailSession) Reset()        {}
func (s *mailSession) Logout() error { return nil }

func smtpConfig(host string, port int, useTLS bool) *pb.NotificationConfig {
	return &pb.NotificationConfig{
		Id: proto.String("mail"), Name: "mail", Type: pb.NotificationType_NOTIFICATION_TYPE_EMAIL,
		Config: &pb.NotificationConfig_Email{Email: &pb.NotificationEmail{
			Type: pb.NotificationEmail_TYPE_SMTP, FromAddress: "Streamdal <streamdal@example.com>", Recipients: []string{"ops@example.com", "dev@example.com"},
			Config: &pb.NotificationEmail_Smtp{Smtp: &pb.NotificationEmailSMTP{Host: host, Port: int32(port), User: "u", Password: "mail-secret", UseTls: useTLS}},
		}},
	}
}

func (m *mailServer) next(t *testing.T) received {
	t.Helper()
	select {
	case r := <-m.received:
		return r
	case <-time.After(patience):
		t.Fatal("no e-mail arrived")
		return received{}
	}
}

func TestSMTPWithSTARTTLS(t *testing.T) {
	t.Parallel()
	certificate, roots := authority(t, "127.0.0.1")
	m := newMailServer(t, &certificate, nil)
	p := &picture{}
	p.show(alerting("mail"), smtpConfig("127.0.0.1", m.port, true))
	n := newNotifier(t, p, nil, func(c *Config) { c.Roots = roots })
	n.Notify(asking())
	got := m.next(t)
	if !got.tls || got.user != "u" || got.from != "streamdal@example.com" || strings.Join(got.to, " ") != "ops@example.com dev@example.com" {
		t.Errorf("got %+v, want it encrypted, logged in, to both", got)
	}
	parsed, err := mail.ReadMessage(strings.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Subject": "Streamdal Alert: orders, has mail, on_false",
		"From":    `"Streamdal" <streamdal@example.com>`,
		"To":      "<ops@example.com>, <dev@example.com>",
	} {
		if got := parsed.Header.Get(name); got != want {
			t.Errorf("header %s: got %q, want %q", name, got, want)
		}
	}
	for _, part := range []string{"text/plain", "text/html", "Pipeline Name: orders", "Condition Met: on_false" /* 9.2.19: called Service Name */, "team =3D billing", "Pipeline Notification"} {
		if !strings.Contains(got.body, part) {
			t.Errorf("the message lacks %q:\n%s", part, got.body)
		}
	}
	await(t, n, "delivery", func(s Stats) bool { return s.Sent[kindSMTP] == 1 })
}

// 9.5: what use_tls of the original switched off, the check of certificates, stays on; passwords
// and payloads leave this machine encrypted or not at all.
func TestSMTPTrust_9_5_5(t *testing.T) {
	t.Parallel()
	good, roots := authority(t, "127.0.0.1")
	wrongName, otherRoots := authority(t, "mail.example.com")
	for _, tt := range []struct {
		name        string
		certificate *tls.Certificate
		roots       *x509.CertPool
		useTLS      bool
		want        string // part of the error, "" for success
		tls         bool
	}{
		{"good", &good, roots, true, "", true},
		{"good, use_tls off", &good, roots, false, "", true},
		{"unknown authority", &good, otherRoots, true, "its certificate must be valid", false},
		{"unknown authority, use_tls off", &good, otherRoots, false, "its certificate must be valid", false},
		{"another host's", &wrongName, otherRoots, true, "its certificate must be valid", false},
		{"no TLS", nil, roots, true, "it offers no STARTTLS", false},
		{"no TLS, use_tls off, this machine", nil, roots, false, "", false},
	} {
		m := newMailServer(t, tt.certificate, nil)
		p := &picture{}
		p.show(nil, smtpConfig("127.0.0.1", m.port, tt.useTLS))
		n := newNotifier(t, p, nil, func(c *Config) { c.Roots = tt.roots })
		err := n.Test(t.Context(), "mail")
		if tt.want != "" {
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
			}
			if len(m.received) > 0 {
				t.Errorf("%s: a message got through", tt.name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := m.next(t); got.tls != tt.tls || got.user != "u" {
			t.Errorf("%s: got %+v, want encrypted %t, logged in", tt.name, got, tt.tls)
		}
	}
}

func TestSMTPElsewhereNeedsEncryption(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe()
	go func() {
		defer func() { _ = theirs.Close() }()
		_, _ = io.WriteString(theirs, "220 mail.example.com\r\n")
		buffer := make([]byte, 1024)
		_, _ = theirs.Read(buffer)
		_, _ = io.WriteString(theirs, "250-mail.example.com\r\n250 AUTH PLAIN\r\n")
		n, _ := theirs.Read(buffer)
		if strings.Contains(string(buffer[:n]), "AUTH") {
			t.Errorf("the password was sent: %q", buffer[:n])
		}
	}()
	config := smtpConfig("mail.example.com", 25, false).GetEmail()
	msg, err := compose(config, trial(alertTime), 0)
	if err != nil {
		t.Fatal(err)
	}
	var refused *refusal
	err = (mailer{}).converse(ours, config.GetSmtp(), msg)
	_ = ours.Close()
	if !errors.As(err, &refused) || refused.temporary || !strings.Contains(refused.text, "it offers no STARTTLS") {
		t.Errorf("got %v, want a refusal", err)
	}
}

func TestSMTPAnswers(t *testing.T) {
	t.Parallel()
	m := newMailServer(t, nil, func(m *mailServer) {
		m.refuse["full@example.com"] = &smtp.SMTPError{Code: 452, Message: "mailbox is full"}
		m.refuse["gone@example.com"] = &smtp.SMTPError{Code: 550, Message: "no such user"}
	})
	open := newMailServer(t, nil, func(m *mailServer) { m.noAuth = true })
	for _, tt := range []struct {
		name   string
		change func(*pb.NotificationEmail)
		want   string
	}{
		{"no AUTH offered", func(e *pb.NotificationEmail) { e.GetSmtp().Port = int32(open.port) }, ""},
		{"wrong password", func(e *pb.NotificationEmail) { e.GetSmtp().Password = "x" }, "535"},
		{"nobody there", func(e *pb.NotificationEmail) { e.Recipients = []string{"gone@example.com"} }, "no such user"},
		{"one is gone", func(e *pb.NotificationEmail) { e.Recipients = []string{"gone@example.com", "ops@example.com"} }, "the others got it, but it refused gone@example.com"},
		{"full for now", func(e *pb.NotificationEmail) { e.Recipients = []string{"full@example.com"} }, "mailbox is full"},
		{"bad sender", func(e *pb.NotificationEmail) { e.FromAddress = "x" }, "no address to send from"},
		{"nobody listens", func(e *pb.NotificationEmail) { e.GetSmtp().Port = 1 }, "connection refused"},
		{"port of nothing", func(e *pb.NotificationEmail) { e.GetSmtp().Host = "\x00" }, "mail server"},
	} {
		config := smtpConfig("127.0.0.1", m.port, false)
		tt.change(config.GetEmail())
		p := &picture{}
		p.show(nil, config)
		err := newNotifier(t, p, nil).Test(t.Context(), "mail")
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

// A server that accepts a connection and says nothing costs the time-out, not a worker for ever.
func TestSMTPSilence(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	p := &picture{}
	p.show(nil, smtpConfig("127.0.0.1", listener.Addr().(*net.TCPAddr).Port, false))
	n := newNotifier(t, p, nil, func(c *Config) { c.Timeout = 50 * time.Millisecond })
	if err := n.Test(t.Context(), "mail"); err == nil || !strings.Contains(err.Error(), "deadline exceeded") {
		t.Errorf("got %v, want the deadline", err)
	}
}

func TestPublicOnly(t *testing.T) {
	t.Parallel()
	m := newMailServer(t, nil, nil)
	p := &picture{}
	p.show(nil, smtpConfig("127.0.0.1", m.port, false))
	n := newNotifier(t, p, nil, func(c *Config) { c.PublicOnly = true })
	if err := n.Test(t.Context(), "mail"); err == nil || !strings.Contains(err.Error(), "127.0.0.1 is not a public address") {
		t.Errorf("got %v, want the address refused", err)
	}
	for address, want := range map[string]bool{
		"93.184.216.34:25": true, "[2606:2800:220:1::1]:587": true,
		"10.0.0.1:25": false, "192.168.1.1:25": false, "172.16.0.1:25": false, "169.254.169.254:80": false, "100.64.0.1:25": false,
		"127.0.0.1:25": false, "[::1]:25": false, "[fe80::1]:25": false, "[fd00::1]:25": false, "[::ffff:10.0.0.1]:25": false,
		"0.0.0.0:25": false, "224.0.0.1:25": false, "x": false,
	} {
		if got := public(address) == nil; got != want {
			t.Errorf("%s: public is %t, want %t", address, got, want)
		}
	}
}

// Each value stands beside its own label, as text and as a page.
func TestLabelsOfMessages_9_2_19(t *testing.T) {
	t.Parallel()
	a := &alert{Condition: "on_false", Service: "billing", StepName: "has mail", PipelineName: "orders"}
	html, err := page(a, 0)
	if err != nil {
		t.Fatal(err)
	}
	text := plain(a, 0)
	for label, value := range map[string]string{
		"Condition Met": "on_false", "Service Name": "billing", "Step Name": "has mail", "Pipeline Name": "orders",
	} {
		if want := label + ": " + value + "\n"; strings.Count(text, want) != 1 || strings.Count(text, label) != 1 {
			t.Errorf("the text does not say %q once:\n%s", want, text)
		}
		cell := regexp.MustCompile(`<tr><th[^>]*>` + label + `</th><td[^>]*>` + value + `</td></tr>`)
		if len(cell.FindAllString(html, -1)) != 1 || strings.Count(html, label) != 1 {
			t.Errorf("the page does not show %s beside %q once:\n%s", value, label, html)
		}
	}
}
