package schema

import (
	"math"
	"math/big"

	"github.com/streamdal/streamdal-server/wasmbuild/link/data"
	"github.com/streamdal/streamdal-server/wasmbuild/pattern"
)

// Layout says where the kernel finds the program, and what of the kernel it uses.
type Layout struct {
	Root, Any uint32 // the check of the payload, and one that accepts everything

	Automata, Simulations bool // patterns of either kind
	Formats               bool
	Ops                   bool // there is something to do after a value has been walked:
	Lists, Unique         bool // values are looked up, or compared with each other
	Depends               bool // something depends on a property
}

// LayOut adds the program to a rule's constants.
func (s *Schema) LayOut(d *data.Segment) Layout {
	w := &writer{data: d}
	d.Align(16)
	for _, k := range s.checks { // first: checks refer to each other
		k.address = d.U32(make([]uint32, checkBytes/4)...)
	}
	for _, k := range s.checks {
		w.check(k)
	}
	w.layout.Root, w.layout.Any = s.root.address, s.checks[0].address
	return w.layout
}

type writer struct {
	data   *data.Segment
	layout Layout
}

// at overwrites consecutive numbers.
func (w *writer) at(address uint32, numbers ...uint32) {
	for i, n := range numbers {
		w.data.Put32(address+4*uint32(i), n)
	}
}

// label lays out an address<<32 | length.
func (w *writer) label(s string) uint32 {
	if s == "" {
		return 0
	}
	at := w.data.String(s)
	return w.data.U64(uint64(at)<<32 | uint64(len(s)))
}

func (w *writer) check(k *check) {
	w.at(k.address, k.kinds, w.label(k.kindText), w.text(k.text), w.number(k.number), w.object(k.object), w.array(k.array), w.ops(k.ops))
}

// least and most are {limit, label}.
func (w *writer) least(s size) []uint32 { return []uint32{s.n, w.label(s.label)} }

func (w *writer) most(s size) []uint32 {
	if !s.set {
		return []uint32{math.MaxUint32, 0}
	}
	return w.least(s)
}

// pattern lays out a table and returns {table, kind}.
func (w *writer) pattern(p *pattern.Program) []uint32 {
	if p == nil {
		return []uint32{0, 0}
	}
	kind := uint32(1)
	if p.DFA == nil {
		kind = 2
		w.layout.Simulations = true
	}
	w.layout.Automata = true
	return []uint32{w.data.Bytes(p.Table()), kind}
}

func (w *writer) text(t *textCheck) uint32 {
	if t == nil {
		return 0
	}
	w.layout.Formats = w.layout.Formats || t.format != formatNone
	numbers := append(append(w.least(t.min), w.most(t.max)...), w.pattern(t.pattern)...)
	numbers = append(numbers, w.label(t.patternLabel), uint32(t.format), w.label(t.formatLabel))
	return w.data.U32(numbers...)
}

// The flags of an end, as the kernel's comparison of numbers knows them.
const (
	endNegative  = 1
	endZero      = 2
	endInclusive = 8
)

// end lays out {flags, point, count, digits}: the number is 0.digits * 10^point.
func (w *writer) end(e end) uint32 {
	if e.at == nil {
		return 0
	}
	flags := uint32(0)
	if e.inclusive {
		flags |= endInclusive
	}
	switch e.at.Sign() {
	case 0:
		return w.data.U32(flags|endZero, 0, 0, 0)
	case -1:
		flags |= endNegative
	}
	n, scale := decimal(e.at)
	digits := n.String()
	return w.data.U32(flags, uint32(int32(len(digits)+scale)), uint32(len(digits)), w.data.String(digits))
}

func (w *writer) number(n *numberCheck) uint32 {
	if n == nil {
		return 0
	}
	low, high := n.wholes()
	lowEnd, highEnd := w.end(n.low), w.end(n.high)
	lowLabel, highLabel, label := w.label(n.low.label), w.label(n.high.label), w.label(n.label)
	at := w.data.U64(uint64(low), uint64(high))
	w.data.U32(lowEnd, lowLabel, highEnd, highLabel)
	w.data.U64(n.unit)
	w.data.U32(uint32(int32(n.scale)), label)
	return at
}

// wholes is the range of the whole numbers that fit, as far as int64 goes.
func (n *numberCheck) wholes() (low, high int64) {
	low, high = math.MinInt64, math.MaxInt64
	if n.low.at != nil {
		low = clamp(floor(n.low.at, !n.low.inclusive || !n.low.at.IsInt()))
	}
	if n.high.at != nil {
		most := floor(n.high.at, false)
		if n.high.at.IsInt() && !n.high.inclusive {
			most.Sub(most, big.NewInt(1))
		}
		high = clamp(most)
	}
	return low, high
}

// floor is the largest whole number that is not above r, or the next one.
func floor(r *big.Rat, next bool) *big.Int {
	n := new(big.Int).Div(r.Num(), r.Denom())
	if next {
		n.Add(n, big.NewInt(1))
	}
	return n
}

func clamp(n *big.Int) int64 {
	switch {
	case n.IsInt64():
		return n.Int64()
	case n.Sign() < 0:
		return math.MinInt64
	}
	return math.MaxInt64
}

// list lays out the addresses of checks.
func (w *writer) list(checks []*check) uint32 {
	numbers := make([]uint32, len(checks))
	for i, k := range checks {
		numbers[i] = k.address
	}
	return w.data.U32(numbers...)
}

func (w *writer) array(a *arrayCheck) uint32 {
	if a == nil {
		return 0
	}
	tuple := w.list(a.tuple)
	numbers := append(append(w.least(a.min), w.most(a.max)...), tuple, uint32(len(a.tuple)))
	return w.data.U32(append(numbers, w.rest(a.rest)...)...)
}

// rest is {check or 0, label, whole}.
func (w *writer) rest(r rest) []uint32 {
	numbers := []uint32{0, w.label(r.label), 0}
	if r.check != nil {
		numbers[0] = r.check.address
	}
	if r.whole {
		numbers[2] = 1
	}
	return numbers
}

// ops lays out a check's ops.
func (w *writer) ops(list []op) uint32 {
	if len(list) == 0 {
		return 0
	}
	w.layout.Ops = true
	var numbers []uint32
	for _, o := range list {
		n := [opBytes / 4]uint32{uint32(o.code), w.label(o.label)}
		for i, part := range []*check{o.a, o.b, o.c} {
			if part != nil {
				n[2+i] = part.address
			}
		}
		switch o.code {
		case opAny, opOne:
			n[2], n[3] = w.list(o.list), uint32(len(o.list))
		case opEnum:
			w.layout.Lists = true
			n[2] = w.table(o.values, nil)
		case opUnique:
			w.layout.Unique = true
		case opDepends:
			w.layout.Depends = true
			n[3], n[4] = w.data.String(o.name), uint32(len(o.name))
		}
		numbers = append(numbers, n[:]...)
	}
	return w.data.U32(append(numbers, opListEnd)...)
}
