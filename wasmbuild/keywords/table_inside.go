package keywords

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
)

// text lays s out and returns where. One keyword often holds another: that needs no place of its own.
func (l layout) text(s string) uint32 {
	if i := strings.Index(string(l.Image()), s); i >= 0 {
		return l.Base() + uint32(i)
	}
	return l.U8([]byte(s)...)
}

func (l layout) layEntries(list []*entry) uint32 {
	var all []uint32
	for _, e := range list {
		more := l.layKeywords(slices.Concat(e.paths, e.exact))
		counts := uint32(len(e.name)) | uint32(e.entity)<<8 | uint32(len(e.paths))<<16 | uint32(len(e.exact))<<24
		all = append(all, e.hash, l.text(e.name), counts, more, lettersBefore(e.paths))
	}
	return l.U32(all...)
}

// layKeywords lays out keywords whose text must be compared, and returns where they are.
func (l layout) layKeywords(list []Keyword) uint32 {
	var v []uint32
	for _, k := range list {
		v = append(v, l.text(k.Text), uint32(len(k.Text))|uint32(l.entity(k.Entity))<<8)
	}
	return l.U32(v...)
}

// lettersBefore has a bit for each last letter of what precedes the paths' last part.
func lettersBefore(paths []Keyword) (m uint32) {
	for _, k := range paths {
		c := k.Text[strings.LastIndex(k.Text, ".")-1]
		if c >= 'a' && c <= 'z' {
			m |= 1 << (c - 'a')
		} else {
			m |= 1 << 31
		}
	}
	return m
}

// insides are the names that count within other names, the longest first.
func insides() []Keyword {
	var list []Keyword
	seen := map[string]bool{}
	for _, k := range List() {
		if k.IsPath() {
			continue
		}
		for _, text := range k.forms() {
			if len(text) >= minInside && !seen[text] {
				seen[text] = true
				list = append(list, Keyword{text, k.Entity})
			}
		}
	}
	slices.SortFunc(list, byRank)
	return list
}

// group is the slot of a text's first five characters.
func group(text string) uint32 {
	b := append([]byte(text[:minInside]), 0, 0, 0)
	return uint32(binary.LittleEndian.Uint64(b) * groupMix >> 53)
}

func (l layout) layInside() (groups, inside uint32) {
	heads := make([]uint16, groupSlots)
	list := insides()
	v := make([]uint32, 2*len(list))
	for i := len(list) - 1; i >= 0; i-- { // so that chains are in order
		k := list[i]
		head := &heads[group(k.Text)]
		v[2*i] = l.text(k.Text)
		v[2*i+1] = uint32(len(k.Text)) | uint32(l.entity(k.Entity))<<8 | uint32(*head)<<16
		*head = uint16(i + 1)
	}
	return u16s(l.Segment, heads), l.U32(v...)
}

// Rank is the number, from 1 on, of the first name of Tables.Inside that occurs
// in one of the names that a path consists of; 0 if there is none.
func Rank(path []string) uint32 {
	for i, k := range insides() {
		for _, name := range path {
			if strings.Contains(lower(name), k.Text) {
				return uint32(i + 1)
			}
		}
	}
	return 0
}

// Prefix is how the path of members that lie in parents begins, where keywords are compared with it.
func Prefix(parents []string) string {
	var b strings.Builder
	for _, p := range parents {
		b.WriteString(lower(unnamed(p)) + ".")
	}
	return b.String()
}

// numericRanges are the ranges of Unicode's numbers beyond ASCII.
func numericRanges() []uint32 {
	var list []uint32
	add := func(c rune) {
		if n := len(list); n > 0 && list[n-1]>>11+list[n-1]&0x7ff+1 == uint32(c) {
			list[n-1]++
			return
		}
		list = append(list, uint32(c)<<11)
	}
	for c := rune(0x80); c <= unicode.MaxRune; c++ {
		if unicode.Is(unicode.N, c) {
			add(c)
		}
	}
	return list
}
