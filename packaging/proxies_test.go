//go:build linux

package packaging

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/mux/freeport"
)

// site is the name under which proxies serve the Console.
const site = "streamdal.example.com"

// proxy is a running proxy with a shipped configuration, in which only addresses and files
// were replaced.
type proxy struct {
	sdks  string // the address that speaks clear text
	https string
	roots *x509.CertPool
}

// kind says how to run a proxy.
type kind struct {
	file string // in packaging/proxies
	// replace turns the shipped configuration into one that can run here.
	replace func(p *proxy, dir string) []string
	command func(config, dir string) []string
}

var kinds = map[string]kind{
	"nginx": {
		file: "nginx.conf",
		replace: func(p *proxy, dir string) []string {
			return []string{
				"listen 8082 ", "listen " + p.sdks + " ",
				"listen 443 ", "listen " + p.https + " ",
				"/etc/ssl/streamdal/", dir + "/",
			}
		},
		command: func(config, dir string) []string {
			// What includes the file on a real machine.
			main := "daemon off; pid " + dir + "/pid; error_log stderr; events {} http { access_log off; include " + config + ";\n"
			for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
				main += kind + "_temp_path " + dir + "/" + kind + ";"
			}
			_ = os.WriteFile(filepath.Join(dir, "main.conf"), []byte(main+"}"), 0o600) // nginx says if it is not there
			return []string{"nginx", "-p", dir, "-c", filepath.Join(dir, "main.conf")}
		},
	},
	"caddy": {
		file: "Caddyfile",
		replace: func(p *proxy, dir string) []string {
			return []string{
				"servers :8082 {", "admin off\n auto_https disable_redirects\n default_bind 127.0.0.1\n servers " + p.sdks + " {",
				"http://:8082 {", "http://:" + port(p.sdks) + " {",
				"\n" + site + " {\n", "\n" + site + ":" + port(p.https) + " {\n tls " + dir + "/cert.pem " + dir + "/key.pem\n",
			}
		},
		command: func(config, _ string) []string {
			return []string{"caddy", "run", "--adapter", "caddyfile", "--config", config}
		},
	},
	"haproxy": {
		file: "haproxy.cfg",
		replace: func(p *proxy, dir string) []string {
			return []string{"bind :8082", "bind " + p.sdks, "bind :443 ", "bind " + p.https + " ", "/etc/haproxy/streamdal.pem", dir + "/both.pem", "maxconn 20000", "maxconn 100"}
		},
		command: func(config, _ string) []string { return []string{"haproxy", "-db", "-f", config} },
	},
}

func port(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// start runs the proxy in front of a server; the second server of its configuration is down.
func (k kind) start(t *testing.T, server string) *proxy {
	t.Helper()
	dir := t.TempDir()
	p := &proxy{sdks: freeport.Addr(t), https: freeport.Addr(t), roots: x509.NewCertPool()}
	p.certify(t, dir)
	shipped, err := os.ReadFile(filepath.Join("proxies", k.file))
	if err != nil {
		t.Fatal(err)
	}
	text := string(shipped)
	pairs := append(k.replace(p, dir), "10.0.0.1:8082", server, "10.0.0.2:8082", freeport.Addr(t))
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%s has no %q to replace", k.file, pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	config := filepath.Join(dir, k.file)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	words := k.command(config, dir)
	run(t, exec.Command(located(words[0]), words[1:]...), "HOME="+dir)
	until(t, words[0]+" serves", func() bool {
		r, err := p.client(nil).Get("https://" + site + "/readyz")
		if err != nil {
			return false
		}
		_ = r.Body.Close()
		return r.StatusCode == http.StatusOK
	})
	return p
}

// located says where a program is, in the PATH or where Debian puts servers, which the PATH of some lacks.
func located(name string) string {
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	return filepath.Join("/usr/sbin", name)
}

// certify makes the site's certificate, as files in the forms that proxies read.
func (p *proxy) certify(t *testing.T, dir string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: site}, DNSNames: []string{site},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
	p.roots.AppendCertsFromPEM(certPEM)
	for name, b := range map[string][]byte{"cert.pem": certPEM, "key.pem": keyPEM, "both.pem": append(certPEM, keyPEM...)} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// tls is a client's configuration that trusts the site's certificate only.
func (p *proxy) tls() *tls.Config { return &tls.Config{RootCAs: p.roots, ServerName: site} }

// client is a browser: its requests to the site go to the proxy. HTTP/2, unless told otherwise.
func (p *proxy) client(protocols *http.Protocols) *http.Client {
	if protocols == nil {
		protocols = new(http.Protocols)
		protocols.SetHTTP2(true)
	}
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: p.tls(), Protocols: protocols,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, p.https)
		},
	}}
}

// run starts a program that ends with the test, and shows what it said when the test failed.
func run(t *testing.T, cmd *exec.Cmd, env ...string) {
	t.Helper()
	var out locked
	cmd.Env, cmd.Stdout, cmd.Stderr = env, &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s (installed by .ci/setup): %v", cmd.Path, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // nginx then ends its workers
		kill := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
		defer kill.Stop()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", cmd.Path, out.String())
		}
	})
}

// locked is a buffer that a running program writes into.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// until polls until ok.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("%s: not within %s", what, patience)
		case <-tick.C:
		}
	}
}
