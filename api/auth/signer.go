package auth

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A scoped token is "sds_" and, in base64:
//
//	version, role                1 byte each
//	id                           15 bytes
//	service, name                each a length of 1 byte and that many bytes
//	HMAC-SHA256 of all that      32 bytes
//
// The id is the expiry in seconds since 1970, 0 for never (5 bytes), a random number (7), and
// the first bytes of an HMAC of both (3). So who knows an id knows when it may be forgotten,
// and a mistyped one is none.
const (
	tokenPrefix  = "sds_"
	tokenVersion = 1

	expiryBytes = 5
	randomBytes = 7
	checkBytes  = 3
	idBytes     = expiryBytes + randomBytes + checkBytes
	headBytes   = 2 + idBytes

	maxExpiry = 1<<(8*expiryBytes) - 1

	// maxToken is the longest token: nothing longer is looked at.
	maxToken = len(tokenPrefix) + (headBytes+2+maxServiceBytes+maxTokenName+sha256.Size)*8/6 + 1

	// MinRootToken is the length below which a root token signs no others.
	MinRootToken = 16
)

// tokenRoles are the roles by their number in tokens, which must never change.
var tokenRoles = [...]Role{1: SDK, 2: Viewer, 3: Editor, 4: Admin}

var (
	idText    = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)
	tokenText = base64.RawURLEncoding.Strict()
)

// ErrWeakRoot says that a root token is too short to sign others: who is given a scoped token
// could try out root tokens until one fits.
var ErrWeakRoot = fmt.Errorf("the root token has fewer than %d characters: whoever gets a scoped token could find it by trying; start the server with a longer one (streamdal-server token prints a good one)", MinRootToken)

// Signer makes scoped tokens and recognises its own. It is safe for concurrent use.
type Signer struct{ tokenKey, idKey []byte }

// NewSigner returns the Signer of a root token: changing that ends all scoped tokens. It fails
// with ErrWeakRoot.
func NewSigner(rootToken string) (*Signer, error) {
	if len(rootToken) < MinRootToken {
		return nil, ErrWeakRoot
	}
	key := func(purpose string) ([]byte, error) {
		return hkdf.Key(sha256.New, []byte(rootToken), nil, purpose, sha256.Size)
	}
	tokenKey, err := key("streamdal scoped token v1")
	idKey, err2 := key("streamdal scoped token id v1")
	if err := errors.Join(err, err2); err != nil {
		return nil, fmt.Errorf("derive keys from the root token: %w", err)
	}
	return &Signer{tokenKey, idKey}, nil
}

// Sign makes the token of a grant, which Grant.Check must have passed, and completes the
// grant with the token's id.
func (s *Signer) Sign(g Grant) (token string, _ Grant) {
	var id [idBytes]byte
	_, _ = rand.Read(id[expiryBytes : expiryBytes+randomBytes]) // never fails
	if !g.Expires.IsZero() {
		putExpiry(id[:], g.Expires.Unix())
		g.Expires = time.Unix(g.Expires.Unix(), 0)
	}
	copy(id[idBytes-checkBytes:], s.check(id[:]))
	g.ID = idText.EncodeToString(id[:])
	b := encodeGrant(g, id)
	return tokenPrefix + tokenText.EncodeToString(append(b, mac(s.tokenKey, b)...)), g
}

// Open returns what a token says; ok is false when it is not one of ours. It does not look at
// the clock.
func (s *Signer) Open(token string) (g Grant, ok bool) {
	text, ok := strings.CutPrefix(token, tokenPrefix)
	// The decoder skips line breaks, and there must be one spelling of a token.
	if !ok || len(token) > maxToken || strings.ContainsAny(text, "\r\n") {
		return Grant{}, false
	}
	b, err := tokenText.DecodeString(text)
	if err != nil || len(b) < headBytes+2+sha256.Size {
		return Grant{}, false
	}
	b, sum := b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	if !hmac.Equal(sum, mac(s.tokenKey, b)) {
		return Grant{}, false
	}
	return decodeGrant(b)
}

// ParseID returns when the token with an id expires, zero for never; ok is false when the id
// is of no token of this root token.
func (s *Signer) ParseID(id string) (expires time.Time, ok bool) {
	if len(id) != idText.EncodedLen(idBytes) {
		return time.Time{}, false
	}
	b, err := idText.DecodeString(id)
	if err != nil || len(b) != idBytes || idText.EncodeToString(b) != id {
		return time.Time{}, false
	}
	if !hmac.Equal(b[idBytes-checkBytes:], s.check(b)) {
		return time.Time{}, false
	}
	return expiry(b), true
}

// IDOf returns the id that a text says when it has the form of a scoped token, whoever
// signed it.
func IDOf(token string) (id string, ok bool) {
	text, ok := strings.CutPrefix(token, tokenPrefix)
	b, err := tokenText.DecodeString(text)
	if !ok || err != nil || len(b) < headBytes {
		return "", false
	}
	return idText.EncodeToString(b[2:headBytes]), true
}

// check returns the last bytes of an id.
func (s *Signer) check(id []byte) []byte { return mac(s.idKey, id[:idBytes-checkBytes])[:checkBytes] }

func mac(key, b []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(b)
	return m.Sum(nil)
}

func putExpiry(id []byte, seconds int64) {
	for i := range expiryBytes {
		id[i] = byte(seconds >> (8 * (expiryBytes - 1 - i)))
	}
}

func expiry(id []byte) time.Time {
	var seconds int64
	for _, b := range id[:expiryBytes] {
		seconds = seconds<<8 | int64(b)
	}
	if seconds == 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

func encodeGrant(g Grant, id [idBytes]byte) []byte {
	b := []byte{tokenVersion, 0}
	for number, role := range tokenRoles {
		if role == g.Role {
			b[1] = byte(number)
		}
	}
	b = append(b, id[:]...)
	b = append(append(b, byte(len(g.Service))), g.Service...)
	return append(append(b, byte(len(g.Name))), g.Name...)
}

// decodeGrant reads what encodeGrant wrote, and nothing else.
func decodeGrant(b []byte) (Grant, bool) {
	if len(b) < headBytes || b[0] != tokenVersion || b[1] == 0 || int(b[1]) >= len(tokenRoles) {
		return Grant{}, false
	}
	g := Grant{Role: tokenRoles[b[1]], ID: idText.EncodeToString(b[2:headBytes]), Expires: expiry(b[2:headBytes])}
	service, rest, ok1 := cutText(b[headBytes:])
	name, rest, ok2 := cutText(rest)
	g.Service, g.Name = service, name
	return g, ok1 && ok2 && len(rest) == 0 && g.Check(time.Time{}) == nil
}

func cutText(b []byte) (text string, rest []byte, ok bool) {
	if len(b) == 0 || len(b)-1 < int(b[0]) {
		return "", nil, false
	}
	n := 1 + int(b[0])
	return string(b[1:n]), b[n:], true
}
