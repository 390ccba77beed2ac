package redistest

import (
	"context"
	"errors"
	"os/exec"
	"runtime"
	"sync"
	"testing"
	"time"
)

// launcher starts processes from a thread that lives as long as the test binary.
// The system can then end them when the binary dies without cleaning up: it tells
// children about the death of the thread that started them.
var launcher = &starter{requests: make(chan func())}

type starter struct {
	once     sync.Once
	requests chan func()
}

func (s *starter) start(cmd *exec.Cmd) error {
	s.once.Do(func() {
		go func() {
			runtime.LockOSThread()
			for fn := range s.requests {
				fn()
			}
		}()
	})
	dieWithParent(cmd)
	err := make(chan error)
	s.requests <- func() { err <- cmd.Start() }
	return <-err
}

var errEnded = errors.New("the process ended")

// until polls until check says true. It fails the test when that takes too long,
// and returns errEnded when check does.
func until(t testing.TB, what string, check func(context.Context) (bool, error)) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := check(ctx)
		if ok {
			return nil
		}
		if errors.Is(err, errEnded) {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("waited %v until %s: %v", patience, what, err)
		}
	}
}
