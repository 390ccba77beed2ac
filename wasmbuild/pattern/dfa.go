package pattern

import (
	"encoding/binary"
	"slices"
)

const (
	// maxEntries bounds the automaton's table before it is minimised.
	maxEntries = 1 << 18
	// maxWork bounds the edges looked at to make it: some 50 ms.
	maxWork = 1 << 23
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

// state is a set of positions that reading so far may have led to. A search may
// also begin anywhere: the start's exits belong to every state.
type state struct {
	positions []int32 // ascending
	before    int     // the side that the last character was on
}

// subsets makes an automaton of a graph.
type subsets struct {
	*graph
	*classing
	states  []state
	known   map[string]int32
	next    []int32 // by state and class; states are numbered after the entries
	depends []bool  // by exits: whether it matters what stands before
	work    int

	// for the state at work: the conditions for its edges, by position, and what
	// each class leads to
	reached []look
	targets []int32
	buckets [][]int32
}

// determinise makes the automaton for a graph, or nil if it is too large.
func determinise(g *graph, c *classing) *DFA {
	b := &subsets{graph: g, classing: c, known: map[string]int32{}, reached: make([]look, len(g.sets)), buckets: make([][]int32, c.count)}
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
		if len(b.next) > maxEntries || b.work > maxWork {
			return nil
		}
	}
	return reduce(b.next, c.count, start)
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

// intern returns the number of a state. It may keep positions.
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
	key := make([]byte, 1, 1+4*len(positions))
	key[0] = byte(before)
	for _, p := range positions {
		key = binary.LittleEndian.AppendUint32(key, uint32(p))
	}
	number, ok := b.known[string(key)]
	if !ok {
		number = int32(len(b.states) + EntryMatch + 1)
		b.known[string(key)] = number
		b.states = append(b.states, state{slices.Clone(positions), before})
	}
	b.work += len(positions) + 1
	return number
}

// expand finds out what each class leads to from a state.
func (b *subsets) expand(s state) {
	accept := look(0)
	b.exitsOf(s.positions, func(i int32) {
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
			if b.reached[to]&pairBit(s.before, b.side[class]) != 0 {
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
		case accept&pairBit(s.before, b.side[class]) != 0:
			to = EntryMatch
		case class != ClassEnd:
			to = b.intern(b.buckets[class], b.side[class])
		}
		b.next = append(b.next, to)
		b.buckets[class] = b.buckets[class][:0]
	}
}
