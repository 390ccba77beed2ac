package pattern

import (
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

// charLimit is one more than what four bytes of UTF-8 say at most, 0xf4bfbfbf.
const charLimit = 0x140000

// tables makes the tables. merge, if there is one, gives each class another number.
func (c *classing) tables(merge []uint8) *Classes {
	spans := *c
	t := &Classes{Count: c.count}
	if merge != nil {
		t.Count = int(slices.Max(merge)) + 1
		spans.class = make([]uint8, len(c.class))
		for i, class := range c.class {
			spans.class[i] = merge[class]
		}
	}
	for i := range t.ASCII {
		t.ASCII[i] = spans.at(rune(i))
	}
	t.Invalid = spans.at(utf8.RuneError)
	t.fill(&spans)
	return t
}

// at is the class of a character.
func (c *classing) at(r rune) uint8 {
	i, ok := slices.BinarySearch(c.starts, r)
	if !ok {
		i--
	}
	return c.class[i]
}

// fill makes the tables for characters outside ASCII, equal blocks being there once.
func (t *Classes) fill(c *classing) {
	b := &blocks{Classes: t, leaves: map[string]uint16{}, middles: map[string]uint16{}}
	uniform := map[uint8]uint16{} // the blocks of one class only
	span := 0
	for at := rune(0); at < charLimit; at += 1 << topBits {
		for span+1 < len(c.starts) && c.starts[span+1] <= at {
			span++
		}
		class := c.class[span]
		block, known := uniform[class]
		if one := span+1 == len(c.starts) || c.starts[span+1] >= at+1<<topBits; !one || !known {
			var all [1 << topBits]uint8
			i := span
			for j := range all {
				for i+1 < len(c.starts) && c.starts[i+1] <= at+rune(j) {
					i++
				}
				all[j] = c.class[i]
			}
			if at == 0 { // ASCII is never looked up here: let it not make leaves of its own
				copy(all[:utf8.RuneSelf], all[utf8.RuneSelf:2*utf8.RuneSelf])
			}
			if block = b.add(&all); one {
				uniform[class] = block
			}
		}
		t.Top = append(t.Top, block)
	}
	for n := len(t.Top); n > 1 && t.Top[n-1] == t.Top[n-2]; n = len(t.Top) {
		t.Top = t.Top[:n-1]
	}
}

// blocks adds blocks to a table that are not there yet.
type blocks struct {
	*Classes
	leaves, middles map[string]uint16
}

// add returns the number of the block of Middle for these classes.
func (b *blocks) add(all *[1 << topBits]uint8) uint16 {
	var middle [1 << middleBits]uint16
	var key [2 << middleBits]byte
	for i := range middle {
		leaf := all[i<<leafBits:][:1<<leafBits]
		number, ok := b.leaves[string(leaf)]
		if !ok {
			number = uint16(len(b.leaves))
			b.leaves[string(leaf)] = number
			b.Leaves = append(b.Leaves, leaf...)
		}
		middle[i] = number
		binary.LittleEndian.PutUint16(key[2*i:], number)
	}
	block, ok := b.middles[string(key[:])]
	if !ok {
		block = uint16(len(b.middles))
		b.middles[string(key[:])] = block
		b.Middle = append(b.Middle, middle[:]...)
	}
	return block
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
