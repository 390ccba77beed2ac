package cli

import "golang.org/x/sys/windows"

// openFiles is unknown: Windows has no such limit.
func openFiles() (uint64, bool) { return 0, false }

// freeSpace is what this user may still write to the disk of a directory.
func freeSpace(dir string) (uint64, bool) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(path, &free, nil, nil); err != nil {
		return 0, false
	}
	return free, true
}
