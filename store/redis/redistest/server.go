// Package redistest starts Redis servers for tests: standalone, behind Sentinel, or
// as a Cluster, on free loopback ports. It needs redis-server 7 in the PATH.
package redistest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamdal/streamdal-server/mux/freeport"
)

// patience bounds waiting for a server. Reaching it fails the test, so it can be
// generous to a busy machine.
const patience = 60 * time.Second

// Options say how a server is started.
type Options struct {
	// Password of the default user.
	Password string
	// Users are more users, as after ACL SETUSER.
	Users []string
	// TLS makes the server take connections by TLS only, and with ClientCerts only
	// from clients that show a certificate.
	TLS         *Certificates
	ClientCerts bool
	// Durable makes the data survive Kill; without it they survive only Stop.
	Durable bool
	// Args are further options of redis-server, such as "--maxmemory", "10mb".
	Args []string
}

// Server is one redis-server. Its methods end the test when something goes wrong
// that is not the test's subject.
type Server struct {
	// Port is the same in every life of the server.
	Port int
	opts Options
	dir  string
	args []string // decides the mode

	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{}
}

// Start starts a standalone server and stops it when the test ends.
func Start(t testing.TB, opts Options) *Server {
	t.Helper()
	return start(t, opts)
}

func start(t testing.TB, opts Options, args ...string) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Fatalf("this test needs redis-server; run .ci/setup: %v", err)
	}
	// A port that is free now may be taken before the server has it.
	for range 10 {
		s := &Server{Port: freeport.Port(t), opts: opts, dir: t.TempDir(), args: args}
		if s.launch(t) {
			t.Cleanup(s.end)
			return s
		}
	}
	t.Fatal("redis-server found no free port")
	return nil
}

// Addr returns host:port.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)) }

// URL returns what --redis-url would be, for the default user.
func (s *Server) URL() string {
	scheme, user := "redis://", ""
	if s.opts.TLS != nil {
		scheme = "rediss://"
	}
	if s.opts.Password != "" {
		user = ":" + s.opts.Password + "@"
	}
	return scheme + user + s.Addr()
}

// Client returns a client of the default user, closed when the test ends.
func (s *Server) Client(t testing.TB) *redis.Client {
	t.Helper()
	c := s.client()
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func (s *Server) client() *redis.Client {
	o := &redis.Options{Addr: s.Addr(), Password: s.opts.Password, Protocol: 2, MaxRetries: -1}
	if s.opts.TLS != nil {
		o.TLSConfig = s.opts.TLS.clientConfig()
	}
	return redis.NewClient(o)
}

// Do runs a command as the default user.
func (s *Server) Do(t testing.TB, args ...any) any {
	t.Helper()
	c := s.client()
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	answer, err := c.Do(ctx, args...).Result()
	if err != nil {
		t.Fatalf("redis on port %d: %v: %v", s.Port, args, err)
	}
	return answer
}

// Stop ends the server in order: it saves its data, as on a planned restart.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if !s.opts.Durable {
		s.Do(t, "save")
	}
	s.signal(t, syscall.SIGTERM)
	s.wait()
}

// Kill ends the server at once.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	s.signal(t, syscall.SIGKILL)
	s.wait()
}

// Restart starts a server that was stopped or killed, with what it has on disk.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if !s.launch(t) {
		t.Fatalf("redis-server does not start again on port %d:\n%s", s.Port, s.log())
	}
}

// RestartEmpty starts a server that was stopped or killed, without data.
func (s *Server) RestartEmpty(t testing.TB) {
	t.Helper()
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "sentinel.conf" && e.Name() != "log" {
			if err := os.RemoveAll(filepath.Join(s.dir, e.Name())); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.Restart(t)
}

// Pause makes the server hang: connections stay open, nothing is answered.
func (s *Server) Pause(t testing.TB) {
	t.Helper()
	s.signal(t, hang)
}

// Resume ends Pause.
func (s *Server) Resume(t testing.TB) {
	t.Helper()
	s.signal(t, proceed)
}

func (s *Server) signal(t testing.TB, sig syscall.Signal) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		t.Fatalf("redis-server on port %d does not run", s.Port)
	}
	if err := s.cmd.Process.Signal(sig); err != nil {
		t.Fatalf("redis-server on port %d: %v", s.Port, err)
	}
}

func (s *Server) wait() {
	s.mu.Lock()
	done := s.done
	s.mu.Unlock()
	<-done
}

// end is the last of a server.
func (s *Server) end() {
	s.mu.Lock()
	cmd, done := s.cmd, s.done
	s.mu.Unlock()
	if cmd != nil {
		_ = cmd.Process.Kill() // it may be gone already
		<-done
	}
}

func (s *Server) log() string {
	b, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return string(b)
}

// launch starts the process and waits until it answers. It reports false when the
// process ended, as when somebody else has its port.
func (s *Server) launch(t testing.TB) bool {
	t.Helper()
	args := s.args
	if len(args) == 0 || args[len(args)-1] != "--sentinel" {
		args = append(s.config(), args...)
	}
	out, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd := exec.Command("redis-server", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, out, out
	if err := launcher.start(cmd); err != nil {
		t.Fatalf("start redis-server: %v", err)
	}
	done := make(chan struct{})
	s.mu.Lock()
	s.cmd, s.done = cmd, done
	s.mu.Unlock()
	go func() {
		_ = cmd.Wait() // it ends by a signal, or because its port is taken
		s.mu.Lock()
		s.cmd = nil
		s.mu.Unlock()
		close(done)
	}()
	c := s.client()
	defer c.Close()
	err = until(t, fmt.Sprintf("redis-server on port %d answers", s.Port), func(ctx context.Context) (bool, error) {
		select {
		case <-done:
			return false, errEnded
		default:
		}
		err := c.Ping(ctx).Err()
		return err == nil && s.mine(ctx, c), err
	})
	for _, user := range s.opts.Users {
		args := []any{"acl", "setuser"}
		for _, word := range strings.Fields(user) {
			args = append(args, word)
		}
		if err == nil {
			s.Do(t, args...)
		}
	}
	return err == nil
}

// mine reports whether it is this server that answers, not another one that was
// faster to get the port.
func (s *Server) mine(ctx context.Context, c *redis.Client) bool {
	info, err := c.Info(ctx, "server").Result()
	s.mu.Lock()
	defer s.mu.Unlock()
	return err == nil && s.cmd != nil && strings.Contains(info, fmt.Sprintf("process_id:%d\r", s.cmd.Process.Pid))
}

func (s *Server) config() []string {
	o := s.opts
	args := []string{"--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--daemonize", "no", "--repl-diskless-sync-delay", "0"}
	port := strconv.Itoa(s.Port)
	if o.TLS != nil {
		args = append(args, "--port", "0", "--tls-port", port, "--tls-cert-file", o.TLS.ServerCert, "--tls-key-file", o.TLS.ServerKey, "--tls-ca-cert-file", o.TLS.CA)
		auth := "no"
		if o.ClientCerts {
			auth = "yes"
		}
		args = append(args, "--tls-auth-clients", auth)
	} else {
		args = append(args, "--port", port)
	}
	if o.Password != "" {
		args = append(args, "--requirepass", o.Password)
	}
	if o.Durable {
		// What was handed to the system survives the end of the process.
		args = append(args, "--appendonly", "yes", "--appendfsync", "no")
	}
	return append(args, o.Args...)
}
