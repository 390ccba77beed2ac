package cli

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/mux/freeport"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// secureClient trusts the authority of files.
func secureClient(t *testing.T, files *redistest.Certificates) *http.Client {
	t.Helper()
	ca, err := os.ReadFile(files.CA)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 30 * time.Second}
}

func fetch(t testing.TB, c *http.Client, url string) (code int, body string) {
	t.Helper()
	r, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(b)
}

func TestTLSAndClearTextOnOnePort_9_5_3(t *testing.T) {
	t.Parallel()
	files := redistest.NewCertificates(t)
	p := serve(t, freeport.Addr(t), t.TempDir(), "--auth-token", testToken, "--tls-cert", files.ServerCert, "--tls-key", files.ServerKey)
	secure := secureClient(t, files)
	for path, want := range map[string]string{"/healthz": "ok", "/readyz": "ok", "/": "<title>", "/version": "test"} {
		for scheme, c := range map[string]*http.Client{"https": secure, "http": http.DefaultClient} {
			if code, body := fetch(t, c, scheme+"://"+p.addr+path); code != http.StatusOK || !strings.Contains(body, want) {
				t.Errorf("%s %s: got %d, %q", scheme, path, code, body)
			}
		}
	}
	_, metrics := fetch(t, secure, "https://"+p.addr+"/metrics")
	found := regexp.MustCompile(`(?m)^streamdal_tls_certificate_expiry_timestamp_seconds (.*)$`).FindStringSubmatch(metrics)
	if found == nil {
		t.Fatal("/metrics does not tell when the certificate ends")
	}
	ends, err := strconv.ParseFloat(found[1], 64)
	if left := time.Until(time.Unix(int64(ends), 0)); err != nil || left < 0 || left > time.Hour {
		t.Errorf("the certificate ends in %s, %v; want an hour", left, err)
	}
	// The cookie of a browser that came by TLS is for TLS only.
	for scheme, c := range map[string]*http.Client{"https": secure, "http": http.DefaultClient} {
		r, err := c.Post(scheme+"://"+p.addr+"/api/v1/session", "application/json", strings.NewReader(`{"token":"`+testToken+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if cookies := r.Cookies(); len(cookies) != 1 || cookies[0].Secure != (scheme == "https") {
			t.Errorf("%s: got %s and cookies %v", scheme, r.Status, cookies)
		}
	}
	if code, stdout, stderr := run("inspect", "--server", p.addr, "--auth-token", testToken); code != 0 {
		t.Errorf("inspect in clear text: %d, %s%s", code, stdout, stderr)
	}
	if code, _, stderr := run("inspect", "--server", "https://"+p.addr, "--auth-token", testToken); code != 1 || !strings.Contains(stderr, "certificate signed by unknown authority") {
		t.Errorf("inspect trusts anyone: %d, %s", code, stderr)
	}
}

func TestOnlyTLSWithClientCertificates_9_5_3(t *testing.T) {
	t.Parallel()
	files, dir := redistest.NewCertificates(t), t.TempDir()
	p := serve(t, freeport.Addr(t), dir, "--auth-token", testToken,
		"--tls-cert", files.ServerCert, "--tls-key", files.ServerKey, "--tls-client-ca", files.CA, "--tls-only")
	mine := []string{"--tls-cert", files.ClientCert, "--tls-key", files.ClientKey}
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"in clear text", []string{"--server", p.addr}, 1, "TLS only"},
		{"without a certificate", []string{"--server", "https://" + p.addr, "--tls-ca", files.CA}, 1, "cannot reach the server"},
		{"as it should be", append([]string{"--server", "https://" + p.addr, "--tls-ca", files.CA}, mine...), 0, "embedded file"},
		{"TLS by its flags", append([]string{"--server", p.addr, "--tls-ca", files.CA}, mine...), 0, "embedded file"},
		{"by the data directory", append([]string{"--data-dir", dir}, mine...), 0, "embedded file"},
		{"other scheme", []string{"--server", "ftp://" + p.addr}, 1, "write host:port"},
		{"no such CA", []string{"--server", p.addr, "--tls-ca", "absent"}, 1, "--tls-ca: open absent"},
		{"half a pair", []string{"--server", p.addr, "--tls-key", "absent"}, exitMisuse, "give both"},
	} {
		args := append([]string{"inspect", "--auth-token", testToken}, tt.args...)
		if code, stdout, stderr := run(args...); code != tt.code || !strings.Contains(stdout+stderr, tt.want) {
			t.Errorf("%s: got %d, %s%s; want %d, %q", tt.name, code, stdout, stderr, tt.code, tt.want)
		}
	}
	list := append([]string{"token", "--auth-token", testToken, "list", "--server", "https://" + p.addr, "--tls-ca", files.CA}, mine...)
	if code, stdout, stderr := run(list...); code != 0 {
		t.Errorf("token list: %d, %s%s", code, stdout, stderr)
	}
	if code, body := fetch(t, http.DefaultClient, "http://"+p.addr+"/healthz"); code != http.StatusBadRequest || !strings.Contains(body, "https://") {
		t.Errorf("clear text: got %d, %q", code, body)
	}
}

