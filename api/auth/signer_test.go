package auth

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/streamdal/streamdal-server/api/failure"
)

const strongRoot = "a root token that is long enough"

func newSigner(t testing.TB, root string) *Signer {
	t.Helper()
	s, err := NewSigner(root)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTokensRoundTrip(t *testing.T) {
	t.Parallel()
	s := newSigner(t, strongRoot)
	expires := time.Unix(1_900_000_000, 0)
	for _, g := range []Grant{
		{Role: Viewer},
		{Role: SDK, Service: "billing", Name: "the billing team's", Expires: expires},
		{Role: SDK, Service: strings.Repeat("s", maxServiceBytes), Name: strings.Repeat("n", maxTokenName), Expires: expires},
		{Role: Editor, Name: "Zoë"},
		{Role: Admin, Expires: time.Unix(maxExpiry, 0)},
	} {
		if err := g.Check(time.Unix(0, 0)); err != nil {
			t.Fatal(err)
		}
		token, issued := s.Sign(g)
		if !strings.HasPrefix(token, "sds_") || len(token) > maxToken || strings.ContainsAny(token, "+/= ") {
			t.Errorf("%v: got token %q of %d bytes", g, token, len(token))
		}
		got, ok := s.Open(token)
		if diff := cmp.Diff(issued, got); !ok || diff != "" {
			t.Errorf("%v: opens %t, not as issued (-want +got):\n%s", g, ok, diff)
		}
		if at, ok := s.ParseID(issued.ID); !ok || !at.Equal(g.Expires) {
			t.Errorf("%v: its id %s says %v %t", g, issued.ID, at, ok)
		}
		if id, ok := IDOf(token); !ok || id != issued.ID {
			t.Errorf("%v: IDOf gives %q %t, want %s", g, id, ok, issued.ID)
		}
		g.ID = issued.ID
		if diff := cmp.Diff(g, issued); diff != "" {
			t.Errorf("issued something else (-want +got):\n%s", diff)
		}
	}
	if _, a := s.Sign(Grant{Role: Viewer}); true {
		if _, b := s.Sign(Grant{Role: Viewer}); a.ID == b.ID {
			t.Error("two tokens have one id")
		}
	}
}

// Whatever is changed about a token, it is none any more.
func TestForgedTokens(t *testing.T) {
	t.Parallel()
	s := newSigner(t, strongRoot)
	token, issued := s.Sign(Grant{Role: Viewer, Name: "x"})
	if _, ok := newSigner(t, strongRoot+"!").Open(token); ok {
		t.Error("a token outlived a change of the root token")
	}
	if _, ok := newSigner(t, strongRoot+"!").ParseID(issued.ID); ok {
		t.Error("an id outlived a change of the root token")
	}
	for i := len(tokenPrefix); i < len(token); i++ {
		for _, c := range []byte{'A', 'B', '-', '=', '\n', 0xff} {
			changed := []byte(token)
			changed[i] = c
			if string(changed) == token {
				continue
			}
			if _, ok := s.Open(string(changed)); ok {
				t.Fatalf("%q works as well as %q", changed, token)
			}
		}
	}
	for _, other := range []string{
		"", "sds_", token[:len(token)-1], token + "A", token + "\n", token + "=", "SDS_" + token[4:], token[4:], " " + token,
		token[:20] + "\n" + token[20:], "sds_" + base64.RawURLEncoding.EncodeToString(make([]byte, 100)), "sds_" + strings.Repeat("A", 1<<20),
	} {
		if _, ok := s.Open(other); ok {
			t.Errorf("%.40q is taken for a token", other)
		}
	}
	for i := range issued.ID {
		id := []byte(issued.ID)
		id[i] ^= 3
		if _, ok := s.ParseID(string(id)); ok {
			t.Errorf("%q is taken for an id, with its letter %d changed", id, i)
		}
	}
	for _, id := range []string{"", "root", strings.ToUpper(issued.ID), issued.ID + "\n", issued.ID[1:], issued.ID + "a"} {
		if _, ok := s.ParseID(id); ok {
			t.Errorf("%q is taken for an id", id)
		}
	}
}

// A short root token could be found by trying until one fits a scoped token.
func TestWeakRootTokensSignNothing(t *testing.T) {
	t.Parallel()
	if _, err := NewSigner("1234"); !errors.Is(err, ErrWeakRoot) {
		t.Errorf("got %v, want %v", err, ErrWeakRoot)
	}
	a, err := New(Config{RootToken: "1234"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Signer(); !errors.Is(err, ErrWeakRoot) {
		t.Errorf("got %v, want %v", err, ErrWeakRoot)
	}
	token, _ := newSigner(t, strongRoot).Sign(Grant{Role: Viewer})
	if _, err := a.token(token); !errors.Is(err, errInvalid) {
		t.Errorf("got %v, want %v", err, errInvalid)
	}
}

func TestGrantsThatCannotBe(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_800_000_000, 0)
	for _, tt := range []struct {
		grant Grant
		want  string
	}{
		{Grant{}, "needs a role"},
		{Grant{Role: Open}, "needs a role"},
		{Grant{Role: 99}, "needs a role"},
		{Grant{Role: Viewer, Service: "billing"}, "only a token with the role sdk"},
		{Grant{Role: SDK, Service: strings.Repeat("x", maxServiceBytes+1)}, "longer than 255 bytes"},
		{Grant{Role: SDK, Service: "a:b"}, "without colons"},
		{Grant{Role: SDK, Service: " a"}, "spaces around it"},
		{Grant{Role: SDK, Service: "a\xff"}, "cannot be used"},
		{Grant{Role: SDK, Name: strings.Repeat("x", maxTokenName+1)}, "longer than 100 bytes"},
		{Grant{Role: SDK, Name: "two\nlines"}, "one line"},
		{Grant{Role: SDK, Expires: now}, "expire at once"},
		{Grant{Role: SDK, Expires: now.AddDate(40_000, 0, 0)}, "leave the expiry out"},
	} {
		err := tt.grant.Check(now)
		if kind, text := failure.Of(err); err == nil || kind != failure.Invalid || !strings.Contains(text, tt.want) {
			t.Errorf("%+v: got %v, want one with %q", tt.grant, err, tt.want)
		}
	}
}

func TestParseRole(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Role{"sdk": SDK, "viewer": Viewer, "editor": Editor, "admin": Admin} {
		if got, err := ParseRole(name); got != want || err != nil {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	for _, name := range []string{"", "open", "nobody", "root", "Admin"} {
		if _, err := ParseRole(name); err == nil {
			t.Errorf("%q is taken for a role of tokens", name)
		}
	}
}

func FuzzToken(f *testing.F) {
	s := newSigner(f, strongRoot)
	token, _ := s.Sign(Grant{Role: SDK, Service: "billing", Name: "x"})
	f.Add(token)
	f.Add("sds_")
	f.Add(token + "\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		if g, ok := s.Open(text); ok {
			id, err := idText.DecodeString(g.ID)
			if err != nil {
				t.Fatal(err)
			}
			b := encodeGrant(g, [idBytes]byte(id))
			if one := tokenPrefix + tokenText.EncodeToString(append(b, mac(s.tokenKey, b)...)); one != text {
				t.Errorf("%q works as well as %q", text, one)
			}
		}
		_, _ = IDOf(text)
		_, _ = s.ParseID(text)
	})
}

// What stands in a token has one spelling.
func FuzzGrant(f *testing.F) {
	f.Add(encodeGrant(Grant{Role: SDK, Service: "billing", Name: "x"}, [idBytes]byte{}))
	f.Add(encodeGrant(Grant{Role: Admin}, [idBytes]byte{1, 2, 3, 4, 5, 6}))
	f.Add([]byte{tokenVersion})
	f.Fuzz(func(t *testing.T, b []byte) {
		g, ok := decodeGrant(b)
		if !ok {
			return
		}
		id, err := idText.DecodeString(g.ID)
		if err != nil {
			t.Fatal(err)
		}
		if again := encodeGrant(g, [idBytes]byte(id)); string(again) != string(b) {
			t.Errorf("got %x, want %x", again, b)
		}
	})
}

func BenchmarkOpenToken(b *testing.B) {
	s := newSigner(b, strongRoot)
	token, _ := s.Sign(Grant{Role: SDK, Service: "billing", Name: "the billing team's"})
	for b.Loop() {
		if _, ok := s.Open(token); !ok {
			b.Fatal("it does not open")
		}
	}
}
