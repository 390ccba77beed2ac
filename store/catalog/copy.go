package catalog

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/streamdal/streamdal-server/store"
)

const (
	// copyPause is the least time between two copies: counters move often, and
	// disks wear out.
	copyPause = 2 * time.Second
	// copyAgain is when a copy that could not be written is tried again.
	copyAgain = 30 * time.Second
)

// CopyStats is the state of the copy on disk.
type CopyStats struct {
	// Serving is set while the picture shown is the copy and not the store's.
	Serving bool
	// Made is when the newest copy was made; zero when there is none.
	Made time.Time
	// Errors counts copies that could not be written.
	Errors uint64
	// Err is why the last copy could not be written, nil when it was.
	Err error
}

// vault is a store that keeps secrets sealed. They stay so in a copy on disk.
type vault interface {
	SealState(state store.State) store.State
	OpenState(state store.State) store.State
}

// keepCopy writes the newest picture to disk whenever there is a new one, until
// ctx ends, and then once more if need be. A disk that is full or read-only costs
// the copy and nothing else.
func (c *Catalog) keepCopy(ctx context.Context) {
	removeLeftovers(c.shared.Copy)
	var saved *Snapshot
	pictures := c.hub.Watch(ctx, c.current.Load)
	again := time.NewTicker(copyAgain)
	defer again.Stop()
	for ctx.Err() == nil {
		select {
		case <-pictures:
		case <-again.C: // no news, unless the last attempt failed
		}
		saved = c.copyNow(ctx, saved)
		_ = sleep(ctx, copyPause) // the condition of the loop looks at ctx
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), copyPause)
	defer cancel()
	c.copyNow(last, saved)
}

// copyNow writes the current picture, unless it is saved or not the store's, and
// returns the one that is on disk now.
func (c *Catalog) copyNow(ctx context.Context, saved *Snapshot) *Snapshot {
	if acquire(ctx, c.reading) != nil {
		return saved
	}
	s, fromStore := c.Snapshot(), c.known && !c.kept.fromDisk
	var state store.State
	if fromStore && s != saved {
		state = c.kept.state()
	}
	release(c.reading)
	if !fromStore || s == saved {
		return saved
	}
	if v, ok := c.store.(vault); ok {
		state = v.SealState(state)
	}
	made := time.Now()
	err := c.save(c.shared.Copy, state, made, c.shared.Origin)
	c.mu.Lock()
	before := c.stats.Copy.Err
	c.stats.Copy.Err = err
	if err == nil {
		c.stats.Copy.Made = made
	} else {
		c.stats.Copy.Errors++
	}
	c.mu.Unlock()
	switch {
	case err == nil && before != nil:
		c.log.Info().Str("file", c.shared.Copy).Msg("the copy of the rules is on disk again")
	case err != nil && before == nil:
		c.log.Warn().Err(err).Str("file", c.shared.Copy).
			Msg("cannot keep a copy of the rules on disk: a start while the store is away would find an old one or none")
	}
	if err != nil {
		return saved
	}
	return s
}

// removeLeftovers deletes what a process that was killed had begun to write.
func removeLeftovers(path string) {
	names, _ := filepath.Glob(path + ".*") // the pattern is a plain name, or nothing is found
	for _, name := range names {
		_ = os.Remove(name)
	}
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // which keeps directories by itself, and cannot sync them
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
