//go:build !linux

package holder

import "net/netip"

// OfAddress reports nothing: this system has no simple way to tell.
func OfAddress(netip.AddrPort) (Process, bool) { return Process{}, false }

// OfLock reports nothing: this system has no simple way to tell.
func OfLock(string) (Process, bool) { return Process{}, false }
