package pattern

import (
	"slices"
	"unicode"
)

// maxClasses is what fits a byte, but for the class of the text's end.
const maxClasses = 255

// ClassEnd is the class of the end of the text.
const ClassEnd = 0

// classing divides all characters into classes, numbered from 1: characters of one
// class are in the same sets, and on the same side of every condition.
type classing struct {
	starts []rune    // where spans of one class start, from 0 on
	class  []uint8   // of each span
	count  int       // with ClassEnd
	of     [][]uint8 // the classes of each position's set
	side   []int     // the side that each class is on; sideEdge for ClassEnd
	start  int       // the side that the text's start is on
}

// classify divides the characters as a graph needs it.
func classify(g *graph) (*classing, error) {
	c := &classing{}
	joined := joinSides(g)
	distinct := []set{{{'\n', '\n'}}, {{'\r', '\r'}}, asciiWord, nil}
	places := []int{sideNewline, sideReturn, sideLetter, sideWide}
	for i, side := range places {
		if joined[side] == joined[sideOther] {
			distinct[i] = nil
		} else if side == sideWide {
			distinct[i] = word().subtract(asciiWord)
		}
	}
	distinct, which := distinctSets(distinct, g.sets)
	if !c.divide(distinct) {
		return nil, &Error{Reason: "the pattern tells more than 254 kinds of characters apart; use fewer different ones"}
	}
	lists := make([][]uint8, len(distinct))
	for i, s := range distinct {
		lists[i] = c.classesOf(s)
	}
	for _, i := range which {
		c.of = append(c.of, lists[i])
	}
	c.side = make([]int, c.count)
	for i := range c.side {
		c.side[i] = joined[sideOther]
	}
	c.side[ClassEnd] = joined[sideEdge]
	for i, side := range places {
		for _, class := range lists[i] {
			c.side[class] = joined[side]
		}
	}
	c.start = joined[sideEdge]
	return c, nil
}

// distinctSets appends those of sets that are not there yet, and returns which one
// each of them is.
func distinctSets(distinct, sets []set) (all []set, which []int) {
	known := map[string]int{}
	same := map[*span]int{} // most sets are shared: look at them once
	for _, s := range sets {
		if len(s) > 0 {
			if i, ok := same[&s[0]]; ok {
				which = append(which, i)
				continue
			}
		}
		key := s.key()
		i, ok := known[key]
		if !ok {
			i = len(distinct)
			known[key] = i
			distinct = append(distinct, s)
		}
		if len(s) > 0 {
			same[&s[0]] = i
		}
		which = append(which, i)
	}
	return distinct, which
}

// joinSides gives each side the last one that no condition tells from it.
func joinSides(g *graph) (joined [sides]int) {
	same := [sides][sides]bool{}
	for a := range sides {
		for b := range sides {
			same[a][b] = true
		}
	}
	g.looks(func(l look) {
		if l == 0 || l == anywhere {
			return
		}
		for a := range sides {
			for b := range sides {
				for c := range sides {
					if (l&pairBit(a, c) != 0) != (l&pairBit(b, c) != 0) || (l&pairBit(c, a) != 0) != (l&pairBit(c, b) != 0) {
						same[a][b] = false
					}
				}
			}
		}
	})
	for a := range sides {
		for b := range sides {
			if same[a][b] {
				joined[a] = b
			}
		}
	}
	return joined
}

// divide finds the coarsest classes that the sets are made of, or says that there
// are too many.
func (c *classing) divide(sets []set) bool {
	c.starts = []rune{0}
	for _, s := range sets {
		for _, x := range s {
			c.starts = append(c.starts, x.low, x.high+1)
		}
	}
	slices.Sort(c.starts)
	c.starts = slices.Compact(c.starts)
	if c.starts[len(c.starts)-1] > unicode.MaxRune {
		c.starts = c.starts[:len(c.starts)-1]
	}
	ids, used := make([]int32, len(c.starts)), int32(1)
	sizes := []int{len(ids)} // spans in each id
	live := 1
	for _, s := range sets {
		within := map[int32]int32{} // the ids of what is within s
		for _, x := range s {
			i, _ := slices.BinarySearch(c.starts, x.low)
			for ; i < len(c.starts) && c.starts[i] <= x.high; i++ {
				old := ids[i]
				id, ok := within[old]
				if !ok {
					id = used
					used++
					sizes = append(sizes, 0)
					live++
					within[old] = id
				}
				ids[i] = id
				sizes[id]++
				if sizes[old]--; sizes[old] == 0 {
					live--
				}
			}
		}
		if live > maxClasses-1 {
			return false
		}
	}
	dense := map[int32]uint8{}
	for _, id := range ids {
		if dense[id] == 0 {
			dense[id] = uint8(len(dense) + 1)
		}
		c.class = append(c.class, dense[id])
	}
	c.count = len(dense) + 1
	return true
}

// classesOf are the classes that s is made of, ascending.
func (c *classing) classesOf(s set) []uint8 {
	var has [maxClasses + 1]bool
	for _, x := range s {
		i, _ := slices.BinarySearch(c.starts, x.low)
		for ; i < len(c.starts) && c.starts[i] <= x.high; i++ {
			has[c.class[i]] = true
		}
	}
	var list []uint8
	for i, ok := range has {
		if ok {
			list = append(list, uint8(i))
		}
	}
	return list
}
