package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/streamdal/streamdal-server/api/pb"
)

// asServer makes the test binary run a command line instead of tests, so that
// tests can start, stop and kill real processes.
const asServer = "STREAMDAL_TEST_RUN_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		os.Exit(Main(os.Args[1:], App{
			Build: Build{Version: "test"}, Console: os.DirFS("../ui/dist"), Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		}))
	}
	os.Exit(m.Run())
}

const testToken = "a-token-for-tests-only"

// process is a running command, most often serve.
type process struct {
	t    testing.TB
	cmd  *exec.Cmd
	addr string        // of serve
	done chan struct{} // closed when it ended; err is set then
	err  error

	mu  sync.Mutex
	out strings.Builder
}

// serve starts a server process and waits until it says that it is ready.
func serve(t testing.TB, addr, dir string, args ...string) *process {
	t.Helper()
	p := launch(t, addr, dir, args...)
	p.waitFor(`"message":"ready"`)
	return p
}

// launch starts a server process.
func launch(t testing.TB, addr, dir string, args ...string) *process {
	t.Helper()
	p := command(t, append([]string{"serve", "--listen", addr, "--data-dir", dir}, args...)...)
	p.addr = addr
	return p
}

// command starts a process that runs a command line.
func command(t testing.TB, args ...string) *process {
	t.Helper()
	p := prepare(t, args...)
	p.start()
	return p
}

// prepare makes a process that start starts.
func prepare(t testing.TB, args ...string) *process {
	p := &process{t: t, done: make(chan struct{}), cmd: exec.Command(os.Args[0], args...)}
	p.cmd.Env = append(os.Environ(), asServer+"=1")
	return p
}

func (p *process) start() {
	p.t.Helper()
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	var readers sync.WaitGroup
	for _, r := range []io.Reader{stdout, stderr} {
		readers.Go(func() { p.collect(r) })
	}
	go func() {
		readers.Wait()
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	p.t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.done
		if p.t.Failed() {
			p.t.Logf("%s printed:\n%s", strings.Join(p.cmd.Args[1:], " "), p.output())
		}
	})
}

func (p *process) collect(r io.Reader) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		p.mu.Lock()
		p.out.WriteString(lines.Text() + "\n")
		p.mu.Unlock()
	}
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// waitFor returns the first match of the expression in what the process printed.
func (p *process) waitFor(expr string) []string {
	p.t.Helper()
	re := regexp.MustCompile(expr)
	var found []string
	eventually(p.t, 3*time.Minute, "output like "+expr, func() error {
		if found = re.FindStringSubmatch(p.output()); found != nil {
			return nil
		}
		select {
		case <-p.done:
			p.t.Fatalf("the server ended: %v", p.err)
		default:
		}
		return fmt.Errorf("not yet printed")
	})
	return found
}

func (p *process) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
	<-p.done
}

// external is a client of the Console's API with the token attached.
func external(t testing.TB, addr, token string) (pb.ExternalClient, context.Context) {
	t.Helper()
	conn := dial(t, addr)
	return pb.NewExternalClient(conn), metadata.AppendToOutgoingContext(t.Context(), "auth-token", token)
}

func dial(t testing.TB, addr string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// eventually polls until check passes, and fails the test after the limit.
func eventually(t testing.TB, limit time.Duration, what string, check func() error) {
	t.Helper()
	deadline := time.After(limit)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("%s: not within %s: %v", what, limit, err)
		case <-tick.C:
		}
	}
}
