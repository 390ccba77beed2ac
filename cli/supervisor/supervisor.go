// Package supervisor tells the service manager how the process is doing, by the protocol
// of sd_notify(3).
package supervisor

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"
)

// Manager is who started the process. Without one, nothing is said.
type Manager struct {
	socket   string
	watchdog time.Duration // how long it waits for a sign of life; 0 asks for none
}

// New finds the manager in the environment.
func New(getenv func(string) string) Manager {
	m := Manager{socket: getenv("NOTIFY_SOCKET")}
	if us, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64); err == nil && us > 0 {
		m.watchdog = time.Duration(us) * time.Microsecond
	}
	return m
}

// Tell sends one state, such as "READY=1".
func (m Manager) Tell(state string) error {
	if m.socket == "" {
		return nil
	}
	conn, err := net.Dial("unixgram", m.socket)
	if err != nil {
		return fmt.Errorf("reach the service manager: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("tell the service manager %s: %w", state, err)
	}
	return nil
}

// Reloading says that the process takes over a new configuration. READY=1 ends it.
func (m Manager) Reloading() error {
	state := "RELOADING=1"
	if now, ok := monotonic(); ok {
		state += fmt.Sprintf("\nMONOTONIC_USEC=%d", now)
	}
	return m.Tell(state)
}

// Watch gives a sign of life twice in the time that the manager asks for, until ctx ends.
// Before each it calls alive, which does not return when the process is wedged: then the
// manager restarts it. The error is the first sign that could not be sent.
func (m Manager) Watch(ctx context.Context, alive func()) error {
	if m.socket == "" || m.watchdog == 0 {
		return nil
	}
	again := time.NewTicker(m.watchdog / 2)
	defer again.Stop()
	for {
		alive()
		if err := m.Tell("WATCHDOG=1"); err != nil {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return nil
		}
	}
}
