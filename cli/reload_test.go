//go:build unix

package cli

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/mux/freeport"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// hup asks for a reload and waits until one more line like expr is printed.
func (p *process) hup(expr string) string {
	p.t.Helper()
	re := regexp.MustCompile(expr)
	before := len(re.FindAllString(p.output(), -1))
	p.signal(syscall.SIGHUP)
	var last string
	eventually(p.t, time.Minute, expr, func() error {
		found := re.FindAllString(p.output(), -1)
		if len(found) <= before {
			return fmt.Errorf("%d of them", len(found))
		}
		last = found[len(found)-1]
		return nil
	})
	return last
}

func TestHangUpReloads(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	config, token := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "token")
	write(t, token, testToken)
	write(t, config, "log-level: info\nauth-token-file: "+token+"\n")
	p := serve(t, freeport.Addr(t), filepath.Join(dir, "data"), "--config", config)
	reloaded := `\{.*"message":"(not )?reloaded.*\}`

	if got := p.hup(reloaded); !strings.Contains(got, `"changed":[],"need_restart":[]`) {
		t.Errorf("nothing changed: %s", got)
	}
	// At the level info nothing is said of strangers.
	stranger := func() {
		c, err := net.Dial("tcp", p.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = c.Write([]byte{0xff})
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		_, _ = c.Read(make([]byte, 1)) // closed just before it is logged
	}
	for range 5 {
		stranger()
	}
	write(t, config, "log-level: debug\nsession-ttl: 7s\nauth-token-file: "+token+"\n")
	if got := p.hup(reloaded); !strings.Contains(got, `"changed":["log-level"],"need_restart":["session-ttl"]`) {
		t.Errorf("log-level and session-ttl changed: %s", got)
	}
	// The last of them may be logged late, when the level is debug.
	if n := strings.Count(p.output(), "no protocol of ours"); n > 2 {
		t.Errorf("said %d times at the level info", n)
	}
	said := strings.Count(p.output(), "no protocol of ours")
	stranger()
	p.waitFor(strings.Repeat(`(?s)no protocol of ours.*`, said+1))

	// What makes no sense changes nothing, and its place is told.
	for text, want := range map[string]string{
		"log-level: warn\nsession-ttl: soon\n": config + ":2:14: session-ttl: expected duration",
		"log-level: loud\n":                    "--log-level is set by " + config + " line 1",
		"log-level: warn\nlog-levle: warn\n":   config + `:2:1: unknown key`,
		"log-level: [\n":                       config + ": yaml: ",
		"tls-only: true\n":                     "need --tls-cert",
	} {
		write(t, config, text)
		if got := p.hup(reloaded); !strings.Contains(got, want) || !strings.Contains(got, `"level":"error"`) {
			t.Errorf("%q: got %s, want %q", text, got, want)
		}
	}
	// Another token is told of, and not taken.
	write(t, config, "log-level: info\nsession-ttl: 7s\nauth-token-file: "+token+"\n")
	write(t, token, "another-token-for-tests")
	if got := p.hup(reloaded); !strings.Contains(got, `"changed":["log-level"],"need_restart":["session-ttl","content of the auth token's file"]`) {
		t.Errorf("the token changed: %s", got)
	}
	if code, _, stderr := run("inspect", "--server", p.addr, "--auth-token", testToken); code != 0 {
		t.Errorf("the old token: %d, %s", code, stderr)
	}
	if strings.Contains(p.output(), "another-token") {
		t.Error("the token is in the log")
	}
	if err := os.Remove(config); err != nil {
		t.Fatal(err)
	}
	if got := p.hup(reloaded); !strings.Contains(got, "no such file") {
		t.Errorf("no file: %s", got)
	}
}

func TestHangUpReloadsTheCertificate(t *testing.T) {
	t.Parallel()
	a, b := redistest.NewCertificates(t), redistest.NewCertificates(t)
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	install := func(from, to string) {
		t.Helper()
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		write(t, to, string(text))
	}
	install(a.ServerCert, cert)
	install(a.ServerKey, key)
	p := serve(t, freeport.Addr(t), filepath.Join(dir, "data"), "--auth-token", testToken, "--tls-cert", cert, "--tls-key", key)
	trusts := func(files *redistest.Certificates) error {
		_, err := secureClient(t, files).Get("https://" + p.addr + "/healthz")
		return err
	}
	install(b.ServerCert, cert)
	if got := p.hup(`\{.*reloaded.*\}`); !strings.Contains(got, "does not match") {
		t.Errorf("half a pair: %s", got)
	}
	if err := trusts(a); err != nil {
		t.Errorf("half a pair took the old certificate out of use: %v", err)
	}
	install(b.ServerKey, key)
	if got := p.hup(`\{.*reloaded.*\}`); !strings.Contains(got, `"changed":["TLS certificate"]`) {
		t.Errorf("a new pair: %s", got)
	}
	if err := trusts(b); err != nil {
		t.Errorf("the new certificate is not in use: %v", err)
	}
	if trusts(a) == nil {
		t.Error("the old certificate is still in use")
	}
}

