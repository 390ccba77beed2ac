package code

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"empty":      "\x00\x0b",
		"locals":     "\x02\x03\x7f\x01\x7b\x20\x00\x21\x01\x0b",
		"blocks":     "\x00\x02\x40\x03\x7f\x0c\x01\x0b\x04\x40\x0c\x02\x05\x0d\x00\x0b\x0b\x0b",
		"br_table":   "\x00\x02\x40\x02\x40\x20\x00\x0e\x02\x00\x01\x02\x0b\x0b\x0b",
		"typed":      "\x00\x02\x05\x0b\x0b",
		"constants":  "\x00\x41\x7f\x42\xff\x01\x43\x00\x00\x80\x3f\x44\x00\x00\x00\x00\x00\x00\xf0\x3f\x0b",
		"memory":     "\x00\x28\x02\x10\x3a\x00\x80\x01\x3f\x00\x40\x00\x0b",
		"calls":      "\x00\x10\x81\x01\x23\x00\x24\x01\x1a\x1b\x0f\x00\x01\x0b",
		"registers":  "\x00\xfd\x0c0123456789abcdef\xfd\x00\x00\x10\xfd\x15\x03\xfd\x54\x00\x00\x07\xfd\x64\xfd\x0d0123456789abcdef\xfd\xe3\x01\x0b",
		"bulk":       "\x00\xfc\x0a\x00\x00\xfc\x0b\x00\xfc\x06\x0b",
		"long block": "\x00\x02\x80\x01\x0b\x0b",
	} {
		f, err := Decode([]byte(body), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, _ := f.Encode(); !bytes.Equal(got, []byte(body)) {
			t.Errorf("%s: got %x, want %x", name, got, body)
		}
	}
}

// TestRefs follows references through shorter numbers, and gives areas a place.
func TestRefs(t *testing.T) {
	t.Parallel()
	body := "\x00\x20\x80\x00\x41\x03\x42\x07\x41\x04\x28\x02\x05\x0b" // the index is longer than it must be
	refs := []Ref{{4, 2}, {6, 1}, {10, 2}}
	f, err := Decode([]byte(body), refs)
	if err != nil {
		t.Fatal(err)
	}
	short, moved := f.Encode()
	if got, want := moved, []Ref{{3, 2}, {5, 1}, {9, 2}}; !slices.Equal(got, want) {
		t.Errorf("got references %v, want %v", got, want)
	}
	if f, err = Decode(short, moved); err != nil {
		t.Fatal(err)
	}
	Walk(f.Body, func(i *Instr) {
		if i.Area != 0 {
			i.Place(i.Area * 16)
		}
	})
	placed, none := f.Encode()
	if got, want := string(placed), "\x00\x20\x00\x41\x23\x42\x87\x80\x80\x80\x80\x02\x41\x04\x28\x02\x25\x0b"; got != want || len(none) > 0 {
		t.Errorf("got %x, want %x; references %v are left", got, want, none)
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"":                             "malformed number",
		"\x00":                         "unexpected end",
		"\x00\x0b\x0b":                 "bytes after the end",
		"\x00\x02\x40\x0b":             "unexpected end",
		"\x00\x05\x0b":                 "else without if",
		"\x00\x02\x40\x05\x0b\x0b":     "else without if",
		"\x00\x04\x40\x05\x05\x0b\x0b": "else without if",
		"\x00\x0c\x01\x0b":             "branch leaves more blocks than there are",
		"\x00\x06\x0b":                 "instruction 0x6 is not supported",
		"\x00\xfc\x0c\x0b":             "instruction 0xfc 12 is not supported",
		"\x00\xfd\x80\x02\x0b":         "instruction 0xfd 256 is not supported",
		"\x00\x02\x80\x7e\x0b\x0b":     "block type",
		"\x01\xff\xff\xff\x0f\x7f\x0b": "too many locals",
		"\x00" + strings.Repeat("\x02\x40", maxNesting+1):                                "nested too deeply",
		"\x00\x0e\xff\xff\xff\xff\x0f\x00\x0b":                                           "branch leaves more blocks than there are",
		"\x00" + strings.Repeat("\x02\x40", 5_000_000) + strings.Repeat("\x0b", 5000001): "nested too deeply",
	} {
		if _, err := Decode([]byte(body), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20x: got %v, want %s", body, err, want)
		}
	}
}

// FuzzDecode holds that what is decoded is encoded to what decodes to the same.
func FuzzDecode(f *testing.F) {
	f.Add([]byte("\x00\x02\x40\x03\x7f\x0c\x01\x0b\x04\x40\x0c\x02\x05\x0d\x00\x0b\x0b\x0b"))
	f.Add([]byte("\x02\x03\x7f\x01\x7b\x20\x00\x21\x01\xfd\x64\xfc\x0a\x00\x00\x0b"))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := Decode(body, nil)
		if err != nil {
			return
		}
		once, _ := d.Encode()
		again, err := Decode(once, nil)
		if err != nil {
			t.Fatalf("%x becomes %x: %v", body, once, err)
		}
		if twice, _ := again.Encode(); !bytes.Equal(once, twice) {
			t.Errorf("%x becomes %x, then %x", body, once, twice)
		}
	})
}
