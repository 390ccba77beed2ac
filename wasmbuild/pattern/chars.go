package pattern

import (
	"bytes"
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// Classes tells characters apart. ASCII has a table of its own. Other characters
// go through three tables:
//
//	class = Leaves[Middle[Top[min(c>>10, last of Top)]<<6 | c>>4&63]<<4 | c&15]
type Classes struct {
	Count   int // classes, ClassEnd among them
	ASCII   [utf8.RuneSelf]uint8
	Invalid uint8 // the class of a byte that belongs to no character
	Top     []uint16
	Middle  []uint16
	Leaves  []uint8
}

// The sizes of the blocks of Middle and Leaves: \w takes the least space with these.
const (
	leafBits   = 4
	middleBits = 6
	topBits    = leafBits + middleBits
)

// charLimit is one more than what four bytes of UTF-8 say at most, F4 BF BF BF.
const charLimit = 0x140000

// tables makes the tables. merge, if there is one, gives each class another number.
func (c *classing) tables(merge []uint8) *Classes {
	all := make([]uint8, charLimit)
	t := &Classes{Count: c.count}
	if merge != nil {
		t.Count = int(slices.Max(merge)) + 1
	}
	for i, start := range c.starts {
		class, end := c.class[i], len(all)
		if merge != nil {
			class = merge[class]
		}
		if i+1 < len(c.starts) {
			end = int(c.starts[i+1])
		}
		span := all[start:end]
		for j := range span {
			span[j] = class
		}
	}
	t.Invalid = all[utf8.RuneError]
	copy(t.ASCII[:], all)
	// ASCII is never looked up below, so let it not make leaves of its own
	copy(all[:utf8.RuneSelf], all[utf8.RuneSelf:2*utf8.RuneSelf])
	t.fill(all)
	return t
}

// fill makes the tables for characters outside ASCII, equal blocks being there once.
func (t *Classes) fill(all []uint8) {
	leaves, middles := map[string]uint16{}, map[string]uint16{}
	var last []uint8 // the last leaf, since most are like the one before
	var number uint16
	for ; len(all) > 0; all = all[1<<topBits:] {
		var middle [1 << middleBits]uint16
		var key [2 << middleBits]byte
		for i := range middle {
			leaf := all[i<<leafBits:][:1<<leafBits]
			if !bytes.Equal(leaf, last) {
				var ok bool
				if number, ok = leaves[string(leaf)]; !ok {
					number = uint16(len(leaves))
					leaves[string(leaf)] = number
					t.Leaves = append(t.Leaves, leaf...)
				}
				last = leaf
			}
			middle[i] = number
			binary.LittleEndian.PutUint16(key[2*i:], number)
		}
		block, ok := middles[string(key[:])]
		if !ok {
			block = uint16(len(middles))
			middles[string(key[:])] = block
			t.Middle = append(t.Middle, middle[:]...)
		}
		t.Top = append(t.Top, block)
	}
	for n := len(t.Top); n > 1 && t.Top[n-1] == t.Top[n-2]; n = len(t.Top) {
		t.Top = t.Top[:n-1]
	}
}

// next returns the class of the character that text starts with, and its length.
func (t *Classes) next(text string) (class uint8, n int) {
	c := text[0]
	if c < utf8.RuneSelf {
		return t.ASCII[c], 1
	}
	r, n := decode(text)
	if n == 1 {
		return t.Invalid, 1
	}
	middle := int(t.Top[min(int(r>>topBits), len(t.Top)-1)])<<middleBits | int(r>>leafBits)&(1<<middleBits-1)
	return t.Leaves[int(t.Middle[middle])<<leafBits|int(r)&(1<<leafBits-1)], n
}

// decode reads a character outside ASCII. It checks that the bytes are there, not
// that they are the shortest form. Its length is 1 if they are not there.
func decode(text string) (r rune, n int) {
	c := text[0]
	switch {
	case c < 0xc0 || c > 0xf4:
		return utf8.RuneError, 1
	case c < 0xe0:
		n = 2
	case c < 0xf0:
		n = 3
	default:
		n = 4
	}
	if len(text) < n {
		return utf8.RuneError, 1
	}
	r = rune(c) & (0x7f >> n)
	for _, c := range []byte(text[1:n]) {
		if c&0xc0 != 0x80 {
			return utf8.RuneError, 1
		}
		r = r<<6 | rune(c&63)
	}
	return r, n
}
