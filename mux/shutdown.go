package mux

import (
	"context"
	"errors"
	"time"
)

// The parts of Grace that have passed when each step of the shutdown must end.
const (
	drainUntil  = 0.5
	webUntil    = 0.75
	nativeUntil = 0.9 // what is left is for handlers to notice that they were cut
)

var errStillRunning = errors.New("shut down: handlers are still running after the grace period")

// shutdown stops accepting, lets streams end, and cuts what is left. It takes at
// most Grace.
func (s *server) shutdown(ctx context.Context) error {
	start := time.Now()
	by := func(part float64) (context.Context, context.CancelFunc) {
		return context.WithDeadline(ctx, start.Add(time.Duration(part*float64(s.cfg.Grace))))
	}
	close(s.stopping)
	// cmux never closes the listener that it was given, so a client could still
	// connect, to nobody.
	for _, l := range s.listeners {
		_ = l.Close()
	}
	s.sniffing.closeAll()
	s.fresh.closeAll()

	end, cancel := by(1)
	defer cancel()
	s.drain(by)
	// The http.Server first: GracefulStop cuts the gRPC streams that run on it.
	web, cancel := by(webUntil)
	defer cancel()
	if err := s.http.Shutdown(web); err != nil {
		s.cfg.Log.Warn().Err(err).Msg("web requests outlived the drain and are cut")
		_ = s.http.Close()
	}
	native, cancel := by(nativeUntil)
	defer cancel()
	stopped := inBackground(s.cfg.GRPC.GracefulStop)
	if !s.waitNative(native, stopped) {
		// Stop waits for GracefulStop's lock at most until connections are closed,
		// and for handlers only if the server was built to.
		forced := inBackground(s.cfg.GRPC.Stop)
		if !wait(end, forced) || !wait(end, stopped) {
			return errStillRunning
		}
	}
	if !wait(end, s.requests.none()) {
		return errStillRunning
	}
	s.serving.Wait() // its loops have nothing left to wait for
	s.cfg.Log.Debug().Dur("took", time.Since(start)).Msg("stopped serving")
	return nil
}

// unread is how long clients may take to read the end of calls that are over: those that do
// not read at all would keep their connections to the end of the grace.
const unread = 2 * time.Second

// waitNative reports whether the grpc.Server stopped before ctx ended, or before it became
// clear that it only waits for clients that do not read.
func (s *server) waitNative(ctx context.Context, stopped <-chan struct{}) bool {
	look := time.NewTicker(unread / 20)
	defer look.Stop()
	quiet := time.Now() // since when no call has been running
	for {
		select {
		case <-stopped:
			return true
		case <-look.C:
			if s.cfg.Running == nil || s.cfg.Running() > 0 {
				quiet = time.Now()
			}
			if time.Since(quiet) > unread {
				s.cfg.Log.Debug().Msg("clients that do not read the end of their gRPC calls are cut")
				return false
			}
		case <-ctx.Done():
			if wait(ctx, stopped) {
				return true
			}
			s.cfg.Log.Warn().Msg("gRPC streams outlived the drain and are cut")
			return false
		}
	}
}

// drain calls Config.Drain, and goes on without it when it ignores its deadline.
func (s *server) drain(by func(float64) (context.Context, context.CancelFunc)) {
	if s.cfg.Drain == nil {
		return
	}
	ctx, cancel := by(drainUntil)
	defer cancel()
	if !wait(ctx, inBackground(func() { s.cfg.Drain(ctx) })) {
		s.cfg.Log.Warn().Msg("drain did not end in time")
	}
}

func inBackground(f func()) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	return done
}

// wait reports whether done was closed before ctx ended.
func wait(ctx context.Context, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-ctx.Done():
		select {
		case <-done:
			return true
		default:
			return false
		}
	}
}
