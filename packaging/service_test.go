//go:build linux

package packaging

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/mux/freeport"
)

// patience is for a machine that does other things too.
const patience = time.Minute

// installed is an unpacked package whose service a test runs as systemd would.
type installed struct {
	root   string
	unit   map[string][]string // of [Service]
	state  string
	notify *net.UnixConn
	env    []string
}

func install(t *testing.T) *installed {
	t.Helper()
	root, err := os.MkdirTemp("", "root") // short: a socket's path has 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	output(t, "dpkg-deb", "--extract", only(t, snapshots(t)[0], ".deb"), root)
	x := &installed{root: root, state: filepath.Join(root, "var/lib/private")}
	x.unit = x.parse(t, "/usr/lib/systemd/system/streamdal-server.service")
	socket := filepath.Join(root, "notify")
	if x.notify, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.notify.Close() })
	x.state = filepath.Join(x.state, x.one(t, "StateDirectory"))
	credentials := filepath.Join(root, "run/credentials/streamdal-server.service")
	for _, dir := range []string{x.state, credentials} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	watchdog, err := time.ParseDuration(x.one(t, "WatchdogSec") + "s")
	if err != nil {
		t.Fatal(err)
	}
	x.env = []string{
		"PATH=/usr/bin", "LANG=C.UTF-8", "NOTIFY_SOCKET=" + socket, fmt.Sprintf("WATCHDOG_USEC=%d", watchdog.Microseconds()),
		"STATE_DIRECTORY=" + x.state, "CREDENTIALS_DIRECTORY=" + credentials,
	}
	// What postinstall.sh does, with the program of the package.
	token := output(t, filepath.Join(root, "usr/bin/streamdal-server"), "token")
	name, source, _ := strings.Cut(x.one(t, "LoadCredential"), ":")
	for _, file := range []string{filepath.Join(root, source), filepath.Join(credentials, name)} {
		if err := os.WriteFile(file, token, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return x
}

// parse reads the settings of a unit's [Service].
func (x *installed) parse(t *testing.T, name string) map[string][]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(x.root, name))
	if err != nil {
		t.Fatal(err)
	}
	settings, section := map[string][]string{}, ""
	for lines := bufio.NewScanner(bytes.NewReader(b)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(line, "[") {
			section = line
		}
		if key, value, found := strings.Cut(line, "="); found && section == "[Service]" && line[0] != '#' {
			settings[key] = append(settings[key], value)
		}
	}
	return settings
}

func (x *installed) one(t *testing.T, key string) string {
	t.Helper()
	if len(x.unit[key]) != 1 {
		t.Fatalf("the unit has %s %q, want one", key, x.unit[key])
	}
	return x.unit[key][0]
}

