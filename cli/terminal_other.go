//go:build !unix

package cli

// terminal returns false: no SIGHUP comes here.
func terminal() func() bool { return func() bool { return false } }
