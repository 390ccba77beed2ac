//go:build unix

package cli

import (
	"fmt"
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

// streamOf names an open file as systemd does in JOURNAL_STREAM.
func streamOf(info fs.FileInfo) string {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d:%d", uint64(stat.Dev), stat.Ino)
}
