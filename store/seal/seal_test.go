package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/streamdal/streamdal-server/api/pb"
	"github.com/streamdal/streamdal-server/store"
)

const (
	hexA = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	hexB = "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
)

var record = store.Key{Kind: store.KindNotification, ID: "n-1"}

func ring(t testing.TB, current, previous string) Ring {
	t.Helper()
	r, err := New(current, previous)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return r
}

// original seals as the original server does.
func original(t testing.TB, hexKey string, plain []byte) []byte {
	t.Helper()
	secret, err := hex.DecodeString(hexKey)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	nonce := []byte("twelve bytes")
	return aead.Seal(nonce, nonce, plain, nil)
}

func wantOpen(t *testing.T, r Ring, k store.Key, value, plain []byte) {
	t.Helper()
	got, err := r.Open(k, value)
	if err != nil || !bytes.Equal(got, plain) {
		t.Errorf("Open: got %q, %v, want %q", got, err, plain)
	}
}

func wantLocked(t *testing.T, r Ring, k store.Key, value []byte, words string) {
	t.Helper()
	got, err := r.Open(k, value)
	if !errors.Is(err, ErrLocked) || got != nil || !strings.Contains(err.Error(), words) {
		t.Errorf("Open: got %q, %v, want ErrLocked that says %q", got, err, words)
	}
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	for _, hexKey := range []string{hexA, hexA[:48], hexA[:32], strings.ToUpper(hexA)} {
		r := ring(t, hexKey, "")
		for _, plain := range [][]byte{[]byte("secret"), []byte(""), bytes.Repeat([]byte("x"), 1<<16)} {
			value := r.Seal(record, plain)
			if !Sealed(value) || len(plain) > 0 && bytes.Contains(value, plain) {
				t.Errorf("%d bytes: the value is not sealed", len(plain))
			}
			wantOpen(t, r, record, value, plain)
			if again := r.Seal(record, plain); bytes.Equal(again, value) {
				t.Error("sealing twice gave the same value, so the nonce repeats")
			}
		}
	}
}

// A value opens only in its own record, with its own key and unchanged to the last bit.
func TestOpenRefuses_9_1_9(t *testing.T) {
	t.Parallel()
	r := ring(t, hexA, "")
	value := r.Seal(record, []byte("secret"))
	wantLocked(t, r, store.Key{Kind: store.KindNotification, ID: "n-2"}, value, "another record")
	wantLocked(t, ring(t, hexB, ""), record, value, "--aes-key-previous")
	wantLocked(t, Ring{}, record, value, "set --aes-key")
	for bit := range len(value) * 8 {
		changed := bytes.Clone(value)
		changed[bit/8] ^= 1 << (bit % 8)
		if got, err := r.Open(record, changed); err == nil && Sealed(changed) {
			t.Fatalf("bit %d changed: got %q, want an error", bit, got)
		}
	}
	for n := 1; n < len(value); n++ {
		wantLocked(t, r, record, value[:n], "")
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	before := ring(t, hexA, "")
	value := before.Seal(record, []byte("secret"))
	during := ring(t, hexB, hexA)
	wantOpen(t, during, record, value, []byte("secret"))
	if during.current(value) {
		t.Error("a value of the previous key counts as current")
	}
	again := during.Seal(record, []byte("secret"))
	if !during.current(again) {
		t.Error("a value of the current key does not count as current")
	}
	wantOpen(t, ring(t, hexB, ""), record, again, []byte("secret"))
}

// Notification configs of any content are told apart from sealed ones.
func TestPlainValuesStayReadable(t *testing.T) {
	t.Parallel()
	plain, err := proto.Marshal(&pb.NotificationConfig{Id: proto.String("n-1"), Name: "alerts"})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []Ring{{}, ring(t, hexA, "")} {
		wantOpen(t, r, record, plain, plain)
		wantOpen(t, r, record, nil, nil)
	}
	if got := (Ring{}).Seal(record, plain); !bytes.Equal(got, plain) {
		t.Errorf("without a key: got %q, want the plain value", got)
	}
}

// A value shorter than a nonce crashed the original: 9.1.9.
func TestOriginalFormat_9_1_9(t *testing.T) {
	t.Parallel()
	for _, hexKey := range []string{hexA, hexA[:48], hexA[:32]} {
		value := original(t, hexKey, []byte("secret"))
		for _, r := range []Ring{ring(t, hexKey, ""), ring(t, hexB, hexKey)} {
			if got, err := r.OpenOriginal(value); err != nil || string(got) != "secret" {
				t.Errorf("OpenOriginal: got %q, %v, want the secret", got, err)
			}
		}
		kept := KeepOriginal(value)
		wantLocked(t, Ring{}, record, kept, "set --aes-key")
		wantLocked(t, ring(t, hexB, ""), record, kept, "set --aes-key")
		wantOpen(t, ring(t, hexKey, ""), record, kept, []byte("secret"))
		if got := ring(t, hexB, "").Seal(record, kept); !bytes.Equal(got, kept) {
			t.Error("sealing a kept value changed it")
		}
		for n := range value {
			wantLocked(t, ring(t, hexKey, ""), record, KeepOriginal(value[:n]), "")
		}
	}
}

func TestBadKeys(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, current, previous, want string }{
		{"not hex", "s3cret-s3cret-s3cret", "", "the current key is not hexadecimal"},
		{"too short", "00ff", "", "the current key has 2 bytes"},
		{"too long", hexA + "00", "", "the current key has 33 bytes"},
		{"bad previous", hexA, "zz", "the previous key is not hexadecimal"},
		{"previous alone", "", hexA, "a previous key without a current one"},
	} {
		_, err := New(tt.current, tt.previous)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error shows the key", tt.name)
		}
	}
}

func FuzzOpen(f *testing.F) {
	r := ring(f, hexB, hexA)
	f.Add("n-1", r.Seal(record, []byte("secret")))
	f.Add("n-1", KeepOriginal(original(f, hexA, []byte("secret"))))
	f.Add("n-1", []byte{versionOurs})
	f.Add("n-1", []byte("\x0a\x03n-1"))
	f.Fuzz(func(t *testing.T, id string, value []byte) {
		k := store.Key{Kind: store.KindNotification, ID: id}
		plain, err := r.Open(k, value)
		switch {
		case !Sealed(value) && (err != nil || !bytes.Equal(plain, value)):
			t.Errorf("a plain value changed: %q, %v", plain, err)
		case err != nil && !errors.Is(err, ErrLocked):
			t.Errorf("got %v, want ErrLocked", err)
		}
		if _, err := r.OpenOriginal(value); err != nil && !errors.Is(err, ErrLocked) {
			t.Errorf("OpenOriginal: got %v, want ErrLocked", err)
		}
		if again := r.Seal(k, value); !Sealed(value) {
			if back, err := r.Open(k, again); err != nil || !bytes.Equal(back, value) {
				t.Errorf("what was sealed came back as %q, %v", back, err)
			}
		}
	})
}