func TestLinkIsHTTPSWhenNothingElseIsServed(t *testing.T) {
	t.Parallel()
	files := redistest.NewCertificates(t)
	p := serve(t, freeport.Addr(t), t.TempDir(), "--tls-cert", files.ServerCert, "--tls-key", files.ServerKey, "--tls-only")
	p.waitFor(`Console +https://127\.0\.0\.1:\d+/#login=`)
}

func TestTLSFlags(t *testing.T) {
	t.Parallel()
	files, other := redistest.NewCertificates(t), redistest.NewCertificates(t)
	addr := freeport.Addr(t)
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no key", []string{"--tls-cert", files.ServerCert}, exitMisuse, "--tls-cert and --tls-key go together"},
		{"only, without a certificate", []string{"--tls-only"}, exitMisuse, "need --tls-cert and --tls-key"},
		{"clients' CA without a certificate", []string{"--tls-client-ca", files.CA}, exitMisuse, "need --tls-cert and --tls-key"},
		{"demo", []string{"--demo", "--tls-only", "--tls-cert", "a", "--tls-key", "b"}, exitMisuse, "exclude each other"},
		{"absent", []string{"--tls-cert", "absent.pem", "--tls-key", files.ServerKey}, 1, "read the TLS certificate: open absent.pem"},
		{"another's key", []string{"--tls-cert", files.ServerCert, "--tls-key", other.ServerKey}, 1, "does not match"},
	} {
		args := append([]string{"serve", "--listen", addr, "--data-dir", t.TempDir()}, tt.args...)
		if code, _, stderr := run(args...); code != tt.code || !strings.Contains(stderr, tt.want) {
			t.Errorf("%s: got %d, %q; want %d, %q", tt.name, code, stderr, tt.code, tt.want)
		}
	}
}

func TestTLSFilesOfTheServiceManager(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tls-cert"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	getenv := env("CREDENTIALS_DIRECTORY", dir)
	if _, _, err := (tlsFlags{}).files(getenv); err == nil {
		t.Error("half a pair was taken")
	}
	if err := os.WriteFile(filepath.Join(dir, "tls-key"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if files, ok, err := (tlsFlags{TLSOnly: true}).files(getenv); err != nil || !ok || files.Cert != filepath.Join(dir, "tls-cert") || files.Key != filepath.Join(dir, "tls-key") {
		t.Errorf("got %v, %v, %v", files, ok, err)
	}
	if files, _, err := (tlsFlags{TLSCert: "a", TLSKey: "b"}).files(getenv); err != nil || files.Cert != "a" || files.Key != "b" {
		t.Errorf("flags do not go before credentials: %v, %v", files, err)
	}
}
