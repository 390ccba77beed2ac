package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// given is a secret that a flag or variable gives, or a file, or the service manager.
type given struct {
	value, file string // as the flags give them
	credential  string // the service manager's name for it
	what        string // in errors
	write       string // the command that makes one
}

// authToken is the token of serve, which other commands need too.
func authToken(value, file string) given {
	return given{value, file, tokenFile, "auth token", "streamdal-server token"}
}

// find returns the secret, "" when there is none.
func (g given) find(getenv func(string) string) (string, error) {
	if g.value != "" {
		return g.value, nil
	}
	file := g.file
	if file == "" {
		file = credential(getenv, g.credential)
	}
	if file == "" {
		return "", nil
	}
	return g.read(file)
}

// read returns the secret in a file.
func (g given) read(file string) (string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", g.what, err)
	}
	value := strings.TrimSpace(string(b))
	if value == "" {
		return "", fmt.Errorf("the file of the %s, %s, is empty; write one with: %s > %s", g.what, file, g.write, file)
	}
	return value, nil
}

// credential is the file that the service manager gives for name, "" when there is none.
func credential(getenv func(string) string, name string) string {
	if d := getenv("CREDENTIALS_DIRECTORY"); d != "" {
		if f := filepath.Join(d, name); exists(f) {
			return f
		}
	}
	return ""
}