// SIGTERM is heard while the server starts, whatever it waits for.
func TestTermDuringTheStart(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	redis.Pause(t)
	t.Cleanup(func() { redis.Resume(t) })
	p := launch(t, freeport.Addr(t), t.TempDir(), "--auth-token", testToken, "--redis-url", redis.URL())
	p.waitFor("Redis cannot be used yet")
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
		t.Fatal("did not stop")
	}
	if p.err != nil {
		t.Errorf("waiting for Redis: exit %v, want 0", p.err)
	}
	for i := range 8 {
		p := launch(t, freeport.Addr(t), t.TempDir(), "--auth-token", testToken)
		<-time.After(time.Duration(i) * 60 * time.Millisecond)
		p.signal(syscall.SIGTERM)
		<-p.done
		early := p.cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() == syscall.SIGTERM && p.output() == ""
		if p.err != nil && !early { // before the program proper has begun
			t.Errorf("%d ms: exit %v, want 0", i*60, p.err)
		}
	}
}

// hung is a server that goes on for ten minutes after the first SIGTERM.
func hung(t *testing.T) *process {
	t.Helper()
	return hang(serve(t, freeport.Addr(t), t.TempDir(), "--auth-token", testToken, "--shutdown-grace", "10m"))
}

func hang(p *process) *process {
	t := p.t
	t.Helper()
	c, err := net.Dial("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	// A request that never ends.
	body := "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n"
	if _, err := c.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if code, _ := fetch(t, http.DefaultClient, "http://"+p.addr+"/healthz"); code != http.StatusOK {
		t.Fatalf("healthz: %d", code)
	}
	return p
}

// isClosed waits until nothing is served any more.
func (p *process) isClosed() {
	p.t.Helper()
	eventually(p.t, time.Minute, "the port is closed", func() error {
		c, err := net.Dial("tcp", p.addr)
		if err == nil {
			_ = c.Close()
			return fmt.Errorf("still open")
		}
		return nil
	})
}

func (p *process) diedOf() syscall.Signal {
	p.t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.Sys().(syscall.WaitStatus).Signal()
	case <-time.After(2 * time.Minute):
		p.t.Fatal("still runs")
		return 0
	}
}

// The second SIGTERM or SIGINT ends what the first could not end.
func TestSecondSignalKills(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		p := hung(t)
		p.signal(s)
		p.isClosed()
		select {
		case <-p.done:
			t.Fatalf("%s ended it at once: %v", s, p.err)
		default:
		}
		p.signal(s)
		if got := p.diedOf(); got != s {
			t.Errorf("ended by %v, want %v", p.err, s)
		}
	}
	p := hung(t)
	p.signal(syscall.SIGINT) // two of one kind would be one, this soon
	p.signal(syscall.SIGTERM)
	if got := p.diedOf(); got != syscall.SIGINT && got != syscall.SIGTERM {
		t.Errorf("two at once: ended by %v", p.err)
	}
}

// A shell starts programs in the background with SIGINT ignored, and so does nohup.
func TestSecondSignalKillsWhereItWasIgnored(t *testing.T) {
	t.Parallel()
	p := hang(limited(t, `trap "" INT`, "--shutdown-grace", "10m"))
	p.signal(syscall.SIGINT)
	p.isClosed()
	p.signal(syscall.SIGINT)
	select {
	case <-p.done:
	case <-time.After(time.Minute):
		t.Fatal("still runs")
	}
	if got := p.cmd.ProcessState.ExitCode(); got != 130 {
		t.Errorf("exit status %d (%v), want that of a process ended by SIGINT, 130", got, p.err)
	}
}

// nohup leaves the terminal for the same reason.
func TestWithoutATerminalHangUpNeverStops(t *testing.T) {
	t.Parallel()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	p := prepare(t, "serve", "--listen", freeport.Addr(t), "--data-dir", t.TempDir())
	p.cmd.Stdin = null
	p.start()
	p.waitFor(`"message":"ready"`)
	for range 3 {
		p.hup(`"message":"reloaded"`)
	}
}
