package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// How printValue writes: members sorted by their keys, the first of equal ones
// only; numbers in a form that equal numbers have in common.
var printSorted, printExact bool

// A container that is being printed: where it starts, and the member or element
// that was printed last, or 0.
const (
	printStart = 0
	printLast  = 4
	printFrame = 8
)

// printValue writes the value at p as compact JSON and returns where that ends:
// past stop if there is no room, by how much depends on its longest part. 0: no memory.
//
//wasm:small
func printValue(o, p, stop ptr) ptr {
	mark := top
	base := take((maxDepth + 2) * printFrame)
	if base == 0 {
		return 0
	}
	frame := base
	for {
		c := vm.U8(p)
		if c|32 == '{' {
			frame += printFrame
			vm.Put32(frame+printStart, p)
			vm.Put32(frame+printLast, 0)
			o = put(o, c)
		} else if o = printScalar(o, p, stop); o == 0 {
			return 0
		}
		for {
			if frame == base || o > stop {
				top = mark
				return o
			}
			start, last := vm.U32(frame+printStart), vm.U32(frame+printLast)
			if p = printNext(start, last); p != 0 {
				vm.Put32(frame+printLast, p)
				if last != 0 {
					o = put(o, ',')
				}
				break
			}
			o = put(o, vm.U8(start)+2)
			frame -= printFrame
		}
		if vm.U8(vm.U32(frame+printStart)) == '{' {
			if o = printScalar(o, p, stop); o == 0 {
				return 0
			}
			o = put(o, ':')
			q, _ := stringEnd(p + 1)
			p = ws(ws(q+1) + 1)
		}
	}
}

// printNext returns the member or element to print after last in the container
// at p; 0 if that was all, or the time is over.
//
//wasm:small
func printNext(p, last ptr) ptr {
	if vm.U8(p) == '{' && printSorted {
		return nextSorted(p, last)
	}
	if last == 0 {
		p = ws(p + 1)
		if vm.U8(p)|32 == '}' {
			return 0
		}
		return p
	}
	q := last
	if vm.U8(p) == '{' {
		q, _ = stringEnd(last + 1)
		q = ws(ws(q+1) + 1)
	}
	q, _ = skipValue(q, end)
	if !spend((q - last) / 64) {
		return 0
	}
	q = ws(q)
	if vm.U8(q) != ',' {
		return 0
	}
	return ws(q + 1)
}

// nextSorted returns the least key above last's in the object at p, 0 if there is none.
//
//wasm:small
func nextSorted(p, last ptr) (best ptr) {
	at := p
	for at = keyAt(ws(at+1), end); at != 0; at = keyAt(at, end) {
		if (last == 0 || keyLess(last, at)) && (best == 0 || keyLess(at, best)) {
			best = at
		}
		q, _ := stringEnd(at + 1)
		at = afterMember(ws(ws(q+1)+1), end)
		if !spend((at-q)/64 + 1) {
			return 0
		}
	}
	return best
}

// keyLess orders the keys of the members at a and b by their bytes.
//
//wasm:small
func keyLess(a, b ptr) bool {
	mark := top
	aEnd, aEsc := stringEnd(a + 1)
	bEnd, bEsc := stringEnd(b + 1)
	a++
	b++
	if aEsc {
		a, aEnd = unescaped(a, aEnd)
	}
	if bEsc {
		b, bEnd = unescaped(b, bEnd)
	}
	top = mark
	return textLess(a, aEnd-a, b, bEnd-b)
}

// printScalar writes the scalar at p. 0: no memory. Long text is cut off at stop.
//
//wasm:small
func printScalar(o, p, stop ptr) ptr {
	c := vm.U8(p)
	room := stop + 1 - min(o, stop)
	if c == '"' {
		mark := top
		q, esc := stringEnd(p + 1)
		p++
		if q-p > 6*room {
			q = p + 6*room // an escape that is cut in two is not printed
		}
		if esc {
			if p, q = unescaped(p, q); p == 0 {
				return 0
			}
		}
		top = mark
		o = putEscaped(put(o, c), p, min(q, p+room))
		return put(o, c)
	}
	q, _ := skipValue(p, end)
	if printExact && c < 'a' {
		return printNumber(o, p, q)
	}
	n := min(q-p, room)
	vm.Copy(o, p, n)
	return o + n
}

// printNumber writes a number as its digits, the last of them not 0, and then e
// and a power of ten if that is not 0.
//
//wasm:small
func printNumber(o, p, q ptr) ptr {
	parseNumber(p, q)
	if firstDigit == lastDigit {
		return put(o, '0')
	}
	if negative {
		o = put(o, '-')
	}
	for at := firstDigit; at < lastDigit; at++ {
		if c := vm.U8(at); c != '.' {
			o = put(o, c)
		}
	}
	power := point - digitCount()
	if power == 0 {
		return o
	}
	o = put(o, 'e')
	if power < 0 {
		o = put(o, '-')
		power = -power
	}
	return putDecimal(o, uint32(power))
}
