package cli

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"

	"github.com/streamdal/streamdal-server/cli/holder"
)

// listen opens every address, or none.
func (s *server) listen() (open []net.Listener, err error) {
	addrs := s.cmd.addresses(!s.token.generated)
	for _, a := range addrs {
		l, err := net.Listen("tcp", a)
		if err != nil {
			err = explainListen(a, err) // before our own are closed: one may be in the way
			closeAll(open)
			return nil, fmt.Errorf("listen: %w", err)
		}
		open = append(open, l)
	}
	if len(s.cmd.Listen) == 0 && len(addrs) == 1 && addrs[0] == net.JoinHostPort("127.0.0.1", defaultPort) {
		// "localhost" may mean either family; hosts without IPv6 lack nothing.
		if l, err := net.Listen("tcp", net.JoinHostPort("::1", defaultPort)); err == nil {
			open = append(open, l)
		}
	}
	return open, nil
}

func closeAll(list []net.Listener) {
	for _, l := range list {
		_ = l.Close() // closed before: nothing to report
	}
}

// explainListen says why an address cannot be used, and what to do.
func explainListen(addr string, err error) error {
	host, port, _ := net.SplitHostPort(addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, errWSAAddressInUse):
		return fmt.Errorf("%s is taken by %s; stop that, or choose another address with --listen", addr, portHolder(addr, port))
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s: this user may not use port %s: choose one above 1023 with --listen, or give the service the capability CAP_NET_BIND_SERVICE (docs/install.md says how, under systemd and OpenRC)", addr, port)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s: this machine has no address %s: choose one that it has, or :%s for all, with --listen", addr, host, port)
	default:
		return err // which names the address
	}
}

// errWSAAddressInUse is what Windows says where others say EADDRINUSE.
const errWSAAddressInUse = syscall.Errno(10048)

func portHolder(addr, port string) string {
	if tcp, err := net.ResolveTCPAddr("tcp", addr); err == nil {
		want := tcp.AddrPort()
		if !want.Addr().IsValid() { // ":8082"
			want = netip.AddrPortFrom(netip.IPv6Unspecified(), want.Port())
		}
		if p, ok := holder.OfAddress(want); ok {
			switch p.PID {
			case os.Getpid():
				return "another --listen of this command"
			case 0:
				return fmt.Sprintf("%s (as root, %s shows which)", p, holder.LookForPort(port))
			}
			return p.String()
		}
	}
	return fmt.Sprintf("another program (%s shows which)", holder.LookForPort(port))
}
