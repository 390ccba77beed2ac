//go:build unix

package packaging

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What apk calls the scripts of its package with, as its manual says.
func TestScriptsForOpenRC(t *testing.T) {
	t.Parallel()
	const (
		user   = "addgroup -S streamdal-server\nadduser -S -D -H -h /var/lib/streamdal-server -s /sbin/nologin -G streamdal-server -g streamdal-server streamdal-server\n"
		own    = "chown root:streamdal-server /etc/streamdal-server/auth-token\n"
		again  = own + "rc-service --ifstarted streamdal-server restart\nrc-update show\n"
		remove = "rc-service --ifstarted streamdal-server stop\nrc-update --quiet --all delete streamdal-server\n"
	)
	for _, tt := range []struct {
		name, script, args, want, without string
	}{
		{"install", "preinstall", "1.0.0", user, user},
		{"install", "postinstall", "1.0.0", again, own},
		{"upgrade", "preinstall", "1.1.0 1.0.0", user, user},
		{"upgrade", "postinstall", "1.1.0 1.0.0", again, own},
		{"remove", "preremove", "1.0.0", remove, ""},
	} {
		t.Run(tt.name+" "+tt.script, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(tt.args)
			for running, want := range map[string]string{"openrc": tt.want, systemd: tt.without, "": tt.without} {
				if diff := cmp.Diff(want, newSystem(t, running).run("openrc/"+tt.script, args...)); diff != "" {
					t.Errorf("on %q: -want +got\n%s", running, diff)
				}
			}
		})
	}
	s := newSystem(t, "openrc")
	s.run("openrc/postinstall", "1.0.0")
	const token = "etc/streamdal-server/auth-token"
	if info, err := os.Stat(filepath.Join(s.root, token)); err != nil || info.Mode().Perm() != 0o640 || s.read(token) != "a new token\n" {
		t.Errorf("got token %q, %v, %v, want a new one that the group may read", s.read(token), info, err)
	}
	s.write(token, "mine", 0o640)
	s.run("openrc/postinstall", "1.1.0", "1.0.0")
	if got := s.read(token); got != "mine" {
		t.Errorf("after an upgrade the token is %q", got)
	}
}

// The service's functions, with OpenRC's own commands replaced by ones that write down what they are told.
func TestServiceOfOpenRC(t *testing.T) {
	t.Parallel()
	const (
		check  = "checkpath --directory --mode 0700 --owner streamdal-server:streamdal-server /var/lib/streamdal-server\n"
		config = "streamdal-server config --config /etc/streamdal-server/config.yaml\n"
	)
	for _, tt := range []struct {
		name, do    string
		fails       bool // the configuration makes no sense
		log, output string
		ok          bool
	}{
		{"start", "start_pre", false, check + config, "", true},
		{"start in vain", "start_pre", true, check + config, "makes no sense", false},
		{"start with a log file", "error_log=/var/log/x; start_pre", false, "checkpath --file --mode 0640 --owner streamdal-server:streamdal-server /var/log/x\n" + check + config, "", true},
		{"restart", "RC_CMD=restart; stop_pre", false, config, "", true},
		{"restart in vain", "RC_CMD=restart; stop_pre", true, config, "makes no sense", false},
		{"stop", "RC_CMD=stop; stop_pre", true, "", "", true},
		{"reload", "reload", false, config + "supervise-daemon streamdal-server --signal HUP\n", "", true},
		{"reload in vain", "reload", true, config, "makes no sense", false},
		{"dependencies", "use() { echo use $*; }; after() { echo after $*; }; depend", false, "", "use net dns logger\nafter firewall redis\n", true},
		{"command", `echo "$supervisor" "$command" "$command_args" "$command_user"`, false, "",
			"supervise-daemon /usr/bin/streamdal-server serve --config /etc/streamdal-server/config.yaml streamdal-server:streamdal-server\n", true},
		{"logger", `echo "$error_logger"`, false, "", "logger -t streamdal-server -p daemon.info\n", true},
		{"variables", `environment; printf '%s|' "$A" "$B" "$C" "$D" "$E" "$STATE_DIRECTORY" "$CREDENTIALS_DIRECTORY"`, false, "",
			`a b $(id) \n|quoted|'half||last|/var/lib/streamdal-server|/etc/streamdal-server|`, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSystem(t, "openrc")
			s.env = []string{"RC_SVCNAME=streamdal-server"}
			for _, command := range []string{"checkpath", "supervise-daemon"} {
				s.write("bin/"+command, "#!/bin/sh\necho \"${0##*/}\" \"$@\" >>\"${0%/*}/log\"", 0o755)
			}
			s.write("usr/bin/streamdal-server", "#!/bin/sh\necho \"${0##*/}\" \"$@\" >>\"${0%/usr*}/bin/log\"\nexit $EXIT", 0o755)
			s.write("etc/streamdal-server/environment", "# a comment\n\nA=a b $(id) \\n\nB=\"quoted\"\nC='half\n1D=no\nD D=no\n=no\nno\nE=last", 0o600)
			s.fails = tt.fails
			log, out, err := s.try("\nebegin() { :; }; eend() { return $1; }; eerror() { echo $*; }\n"+tt.do, "openrc/streamdal-server.initd")
			if diff := cmp.Diff(tt.log, log); diff != "" {
				t.Errorf("commands: -want +got\n%s", diff)
			}
			if out = strings.ReplaceAll(out, s.root, ""); !strings.Contains(out, tt.output) || tt.output == "" && out != "" || (err == nil) != tt.ok {
				t.Errorf("got %q, %v, want %q", out, err, tt.output)
			}
		})
	}
}
