package cli

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"

	inspectapi "github.com/streamdal/streamdal-server/api/inspect"
	"github.com/streamdal/streamdal-server/api/metrics"
	"github.com/streamdal/streamdal-server/api/tail"
	"github.com/streamdal/streamdal-server/store/inspect"
)

// inspector lets administrators look into the store that this server uses. It sees records
// as they are stored, with sealed values sealed.
func (s *server) inspector(st remembering, layout, source string) *inspectapi.Server {
	return inspectapi.New(inspect.New(st, inspect.About{
		Layout: layout, Source: source, Node: s.node, Version: s.app.Build.Version, Ring: s.ring, Topics: topics(),
		Trouble: st.trouble,
	}))
}

// topics are what nodes say to each other, apart from the payloads of tails.
func topics() []string { return slices.Concat(metrics.Topics(), tail.Topics()) }

// keepAddress notes in the data directory where this server listens, so that inspect can
// ask it for what is in the file that this server has locked. The caller holds that lock.
func (s *server) keepAddress(listeners []net.Listener) error {
	if s.cmd.Redis.RedisURL != "" {
		return nil // the lock is not held, nor is there such a file
	}
	file := filepath.Join(s.dir, addressFile)
	addr := browsable(listeners[0].Addr())
	if s.cmd.TLS.TLSOnly {
		addr = s.scheme() + addr
	}
	if err := os.WriteFile(file, []byte(addr+"\n"), 0o600); err != nil {
		return fmt.Errorf("note the address in the data directory: %w", err)
	}
	return nil
}
