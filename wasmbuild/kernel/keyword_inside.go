package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Thorough rules also find keywords within names. A keyword's rank is its number
// in the table: the lowest counts of those in a member's path.
const (
	noRank     = 0xffffffff
	groupLen   = 5 // no keyword in the table is shorter
	groupMix   = 0x9e3779b97f4a7c15
	groupShift = 53
)

// ranks has, for each open container, the rank of what it is called and lies in.
var ranks [(maxDepth + 1) * 4]byte

// rankAt is where the rank of the container is whose members the entry t stands for.
//
//wasm:inline
func rankAt(t ptr) ptr { return vm.Addr(&ranks) + (t-vm.Addr(&trail))>>1 }

// enterThorough is enterNamed for thorough rules.
//
//wasm:small
func enterThorough(t ptr) {
	if t < vm.Addr(&trail) {
		vm.Put32(rankAt(t+8), KeywordRank-1)
		return
	}
	vm.Put32(rankAt(t+8), rankOf(t, true))
}

// rankOf is the rank of the member at t: its own or that of what it lies in.
//
//wasm:small
func rankOf(t ptr, digits bool) uint32 {
	rank := vm.U32(rankAt(t))
	p, n := vm.U32(t), vm.U32(t+4)
	if n == noIndex || n < groupLen {
		return rank
	}
	o := scratch(2*n + 64)
	if o == 0 {
		return rank
	}
	return rankWithin(o, foldName(p, p+n, o, digits), rank)
}

// rankWithin is the lowest rank of the keywords in [p,e), if it is below rank.
func rankWithin(p, e ptr, rank uint32) uint32 {
	for ; e-p >= groupLen; p++ {
		h := uint32(vm.U64(p) & 0xff_ffffffff * groupMix >> groupShift)
		for i := vm.U16(KeywordGroups + h<<1); i != 0 && i <= rank; {
			k := KeywordInside + i<<3 - 8
			about := vm.U32(k + 4)
			if n := about & 0xff; n <= e-p && equalBytes(p, vm.U32(k), n) {
				rank = i - 1
				break
			}
			i = about >> 16
		}
		if p == e-groupLen {
			break
		}
	}
	return rank
}

// entityThorough is entityOf for thorough rules.
func entityThorough(t ptr) uint32 {
	entry := entryOf(t)
	if entry != 0 {
		if x := knownEntity(t, entry); x != 0 {
			return x
		}
	}
	return entityWithin(t, entry)
}

// entityWithin is entityThorough for names that are not known as they are.
//
//wasm:small
func entityWithin(t, entry ptr) uint32 {
	if rank := rankOf(t, t == vm.Addr(&trail) && KeywordPrefixLen == 0); rank != noRank {
		return vm.U32(KeywordInside+rank<<3+4)>>8&0xff + 1
	}
	if entry == 0 {
		return 0
	}
	paths := vm.U32(entry+8) >> 16 & 0xff
	if paths == 0 {
		return 0
	}
	return pathEntity(t, vm.U32(entry+12), paths, pathEnds)
}
