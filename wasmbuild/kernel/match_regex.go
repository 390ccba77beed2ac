package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Regex is the rule's pattern: a table as package pattern lays it out.
var Regex ptr

// The numbers a pattern's table starts with. Places are relative to the table.
const (
	regexWidth   = 4  // the bytes of a number in Top and Middle
	regexTop     = 8  // where Top is
	regexTopLast = 12 // the last index of Top
	regexMiddle  = 16 // where Middle is
	regexLeaves  = 20 // where Leaves are
	regexInvalid = 24 // the class of a byte that belongs to no character
	regexRows    = 28 // where the automaton's rows are
	regexStart   = 32 // the row to start with
	regexASCII   = 64 // the classes of ASCII are here

	// The class of the text's end is 0, so that a row starts with its entry.
	entryMatch = 1 // entries up to this one end the search
)

// matchRegex accepts text that the rule's pattern matches anywhere.
func matchRegex(c uint32, p, e ptr) bool { return runDFA(Regex, p, e) }

// matchRegexText is matchRegex for patterns whose matches all contain the first
// argument: most text is done with faster that way.
func matchRegexText(c uint32, p, e ptr) bool {
	return contains(p, e, vm.U32(Args), vm.U32(Args+4)) && runDFA(Regex, p, e)
}

// runDFA says whether the automaton at t accepts [p,e).
func runDFA(t, p, e ptr) bool {
	rows, row := t+vm.U32(t+regexRows), vm.U32(t+regexStart)
	for p < e {
		class := vm.U8(p)
		if class < 0x80 {
			class = vm.U8(t + regexASCII + class)
			p++
		} else {
			class, p = wideClass(t, p, e)
		}
		row = vm.U16(rows + 2*class + 2*row) // the row comes last, being what the next step waits for
		if row <= entryMatch {
			return row == entryMatch
		}
	}
	return vm.U16(rows+2*row) == entryMatch
}

// wideClass returns the class of the character outside ASCII at p, and where the
// next one is. Text may hold bytes that belong to no character: an escape that
// is not one can cut a character in two.
func wideClass(t, p, e ptr) (class uint32, next ptr) {
	c := vm.U8(p)
	next = p + 2
	if c >= 0xe0 {
		next++
	}
	if c >= 0xf0 {
		next++
	}
	bad := c < 0xc0 || c > 0xf4 || next > e
	c &= 0x7f >> ((next - p) & 7)
	for q := p + 1; q < next; q++ {
		b := vm.U8(q)
		bad = bad || b&0xc0 != 0x80
		c = c<<6 | b&63
	}
	if bad {
		return vm.U32(t + regexInvalid), p + 1
	}
	top, middle := t+vm.U32(t+regexTop), t+vm.U32(t+regexMiddle)
	i := min(c>>10, vm.U32(t+regexTopLast))
	if vm.U32(t+regexWidth) == 1 {
		i = vm.U8(middle + vm.U8(top+i)<<6 + c>>4&63)
	} else {
		i = vm.U16(middle + 2*(vm.U16(top+2*i)<<6+c>>4&63))
	}
	return vm.U8(t + vm.U32(t+regexLeaves) + i<<4 + c&15), next
}
