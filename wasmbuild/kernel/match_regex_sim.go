package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// What a pattern's table says if the pattern is simulated.
const (
	regexSets      = 28 // where the sets of bits are: which each class leads to
	regexSize      = 32 // the bytes of a set of bits
	regexSides     = 36 // where the sides of the classes are
	regexGroups    = 40 // where the groups start
	regexGroupsEnd = 44
	regexStartSide = 48

	// A group: the condition's bits, then these, then From's and To's bytes.
	simGroupFrom    = 8
	simGroupFromLen = 12
	simGroupTo      = 16
	simGroupToLen   = 20 // 0: it leads to a match
	simGroupHead    = 32

	simWakes = 0x80 // the start alone can do something with this class
	simSides = 6

	maxSimSet = 1024
)

// simReached holds the positions of the pattern that reading so far may have led to,
// and has room for those that come next.
var simReached [2 * maxSimSet]uint8

// matchRegexSim is matchRegex for patterns too large for an automaton.
func matchRegexSim(c uint32, p, e ptr) bool { return runSim(Regex, p, e) }

// runSim simulates the pattern at t on [p,e).
func runSim(t, p, e ptr) bool {
	now := vm.Addr(&simReached)
	next := now + maxSimSet
	vm.Fill(now, 0, vm.U32(t+regexSize))
	vm.Put8(now, 1) // the start
	before, idle := vm.U32(t+regexStartSide), true
	for {
		class := uint32(0)
		if p < e {
			class = vm.U8(p)
			if class < 0x80 {
				class = vm.U8(t + regexASCII + class)
				p++
			} else {
				class, p = wideClass(t, p, e)
			}
		}
		after := vm.U8(t + vm.U32(t+regexSides) + class)
		if !idle || after&simWakes != 0 {
			simShift(t, now, next)
			if simGroups(t, now, next, before*simSides+after&^simWakes) {
				return true
			}
			idle = simKeep(t, next, class)
			now, next = next, now
		}
		if class == 0 {
			return false
		}
		before = after &^ simWakes
	}
}

// simShift makes next what positions lead to of which each leads to the one after it.
func simShift(t, now, next ptr) {
	carry := uint64(0)
	shift := t + vm.U32(t+regexSets) // in the place of the text's end
	for i, n := uint32(0), vm.U32(t+regexSize); i < n; i += 8 {
		bits := vm.U64(now+i) & vm.U64(shift+i)
		vm.Put64(next+i, bits<<1|carry)
		carry = bits >> 63
	}
}

// simGroups adds to next what the groups lead to, or says that one leads to a match.
func simGroups(t, now, next ptr, pair uint32) bool {
	stop := t + vm.U32(t+regexGroupsEnd)
	for g := t + vm.U32(t+regexGroups); g < stop; {
		from := g + simGroupHead
		to := from + vm.U32(g+simGroupFromLen)
		end := to + vm.U32(g+simGroupToLen)
		if vm.U64(g)>>(pair&63)&1 != 0 && meets(now+vm.U32(g+simGroupFrom), from, to) {
			if to == end {
				return true
			}
			o := next + vm.U32(g+simGroupTo)
			for q := to; q < end; q += 16 {
				vm.Store(o, vm.Or(vm.Load(o), vm.Load(q)))
				o += 16
			}
		}
		g = end
	}
	return false
}

// meets says whether the sets of bits at s and at [p,e) have one in common.
func meets(s, p, e ptr) bool {
	for ; p < e; p += 16 {
		if vm.Any(vm.And(vm.Load(s), vm.Load(p))) {
			return true
		}
		s += 16
	}
	return false
}

// simKeep keeps of next what the class leads to, and the start. It says whether
// that is all.
func simKeep(t, next ptr, class uint32) bool {
	n := vm.U32(t + regexSize)
	all := vm.Splat(0)
	set := t + vm.U32(t+regexSets) + class*n
	for i := uint32(0); i < n; i += 16 {
		v := vm.And(vm.Load(next+i), vm.Load(set+i))
		vm.Store(next+i, v)
		all = vm.Or(all, v)
	}
	vm.Put8(next, vm.U8(next)|1)
	return !vm.Any(all)
}
