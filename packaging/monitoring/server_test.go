// Package monitoring holds what watches a server. Its tests are its only code.
package monitoring

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// patience is for a machine that does other things too.
const patience = 2 * time.Minute

// shown is what servers show at /metrics: names of metrics, with the values of each label.
type shown map[string]map[string]map[string]bool

// scrape starts servers in the two ways that show different metrics, and reads them: with the
// embedded store and sample services, and with Redis, TLS and labels of audiences.
func scrape(t *testing.T) shown {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "streamdal-server")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", program, ".")
	build.Dir = "../.."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cert, key := certificate(t, dir)
	socket := filepath.Join(dir, "redis")
	start(t, "redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", dir)
	found := shown{}
	for _, args := range [][]string{
		{"--demo"},
		{"--redis-url", "unix://" + socket, "--metrics-per-audience", "--tls-cert", cert, "--tls-key", key, "--auth-token", "a-token-for-tests-only"},
	} {
		addr := free(t)
		start(t, program, append([]string{"serve", "--listen", addr, "--data-dir", t.TempDir()}, args...)...)
		enough := []string{"streamdal_ready 1"}
		if args[0] == "--demo" {
			enough = []string{"streamdal_counter_consume_processed{", "streamdal_counter_produce_processed{"}
		}
		found.add(t, poll(t, "http://"+addr+"/metrics", enough))
	}
	// The sample services make no errors; they would be shown like what was processed.
	found["streamdal_counter_consume_errors"] = found["streamdal_counter_consume_processed"]
	return found
}

// poll reads a page until it holds all that is wanted.
func poll(t *testing.T, url string, want []string) string {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); ; <-tick.C {
		reply, err := http.Get(url)
		if err == nil {
			var page []byte
			page, err = io.ReadAll(reply.Body)
			_ = reply.Body.Close()
			missing := slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(string(page), w) })
			if err == nil && !missing {
				return string(page)
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s has not %s: %v", url, want, err)
		}
	}
}

var (
	sample = regexp.MustCompile(`^([a-z_:A-Z0-9]+)(?:\{(.*)\})? `)
	label  = regexp.MustCompile(`([a-zA-Z0-9_]+)="((?:[^"\\]|\\.)*)"`)
)

func (s shown) add(t *testing.T, page string) {
	t.Helper()
	for lines := bufio.NewScanner(strings.NewReader(page)); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		m := sample.FindStringSubmatch(lines.Text())
		if m == nil {
			t.Fatalf("no sample: %q", lines.Text())
		}
		if s[m[1]] == nil {
			s[m[1]] = map[string]map[string]bool{}
		}
		for _, l := range label.FindAllStringSubmatch(m[2], -1) {
			if s[m[1]][l[1]] == nil {
				s[m[1]][l[1]] = map[string]bool{}
			}
			s[m[1]][l[1]][l[2]] = true
		}
	}
}

func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// start runs a program until the test ends.
func start(t *testing.T, name string, args ...string) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatalf("%s (see .ci/setup): %v", name, err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, out.String())
		}
	})
}

func certificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: pkcs8}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}
