// Package seal keeps secrets unreadable in the store: notification configs hold tokens and
// passwords of other systems, and a copy of the store must not give them away.
//
// A sealed value is
//
//	version (1 byte) ‖ id of the key (8 bytes) ‖ nonce (12 bytes) ‖ AES-256-GCM ciphertext and tag
//
// where everything before the nonce and the record's key ("notifications/ID") are
// authenticated with it: a value moved to another record does not open. The version bytes end
// in three set bits, which no protobuf message starts with, so that plain values are told
// apart without trying.
//
// The original server's values are nonce ‖ ciphertext and tag, under the key as it was given
// and without anything else authenticated. They can be read, and kept until their key is known.
package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/streamdal/streamdal-server/store"
)

const (
	// versionOurs starts what Seal writes.
	versionOurs = 0x0f
	// versionOriginal starts a value of the original server that was taken over as it was.
	versionOriginal = 0x17

	idBytes    = 8
	nonceBytes = 12
	tagBytes   = 16
	headBytes  = 1 + idBytes
)

// ErrLocked means that a value is sealed and none of the keys opens it.
var ErrLocked = errors.New("locked")

// Ring is the keys a server was given. The first seals, all of them open. The zero Ring has
// none: it leaves values as they are and opens nothing. A Ring never changes.
type Ring struct {
	keys []key
}

type key struct {
	id       [idBytes]byte
	ours     cipher.AEAD
	original cipher.AEAD
}

// New returns a ring of hexadecimal keys of 16, 24 or 32 bytes. current seals and opens,
// previous only opens; either may be "". The error never contains a key.
func New(current, previous string) (Ring, error) {
	var r Ring
	if current == "" && previous != "" {
		return r, errors.New("a previous key without a current one would leave secrets in plain text: give the current one as well")
	}
	for _, k := range []struct{ name, hex string }{{"current", current}, {"previous", previous}} {
		if k.hex == "" {
			continue
		}
		made, err := newKey(k.hex)
		if err != nil {
			return Ring{}, fmt.Errorf("the %s key %w", k.name, err)
		}
		r.keys = append(r.keys, made)
	}
	return r, nil
}

func newKey(text string) (key, error) {
	secret, err := hex.DecodeString(text)
	if err != nil {
		return key{}, errors.New("is not hexadecimal: write 64 digits, such as those of: openssl rand -hex 32")
	}
	switch len(secret) {
	case 16, 24, 32:
	default:
		return key{}, fmt.Errorf("has %d bytes: write 64 hexadecimal digits (32 and 48 are accepted as well)", len(secret))
	}
	var k key
	if k.original, err = newAEAD(secret); err != nil {
		return key{}, err
	}
	// One secret, two uses, so two keys: a value of the one kind is nothing in the other.
	derived, err := hkdf.Key(sha256.New, secret, nil, "streamdal-server seal", 32)
	if err != nil {
		return key{}, err
	}
	if k.ours, err = newAEAD(derived); err != nil {
		return key{}, err
	}
	id, err := hkdf.Key(sha256.New, secret, nil, "streamdal-server seal id", idBytes)
	if err != nil {
		return key{}, err
	}
	copy(k.id[:], id)
	return k, nil
}

func newAEAD(secret []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Seals reports whether the ring has a key to seal with.
func (r Ring) Seals() bool { return len(r.keys) > 0 }

// Sealed reports whether a stored value is sealed, by whatever key.
func Sealed(value []byte) bool {
	return len(value) > 0 && (value[0] == versionOurs || value[0] == versionOriginal)
}

// Seal returns the value to store for a record. What is sealed already stays as it is, so
// that a record nobody can open survives being copied. A ring without keys returns plain.
func (r Ring) Seal(k store.Key, plain []byte) []byte {
	if len(r.keys) == 0 || Sealed(plain) {
		return plain
	}
	current := r.keys[0]
	value := make([]byte, headBytes+nonceBytes, headBytes+nonceBytes+len(plain)+tagBytes)
	value[0] = versionOurs
	copy(value[1:], current.id[:])
	nonce := value[headBytes:]
	rand.Read(nonce)
	return current.ours.Seal(value, nonce, plain, associated(value[:headBytes], k))
}

// Open returns what was sealed for a record. A plain value is returned as it is. The error
// wraps ErrLocked and says what to do.
func (r Ring) Open(k store.Key, value []byte) ([]byte, error) {
	switch {
	case !Sealed(value):
		return value, nil
	case value[0] == versionOriginal:
		return r.OpenOriginal(value[1:])
	case len(value) < headBytes+nonceBytes+tagBytes:
		return nil, fmt.Errorf("%w: the sealed value is cut off after %d bytes", ErrLocked, len(value))
	}
	head, nonce, text := value[:headBytes], value[headBytes:headBytes+nonceBytes], value[headBytes+nonceBytes:]
	for _, key := range r.keys {
		if !bytes.Equal(key.id[:], head[1:]) {
			continue
		}
		plain, err := key.ours.Open(nil, nonce, text, associated(head, k))
		if err != nil {
			return nil, fmt.Errorf("%w: the sealed value was changed, or belongs to another record", ErrLocked)
		}
		return plain, nil
	}
	return nil, fmt.Errorf("%w: it is sealed with key %x, which this server was not given; set --aes-key or --aes-key-previous to it", ErrLocked, head[1:])
}

// OpenOriginal returns what the original server sealed with any key of the ring. The error
// wraps ErrLocked. A plain value of the original's has no mark and gives an error as well.
func (r Ring) OpenOriginal(value []byte) ([]byte, error) {
	if len(value) < nonceBytes+tagBytes {
		return nil, fmt.Errorf("%w: the original server's value is cut off after %d bytes", ErrLocked, len(value))
	}
	for _, key := range r.keys {
		if plain, err := key.original.Open(nil, value[:nonceBytes], value[nonceBytes:], nil); err == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("%w: the original server sealed it with a key that this server was not given; set --aes-key or --aes-key-previous to it", ErrLocked)
}

// KeepOriginal returns a value to store for one that the original server sealed and that
// OpenOriginal could not open. Open opens it once its key is known.
func KeepOriginal(value []byte) []byte {
	return append([]byte{versionOriginal}, value...)
}

// current reports whether a value is as Seal would write it now, apart from the nonce.
func (r Ring) current(value []byte) bool {
	if len(r.keys) == 0 {
		return true
	}
	return len(value) >= headBytes && value[0] == versionOurs && bytes.Equal(value[1:headBytes], r.keys[0].id[:])
}

// associated is what is authenticated beside the content.
func associated(head []byte, k store.Key) []byte {
	return append(bytes.Clone(head), k.String()...)
}
