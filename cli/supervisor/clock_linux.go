package supervisor

import "golang.org/x/sys/unix"

// monotonic is the clock by which systemd orders reloads, in microseconds.
func monotonic() (int64, bool) {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return 0, false
	}
	return now.Nano() / 1000, true
}
