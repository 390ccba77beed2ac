//go:build linux

package packaging

import (
	"bytes"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/mux/freeport"
)

// imageConfig is what an image says about how to run it.
type imageConfig struct {
	User         string
	Env          []string
	Entrypoint   []string
	ExposedPorts map[string]struct{}
	Volumes      map[string]struct{}
	Healthcheck  struct{ Test []string }
}

// buildImage builds the container file and returns the image's root and configuration.
func buildImage(t *testing.T) (root string, config imageConfig) {
	t.Helper()
	context, store := t.TempDir(), t.TempDir()
	if err := copyFile(only(t, snapshots(t)[0], "/streamdal-server"), filepath.Join(context, "streamdal-server")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(context, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	buildah := func(args ...string) string {
		t.Helper()
		flags := []string{"--storage-driver=vfs", "--root=" + filepath.Join(store, "root"), "--runroot=" + filepath.Join(store, "run")}
		return strings.TrimSpace(string(output(t, "buildah", append(flags, args...)...)))
	}
	buildah("build", "--isolation=chroot", "--format=docker", "--file=Containerfile", "--tag=streamdal-server", context)
	container := buildah("from", "streamdal-server")
	t.Cleanup(func() { buildah("rm", container) })
	var image struct{ Docker struct{ Config imageConfig } }
	if err := json.Unmarshal([]byte(buildah("inspect", "--type=image", "streamdal-server")), &image); err != nil {
		t.Fatal(err)
	}
	return buildah("mount", container), image.Docker.Config
}

// The image starts with nothing set but a token, in a root that holds nothing but the program and
// its data, without any right.
func TestContainer(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Fatal("only root can build an image and change into it: run the tests as root")
	}
	root, config := buildImage(t)
	if _, found := config.ExposedPorts["8082/tcp"]; !found || len(config.ExposedPorts) != 1 {
		t.Errorf("got ports %v, want 8082", config.ExposedPorts)
	}
	if _, found := config.Volumes["/data"]; !found {
		t.Errorf("got volumes %v, want /data", config.Volumes)
	}
	user, group, _ := strings.Cut(config.User, ":")
	uid, err := strconv.Atoi(user)
	if err != nil || uid == 0 || group != user {
		t.Fatalf("got user %q, want a number, so that Kubernetes sees that it is not root", config.User)
	}
	addr := freeport.Addr(t)
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	inside := func(words ...string) *exec.Cmd {
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Dir, cmd.Env = "/", config.Env
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(uid)}}
		return cmd
	}
	cmd := inside(config.Entrypoint...)
	cmd.Env = append(cmd.Env, "STREAMDAL_SERVER_AUTH_TOKEN=a-token-for-tests-only", "STREAMDAL_SERVER_LISTEN=:"+port)
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); status("http://"+addr+"/readyz", "") != "200 OK"; {
		select {
		case err := <-ended:
			t.Fatalf("ended: %v\n%s", err, log.String())
		case <-tick.C:
		}
		if time.Now().After(deadline) {
			t.Fatal("not ready")
		}
	}
	if got := status("http://"+addr+"/api/v1/session", "a-token-for-tests-only"); got != "200 OK" {
		t.Errorf("with the token: got %s", got)
	}
	if probe := config.Healthcheck.Test; len(probe) != 3 || probe[0] != "CMD" {
		t.Errorf("got probe %q", probe)
	} else if out, err := inside(append(probe[1:], "--url", "http://"+addr+"/readyz")...).CombinedOutput(); err != nil || string(out) != "ok\n" {
		t.Errorf("probe: %q, %v", out, err)
	}
	if files, err := filepath.Glob(filepath.Join(root, "data/*.db")); err != nil || len(files) == 0 {
		t.Errorf("no store in /data: %v", err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, log.String())
	}
}
