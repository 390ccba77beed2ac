//go:build linux

package packaging

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.yaml.in/yaml/v3"
)

// built holds what goreleaser makes of this tree for this machine, in two other directories,
// one after the other: in the first with all tools, in the second with none.
var built struct {
	once sync.Once
	dir  string
	dist [2]string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// snapshots returns the two dist directories.
func snapshots(t *testing.T) [2]string {
	t.Helper()
	built.once.Do(func() { built.err = build() })
	if built.err != nil {
		t.Fatal(built.err)
	}
	return built.dist
}

// only returns the one file of dist with this ending.
func only(t *testing.T, dist, ending string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dist, "*"+ending))
	if err != nil || len(files) != 1 {
		t.Fatalf("got %q, %v, want one *%s", files, err, ending)
	}
	return files[0]
}

func build() (err error) {
	if built.dir, err = os.MkdirTemp("", "release"); err != nil {
		return err
	}
	tools := filepath.Join(built.dir, "tools")
	if err := fake(tools); err != nil {
		return err
	}
	for i, at := range []struct {
		dir string
		env []string
		arg []string
	}{
		{"a", []string{"TZ=UTC", "PATH=" + tools + ":" + os.Getenv("PATH")}, nil},
		{"b/deeper", []string{"TZ=Asia/Tokyo"}, []string{"--skip=sbom,sign"}},
	} {
		dir := filepath.Join(built.dir, at.dir)
		if err := clone(dir); err != nil {
			return err
		}
		config := filepath.Join(built.dir, "goreleaser.yaml")
		if err := forThisMachine(filepath.Join(dir, "goreleaser.yaml"), config); err != nil {
			return err
		}
		args := append([]string{"run", goreleaser(), "release", "--config", config, "--snapshot", "--clean"}, at.arg...)
		if err := command(dir, at.env, "go", args...); err != nil {
			return err
		}
		built.dist[i] = filepath.Join(dir, "dist")
	}
	return nil
}

// goreleaser is the tool's package and version, as the Makefile has it.
func goreleaser() string {
	b, err := os.ReadFile("../Makefile")
	if err != nil {
		return err.Error() // which go run then complains of
	}
	return string(regexp.MustCompile(`github\.com/goreleaser/\S+`).Find(b))
}

// fake makes tools that write the file asked for, and nothing useful into it.
func fake(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for name, script := range map[string]string{
		"syft":   `for a; do case "$a" in spdx-json=*) echo "contents of $1" >"${a#spdx-json=}" ;; esac; done`,
		"cosign": `for a; do case "$a" in --bundle=*) out="${a#--bundle=}" ;; esac; done; echo "signature of $a" >"$out"`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// clone copies the tree as it is, committed or not, into a repository of its own.
func clone(dir string) error {
	list, err := exec.Command("git", "-C", "..", "ls-files", "--cached", "--others", "--exclude-standard", "-z").Output()
	if err != nil {
		return fmt.Errorf("list files: %w", err)
	}
	for _, name := range strings.Split(strings.Trim(string(list), "\x00"), "\x00") {
		if err := copyFile(filepath.Join("..", name), filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"remote", "add", "origin", "https://github.com/streamdal/streamdal-server"},
		{"add", "--all"},
		{"-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--no-verify", "--message=test"},
	} {
		env := []string{"GIT_AUTHOR_DATE=2024-02-29T12:00:00Z", "GIT_COMMITTER_DATE=2024-02-29T12:00:00Z"}
		if err := command(dir, env, "git", args...); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if os.IsNotExist(err) {
		return nil // deleted, and not committed
	}
	if err != nil {
		return err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, info.Mode().Perm())
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		_ = out.Close()
		return err
	}
	return out.Close()
}

// forThisMachine writes the description with this platform only.
func forThisMachine(from, to string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	var description map[string]any
	if err := yaml.Unmarshal(b, &description); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	for _, b := range description["builds"].([]any) {
		b.(map[string]any)["goos"] = []string{runtime.GOOS}
		b.(map[string]any)["goarch"] = []string{runtime.GOARCH}
	}
	if b, err = yaml.Marshal(description); err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o600)
}

func command(dir string, env []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return nil
}
