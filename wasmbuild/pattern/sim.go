package pattern

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

// Sim is a graph to be simulated: what reading so far may have led to is a set of
// bits. Bit 0 is the start, which is always set; bit p+1 is position p.
//
// A step to the next character has a fixed cost. Most positions lead to just the
// next one, which is one shift for all of them. The other edges are in groups:
// if one of a group's bits is set, all that the group leads to is set. At last
// only the positions stay that the character's class leads to.
type Sim struct {
	// Size is the number of bytes that a set of bits takes, a multiple of 16.
	Size int
	// Sets has one for each class: the positions it leads to. In the place of
	// ClassEnd, it has the positions that lead to the next one.
	Sets []byte
	// Sides has for each class the side it is on, and SideWakes.
	Sides []uint8
	// Groups are in order of Accepts: those come first.
	Groups []Group
	// Start is the side that the text's start is on.
	Start uint8
}

// SideWakes is set for a class which the start alone can do something with.
const SideWakes = 0x80

// Group is a set of bits that lead to the same positions under one condition.
type Group struct {
	Look    uint64 // bit before*6+after: whether it holds between these sides
	Accepts bool   // it leads to a match, and to no positions
	From    Bits
	To      Bits
}

// Bits is the part of a set of bits where some are set: whole units of 16 bytes.
type Bits struct {
	At    int // bytes before it
	Bytes []byte
}

// simulate makes a simulation of a graph, if it is within bounds.
func simulate(g *graph, c *classing) (*Sim, error) {
	n := len(g.sets) + 1
	if n > MaxPositions {
		return nil, tooLarge("has %d places to keep track of, and %d are the most", n, MaxPositions)
	}
	s := &Sim{Size: (n + 127) / 128 * 16, Start: uint8(c.start)}
	s.Sets = make([]byte, c.count*s.Size)
	for p, classes := range c.of {
		for _, class := range classes {
			setBit(s.Sets[int(class)*s.Size:], p+1)
		}
	}
	if !s.addGroups(g) {
		return nil, tooLarge("needs more than %d steps for each character of a text", MaxSimWork)
	}
	for class, side := range c.side {
		flags := uint8(side)
		if wakes(g, c, uint8(class)) {
			flags |= SideWakes
		}
		s.Sides = append(s.Sides, flags)
	}
	switch work, size := s.cost(); {
	case work > MaxSimWork:
		return nil, tooLarge("needs %d steps for each character of a text, and %d are the most", work, MaxSimWork)
	case size > MaxTable:
		return nil, tooLarge("needs tables of %d bytes, and %d are the most", size, MaxTable)
	}
	return s, nil
}

func tooLarge(format string, a ...any) error {
	return &Error{Reason: "the pattern is too large: it " + fmt.Sprintf(format, a...) + "; use smaller counts, or several steps"}
}

// wakes says whether the start alone can do something with a class.
func wakes(g *graph, c *classing, class uint8) bool {
	return g.exits[0].accept != 0 || slices.ContainsFunc(g.exits[0].edges, func(e edge) bool {
		return slices.Contains(c.of[e.to], class)
	})
}

// addGroups makes the groups, or says that there are too many.
func (s *Sim) addGroups(g *graph) bool {
	owners := make([][]int, len(g.exits)) // the bits that have these exits
	owners[0] = []int{0}
	for p, i := range g.after {
		owners[i] = append(owners[i], p+1)
	}
	known := map[string]int{}
	add := func(l look, accepts bool, from []int, to []int32) bool {
		key := binary.LittleEndian.AppendUint64(nil, uint64(l))
		for _, p := range to {
			key = binary.LittleEndian.AppendUint32(key, uint32(p))
		}
		i, ok := known[string(key)]
		if !ok {
			i = len(s.Groups)
			known[string(key)] = i
			s.Groups = append(s.Groups, Group{Look: uint64(l), Accepts: accepts, From: s.none(), To: s.none()})
			for _, p := range to {
				setBit(s.Groups[i].To.Bytes, int(p)+1)
			}
		}
		for _, bit := range from {
			setBit(s.Groups[i].From.Bytes, bit)
		}
		return len(s.Groups) <= MaxSimWork
	}
	for i, x := range g.exits {
		if x.accept != 0 && !add(x.accept, true, owners[i], nil) {
			return false
		}
		byLook := map[look][]int32{}
		var order []look
		for _, e := range x.edges {
			if len(owners[i]) == 1 && int(e.to) == owners[i][0] && e.look == anywhere {
				setBit(s.Sets, owners[i][0]) // the shift does it
				continue
			}
			if byLook[e.look] == nil {
				order = append(order, e.look)
			}
			byLook[e.look] = append(byLook[e.look], e.to)
		}
		for _, l := range order {
			if !add(l, false, owners[i], byLook[l]) {
				return false
			}
		}
	}
	slices.SortStableFunc(s.Groups, func(a, b Group) int {
		if a.Accepts == b.Accepts {
			return 0
		} else if a.Accepts {
			return -1
		}
		return 1
	})
	for i := range s.Groups {
		s.Groups[i].From.trim()
		s.Groups[i].To.trim()
	}
	return true
}

func (s *Sim) none() Bits { return Bits{Bytes: make([]byte, s.Size)} }

func setBit(b []byte, i int) { b[i/8] |= 1 << (i % 8) }

// trim cuts off the units without bits at both ends.
func (b *Bits) trim() {
	var unit [16]byte
	for len(b.Bytes) > 0 && bytes.Equal(b.Bytes[:16], unit[:]) {
		b.At += 16
		b.Bytes = b.Bytes[16:]
	}
	for n := len(b.Bytes); n > 0 && bytes.Equal(b.Bytes[n-16:], unit[:]); n = len(b.Bytes) {
		b.Bytes = b.Bytes[:n-16]
	}
}

// cost returns the registers looked at for each character, and the tables' bytes.
func (s *Sim) cost() (work, size int) {
	work, size = 4*s.Size/16, len(s.Sets)+len(s.Sides)
	for _, g := range s.Groups {
		n := len(g.From.Bytes) + len(g.To.Bytes)
		work += 1 + n/16
		size += groupHeader + n
	}
	return work, size
}

func (s *Sim) match(c *Classes, text string) bool {
	now, next := s.none().Bytes, s.none().Bytes
	now[0] = 1
	before := s.Start
	for {
		class, n := uint8(ClassEnd), 0
		if text != "" {
			class, n = c.next(text)
			text = text[n:]
		}
		after := s.Sides[class] &^ SideWakes
		if s.step(now, next, class, before*sides+after) {
			return true
		}
		if class == ClassEnd {
			return false
		}
		now, next, before = next, now, after
	}
}

// step makes next what now leads to, or says that it leads to a match.
func (s *Sim) step(now, next []byte, class, pair uint8) bool {
	carry := byte(0)
	for i, b := range now {
		b &= s.Sets[i]
		next[i] = b<<1 | carry
		carry = b >> 7
	}
	for _, g := range s.Groups {
		if g.Look>>pair&1 == 0 || !slices.ContainsFunc(both(now[g.From.At:], g.From.Bytes), func(b byte) bool { return b != 0 }) {
			continue
		}
		if g.Accepts {
			return true
		}
		for i, b := range g.To.Bytes {
			next[g.To.At+i] |= b
		}
	}
	copy(next, both(next, s.Sets[int(class)*s.Size:][:s.Size]))
	next[0] |= 1
	return false
}

func both(a, b []byte) []byte {
	c := make([]byte, len(b))
	for i := range b {
		c[i] = a[i] & b[i]
	}
	return c
}
