package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/streamdal/streamdal-server/cli/holder"
	"github.com/streamdal/streamdal-server/store"
)

// tryDir makes sure that files can be made in the data directory, so that the first one that
// is needed does not fail with less to say.
func tryDir(dir string) error {
	f, err := os.CreateTemp(dir, ".try-*")
	if err != nil {
		return explainDir(dir, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// explainDir says why the data directory cannot be used, by whom, and what to do.
func explainDir(dir string, err error) error {
	var reason string
	switch {
	case errors.Is(err, fs.ErrPermission):
		reason = fmt.Sprintf("%s may not write there%s: change its owner", me(), ownerOf(dir))
	case errors.Is(err, syscall.EROFS):
		reason = "it is mounted read-only: mount it for writing"
	case errors.Is(err, syscall.ENOSPC):
		reason = "its disk is full: free some space"
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		reason = "it, or a part of its path, is a file: move that away"
	default:
		reason = err.Error() + ": mend that"
	}
	return fmt.Errorf("data directory %s: %s, or choose another with --data-dir", dir, reason)
}

// me names the user that this process runs as.
func me() string {
	u, err := user.Current()
	if err != nil {
		return fmt.Sprintf("user %d", os.Geteuid())
	}
	return fmt.Sprintf("user %s (%s)", u.Username, u.Uid)
}

// ownerOf says whose a directory is, or the nearest above it that exists.
func ownerOf(dir string) string {
	info, err := os.Stat(dir)
	for err != nil && filepath.Dir(dir) != dir {
		dir = filepath.Dir(dir)
		info, err = os.Stat(dir)
	}
	if err != nil {
		return ""
	}
	if uid, ok := uidOf(info); ok {
		name := uid
		if u, err := user.LookupId(uid); err == nil {
			name = u.Username
		}
		return fmt.Sprintf(" (%s is of user %s, %s)", dir, name, info.Mode())
	}
	return fmt.Sprintf(" (%s is %s)", dir, info.Mode())
}

// explainLock adds who holds the store's file, and where that server listens.
func (s *server) explainLock(err error) error {
	if !errors.Is(err, store.ErrLocked) {
		return err
	}
	file := filepath.Join(s.dir, storeFile)
	if p, ok := holder.OfLock(file); ok {
		serving := ""
		if b, _ := os.ReadFile(filepath.Join(s.dir, addressFile)); len(b) > 0 {
			serving = ", which serves " + strings.TrimSpace(string(b))
		}
		return fmt.Errorf("%w; it is %s%s", err, p, serving)
	}
	if look := holder.LookForFile(file); look != "" {
		return fmt.Errorf("%w (%s shows which)", err, look)
	}
	return err
}
