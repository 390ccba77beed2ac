//go:build unix

package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// terminal returns a function that reports whether the terminal on which the process was
// started has been closed. The system then sends SIGHUP, as a person does who wants a reload.
func terminal() func() bool {
	alive := func() bool {
		_, err := unix.IoctlGetInt(int(os.Stdin.Fd()), unix.TIOCGPGRP)
		return err == nil
	}
	if !alive() {
		return func() bool { return false } // there was none
	}
	return func() bool { return !alive() }
}
