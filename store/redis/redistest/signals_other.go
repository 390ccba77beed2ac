//go:build !unix

package redistest

import "syscall"

// Processes cannot be made to hang here: sending these fails.
const hang, proceed = syscall.Signal(-1), syscall.Signal(-2)
