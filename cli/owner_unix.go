//go:build unix

package cli

import (
	"io/fs"
	"strconv"
	"syscall"
)

// uidOf is the number of a file's owner.
func uidOf(info fs.FileInfo) (string, bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", false
	}
	return strconv.FormatUint(uint64(stat.Uid), 10), true
}
