package holder

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// OfAddress finds who listens where addr would.
func OfAddress(addr netip.AddrPort) (Process, bool) {
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(table)
		if err != nil {
			continue // hidden, or there is no IPv6
		}
		for _, s := range parseSockets(text) {
			if !collide(s.local, addr) {
				continue
			}
			if pid := owner("socket:[" + s.inode + "]"); pid != 0 {
				return describe(pid), true
			}
			return Process{User: userName(s.uid)}, true
		}
	}
	return Process{}, false
}

// socket is a listening socket.
type socket struct {
	local netip.AddrPort
	uid   string
	inode string
}

// listening is the state of a listening socket in /proc/net/tcp.
const listening = "0A"

// parseSockets reads the listening sockets out of /proc/net/tcp or tcp6.
func parseSockets(text []byte) (list []socket) {
	for line := range bytes.Lines(text) {
		f := strings.Fields(string(line))
		if len(f) < 10 || f[3] != listening {
			continue
		}
		if local, ok := parseAddress(f[1]); ok {
			list = append(list, socket{local: local, uid: f[7], inode: f[9]})
		}
	}
	return list
}

// parseAddress reads an address as the kernel prints it: words of 32 bits in the machine's
// byte order, a colon, and the port.
func parseAddress(text string) (netip.AddrPort, bool) {
	words, number, ok := strings.Cut(text, ":")
	port, err := strconv.ParseUint(number, 16, 16)
	raw, badHex := hex.DecodeString(words)
	if !ok || err != nil || badHex != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, false
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	ip, ok := netip.AddrFromSlice(raw)
	return netip.AddrPortFrom(ip.Unmap(), uint16(port)), ok
}

// collide reports whether two sockets could not listen on both addresses.
func collide(a, b netip.AddrPort) bool {
	x, y := a.Addr().Unmap(), b.Addr().Unmap()
	return a.Port() == b.Port() && (x == y || x.IsUnspecified() || y.IsUnspecified())
}

// OfLock finds who has locked a file.
func OfLock(path string) (Process, bool) {
	info, err := os.Stat(path)
	if err != nil {
		return Process{}, false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	text, err := os.ReadFile("/proc/locks")
	if !ok || err != nil {
		return Process{}, false
	}
	for _, l := range parseLocks(text) {
		// File systems such as btrfs show another device here than there, so the device
		// alone decides nothing when the process can be seen.
		if l.inode == stat.Ino && (l.device == device(stat.Dev) || has(l.pid, info)) {
			return describe(l.pid), true
		}
	}
	return Process{}, false
}

type lock struct {
	pid    int
	device string
	inode  uint64
}

// parseLocks reads the locks that are held out of /proc/locks. Those of processes that cannot
// be seen have no number there, and are left out.
func parseLocks(text []byte) (list []lock) {
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 6 || f[1] == "->" { // which waits for the lock
			continue
		}
		pid, err := strconv.Atoi(f[4])
		cut := strings.LastIndexByte(f[5], ':')
		if err != nil || pid <= 0 || cut < 0 {
			continue
		}
		if inode, err := strconv.ParseUint(f[5][cut+1:], 10, 64); err == nil {
			list = append(list, lock{pid, f[5][:cut], inode})
		}
	}
	return list
}

// device prints a device number as /proc/locks does.
func device(n uint64) string {
	major := n>>8&0xfff | n>>32&^0xfff
	minor := n&0xff | n>>12&^0xff
	return fmt.Sprintf("%02x:%02x", major, uint32(minor))
}

// owner finds the process that has a link among its open files.
func owner(link string) int {
	files, _ := filepath.Glob("/proc/[0-9]*/fd/*") // those that may be seen
	for _, f := range files {
		if to, err := os.Readlink(f); err == nil && to == link {
			pid, _ := strconv.Atoi(strings.Split(f, "/")[2])
			return pid
		}
	}
	return 0
}

// has reports whether a process has a file open.
func has(pid int, file os.FileInfo) bool {
	list, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, f := range list {
		if info, err := os.Stat(f); err == nil && os.SameFile(info, file) {
			return true
		}
	}
	return false
}

// describe says what can be seen of a process. Not its arguments, which may hold secrets.
func describe(pid int) Process {
	p := Process{PID: pid}
	dir := fmt.Sprintf("/proc/%d", pid)
	if b, err := os.ReadFile(dir + "/comm"); err == nil {
		p.Name = strings.TrimSpace(string(b))
	}
	if info, err := os.Stat(dir); err == nil {
		if stat, ok := info.Sys().(*syscall.Stat_t); ok {
			p.User = userName(strconv.Itoa(int(stat.Uid)))
		}
	}
	return p
}

func userName(uid string) string {
	if u, err := user.LookupId(uid); err == nil {
		return u.Username
	}
	return uid
}
