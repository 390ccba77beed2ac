package cli

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// untilSignal returns a context that the first SIGTERM or SIGINT ends. A second one means that
// the first was not enough, and ends the process; it is not lost however soon it comes.
func untilSignal() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	stopped := make(chan struct{})
	var waiting sync.WaitGroup
	waiting.Go(func() {
		select {
		case <-signals:
			cancel()
		case <-stopped:
			return
		}
		select {
		case again := <-signals:
			die(again)
		case <-stopped:
		}
	})
	return ctx, func() {
		signal.Stop(signals)
		close(stopped)
		waiting.Wait()
		cancel()
	}
}

// die ends the process as the signal would have done, so that whoever waits for it sees that.
func die(s os.Signal) {
	signal.Reset(s)
	if me, err := os.FindProcess(os.Getpid()); err == nil && me.Signal(s) == nil {
		<-time.After(time.Second) // the signal is on its way
	}
	// Where processes cannot send signals, or whoever started this one had it ignored, as
	// shells do with what they start in the background.
	status := 1
	if number, ok := s.(syscall.Signal); ok {
		status = 128 + int(number) // as shells tell it
	}
	os.Exit(status)
}
