package cli

import (
	"fmt"
	"net"
	"time"

	"github.com/streamdal/streamdal-server/api/auth"
)

// greet tells the log that the server is ready, and the person who started it
// where the Console is. The token goes to standard output alone, and only when
// we made it ourselves: a log must never hold it.
func (s *server) greet(listeners []net.Listener, access *auth.Auth, took time.Duration) {
	addrs := make([]string, 0, len(listeners))
	for _, l := range listeners {
		addrs = append(addrs, l.Addr().String())
	}
	s.log.Info().Str("version", s.app.Build.Version).Strs("listen", addrs).Bool("tls", s.tls != nil).Str("data_dir", s.dir).
		Dur("took_ms", took).Msg("ready")
	if !s.token.generated && !s.cmd.Demo {
		return
	}
	url := s.scheme() + browsable(listeners[0].Addr())
	out := s.app.Stdout
	fmt.Fprintf(out, "\n  Console   %s/#login=%s\n", url, access.LoginCode())
	fmt.Fprintln(out, "            (the link logs you in once; later, log in with the token)")
	if s.token.generated {
		fmt.Fprintf(out, "  Token     %s\n", s.token.value)
	}
	fmt.Fprintf(out, "  SDKs      STREAMDAL_URL=%s STREAMDAL_TOKEN=<token>\n\n", browsable(listeners[0].Addr()))
}

// browsable is an address that a browser on this machine can open.
func browsable(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
