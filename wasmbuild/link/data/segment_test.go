package data

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSegment(t *testing.T) {
	t.Parallel()
	s := New(100)
	if got, want := s.U8(1, 2), uint32(100); got != want {
		t.Errorf("U8 at %d, want %d", got, want)
	}
	label := s.U32(0)
	if got, want := label, uint32(104); got != want {
		t.Errorf("U32 at %d, want %d", got, want)
	}
	if got, want := s.U64(7), uint32(112); got != want {
		t.Errorf("U64 at %d, want %d", got, want)
	}
	s.Put32(label, s.Addr())
	want := []byte{1, 2, 0, 0, 120, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0}
	if diff := cmp.Diff(want, s.Image()); diff != "" {
		t.Error(diff)
	}
}

// TestStrings reads the table back as the kernel does.
func TestStrings(t *testing.T) {
	t.Parallel()
	s := New(1000)
	list := []string{"one", "", "three", "one"}
	table := s.Strings(list)
	image := s.Image()
	u32 := func(at uint32) uint32 {
		b := image[at-1000:]
		return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24
	}
	for i, want := range list {
		p, n := u32(table+uint32(8*i)), u32(table+uint32(8*i)+4)
		if got := string(image[p-1000 : p-1000+n]); got != want {
			t.Errorf("string %d is %q, want %q", i, got, want)
		}
		if p%64 > 48 {
			t.Errorf("string %d is at %d: a load of 16 bytes leaves its cache line", i, p)
		}
	}
	if u32(table) != u32(table+24) {
		t.Error("equal strings are laid out twice")
	}
}

func TestAddressesOfEqualConstants(t *testing.T) {
	t.Parallel()
	s := New(64)
	a, b := s.String("x"), s.Bytes([]byte("x"))
	if a != b {
		t.Errorf("equal constants at %d and %d", a, b)
	}
	if got, want := s.Align(64), uint32(128); got != want || s.Base() != 64 {
		t.Errorf("aligned to %d from %d, want %d from 64", got, s.Base(), want)
	}
}

// TestTextsWithinTexts holds that a constant within a text takes no room, unless
// it is for fast loads and would not lie within a cache line there.
func TestTextsWithinTexts(t *testing.T) {
	t.Parallel()
	s := New(128)
	whole := s.Text("no value at 'customer.contact.address' was found in the data")
	size := len(s.Image())
	if got, want := s.Text("customer.contact.address"), whole+13; got != want {
		t.Errorf("text at %d, want %d", got, want)
	}
	if got, want := s.String("customer"), whole+13; got != want {
		t.Errorf("string at %d, want %d", got, want)
	}
	if len(s.Image()) != size {
		t.Errorf("%d bytes more", len(s.Image())-size)
	}
	if at := s.String("the data"); at%64 > 48 || string(s.Image()[at-128:]) != "the data" {
		t.Errorf("string at %d: a load of 16 bytes leaves its cache line", at)
	}
}
