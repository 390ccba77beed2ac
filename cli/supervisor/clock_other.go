//go:build !linux

package supervisor

// monotonic is unknown: there is no systemd here.
func monotonic() (int64, bool) { return 0, false }
