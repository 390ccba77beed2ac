package cli

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

const (
	tokenFile = "auth-token"
	nodeFile  = "node-suffix"
	// addressFile says where the server listens that uses the directory.
	addressFile = "address"

	// minTokenLength is below what a token could be guessed, where other machines
	// can try.
	minTokenLength = 16
)

// rootToken is the token and where it came from.
type rootToken struct {
	value     string
	generated bool // made by us and kept in the data directory
}

// dataDir returns the data directory, which exists afterwards.
func (c *serveCmd) dataDir(getenv func(string) string) (string, error) {
	dir, err := dataDir(c.DataDir, getenv)
	if err != nil {
		return "", err
	}
	if c.Demo && c.DataDir == "" {
		dir = filepath.Join(dir, "demo") // sample rules must never mix with real ones
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", explainDir(dir, err)
	}
	return dir, tryDir(dir)
}

// dataDir returns the chosen data directory, or where it is when nobody chose.
func dataDir(chosen string, getenv func(string) string) (string, error) {
	if chosen != "" {
		return chosen, nil
	}
	// systemd sets it, as a list, from StateDirectory=.
	if dir, _, _ := strings.Cut(getenv("STATE_DIRECTORY"), ":"); dir != "" {
		return dir, nil
	}
	base, err := userDataDir(getenv)
	if err != nil {
		return "", fmt.Errorf("find a data directory: %w; choose one with --data-dir", err)
	}
	return filepath.Join(base, "streamdal-server"), nil
}

func userDataDir(getenv func(string) string) (string, error) {
	if d := getenv("XDG_DATA_HOME"); d != "" {
		return d, nil
	}
	switch runtime.GOOS {
	case "windows", "darwin":
		return os.UserConfigDir()
	}
	home, err := os.UserHomeDir()
	return filepath.Join(home, ".local", "share"), err
}

// token finds the root token: flag or variable, file, systemd credential, or
// one that we make and keep. The last only where no other machine can connect.
func (c *serveCmd) token(getenv func(string) string, dir string) (rootToken, error) {
	given, err := authToken(c.AuthToken, c.AuthTokenFile).find(getenv)
	if err != nil {
		return rootToken{}, err
	}
	if given != "" {
		return rootToken{value: given}, nil
	}
	for _, a := range c.addresses(false) {
		if !loopback(a) {
			return rootToken{}, fmt.Errorf("%s can be reached from other machines, so it needs a token: set --auth-token or STREAMDAL_SERVER_AUTH_TOKEN (streamdal-server token prints a good one), or listen on 127.0.0.1", a)
		}
	}
	value, err := keep(filepath.Join(dir, tokenFile), newToken)
	return rootToken{value: value, generated: true}, err
}

// guessable says whether a short token guards an address that other machines reach.
func (c *serveCmd) guessable(t rootToken) bool {
	return len(t.value) < minTokenLength && slices.ContainsFunc(c.addresses(true), func(a string) bool { return !loopback(a) })
}

// nodeName returns the given name, or the host's name with a suffix that is
// this data directory's own.
func (c *serveCmd) nodeName(dir string) (string, error) {
	if c.NodeName != "" {
		return c.NodeName, nil
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "node"
	}
	host, _, _ = strings.Cut(host, ".")
	suffix, err := keep(filepath.Join(dir, nodeFile), func() string {
		b := make([]byte, 2)
		rand.Read(b)
		return hex.EncodeToString(b)
	})
	return host + "-" + suffix, err
}

// keep returns what the file holds, writing what fresh makes when it is absent.
func keep(file string, fresh func() string) (string, error) {
	b, err := os.ReadFile(file)
	if err == nil {
		if s := strings.TrimSpace(string(b)); s != "" {
			return s, nil
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	s := fresh()
	if err := os.WriteFile(file, []byte(s+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep %s: %w", filepath.Base(file), err)
	}
	return s, nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// loopback says whether only this machine can connect to the address.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
