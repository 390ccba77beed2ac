package kernel

import (
	"crypto/sha256"
	"crypto/sha3"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
)

// TestKeccak compares the permutation with the standard library's: SHA-3 is
// Keccak with other padding.
func TestKeccak(t *testing.T) {
	load(t, []byte(`""`))
	for n := range keccakRate {
		text := []byte(strings.Repeat("Keccak", 40)[:n])
		p, _ := place(t, text)
		at := keccak256(p, uint32(n), 0x06)
		if got, want := string(vm.Mem[at:at+32]), sha3.Sum256(text); got != string(want[:]) {
			t.Errorf("%d bytes: got %x, want %x", n, got, want)
		}
	}
}

// TestHashTwice compares with the standard library.
func TestHashTwice(t *testing.T) {
	load(t, []byte(`""`))
	for n := range 56 {
		text := []byte(strings.Repeat("checksum", 8)[:n])
		p, _ := place(t, text)
		first := sha256.Sum256(text)
		second := sha256.Sum256(first[:])
		if got, want := hashTwice(p, uint32(n)), binary.LittleEndian.Uint32(second[:]); got != want {
			t.Errorf("%d bytes: got %x, want %x", n, got, want)
		}
	}
}
