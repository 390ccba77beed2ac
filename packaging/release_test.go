//go:build linux

package packaging

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// entry is what matters of a file in an archive.
type entry struct {
	mode  int64
	owner string
}

var (
	program = entry{0o755, "root:root"}
	plain   = entry{0o644, "root:root"}
	secret  = entry{0o600, "root:root"}
)

// packed are the files of packages of one format.
func packed(format string) map[string]entry {
	files := map[string]entry{
		"/etc/streamdal-server/config.yaml":                          plain,
		"/etc/streamdal-server/environment":                          secret,
		"/usr/bin/streamdal-server":                                  program,
		"/usr/share/bash-completion/completions/streamdal-server":    plain,
		"/usr/share/doc/streamdal-server/copyright":                  plain,
		"/usr/share/doc/streamdal-server/monitoring/alerts.yaml":     plain,
		"/usr/share/doc/streamdal-server/monitoring/dashboard.json":  plain,
		"/usr/share/doc/streamdal-server/proxies/Caddyfile":          plain,
		"/usr/share/doc/streamdal-server/proxies/haproxy.cfg":        plain,
		"/usr/share/doc/streamdal-server/proxies/nginx.conf":         plain,
		"/usr/share/fish/vendor_completions.d/streamdal-server.fish": plain,
		"/usr/share/man/man8/streamdal-server.8":                     plain,
	}
	zsh := "/usr/share/zsh/site-functions/_streamdal-server"
	switch format {
	case "deb":
		zsh = "/usr/share/zsh/vendor-completions/_streamdal-server"
		fallthrough
	case "rpm":
		files["/usr/lib/systemd/system/streamdal-server.service"] = plain
	case "apk":
		files["/etc/init.d/streamdal-server"] = program
		files["/etc/conf.d/streamdal-server"] = plain
	}
	files[zsh] = plain
	return files
}

const conffiles = "/etc/streamdal-server/config.yaml\n/etc/streamdal-server/environment\n"

func TestSameBytesElsewhereAndLater(t *testing.T) {
	t.Parallel()
	dist := snapshots(t)
	for _, ending := range []string{".tar.gz", ".deb", ".rpm", ".apk", "/streamdal-server"} {
		if a, b := digest(t, only(t, dist[0], ending)), digest(t, only(t, dist[1], ending)); a != b {
			t.Errorf("two builds of *%s differ: %s, %s", ending, a, b)
		}
	}
}

