//go:build linux

package packaging

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bare is a root directory with a shell, a package manager's empty records, and a systemctl that writes down
// what it is told.
type bare struct {
	t    *testing.T
	root string
	said string // what the package manager printed
}

func newBare(t *testing.T) *bare {
	t.Helper()
	if os.Getuid() != 0 {
		t.Fatal("only root can install a package into another root: run the tests as root")
	}
	b := &bare{t: t, root: t.TempDir()}
	for _, dir := range []string{"bin", "dev", "tmp", "run/systemd/system", "var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/rpm"} {
		if err := os.MkdirAll(filepath.Join(b.root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range []string{"/bin/sh", "/bin/cat", "/bin/rm", "/bin/rmdir"} {
		files := []string{command}
		for _, library := range regexp.MustCompile(`(/\S+) \(0x`).FindAllSubmatch(output(t, "ldd", command), -1) {
			files = append(files, string(library[1]))
		}
		for _, file := range files {
			if err := copyFile(file, filepath.Join(b.root, file)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, file := range []string{"dev/null", "var/lib/dpkg/status", "var/lib/dpkg/available"} {
		b.write(file, "", 0o666)
	}
	b.write("bin/systemctl", "#!/bin/sh\necho \"$@\" >>/log\n[ \"$1\" != is-enabled ]", 0o755)
	return b
}

func (b *bare) write(name, text string, mode os.FileMode) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.root, name), []byte(text), mode); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bare) read(name string) string {
	text, err := os.ReadFile(filepath.Join(b.root, name))
	if err != nil {
		return ""
	}
	return string(text)
}

// do runs a package manager, and compares what systemctl was told, without what does no harm.
func (b *bare) do(want string, words ...string) {
	b.t.Helper()
	_ = os.Remove(filepath.Join(b.root, "log"))
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin") // where dpkg looks for what it may need
	out, err := cmd.CombinedOutput()
	b.said = string(out)
	if err != nil || strings.Contains(b.said, "cannot ") || strings.Contains(b.said, "scriptlet failed") || strings.Contains(b.said, "not found") {
		b.t.Fatalf("%q: %v\n%s", words, err, out)
	}
	got := strings.ReplaceAll(b.read("log"), "is-enabled --quiet streamdal-server.service\n", "")
	got = strings.ReplaceAll(got, "daemon-reload\n", "")
	if diff := cmp.Diff(want, got); diff != "" {
		b.t.Errorf("%q: systemctl: -want +got\n%s", words, diff)
	}
}

// left are the names below /etc and /usr.
func (b *bare) left() (names []string) {
	b.t.Helper()
	for _, dir := range []string{"etc", "usr"} {
		err := filepath.Walk(filepath.Join(b.root, dir), func(path string, info os.FileInfo, err error) error {
			if name := strings.TrimPrefix(path, b.root); err == nil && strings.Contains(name, "streamdal") {
				names = append(names, name)
			}
			return nil
		})
		if err != nil {
			b.t.Fatal(err)
		}
	}
	return names
}

const (
	tokenFile = "etc/streamdal-server/auth-token"
	settings  = "etc/streamdal-server/config.yaml"
)

// TestInstall lets package managers install, upgrade and remove for real; only the service manager is not there.
func TestInstall(t *testing.T) {
	t.Parallel()
	const again, stop = "try-restart streamdal-server.service\n", "disable --now streamdal-server.service\n"
	for format, tt := range map[string]struct {
		command                 []string
		install, upgrade, erase []string
		left                    []string
		purge                   []string
	}{
		"deb": {
			command: []string{"dpkg", "--root=ROOT"}, install: []string{"--install"}, upgrade: []string{"--install"}, erase: []string{"--remove"},
			left:  []string{"/etc/streamdal-server", "/etc/streamdal-server/auth-token", "/etc/streamdal-server/config.yaml", "/etc/streamdal-server/environment"},
			purge: []string{"--purge"},
		},
		"rpm": {
			command: []string{"rpm", "--root=ROOT"}, install: []string{"--install"}, upgrade: []string{"--upgrade", "--replacepkgs"}, erase: []string{"--erase"},
			left: []string{"/etc/streamdal-server", "/etc/streamdal-server/auth-token", "/etc/streamdal-server/config.yaml.rpmsave"},
		},
	} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			b, file := newBare(t), only(t, snapshots(t)[0], "."+format)
			do := func(want string, how []string, what string) {
				t.Helper()
				words := append(append([]string{}, tt.command...), append(how, what)...)
				words[1] = strings.Replace(words[1], "ROOT", b.root, 1)
				b.do(want, words...)
			}
			do(again, tt.install, file)
			if !strings.Contains(b.said, "Start it with: systemctl enable --now streamdal-server") {
				t.Errorf("the installation does not say how to go on: %s", b.said)
			}
			token := b.read(tokenFile)
			if info, err := os.Stat(filepath.Join(b.root, tokenFile)); err != nil || info.Mode().Perm() != 0o600 || len(token) < 20 {
				t.Errorf("got token %q, %v, %v", token, info, err)
			}
			b.write(settings, "listen: \":80\"\n", 0o644)
			do(again, tt.upgrade, file)
			if got := b.read(settings); got != "listen: \":80\"\n" {
				t.Errorf("an upgrade changed the settings to %q", got)
			}
			if got := b.read(tokenFile); got != token {
				t.Errorf("an upgrade made another token")
			}
			do(stop, tt.erase, "streamdal-server")
			if diff := cmp.Diff(tt.left, b.left()); diff != "" {
				t.Errorf("left by a removed package: -want +got\n%s", diff)
			}
			if tt.purge == nil {
				return
			}
			do("", tt.purge, "streamdal-server")
			if got := b.left(); got != nil {
				t.Errorf("left by a purged package: %q", got)
			}
		})
	}
}
