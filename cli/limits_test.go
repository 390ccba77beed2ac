//go:build unix

package cli

import (
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/mux/freeport"
	"github.com/streamdal/streamdal-server/store/redis/redistest"
)

// limited starts a server under shell limits, such as "ulimit -n 256".
func limited(t *testing.T, limit string, args ...string) *process {
	t.Helper()
	addr := freeport.Addr(t)
	p := prepare(t)
	args = append([]string{"-c", limit + ` && exec "$0" "$@"`, os.Args[0], "serve", "--listen", addr, "--data-dir", t.TempDir(), "--auth-token", testToken}, args...)
	env := p.cmd.Env
	p.cmd = exec.Command("sh", args...)
	p.cmd.Env, p.addr = env, addr
	p.start()
	p.waitFor(`"message":"ready"`)
	return p
}

// The soft limit of open files is raised; a low hard one is told of, and kept.
func TestFewOpenFiles(t *testing.T) {
	t.Parallel()
	p := limited(t, "ulimit -n 180")
	p.waitFor(`"open_files":180,"connections":80,.*"message":"few files may be open`)
	var conns []net.Conn
	for range 150 { // silent ones, of which 80 are taken in
		c, err := net.Dial("tcp", p.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns = append(conns, c)
	}
	p.waitFor("connection limit reached")
	if strings.Contains(p.output(), "out of file descriptors") {
		t.Error("files ran out before connections")
	}
	for _, c := range conns {
		_ = c.Close()
	}
	api, ctx := external(t, p.addr, testToken)
	if _, err := api.CreatePipeline(ctx, &pb.CreatePipelineRequest{Pipeline: hasField("x", "a")}); err != nil {
		t.Errorf("the store, after that: %v", err)
	}

	p = limited(t, "ulimit -S -n 180 && ulimit -H -n 1000") // Go stays one below the hard limit
	p.waitFor(`"open_files":(999|1000),"connections":(899|900),`)

	p = limited(t, "ulimit -n 20000")
	if strings.Contains(p.output(), "few files") {
		t.Errorf("20000 are too few: %s", p.output())
	}
}

func TestSpaceIsTold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		low  uint64
		want bool
	}{{0, false}, {math.MaxUint64, true}} {
		log := new(strings.Builder)
		checkSpace(zerolog.New(log), t.TempDir(), tt.low)
		if got := regexp.MustCompile(`"free_mib":\d+,"message":"the disk of the data directory is nearly full`).MatchString(log.String()); got != tt.want {
			t.Errorf("below %d: %q", tt.low, log)
		}
	}
}

// A store that was changed in the future, as far as this clock goes.
func TestClockBehindTheStore(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := serve(t, freeport.Addr(t), dir, "--auth-token", testToken)
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-p.done
	if strings.Contains(p.output(), "clock") {
		t.Errorf("a good clock is doubted: %s", p.output())
	}
	future := time.Now().Add(time.Hour)
	if err := os.Chtimes(dir+"/"+storeFile, future, future); err != nil {
		t.Fatal(err)
	}
	p = serve(t, freeport.Addr(t), dir, "--auth-token", testToken)
	p.waitFor(`"behind_by":"(1h|5\dm).*",.*"message":"the clock of this machine is behind: the store was changed later than now`)
}

func TestClockBehindTheBuild(t *testing.T) {
	t.Parallel()
	for date, want := range map[string]bool{
		"": false, "yesterday": false, time.Now().Add(-time.Hour).Format(time.RFC3339): false, time.Now().Add(time.Hour).Format(time.RFC3339): true,
	} {
		log := new(strings.Builder)
		s := server{app: &App{Build: Build{Date: date}}, log: zerolog.New(log)}
		s.checkBuild()
		if got := strings.Contains(log.String(), "this program was built later than now"); got != want {
			t.Errorf("built %q: %q", date, log)
		}
	}
}

// lyingRedis passes everything on to a Redis, and answers TIME with another hour.
func lyingRedis(t *testing.T, target string, by time.Duration) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	seconds := regexp.MustCompile(`\*2\r\n\$10\r\n\d{10}\r\n`) // how the answer to TIME begins
	lie := fmt.Sprintf("*2\r\n$10\r\n%d\r\n", time.Now().Add(by).Unix())
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			redis, err := net.Dial("tcp", target)
			if err != nil {
				_ = client.Close()
				return
			}
			go func() { _, _ = io.Copy(redis, client); _ = redis.Close() }()
			go func() {
				defer client.Close()
				for b := make([]byte, 64<<10); ; {
					n, err := redis.Read(b)
					if err != nil {
						return
					}
					if _, err := client.Write(seconds.ReplaceAllLiteral(b[:n], []byte(lie))); err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String()
}

func TestClockUnlikeThatOfRedis(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t, redistest.Options{})
	for _, tt := range []struct {
		by   time.Duration
		want string
	}{
		{time.Hour, `"behind_by":"(1h|5\dm).*is behind that of Redis: tokens and log-ins end too early or too late`},
		{-time.Hour, `"ahead_by":"(1h|5\dm).*is ahead of that of Redis: tokens`},
	} {
		p := serve(t, freeport.Addr(t), t.TempDir(), "--auth-token", testToken, "--log-level", "debug",
			"--redis-url", lyingRedis(t, redis.Addr(), tt.by))
		p.waitFor(tt.want)
	}
	p := serve(t, freeport.Addr(t), t.TempDir(), "--auth-token", testToken, "--redis-url", redis.URL())
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-p.done
	if strings.Contains(p.output(), "clock of this machine") {
		t.Errorf("a good clock is doubted: %s", p.output())
	}
}
