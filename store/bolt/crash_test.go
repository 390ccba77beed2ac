package bolt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamdal/streamdal-server/store"
)

// crashEnv makes the test binary a writer that the crash test kills.
const crashEnv = "STORE_BOLT_CRASH_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(crashEnv); path != "" {
		if err := writeUntilKilled(path, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeUntilKilled applies changes from several goroutines and prints the
// revision of each once it is acknowledged. The change of revision n writes "n's
// left" and "n's right" half under its own number, so that lost and torn changes
// show.
func writeUntilKilled(path string, out io.Writer) error {
	db, err := Open(path, Options{LogLength: 100})
	if err != nil {
		return err
	}
	const writers = 4
	failed := make(chan error, writers)
	var printing sync.Mutex
	for w := range writers {
		go func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("%d-%d-%d", os.Getpid(), w, i)
				value := []byte(strings.Repeat(name, 1+rand.IntN(400)))
				rev, err := db.Apply(context.Background(), store.Change{Ops: []store.Op{
					{Key: store.Key{Kind: store.KindPipeline, ID: name}, Value: value},
					{Key: store.Key{Kind: store.KindSchema, ID: name}, Value: value},
					{Key: store.Key{Kind: store.KindSetting, ID: "last"}, Value: value},
				}})
				if err != nil {
					failed <- err
					return
				}
				printing.Lock()
				_, err = fmt.Fprintf(out, "%d %s\n", rev, name)
				printing.Unlock()
				if err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

// Every change that was acknowledged before a kill -9 is there afterwards, whole,
// and at the revision that was acknowledged.
func TestKillKeepsAcknowledgedChanges(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	acknowledged := make(map[string]store.Revision)
	for round := range 8 {
		runUntilKilled(t, path, acknowledged)
		checkAcknowledged(t, path, acknowledged)
		if t.Failed() {
			t.Fatalf("in round %d", round)
		}
	}
	if len(acknowledged) == 0 {
		t.Error("no change was acknowledged in any round")
	}
}

// runUntilKilled starts a writer, kills it after a random number of acknowledged
// changes and adds these to acknowledged.
func runUntilKilled(t *testing.T, path string, acknowledged map[string]store.Revision) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for left := rand.IntN(150); lines.Scan(); left-- {
		number, name, _ := strings.Cut(lines.Text(), " ")
		rev, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			t.Fatalf("the writer printed %q", lines.Text())
		}
		acknowledged[name] = store.Revision(rev)
		if left == 0 {
			// Not between two changes but anywhere inside one.
			timer := time.AfterFunc(time.Duration(rand.IntN(3000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
			defer timer.Stop()
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("the writer ended by itself: %v", err)
	}
}

func checkAcknowledged(t *testing.T, path string, acknowledged map[string]store.Revision) {
	t.Helper()
	db, err := Open(path, Options{})
	if err != nil {
		t.Fatalf("Open after the kill: %v", err)
	}
	defer db.Close()
	state, err := db.Load(t.Context())
	if err != nil {
		t.Fatalf("Load after the kill: %v", err)
	}
	if len(state.Damaged) > 0 {
		t.Errorf("damaged after the kill: %v", state.Damaged)
	}
	stored := make(map[store.Key]store.Record)
	for _, r := range state.Records {
		stored[r.Key] = r
	}
	for name, rev := range acknowledged {
		if got := stored[store.Key{Kind: store.KindPipeline, ID: name}].Revision; got != rev {
			t.Errorf("change %d (%s) was acknowledged and is at revision %d", rev, name, got)
		}
	}
	for key, left := range stored {
		right := stored[store.Key{Kind: store.KindSchema, ID: key.ID}]
		if key.Kind == store.KindPipeline && (left.Revision != right.Revision || string(left.Value) != string(right.Value)) {
			t.Errorf("%s is torn: revisions %d and %d", key.ID, left.Revision, right.Revision)
		}
	}
	// Each revision wrote one pair, so none is missing and none was given twice.
	if got, want := len(stored), 2*int(state.Revision)+1; state.Revision > 0 && got != want {
		t.Errorf("%d records at revision %d, want %d", got, state.Revision, want)
	}
}
