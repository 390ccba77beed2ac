package certificate

import (
	"context"
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

func pair(c *redistest.Certificates) Files { return Files{Cert: c.ServerCert, Key: c.ServerKey} }

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// shown is the serial number, as text, of the certificate that a client gets to see.
func shown(t *testing.T, k *Keeper) []byte {
	t.Helper()
	client, server := net.Pipe()
	defer client.Close()
	defer server.Close()
	var wait sync.WaitGroup
	wait.Go(func() { _ = tls.Server(server, k.Config()).Handshake() })
	c := tls.Client(client, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	if err := c.Handshake(); err != nil {
		t.Fatal(err)
	}
	if got := c.ConnectionState().NegotiatedProtocol; got != "h2" {
		t.Errorf("got protocol %q, want h2", got)
	}
	_ = client.Close()
	wait.Wait()
	return c.ConnectionState().PeerCertificates[0].Raw
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	a, b, dir := redistest.NewCertificates(t), redistest.NewCertificates(t), t.TempDir()
	text, locked := filepath.Join(dir, "text"), filepath.Join(dir, "locked")
	for file, content := range map[string]string{
		text: "no PEM here", locked: "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name  string
		files Files
		want  string
	}{
		{"no certificate", Files{Cert: "absent.pem", Key: a.ServerKey}, "read the TLS certificate: open absent.pem"},
		{"no key", Files{Cert: a.ServerCert, Key: "absent.key"}, "read the key of the TLS certificate: open absent.key"},
		{"another's key", Files{Cert: a.ServerCert, Key: b.ServerKey}, "does not match"},
		{"certificate is text", Files{Cert: text, Key: a.ServerKey}, text + " holds none in PEM form"},
		{"key is text", Files{Cert: a.ServerCert, Key: text}, text + " holds none in PEM form"},
		{"files swapped", Files{Cert: a.ServerKey, Key: a.ServerCert}, a.ServerKey},
		{"locked key", Files{Cert: a.ServerCert, Key: locked}, "pass phrase; openssl pkey"},
		{"no CA", Files{Cert: a.ServerCert, Key: a.ServerKey, ClientCA: "absent.pem"}, "read the CA of clients: open absent.pem"},
		{"CA is text", Files{Cert: a.ServerCert, Key: a.ServerKey, ClientCA: text}, text + " holds no certificate"},
	} {
		if _, err := Open(tt.files, zerolog.Nop()); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want an error with %q", tt.name, err, tt.want)
		}
	}
}

func TestReload(t *testing.T) {
	t.Parallel()
	a, b := redistest.NewCertificates(t), redistest.NewCertificates(t)
	k, err := Open(pair(a), zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	old := shown(t, k)
	if changed, err := k.Reload(pair(a)); changed || err != nil {
		t.Errorf("the same files: got %v, %v", changed, err)
	}
	copyFile(t, b.ServerCert, a.ServerCert) // the key is still the old one
	if changed, err := k.Reload(pair(a)); changed || err == nil {
		t.Errorf("half a pair: got %v, %v; want an error", changed, err)
	}
	if string(shown(t, k)) != string(old) {
		t.Error("half a pair took the old certificate out of use")
	}
	copyFile(t, b.ServerKey, a.ServerKey)
	if changed, err := k.Reload(pair(a)); !changed || err != nil {
		t.Errorf("a new pair: got %v, %v", changed, err)
	}
	if string(shown(t, k)) == string(old) || string(shown(t, k)) != string(k.Leaf().Raw) {
		t.Error("the new certificate is not in use")
	}
}

// lines is a log that tests may read while it is written.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), text)
}

// Files that change are taken without being told, and what cannot be used is told once.
func TestRunFollowsTheFiles(t *testing.T) {
	t.Parallel()
	a, b := redistest.NewCertificates(t), redistest.NewCertificates(t)
	log := new(lines)
	k, err := Open(pair(a), zerolog.New(log))
	if err != nil {
		t.Fatal(err)
	}
	k.every = time.Millisecond
	old := k.Leaf()
	ctx, stop := context.WithCancel(t.Context())
	var run sync.WaitGroup
	run.Go(func() { k.Run(ctx) })
	defer run.Wait()
	defer stop()
	copyFile(t, b.ServerCert, a.ServerCert)
	until(t, "the failure is logged", func() bool { return log.count("does not match") > 0 })
	if k.Leaf() != old {
		t.Error("half a pair took the old certificate out of use")
	}
	copyFile(t, b.ServerKey, a.ServerKey)
	until(t, "the new certificate is in use", func() bool { return log.count("new TLS certificate in use") == 1 && k.Leaf() != old })
	if n := log.count("does not match"); n != 1 {
		t.Errorf("the failure was logged %d times", n)
	}
}

func TestTheEndIsToldInTime(t *testing.T) {
	t.Parallel()
	files := pair(redistest.NewCertificates(t)) // from an hour ago to in an hour
	log := new(lines)
	k, err := Open(files, zerolog.New(log))
	if err != nil {
		t.Fatal(err)
	}
	end := k.Leaf().NotAfter
	for _, step := range []struct {
		now        time.Time
		soon, ends int
	}{{end.Add(-time.Hour), 0, 0}, {end.Add(-11 * time.Minute), 1, 0}, {end.Add(-time.Minute), 1, 0}, {end, 1, 1}, {end.Add(time.Hour), 1, 1}} {
		k.now = func() time.Time { return step.now }
		k.look()
		if soon, ends := log.count("ends soon"), log.count("has ended"); soon != step.soon || ends != step.ends {
			t.Errorf("%s before the end: told %d and %d times, want %d and %d", end.Sub(step.now), soon, ends, step.soon, step.ends)
		}
	}
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	limit := time.After(30 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("never: %s", what)
		}
	}
}
