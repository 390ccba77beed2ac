package kernel

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"
)

// goodPrefix is how much of text is valid UTF-8.
func goodPrefix(text []byte) int {
	for i := 0; i < len(text); {
		c, n := utf8.DecodeRune(text[i:])
		if c == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(text)
}

func checkUTF8(t *testing.T, text []byte) {
	t.Helper()
	if len(text) == 0 {
		return
	}
	load(t, text)
	if got, want := utf8Bad(pay, end)-pay, uint32(goodPrefix(text)); got != want {
		t.Errorf("utf8Bad(%q) = %d, want %d", text, got, want)
	}
}

// TestUTF8Blocks moves every kind of sequence over block borders.
func TestUTF8Blocks(t *testing.T) {
	sequences := []string{
		"\x7f", "é", "€", "\U0010ffff", "\x80", "\xc1\xbf", "\xc2", "\xc2\x7f", "\xe0\x9f\xbf", "\xe0\xa0\x80", "\xe2\x82", "\xed\x9f\xbf", "\xed\xa0\x80", "\xee\x80\x80",
		"\xf0\x8f\xbf\xbf", "\xf0\x90\x80\x80", "\xf0\x9f\x98", "\xf4\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "é\x80", "€\x80", "\U0010ffff\x80",
	}
	for _, first := range sequences {
		for _, second := range sequences {
			for _, filler := range []string{"a", "é"} {
				for n := range 20 {
					checkUTF8(t, []byte(strings.Repeat(filler, n+14)+first+second))
					checkUTF8(t, []byte(strings.Repeat(filler, n+14)+first+strings.Repeat("a", 70)+second+strings.Repeat(filler, n)))
				}
			}
		}
	}
}

func FuzzUTF8(f *testing.F) {
	for _, seed := range []string{
		"abc", "é", "\xff", "a\xc3", "\xe2\x82", "\xe2\x28\xa1", "\xed\xa0\x80", "\xf0\x9f\x98\x80", "\xf4\x90\x80\x80", "\xc0\x80", "\xf0\x80\x80\x80",
		strings.Repeat("a", 63) + "é", strings.Repeat("a", 64) + "\x80", strings.Repeat("é", 40) + "\xe2\x82\xac" + strings.Repeat("x", 100) + "\xf0\x9f",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(checkUTF8)
}

func TestUTF8Reason(t *testing.T) {
	for text, want := range map[string]string{
		"ab\xff":             "invalid utf-8 sequence of 1 bytes from index 2",
		"\xe2\x82(":          "invalid utf-8 sequence of 2 bytes from index 0",
		"\xf0\x9f\x98(":      "invalid utf-8 sequence of 3 bytes from index 0",
		"\xed\xa0\x80":       "invalid utf-8 sequence of 1 bytes from index 0",
		"a\xe2\x82":          "incomplete utf-8 byte sequence from index 1",
		"0123456789\xf0\x9f": "incomplete utf-8 byte sequence from index 10",
	} {
		load(t, []byte(text))
		reason := utf8Reason(utf8Bad(pay, end))
		if got := string(vm.Mem[textPtr(reason) : textPtr(reason)+textLen(reason)]); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
