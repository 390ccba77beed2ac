package cli

import (
	"github.com/rs/zerolog"

	"github.com/streamdal/streamdal-server/mux"
)

const (
	// ownFiles is what the server needs besides connections of clients: the store, Redis,
	// files, notifications.
	ownFiles = 100
	// fewestConns keeps a server that has hardly any files reachable at all.
	fewestConns = 16

	// lowSpace is what the embedded store, which grows in steps, and the copy of the rules
	// need to go on for a while.
	lowSpace = 256 << 20
)

// maxConns is how many connections can be served with so many open files, and warns when that
// is fewer than what mux would serve. Files that ran out would hit the store too; connections
// that wait hit nobody. The Go runtime has raised the soft limit to the hard one by now.
func maxConns(log zerolog.Logger) int {
	files, ok := openFiles()
	if !ok || files >= mux.DefaultMaxConns+ownFiles {
		return mux.DefaultMaxConns
	}
	conns := max(int(files)-ownFiles, fewestConns)
	log.Warn().Uint64("open_files", files).Int("connections", conns).
		Msg("few files may be open: more connections than that wait, and an SDK needs at least one; raise the hard limit (LimitNOFILE=65536 in the unit, ulimit -Hn, --ulimit nofile of a container)")
	return conns
}

// checkSpace warns when the disk of the data directory is nearly full.
func checkSpace(log zerolog.Logger, dir string, low uint64) {
	if free, ok := freeSpace(dir); ok && free < low {
		log.Warn().Str("data_dir", dir).Uint64("free_mib", free>>20).
			Msg("the disk of the data directory is nearly full: when it is full, changes are refused; free some space, or choose another --data-dir")
	}
}
