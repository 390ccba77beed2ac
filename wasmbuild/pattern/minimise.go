package pattern

import "slices"

// reduce makes the smallest automaton of a table: next has count entries for each
// state. nil if it is larger than MaxTable.
func reduce(next []int32, count int, start int32) *DFA {
	block := minimise(next, count)
	d := &DFA{}
	// rows in the order in which reading reaches them
	var rows []int32 // a state of each
	number := map[int32]int32{block[EntryNever]: EntryNever, block[EntryMatch]: EntryMatch}
	visit := func(s int32) int32 {
		n, ok := number[block[s]]
		if !ok {
			n = int32(len(rows)) + EntryMatch + 1
			number[block[s]] = n
			rows = append(rows, s)
		}
		return n
	}
	first := visit(start)
	if first <= EntryMatch { // still, there is a row to start with
		rows = append(rows, start)
	}
	entries := []int32{}
	for i := 0; i < len(rows); i++ {
		for _, s := range next[int(rows[i])*count:][:count] {
			entries = append(entries, visit(s))
		}
	}
	var columns []int
	d.merge, columns = mergeColumns(entries, count)
	if 2*(2+len(rows)*len(columns)) > MaxTable {
		return nil
	}
	d.Start = 2
	d.Rows = []uint16{0, 0}
	for i := range rows {
		for _, column := range columns {
			e := entries[i*count+column]
			if e > EntryMatch {
				e = (e-EntryMatch-1)*int32(len(columns)) + 2
			}
			d.Rows = append(d.Rows, uint16(e))
		}
	}
	return d
}

// mergeColumns finds the classes that are alike in every row. It returns the
// number of each class among those that are left, and which those are.
func mergeColumns(entries []int32, count int) (merge []uint8, columns []int) {
	merge = make([]uint8, count)
	columns = []int{ClassEnd}
	number := map[string]uint8{}
	for class := 1; class < count; class++ {
		var key []byte
		for i := class; i < len(entries); i += count {
			e := entries[i]
			key = append(key, byte(e), byte(e>>8), byte(e>>16))
		}
		n, ok := number[string(key)]
		if !ok {
			n = uint8(len(columns))
			number[string(key)] = n
			columns = append(columns, class)
		}
		merge[class] = n
	}
	return merge, columns
}

// partition is a division of states into blocks that is refined step by step.
type partition struct {
	states []int32 // each block's states side by side, the marked ones first
	at     []int32 // where each state is
	block  []int32 // of each state
	blocks []blockSpan
}

type blockSpan struct{ start, marked, end int32 }

// minimise returns for each state the block of those that read the same texts, by
// Hopcroft's algorithm: n log n steps for each class.
func minimise(next []int32, count int) []int32 {
	n := len(next) / count
	p := &partition{block: make([]int32, n)}
	for i := range int32(n) {
		p.states = append(p.states, i)
		p.at = append(p.at, i)
	}
	p.blocks = []blockSpan{{0, 0, int32(n)}}
	p.mark(EntryMatch)
	work := []int32{p.split(0)}
	before := predecessors(next, count)
	var splitter, touched []int32
	for len(work) > 0 {
		b := p.blocks[work[len(work)-1]]
		work = work[:len(work)-1]
		splitter = append(splitter[:0], p.states[b.start:b.end]...)
		for class := range count {
			for _, s := range splitter {
				for _, from := range before.of(s, class) {
					if p.mark(from) {
						touched = append(touched, p.block[from])
					}
				}
			}
			for _, t := range touched {
				if made := p.split(t); made >= 0 {
					work = append(work, made)
				}
			}
			touched = touched[:0]
		}
	}
	return p.block
}

// mark marks a state, and says whether it is the first one of its block.
func (p *partition) mark(s int32) bool {
	b := &p.blocks[p.block[s]]
	at := p.at[s]
	if at < b.marked {
		return false
	}
	other := p.states[b.marked]
	p.states[at], p.at[other] = other, at
	p.states[b.marked], p.at[s] = s, b.marked
	b.marked++
	return b.marked == b.start+1
}

// split makes a block of the marked states or of the others, whichever are fewer,
// and returns it; -1 if all are marked. No state is marked afterwards.
func (p *partition) split(i int32) int32 {
	b := &p.blocks[i]
	made := blockSpan{b.start, b.start, b.marked}
	if b.marked == b.end {
		b.marked = b.start
		return -1
	}
	if b.marked-b.start <= b.end-b.marked {
		b.start = b.marked
	} else {
		made = blockSpan{b.marked, b.marked, b.end}
		b.end = b.marked
		b.marked = b.start
	}
	number := int32(len(p.blocks))
	for _, s := range p.states[made.start:made.end] {
		p.block[s] = number
	}
	p.blocks = append(p.blocks, made)
	return number
}

// predecessorLists says from where a state is reached, by class.
type predecessorLists struct {
	count int
	start []int32
	from  []int32
}

func predecessors(next []int32, count int) predecessorLists {
	p := predecessorLists{count, make([]int32, len(next)+1), make([]int32, len(next))}
	for i, to := range next {
		p.start[int(to)*count+i%count]++
	}
	sum := int32(0)
	for i, n := range p.start {
		sum += n
		p.start[i] = sum
	}
	for i, to := range slices.Backward(next) {
		slot := int(to)*count + i%count
		p.start[slot]--
		p.from[p.start[slot]] = int32(i / count)
	}
	return p
}

func (p predecessorLists) of(s int32, class int) []int32 {
	slot := int(s)*p.count + class
	return p.from[p.start[slot]:p.start[slot+1]]
}
