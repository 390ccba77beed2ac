package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamdal/streamdal-server/store"
	"github.com/streamdal/streamdal-server/store/seal"
)

func TestKeySources(t *testing.T) {
	t.Parallel()
	write := func(content string) string {
		f := filepath.Join(t.TempDir(), keyFile)
		if err := os.WriteFile(f, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return f
	}
	file, empty, bad := write(keyOne+"\n"), write("\n"), write("no key")
	record := store.Key{Kind: store.KindNotification, ID: "n"}
	for _, tt := range []struct {
		name   string
		cmd    serveCmd
		getenv func(string) string
		key    string // "" for none
		err    string
	}{
		{name: "none", getenv: env()},
		{name: "flag", cmd: serveCmd{AESKey: keyOne}, getenv: env(), key: keyOne},
		{name: "file", cmd: serveCmd{AESKeyFile: file}, getenv: env(), key: keyOne},
		{name: "systemd credential", getenv: env("CREDENTIALS_DIRECTORY", filepath.Dir(file)), key: keyOne},
		{name: "flag beats credential", cmd: serveCmd{AESKey: keyTwo}, getenv: env("CREDENTIALS_DIRECTORY", filepath.Dir(file)), key: keyTwo},
		{name: "credential directory without ours", getenv: env("CREDENTIALS_DIRECTORY", t.TempDir())},
		{name: "empty file", cmd: serveCmd{AESKeyFile: empty}, getenv: env(), err: "is empty"},
		{name: "missing file", cmd: serveCmd{AESKeyFile: filepath.Join(t.TempDir(), "none")}, getenv: env(), err: "read the key"},
		{name: "bad file", cmd: serveCmd{AESKeyFile: bad}, getenv: env(), err: "the current key is not hexadecimal"},
		{name: "bad previous", cmd: serveCmd{AESKey: keyOne, AESKeyPrev: "00"}, getenv: env(), err: "the previous key has 1 bytes"},
		{name: "previous alone", cmd: serveCmd{AESKeyPrev: keyOne}, getenv: env(), err: "a previous key without a current one"},
	} {
		got, err := tt.cmd.ring(tt.getenv)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: got %v, want %q", tt.name, err, tt.err)
			}
			continue
		}
		want, wantErr := seal.New(tt.key, "")
		if err != nil || wantErr != nil {
			t.Errorf("%s: %v, %v", tt.name, err, wantErr)
			continue
		}
		plain, err := want.Open(record, got.Seal(record, []byte("secret")))
		if got.Seals() != (tt.key != "") || err != nil || string(plain) != "secret" {
			t.Errorf("%s: another key was taken: %q, %v", tt.name, plain, err)
		}
	}
	both := serveCmd{AESKey: keyOne, AESKeyFile: file, SessionTTL: minSessionTTL, ShutdownGrace: 1, LogLevel: "info"}
	if err := both.Validate(); err == nil || !strings.Contains(err.Error(), "exclude each other") {
		t.Errorf("flag and file: got %v, want a refusal", err)
	}
}
