package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Numbers may be written with dashes or digits of other shapes: full-width
// characters, and dashes between digits, count as the ASCII ones they stand for.
// The words of a text that has any are looked at in a copy with ASCII instead.

var (
	folded     bool // whether the words are looked at in a copy
	foldedAt   ptr  // up to here the copy has been followed,
	foldedFrom ptr  // and this is where it comes from
)

// beginFold makes [pay,end) a copy of the text if there is something to fold. It
// says whether there was memory.
//
//wasm:small
func beginFold() bool {
	folded = false
	if !has(pay, end, vm.Splat(0xe2)) && !has(pay, end, vm.Splat(0xef)) {
		return true
	}
	o := take(end - pay + 64)
	if o == 0 {
		return false
	}
	foldedAt, foldedFrom = o, pay
	from := o
	for p := pay; p < end; {
		v := vm.Load(p)
		vm.Store(o, v)
		n := min(vm.Ctz32(vm.Mask(vm.Or(vm.Eq(v, vm.Splat(0xe2)), vm.Eq(v, vm.Splat(0xef))))|1<<16), end-p)
		p += n
		o += n
		if n < 16 && p < end {
			c := asciiFor(p)
			if c != 0 {
				o = put(o, c)
				p += 3
				folded = true
			} else {
				o = put(o, vm.U8(p))
				p++
			}
		}
	}
	if folded {
		vm.Store(o, vm.Splat('"'))
		pay, end = from, o
	}
	return true
}

// asciiFor returns the ASCII character that the one at p, of three bytes, stands for; 0 if there is none.
//
//wasm:small
func asciiFor(p ptr) uint32 {
	c, next := runeAt(p)
	if c-0xff01 < 94 {
		return c - 0xfee0
	}
	if (c-0x2010 < 4 || c == 0x2212) && next < end && isAnyDigit(next) && p > textAt && (digit(vm.U8(p-1)) || p > textAt+2 && isAnyDigit(p-3)) {
		return '-'
	}
	return 0
}

// isAnyDigit says whether there is a digit at p, maybe a full-width one.
//
//wasm:small
func isAnyDigit(p ptr) bool {
	return digit(vm.U8(p)) || vm.U8(p) == 0xef && vm.U8(p+1) == 0xbc && vm.U8(p+2)-0x90 < 10
}

// unfolded returns where the byte at p of the words' text is in the payload.
// Later calls must ask for later bytes.
//
//wasm:small
func unfolded(p ptr) ptr {
	if !folded {
		return p
	}
	for foldedAt < p {
		// what was folded starts with a byte that the copy does not have there
		if vm.U8(foldedFrom) != vm.U8(foldedAt) {
			foldedFrom += 2
		}
		foldedFrom++
		foldedAt++
	}
	return foldedFrom
}