// start runs ExecStart below the root.
func (x *installed) start(t *testing.T, out io.Writer) *exec.Cmd {
	t.Helper()
	words := strings.Fields(x.one(t, "ExecStart"))
	for i, word := range words {
		if strings.HasPrefix(word, "/") {
			words[i] = x.root + word
		}
	}
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir, cmd.Env, cmd.Stderr = "/", append([]string(nil), x.env...), out
	file, found := strings.CutPrefix(x.one(t, "EnvironmentFile"), "-")
	b, err := os.ReadFile(x.root + file)
	if err != nil && !found {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(b), "\n") {
		if line != "" && line[0] != '#' {
			cmd.Env = append(cmd.Env, line)
		}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd
}

// hear waits until the service has said want.
func (x *installed) hear(t *testing.T, want string) {
	t.Helper()
	if err := x.notify.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	for b := make([]byte, 4096); ; {
		n, err := x.notify.Read(b)
		if err != nil {
			t.Fatalf("waiting for %s: %v", want, err)
		}
		for _, line := range strings.Split(string(b[:n]), "\n") {
			if line == want {
				return
			}
		}
	}
}

// settings appends to the file that operators write variables into.
func (x *installed) settings(t *testing.T, lines string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(x.root, "etc/streamdal-server/environment"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(lines + "\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// status is how the server answers a request with a token.
func status(url, token string) string {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	r.Header.Set("Authorization", "Bearer "+token)
	reply, err := (&http.Client{Timeout: patience}).Do(r)
	if err != nil {
		return err.Error()
	}
	_ = reply.Body.Close()
	return reply.Status
}

// The package's program does what its unit promises to systemd, and finds there what it needs.
func TestServiceOfThePackage(t *testing.T) {
	t.Parallel()
	x := install(t)
	addr := freeport.Addr(t)
	x.settings(t, "STREAMDAL_SERVER_LISTEN="+addr)
	var log bytes.Buffer
	cmd := x.start(t, &log)
	x.hear(t, "READY=1")
	x.hear(t, "WATCHDOG=1")
	token, err := os.ReadFile(filepath.Join(x.root, "etc/streamdal-server/auth-token"))
	if err != nil {
		t.Fatal(err)
	}
	for secret, want := range map[string]string{strings.TrimSpace(string(token)): "200 OK", "guessed": "401 Unauthorized"} {
		if got := status("http://"+addr+"/api/v1/session", secret); got != want {
			t.Errorf("with token %q: got %s, want %s", secret, got, want)
		}
	}
	if got := status("http://"+addr+"/", ""); got != "200 OK" {
		t.Errorf("the Console: got %s", got)
	}
	reload := exec.Command("sh", "-c", x.one(t, "ExecReload"))
	reload.Env = []string{"PATH=/usr/bin:/bin", fmt.Sprintf("MAINPID=%d", cmd.Process.Pid)}
	if out, err := reload.CombinedOutput(); err != nil {
		t.Errorf("reload: %v\n%s", err, out)
	}
	if got := status("http://"+addr+"/readyz", ""); got != "200 OK" {
		t.Errorf("after a reload: got %s", got)
	}
	if files, err := filepath.Glob(filepath.Join(x.state, "*.db")); err != nil || len(files) == 0 {
		t.Errorf("no store in %s: %v", x.state, err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	x.hear(t, "STOPPING=1")
	limit, err := time.ParseDuration(x.one(t, "TimeoutStopSec") + "s")
	if err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(limit, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	if err := cmd.Wait(); err != nil {
		t.Errorf("SIGTERM: %v, want exit status 0 within TimeoutStopSec", err)
	}
	if t.Failed() || strings.Contains(log.String(), `"level":"error"`) {
		t.Errorf("log:\n%s", log.String())
	}
}

// A crash, which is also how the watchdog ends the program, must not look like such a configuration.
func TestServiceRestartsAfterACrash(t *testing.T) {
	t.Parallel()
	x := install(t)
	x.settings(t, "STREAMDAL_SERVER_LISTEN="+freeport.Addr(t))
	cmd := x.start(t, io.Discard)
	x.hear(t, "READY=1")
	if err := cmd.Process.Signal(syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || fmt.Sprint(exit.ExitCode()) == x.one(t, "RestartPreventExitStatus") {
		t.Errorf("got %v, want a status that lets systemd try again", err)
	}
}

// A configuration that makes no sense ends with the status that keeps systemd from trying again.
func TestServiceDoesNotRestartInVain(t *testing.T) {
	t.Parallel()
	x := install(t)
	x.settings(t, "STREAMDAL_SERVER_SESSION_TTL=forever")
	var log bytes.Buffer
	err := x.start(t, &log).Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || fmt.Sprint(exit.ExitCode()) != x.one(t, "RestartPreventExitStatus") {
		t.Errorf("got %v, want exit status %s\n%s", err, x.one(t, "RestartPreventExitStatus"), log.String())
	}
}

// The unit, the package and the script that makes the token agree on paths.
func TestPathsOfTheUnit(t *testing.T) {
	t.Parallel()
	x := install(t)
	for _, word := range strings.Fields(x.one(t, "ExecStart")) {
		if strings.HasPrefix(word, "/") {
			if _, err := os.Stat(x.root + word); err != nil {
				t.Error(err)
			}
		}
	}
	script, err := os.ReadFile("scripts/postinstall.sh")
	if err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(x.one(t, "LoadCredential"), ":")
	if !bytes.Contains(script, []byte("token="+token+"\n")) {
		t.Errorf("postinstall.sh does not write %s", token)
	}
}
