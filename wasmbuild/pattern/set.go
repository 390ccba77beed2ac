package pattern

import (
	"encoding/binary"
	"slices"
	"sync"
	"unicode"
)

// span is an inclusive range of characters.
type span struct{ low, high rune }

// set is a set of characters: ascending spans that neither overlap nor touch.
// Sets are shared and never changed.
type set []span

// everything holds all characters.
var everything = set{{0, unicode.MaxRune}}

// setOf makes a set of spans in any order. It takes the slice over.
func setOf(spans ...span) set {
	slices.SortFunc(spans, func(a, b span) int { return int(a.low - b.low) })
	s := spans[:0]
	for _, x := range spans {
		if n := len(s); n > 0 && x.low <= s[n-1].high+1 {
			s[n-1].high = max(s[n-1].high, x.high)
			continue
		}
		s = append(s, x)
	}
	return set(s)
}

// setOfTable is the set that a table of package unicode stands for.
func setOfTable(t *unicode.RangeTable) set {
	var spans []span
	add := func(low, high, stride rune) {
		if stride == 1 {
			spans = append(spans, span{low, high})
			return
		}
		for c := low; c <= high; c += stride {
			spans = append(spans, span{c, c})
		}
	}
	for _, r := range t.R16 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range t.R32 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return setOf(spans...)
}

func (s set) union(other ...set) set { return setOf(slices.Concat(append([]set{s}, other...)...)...) }

func (s set) negate() set {
	n := make(set, 0, len(s)+1)
	next := rune(0)
	for _, x := range s {
		if x.low > next {
			n = append(n, span{next, x.low - 1})
		}
		next = x.high + 1
	}
	if next <= unicode.MaxRune {
		n = append(n, span{next, unicode.MaxRune})
	}
	return n
}

func (s set) intersect(t set) set {
	var both set
	for len(s) > 0 && len(t) > 0 {
		if low, high := max(s[0].low, t[0].low), min(s[0].high, t[0].high); low <= high {
			both = append(both, span{low, high})
		}
		if s[0].high < t[0].high {
			s = s[1:]
		} else {
			t = t[1:]
		}
	}
	return both
}

func (s set) subtract(t set) set { return s.intersect(t.negate()) }

// key is equal for equal sets only.
func (s set) key() string {
	b := make([]byte, 0, 8*len(s))
	for _, x := range s {
		b = binary.LittleEndian.AppendUint32(b, uint32(x.low))
		b = binary.LittleEndian.AppendUint32(b, uint32(x.high))
	}
	return string(b)
}

// single returns the only character of s.
func (s set) single() (rune, bool) {
	if len(s) == 1 && s[0].low == s[0].high {
		return s[0].low, true
	}
	return 0, false
}

// foldable are the characters that have another case.
var foldable = sync.OnceValue(func() set {
	var spans []span
	for _, r := range unicode.CaseRanges {
		for c := rune(r.Lo); c <= rune(r.Hi); c++ {
			for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
				spans = append(spans, span{f, f})
			}
		}
	}
	return setOf(spans...)
})

// fold adds the other cases of each character.
func (s set) fold() set {
	more := slices.Clone(s)
	for _, x := range s.intersect(foldable()) {
		for c := x.low; c <= x.high; c++ {
			for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
				more = append(more, span{f, f})
			}
		}
	}
	return setOf(more...)
}

// foldASCII is fold for letters of ASCII only.
func (s set) foldASCII() set {
	more := slices.Clone(s)
	for _, x := range s.intersect(set{{'A', 'Z'}, {'a', 'z'}}) {
		more = append(more, span{x.low ^ 32, x.high ^ 32})
	}
	return setOf(more...)
}
