package cli

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
)

// tokenBytes gives 256 bits: guessing is hopeless at any rate of attempts.
const tokenBytes = 32

type tokenCmd struct{}

// Run prints a new token. Nothing is stored.
func (tokenCmd) Run(app *App) error {
	_, err := fmt.Fprintln(app.Stdout, newToken())
	return err
}

func newToken() string {
	b := make([]byte, tokenBytes)
	rand.Read(b) // never fails: the process dies instead
	return base64.RawURLEncoding.EncodeToString(b)
}
