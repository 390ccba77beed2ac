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

// system is a root directory in which a package's scripts run with commands that only write
// down what they are told.
type system struct {
	t     *testing.T
	root  string
	fails bool // commands do
	env   []string
}

// newSystem makes a system on which a service manager runs, as the directory below /run says. "" is none.
func newSystem(t *testing.T, running string) *system {
	t.Helper()
	s := &system{t: t, root: t.TempDir()}
	for _, dir := range []string{"bin", "usr/bin", "etc/streamdal-server", filepath.Join("run", running)} {
		if err := os.MkdirAll(filepath.Join(s.root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s.write("usr/bin/streamdal-server", "#!/bin/sh\necho a new $1", 0o755)
	for _, command := range []string{"systemctl", "addgroup", "adduser", "chown", "rc-service", "rc-update"} {
		s.write("bin/"+command, "#!/bin/sh\necho \"${0##*/}\" \"$@\" >>\"${0%/*}/log\"\nexit $EXIT", 0o755)
	}
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

// run runs a script with a package manager's arguments and returns the commands that it ran.
func (s *system) run(script string, args ...string) string {
	s.t.Helper()
	log, out, err := s.try("", script+".sh", args...)
	if err != nil {
		s.t.Fatalf("%s %q: %v\n%s", script, args, err, out)
	}
	return log
}

// try runs a script in the root, with more shell behind it.
func (s *system) try(more, script string, args ...string) (log, out string, err error) {
	s.t.Helper()
	b, err := os.ReadFile(script)
	if err != nil {
		s.t.Fatal(err)
	}
	text := string(b) + more
	for _, dir := range []string{"/etc/", "/usr/bin/", "/run/", "/var/"} {
		text = strings.ReplaceAll(text, dir, s.root+dir)
	}
	_ = os.Remove(filepath.Join(s.root, "bin/log"))
	exit := "0"
	if s.fails {
		exit = "1"
	}
	cmd := exec.Command("sh", append([]string{"-c", text, script}, args...)...)
	cmd.Env = append([]string{"PATH=" + filepath.Join(s.root, "bin") + ":/usr/bin:/bin", "EXIT=" + exit}, s.env...)
	b, err = cmd.CombinedOutput()
	return strings.ReplaceAll(s.read("bin/log"), s.root, ""), string(b), err
}

const (
	systemd = "systemd/system"
	reload  = "systemctl daemon-reload\n"
	restart = reload + "systemctl try-restart streamdal-server.service\nsystemctl is-enabled --quiet streamdal-server.service\n"
	disable = "systemctl disable --now streamdal-server.service\n"
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
		{"deb: remove", "preremove", "remove", disable},
		{"deb: remove for another", "preremove", "remove in-favour other 1.0.0", disable},
		{"deb: deconfigure", "preremove", "deconfigure in-favour other 1.0.0", disable},
		{"deb: upgrade", "preremove", "upgrade 1.1.0", ""},
		{"deb: upgrade that failed", "preremove", "failed-upgrade 1.0.0", ""},
		{"rpm: remove", "preremove", "0", disable},
		{"rpm: upgrade", "preremove", "1", ""},
		{"deb: removed", "postremove", "remove", reload},
		{"deb: upgraded", "postremove", "upgrade 1.1.0", reload},
		{"deb: purged", "postremove", "purge", reload},
		{"rpm: removed", "postremove", "0", reload},
		{"rpm: upgraded", "postremove", "1", reload},
	} {
		t.Run(tt.name+" "+tt.script, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(tt.args)
			if diff := cmp.Diff(tt.want, newSystem(t, systemd).run("scripts/"+tt.script, args...)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if got := newSystem(t, "").run("scripts/"+tt.script, args...); got != "" {
				t.Errorf("without systemd: got %q", got)
			}
			broken := newSystem(t, systemd)
			broken.fails = true
			broken.run("scripts/"+tt.script, args...) // or the package can be neither installed nor removed
		})
	}
}

// The token is made once, readable by root only, and goes when the package is purged.
func TestTokenOfPackages(t *testing.T) {
	t.Parallel()
	const token = "etc/streamdal-server/auth-token"
	s := newSystem(t, systemd)
	s.run("scripts/postinstall", "configure")
	if got := s.read(token); got != "a new token\n" {
		t.Errorf("got token %q", got)
	}
	if info, err := os.Stat(filepath.Join(s.root, token)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want mode 0600", info, err)
	}
	s.write(token, "mine", 0o600)
	for _, step := range []string{"preremove upgrade 2", "postinstall configure 1", "preremove remove", "postremove remove", "preremove 1", "postremove 1", "preremove 0", "postremove 0"} {
		args := strings.Fields(step)
		s.run("scripts/"+args[0], args[1:]...)
		if got := s.read(token); got != "mine" {
			t.Fatalf("after %s the token is %q, want mine", step, got)
		}
	}
	s.write("etc/streamdal-server/config.yaml", "", 0o644) // of an operator who keeps it
	s.run("scripts/postremove", "purge")
	if got := s.read(token); got != "" {
		t.Errorf("a purged package leaves the token")
	}
	if _, err := os.Stat(filepath.Join(s.root, "etc/streamdal-server/config.yaml")); err != nil {
		t.Error(err)
	}
}
