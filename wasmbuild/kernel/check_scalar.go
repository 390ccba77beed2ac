package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// What a check says of strings.
const (
	textMin          = 0 // characters; each limit is followed by its label
	textMax          = 8
	textPattern      = 16 // a table, 0: none
	textPatternKind  = 20
	textPatternLabel = 24
	textFormat       = 28
	textFormatLabel  = 32
)

// What a check says of numbers.
const (
	numberMin       = 0 // what is at least this, if it is a whole number that an int64 holds
	numberMax       = 8
	numberLow       = 16 // the ends for others, 0: there is none
	numberLowLabel  = 20
	numberHigh      = 24
	numberHighLabel = 28
	numberUnit      = 32 // multiples of unit * 10^scale, 0: all numbers
	numberScale     = 40
	numberLabel     = 44
)

// checkQuoted checks the string at p whose closing quote is at q. It says whether to go on.
func checkQuoted(t, p, q ptr, esc bool) bool {
	mark := top
	from, to := p+1, q
	if esc {
		if from, to = unescaped(from, to); from == 0 {
			over(checkNoMemory)
			return false
		}
	}
	ok := checkContent(t, p, from, to)
	top = mark
	return ok
}

// checkContent checks the content [from,to) of the string at p.
func checkContent(t, p, from, to ptr) bool {
	n := to - from
	least, most := vm.U32(t+textMin), vm.U32(t+textMax)
	if n > most || n/4 < least { // else it is surely long and short enough
		n = characters(from, to)
		if n < least && !flunk(vm.U32(t+textMin+4), p) || n > most && !flunk(vm.U32(t+textMax+4), p) {
			return false
		}
	}
	if pattern := vm.U32(t + textPattern); pattern != 0 {
		if !spend((to-from)/16 + 1) {
			return false
		}
		if !matchPattern(pattern, vm.U32(t+textPatternKind), from, to) && !flunk(vm.U32(t+textPatternLabel), p) {
			return false
		}
	}
	format := vm.U32(t + textFormat)
	return format == 0 || isFormat(format, from, to) || flunk(vm.U32(t+textFormatLabel), p)
}

// characters counts the characters of UTF-8 text.
//
//wasm:small
func characters(p, e ptr) uint32 {
	n := uint32(0)
	for ; p < e; p++ {
		if vm.U8(p)&0xc0 != 0x80 {
			n++
		}
	}
	return n
}

// matchPattern says whether a pattern of that kind matches [p,e) anywhere.
//
//wasm:bind
func matchPattern(table, kind, p, e ptr) bool { return nativePattern(table, kind, p, e) }

func matchNoPattern(table, kind, p, e ptr) bool { return true }

// matchAutomaton is matchPattern if all patterns are automata.
func matchAutomaton(table, kind, p, e ptr) bool { return runDFA(table, p, e) }

// matchAnyPattern is matchPattern if some are simulated, which takes longer.
//
//wasm:small
func matchAnyPattern(table, kind, p, e ptr) bool {
	if kind == 1 {
		return runDFA(table, p, e)
	}
	return spend(e-p) && runSim(table, p, e)
}

// checkRange checks the number [p,q). It says whether to go on.
func checkRange(n, p, q, kind ptr) bool {
	var low, high bool
	if kind == kindInteger && q-p < 19 {
		v := smallInteger(p, q)
		low, high = v < int64(vm.U64(n+numberMin)), v > int64(vm.U64(n+numberMax))
	} else {
		low, high = outside(n, p, q)
	}
	if low && !flunk(vm.U32(n+numberLowLabel), p) || high && !flunk(vm.U32(n+numberHighLabel), p) {
		return false
	}
	unit := vm.U64(n + numberUnit)
	return unit == 0 || isMultiple(p, q, unit, int32(vm.U32(n+numberScale))) || flunk(vm.U32(n+numberLabel), p)
}

// smallInteger is the value of the whole number [p,e) of at most 18 characters.
//
//wasm:inline
func smallInteger(p, e ptr) int64 {
	minus := vm.U8(p) == '-'
	if minus {
		p++
	}
	v := int64(0)
	for ; p < e; p++ {
		v = v*10 + int64(vm.U8(p)-'0')
	}
	if minus {
		return -v
	}
	return v
}

// outside says whether the number [p,q) is below or above the range.
//
//wasm:small
func outside(n, p, q ptr) (low, high bool) {
	parseNumber(p, q)
	if end := vm.U32(n + numberLow); end != 0 {
		c := compare(end)
		low = c < 0 || c == 0 && vm.U32(end)&boundInclusive == 0
	}
	if end := vm.U32(n + numberHigh); end != 0 {
		c := compare(end)
		high = c > 0 || c == 0 && vm.U32(end)&boundInclusive == 0
	}
	return low, high
}

// digitCount is how many digits the number that parseNumber read has, from the
// first to the last that is not 0.
//
//wasm:small
func digitCount() int32 {
	n := lastDigit - firstDigit
	for p := firstDigit; p < lastDigit; p++ {
		if vm.U8(p) == '.' {
			n--
		}
	}
	return int32(n)
}

// isWhole says whether the number [p,q) has no fraction, however it is written.
//
//wasm:small
func isWhole(p, q ptr) bool {
	parseNumber(p, q)
	return firstDigit == lastDigit || point >= digitCount()
}

// isMultiple says whether the number [p,q) is a multiple of unit * 10^scale.
//
//wasm:small
func isMultiple(p, q ptr, unit uint64, scale int32) bool {
	parseNumber(p, q)
	if firstDigit == lastDigit {
		return true
	}
	zeros := point - digitCount() - scale
	if zeros < 0 { // its last digit is not 0, so that it is no multiple of ten units
		return false
	}
	left := uint64(0)
	for at := firstDigit; at < lastDigit; at++ {
		if c := vm.U8(at); c != '.' {
			left = (left*10 + uint64(c-'0')) % unit
		}
	}
	for ; zeros > 0 && left != 0; zeros-- {
		left = left * 10 % unit
	}
	return left == 0
}
