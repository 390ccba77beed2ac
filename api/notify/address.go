package notify

import (
	"net"
	"net/netip"
)

// shared is between private and public: providers give such addresses to their customers.
var shared = netip.MustParsePrefix("100.64.0.0/10")

// public refuses addresses that only this machine or its network has. It is asked about what
// a name was resolved to, so that a name cannot point elsewhere later.
func public(address string) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return refuse("%s is no address to connect to", address)
	}
	ip := target.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || shared.Contains(ip) {
		return refuse("%s is not a public address, and --notify-public-only allows no others", ip)
	}
	return nil
}

func loopback(address net.Addr) bool {
	target, ok := address.(*net.TCPAddr)
	return ok && target.IP.IsLoopback()
}
