//go:build unix

package redistest

import "syscall"

const hang, proceed = syscall.SIGSTOP, syscall.SIGCONT
