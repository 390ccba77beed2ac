package pattern

import (
	"encoding/binary"
	"slices"
)

const (
	// maxEntries bounds the automaton's table before it is minimised.
	maxEntries = 1 << 18
	// maxWork bounds the edges and positions looked at to make it: some 50 ms.
	maxWork = 1 << 23
	// maxMembers bounds the positions kept, of 2 bytes each.
	maxMembers = 1 << 22
)

// What a row's entry says besides which row comes next.
const (
	EntryNever = 0 // no match, whatever follows
	EntryMatch = 1
)

// DFA is an automaton over classes. It has the fewest possible rows and columns.
type DFA struct {
	// Start is the row to start with. A row is known by where in Rows it is.
	Start uint16
	// Rows has an entry for each class in each row: EntryNever, EntryMatch or the
	// next row. The first two entries of all belong to no row.
	Rows []uint16

	merge []uint8 // the automaton's class for each class of the graph
}

func (d *DFA) match(c *Classes, text string) bool {
	row := d.Start
	for text != "" {
		class, n := c.next(text)
		text = text[n:]
		if row = d.Rows[row+uint16(class)]; row <= EntryMatch {
			return row == EntryMatch
		}
	}
	return d.Rows[row+ClassEnd] == EntryMatch
}

// state is a set of positions that reading so far may have led to, and the side
// that the last character was on: side and positions, ascending, in 16 bits each.
// A search may also begin anywhere: the start's exits belong to every state.
type state string

// subsets makes an automaton of a graph.
type subsets struct {
	*graph
	*classing
	states  []state
	known   map[state]int32
	next    []int32 // by state and class; states are numbered after the entries
	depends []bool  // by exits: whether it matters what stands before
	work    int
	members int // positions in all states

	// for the state at work: the conditions for its edges, by position, and what
	// each class leads to
	reached []look
	targets []int32
	buckets [][]int32
	present []int32
	key     []byte
}

// determinise makes the automaton for a graph, or nil if it is too large, and says how much
// work that was.
func determinise(g *graph, c *classing) (d *DFA, work int) {
	b := &subsets{graph: g, classing: c, known: map[state]int32{}, reached: make([]look, len(g.sets)), buckets: make([][]int32, c.count)}
	for _, x := range g.exits {
		b.depends = append(b.depends, x.depends())
	}
	b.next = make([]int32, 2*c.count) // for EntryNever and EntryMatch
	for i := range c.count {
		b.next[c.count+i] = EntryMatch
	}
	start := b.intern(nil, c.start)
	for i := 0; i < len(b.states); i++ {
		b.expand(b.states[i])
		if len(b.next) > maxEntries || b.work > maxWork || b.members > maxMembers {
			return nil, b.work + len(b.next)
		}
	}
	return reduce(b.next, c.count, start), b.work + len(b.next)
}

// depends says whether a condition depends on what stands before.
func (x exits) depends() bool {
	varies := func(l look) bool {
		const row = 1<<sides - 1
		for before := 1; before < sides; before++ {
			if l>>(before*sides)&row != l&row {
				return true
			}
		}
		return false
	}
	return varies(x.accept) || slices.ContainsFunc(x.edges, func(e edge) bool { return varies(e.look) })
}

// exitsOf calls f with all exits of a state.
func (b *subsets) exitsOf(positions []int32, f func(i int32)) {
	f(0)
	for _, p := range positions {
		f(b.after[p])
	}
}

// intern returns the number of a state.
func (b *subsets) intern(positions []int32, before int) int32 {
	depends, accept := false, look(0)
	b.exitsOf(positions, func(i int32) {
		depends = depends || b.depends[i]
		accept |= b.exits[i].accept
	})
	if !depends {
		before = sideOther
	}
	if accept>>(before*sides)&(1<<sides-1) == 1<<sides-1 {
		return EntryMatch // whatever comes next
	}
	b.key = binary.LittleEndian.AppendUint16(b.key[:0], uint16(before))
	for _, p := range positions {
		b.key = binary.LittleEndian.AppendUint16(b.key, uint16(p))
	}
	b.work += len(positions) + 1
	number, ok := b.known[state(b.key)]
	if !ok {
		number = int32(len(b.states) + EntryMatch + 1)
		s := state(b.key)
		b.known[s] = number
		b.states = append(b.states, s)
		b.members += len(positions) + 1
	}
	return number
}

// read takes a state apart. The positions are there until the next call.
func (b *subsets) read(s state) (positions []int32, before int) {
	b.present = b.present[:0]
	for i := 2; i < len(s); i += 2 {
		b.present = append(b.present, int32(s[i])|int32(s[i+1])<<8)
	}
	return b.present, int(s[0])
}

// expand finds out what each class leads to from a state.
func (b *subsets) expand(s state) {
	positions, before := b.read(s)
	accept := look(0)
	b.exitsOf(positions, func(i int32) {
		accept |= b.exits[i].accept
		b.work += len(b.exits[i].edges) + 1
		for _, e := range b.exits[i].edges {
			if b.reached[e.to] == 0 {
				b.targets = append(b.targets, e.to)
			}
			b.reached[e.to] |= e.look
		}
	})
	slices.Sort(b.targets)
	for _, to := range b.targets {
		for _, class := range b.of[to] {
			if b.reached[to]&pairBit(before, b.side[class]) != 0 {
				b.buckets[class] = append(b.buckets[class], to)
			}
		}
		b.work += len(b.of[to])
		b.reached[to] = 0
	}
	b.targets = b.targets[:0]
	for class := range b.count {
		to := int32(EntryNever)
		switch {
		case accept&pairBit(before, b.side[class]) != 0:
			to = EntryMatch
		case class != ClassEnd:
			to = b.intern(b.buckets[class], b.side[class])
		}
		b.next = append(b.next, to)
		b.buckets[class] = b.buckets[class][:0]
	}
}
