// Package data lays out a rule's constants: everything a step's module needs in
// memory beside the kernel's own tables.
package data

import (
	"bytes"
	"encoding/binary"
)

// Segment is a run of bytes at a known address. Addresses it returns stay valid
// while it grows.
type Segment struct {
	base  uint32
	bytes []byte
	known map[string]uint32 // address of each distinct constant
	texts []span            // where texts lie that others may lie within
}

type span struct{ from, to uint32 }

const (
	// Loads of 16 bytes are fastest within a line of 64.
	load, line = 16, 64
	// maxSearched bounds the texts that others are looked for in, and so the time it takes.
	maxSearched = 512
)

// New starts a segment at the address base.
func New(base uint32) *Segment { return &Segment{base: base, known: map[string]uint32{}} }

// Addr is the address of the next byte.
func (s *Segment) Addr() uint32 { return s.base + uint32(len(s.bytes)) }

// Base is the address of the first byte.
func (s *Segment) Base() uint32 { return s.base }

// Image is everything laid out so far.
func (s *Segment) Image() []byte { return s.bytes }

// Align pads with zeros to a multiple of n, a power of two, and returns the address there.
func (s *Segment) Align(n uint32) uint32 {
	for s.Addr()&(n-1) != 0 {
		s.bytes = append(s.bytes, 0)
	}
	return s.Addr()
}

// U8 appends bytes and returns the address of the first.
func (s *Segment) U8(v ...uint8) uint32 {
	at := s.Addr()
	s.bytes = append(s.bytes, v...)
	return at
}

// U32 appends little-endian 32-bit numbers, aligned, and returns the address of the first.
func (s *Segment) U32(v ...uint32) uint32 {
	at := s.Align(4)
	for _, x := range v {
		s.bytes = binary.LittleEndian.AppendUint32(s.bytes, x)
	}
	return at
}

// U64 appends little-endian 64-bit numbers, aligned, and returns the address of the first.
func (s *Segment) U64(v ...uint64) uint32 {
	at := s.Align(8)
	for _, x := range v {
		s.bytes = binary.LittleEndian.AppendUint64(s.bytes, x)
	}
	return at
}

// Bytes lays b out once, however often it is asked for, so that SIMD loads of it
// stay in one cache line each, and returns its address. It may lie within a text.
func (s *Segment) Bytes(b []byte) uint32 {
	if at, ok := s.known[string(b)]; ok {
		return at
	}
	at, ok := s.within(b, func(at uint32) bool { return len(b) <= load && at%line <= line-load })
	if !ok {
		if len(b) > load || s.Addr()%line > line-load {
			s.Align(load)
		}
		at = s.Addr()
		s.bytes = append(s.bytes, b...)
	}
	s.known[string(b)] = at
	return at
}

// Text lays v out for where size matters more than speed, and returns its address.
// It may lie within another text.
func (s *Segment) Text(v string) uint32 {
	at, ok := s.within([]byte(v), func(uint32) bool { return true })
	if !ok {
		at = s.Addr()
		s.bytes = append(s.bytes, v...)
		if len(v) <= maxSearched {
			s.texts = append(s.texts, span{at, s.Addr()})
		}
	}
	return at
}

// within returns where in a text b lies first, at an address that fits.
func (s *Segment) within(b []byte, fits func(at uint32) bool) (at uint32, ok bool) {
	for _, t := range s.texts {
		for at := t.from; at+uint32(len(b)) <= t.to; at++ {
			if fits(at) && bytes.HasPrefix(s.bytes[at-s.base:], b) {
				return at, true
			}
		}
	}
	return 0, false
}

// String is Bytes for a string.
func (s *Segment) String(v string) uint32 { return s.Bytes([]byte(v)) }

// Strings lays out the strings and then a table of {address, length} pairs,
// both 32-bit, and returns the table's address.
func (s *Segment) Strings(list []string) uint32 {
	pairs := make([]uint32, 0, 2*len(list))
	for _, v := range list {
		pairs = append(pairs, s.String(v), uint32(len(v)))
	}
	s.Align(16)
	return s.U32(pairs...)
}

// Put32 overwrites the 32-bit number at the address at, for labels known later.
func (s *Segment) Put32(at, v uint32) { binary.LittleEndian.PutUint32(s.bytes[at-s.base:], v) }
