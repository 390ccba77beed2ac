//go:build !linux && !darwin && !windows

package cli

func openFiles() (uint64, bool) { return 0, false }

func freeSpace(string) (uint64, bool) { return 0, false }
