//go:build unix

package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// system is a root directory in which a package's scripts run with a systemctl that only
// writes down what it is told.
type system struct {
	t       *testing.T
	root    string
	systemd bool
	fails   bool // systemctl does
}

func newSystem(t *testing.T, systemd bool) *system {
	t.Helper()
	s := &system{t: t, root: t.TempDir(), systemd: systemd}
	for _, dir := range []string{"bin", "usr/bin", "etc/streamdal-server", "run"} {
		if err := os.MkdirAll(filepath.Join(s.root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if systemd {
		if err := os.MkdirAll(filepath.Join(s.root, "run/systemd/system"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s.write("usr/bin/streamdal-server", "#!/bin/sh\necho a new $1", 0o755)
	s.write("bin/systemctl", "#!/bin/sh\necho \"$@\" >>\"$0.log\"\nexit $SYSTEMCTL_EXIT", 0o755)
	return s
}

func (s *system) write(name, text string, mode os.FileMode) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.root, name), []byte(text), mode); err != nil {
		s.t.Fatal(err)
	}
}

func (s *system) read(name string) string {
	b, err := os.ReadFile(filepath.Join(s.root, name))
	if err != nil {
		return ""
	}
	return string(b)
}

// run runs a script with a package manager's arguments and returns what systemctl was told.
func (s *system) run(script string, args ...string) string {
	s.t.Helper()
	b, err := os.ReadFile(filepath.Join("scripts", script+".sh"))
	if err != nil {
		s.t.Fatal(err)
	}
	text := string(b)
	for _, dir := range []string{"/etc/", "/usr/bin/", "/run/", "/var/"} {
		text = strings.ReplaceAll(text, dir, s.root+dir)
	}
	log := filepath.Join("bin/systemctl.log")
	_ = os.Remove(filepath.Join(s.root, log))
	exit := "0"
	if s.fails {
		exit = "1"
	}
	cmd := exec.Command("sh", append([]string{"-c", text, script}, args...)...)
	cmd.Env = []string{"PATH=" + filepath.Join(s.root, "bin") + ":/usr/bin:/bin", "SYSTEMCTL_EXIT=" + exit}
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("%s %q: %v\n%s", script, args, err, out)
	}
	return s.read(log)
}

const (
	reload  = "daemon-reload\n"
	restart = reload + "try-restart streamdal-server.service\nis-enabled --quiet streamdal-server.service\n"
	disable = "disable --now streamdal-server.service\n"
)

// What each package manager calls its scripts with, as their manuals say.
func TestScripts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, script, args, want string
	}{
		{"deb: install", "postinstall", "configure", restart},
		{"deb: upgrade", "postinstall", "configure 1.0.0", restart},
		{"deb: upgrade that failed", "postinstall", "abort-upgrade 1.0.0", restart},
		{"rpm: install", "postinstall", "1", restart},
		{"rpm: upgrade", "postinstall", "2", restart},
		{"apk: install", "postinstall", "1.0.0", restart},
		{"apk: upgrade", "postinstall", "1.1.0 1.0.0", restart},
		{"deb: remove", "preremove", "remove", disable},
		{"deb: remove for another", "preremove", "remove in-favour other 1.0.0", disable},
		{"deb: deconfigure", "preremove", "deconfigure in-favour other 1.0.0", disable},
		{"deb: upgrade", "preremove", "upgrade 1.1.0", ""},
		{"deb: upgrade that failed", "preremove", "failed-upgrade 1.0.0", ""},
		{"rpm: remove", "preremove", "0", disable},
		{"rpm: upgrade", "preremove", "1", ""},
		{"apk: remove", "preremove", "1.0.0", disable},
		{"deb: removed", "postremove", "remove", reload},
		{"deb: upgraded", "postremove", "upgrade 1.1.0", reload},
		{"deb: purged", "postremove", "purge", reload},
		{"rpm: removed", "postremove", "0", reload},
		{"rpm: upgraded", "postremove", "1", reload},
		{"apk: removed", "postremove", "1.0.0", reload},
	} {
		t.Run(tt.name+" "+tt.script, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(tt.args)
			if diff := cmp.Diff(tt.want, newSystem(t, true).run(tt.script, args...)); diff != "" {
				t.Errorf("systemctl: -want +got\n%s", diff)
			}
			if got := newSystem(t, false).run(tt.script, args...); got != "" {
				t.Errorf("without systemd, systemctl was told %q", got)
			}
			broken := newSystem(t, true)
			broken.fails = true
			broken.run(tt.script, args...) // or the package can be neither installed nor removed
		})
	}
}

// The token is made once, readable by root only, and goes when the package is purged.
func TestTokenOfPackages(t *testing.T) {
	t.Parallel()
	const token = "etc/streamdal-server/auth-token"
	s := newSystem(t, true)
	s.run("postinstall", "configure")
	if got := s.read(token); got != "a new token\n" {
		t.Errorf("got token %q", got)
	}
	if info, err := os.Stat(filepath.Join(s.root, token)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want mode 0600", info, err)
	}
	s.write(token, "mine", 0o600)
	for _, step := range []string{"preremove upgrade 2", "postinstall configure 1", "preremove remove", "postremove remove", "preremove 1", "postremove 1", "preremove 0", "postremove 0"} {
		args := strings.Fields(step)
		s.run(args[0], args[1:]...)
		if got := s.read(token); got != "mine" {
			t.Fatalf("after %s the token is %q, want mine", step, got)
		}
	}
	s.write("etc/streamdal-server/config.yaml", "", 0o644) // of an operator who keeps it
	s.run("postremove", "purge")
	if got := s.read(token); got != "" {
		t.Errorf("a purged package leaves the token")
	}
	if _, err := os.Stat(filepath.Join(s.root, "etc/streamdal-server/config.yaml")); err != nil {
		t.Error(err)
	}
}