func digest(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func TestArchive(t *testing.T) {
	t.Parallel()
	want := map[string]entry{
		"LICENSE": plain, "README.md": plain, "config.yaml": plain, "streamdal-server": program,
		"man/streamdal-server.8": plain, "systemd/streamdal-server.service": plain,
		"openrc/streamdal-server.initd": plain, "openrc/streamdal-server.confd": plain,
		"monitoring/alerts.yaml": plain, "monitoring/dashboard.json": plain,
		"proxies/Caddyfile": plain, "proxies/haproxy.cfg": plain, "proxies/nginx.conf": plain,
		"completions/streamdal-server.bash": plain, "completions/streamdal-server.zsh": plain, "completions/streamdal-server.fish": plain,
	}
	dist := snapshots(t)[0]
	file, err := os.Open(only(t, dist, ".tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got := list(t, unzip(t, file))
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(entry{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	cask, err := os.ReadFile(filepath.Join(dist, "homebrew/Casks/streamdal-server.rb"))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"binary", "manpage", "bash_completion", "zsh_completion", "fish_completion"} {
		m := regexp.MustCompile(`\n\s*` + kind + ` "([^"]+)"`).FindSubmatch(cask)
		if m == nil {
			t.Errorf("the cask has no %s", kind)
		} else if _, found := got[string(m[1])]; !found {
			t.Errorf("the cask's %s is %s, which the archive lacks", kind, m[1])
		}
	}
}

func TestPackages(t *testing.T) {
	t.Parallel()
	dist := snapshots(t)[0]
	for format, look := range map[string]func(t *testing.T, file string) (files map[string]entry, conf string){
		"deb": lookIntoDeb, "rpm": lookIntoRPM, "apk": lookIntoAPK,
	} {
		t.Run(format, func(t *testing.T) {
			files, conf := look(t, only(t, dist, "."+format))
			if diff := cmp.Diff(packed(format), files, cmp.AllowUnexported(entry{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if format != "apk" && conf != conffiles { // apk keeps whatever was changed below /etc
				t.Errorf("got conffiles %q, want %q", conf, conffiles)
			}
		})
	}
}

func lookIntoDeb(t *testing.T, file string) (map[string]entry, string) {
	files := list(t, bytes.NewReader(output(t, "dpkg-deb", "--fsys-tarfile", file)))
	for _, script := range []string{"postinst", "prerm", "postrm"} {
		output(t, "dpkg-deb", "--info", file, script)
	}
	version := string(output(t, "dpkg-deb", "--field", file, "Package", "Architecture"))
	if want := "Package: streamdal-server\nArchitecture: " + runtime.GOARCH + "\n"; version != want {
		t.Errorf("got %q, want %q", version, want)
	}
	return files, string(output(t, "dpkg-deb", "--info", file, "conffiles"))
}

func lookIntoRPM(t *testing.T, file string) (map[string]entry, string) {
	files := map[string]entry{}
	out := output(t, "rpm", "-qp", "--queryformat", "[%{FILEMODES:octal} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILEFLAGS:fflags}@ %{FILENAMES}\n]", file)
	var conf strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		var mode int64
		var owner, flags, name string
		if _, err := fmt.Sscanf(line, "%o %s %s %s", &mode, &owner, &flags, &name); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if mode&0o170000 == 0o040000 {
			continue // a directory
		}
		files[name] = entry{mode & 0o7777, owner}
		if flags == "cn@" { // config, noreplace
			conf.WriteString(name + "\n")
		}
	}
	scripts := string(output(t, "rpm", "-qp", "--scripts", file))
	for _, kind := range []string{"postinstall", "preuninstall", "postuninstall"} {
		if !strings.Contains(scripts, kind+" scriptlet (using /bin/sh)") {
			t.Errorf("no %s script", kind)
		}
	}
	return files, conf.String()
}

func lookIntoAPK(t *testing.T, name string) (map[string]entry, string) {
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	files := list(t, unzip(t, file))
	for _, meta := range []string{".PKGINFO", ".pre-install", ".post-install", ".pre-upgrade", ".post-upgrade", ".pre-deinstall"} {
		if _, found := files["/"+meta]; !found {
			t.Errorf("no %s", meta)
		}
		delete(files, "/"+meta)
	}
	return files, ""
}

func unzip(t *testing.T, r io.Reader) io.Reader {
	t.Helper()
	z, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// list returns the files of a tar archive. Names in packages start with a slash.
func list(t *testing.T, r io.Reader) map[string]entry {
	t.Helper()
	files := map[string]entry{}
	inPackage := false
	for archive := tar.NewReader(r); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(h.Name, "./")
		inPackage = inPackage || h.Typeflag == tar.TypeDir && strings.HasPrefix(name, "usr/")
		if h.Typeflag == tar.TypeReg {
			files[name] = entry{h.Mode, h.Uname + ":" + h.Gname}
		}
	}
	if !inPackage {
		return files
	}
	slashed := map[string]entry{}
	for name, e := range files {
		slashed["/"+name] = e
	}
	return slashed
}

func output(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	var stderr strings.Builder
	cmd := exec.Command(name, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s (installed by .ci/setup): %v\n%s", name, err, stderr.String())
	}
	return out
}

// A bill of materials and a signature are made when there are tools for them, and a release
// without the tools is a release all the same.
func TestToolsAreOptional(t *testing.T) {
	t.Parallel()
	dist := snapshots(t)
	archive := filepath.Base(only(t, dist[0], ".tar.gz"))
	sums := func(dist string) string {
		b, err := os.ReadFile(filepath.Join(dist, "checksums.txt"))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, ending := range []string{".tar.gz", ".deb", ".rpm", ".apk", ".sbom.json"} {
		file := only(t, dist[0], ending)
		if line := digest(t, file) + "  " + filepath.Base(file); !strings.Contains(sums(dist[0]), line) {
			t.Errorf("checksums.txt lacks %s", line)
		}
	}
	for name, want := range map[string]string{archive + ".sbom.json": "contents of " + archive, "checksums.txt.sigstore.json": "signature of "} {
		if b, err := os.ReadFile(filepath.Join(dist[0], name)); err != nil || !strings.HasPrefix(string(b), want) {
			t.Errorf("%s: got %q, %v, want %s...", name, b, err, want)
		}
		if _, err := os.Stat(filepath.Join(dist[1], name)); err == nil {
			t.Errorf("%s was made without its tool", name)
		}
	}
	tools := filepath.Join(built.dir, "tools")
	for _, tt := range []struct{ target, path, want string }{
		{"release", "", "--clean --skip=sbom --skip=sign"},
		{"release", tools, "--clean"},
		{"release-snapshot", "", "--snapshot --clean --skip=sign --skip=sbom"},
		{"release-snapshot", tools, "--snapshot --clean --skip=sign"},
	} {
		cmd := exec.Command("make", "--no-print-directory", "-n", tt.target)
		cmd.Dir, cmd.Env = "..", append(os.Environ(), "PATH="+tt.path+":/usr/bin:/bin", "MAKEFLAGS=")
		out, err := cmd.CombinedOutput()
		if got := strings.Join(strings.Fields(string(out)), " "); err != nil || !strings.HasSuffix(got, " release "+tt.want) {
			t.Errorf("make %s with tools in %q runs %q, %v, want %s", tt.target, tt.path, got, err, tt.want)
		}
	}
}
