package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// A frame of follow: what to come back to when a container closes.
const (
	frameObject = 0
	frameLast   = 4
	frameItems  = 8
	frameMark   = 12
	frameOdd    = 16
	frameSize   = 32
)

var (
	checked    bool // the whole payload is known to be JSON
	metNode    ptr  // what unexpectedMember knows of the value
	metLast    ptr  // and what the next member follows
	followBase ptr  // frames
)

// follow walks the payload and the known schema together, checks both, and
// widens the schema where the payload demands it. The payload's value starts at
// p and node knows it. It returns the value's end, or 0 if the payload is not
// JSON; then the schema has not changed.
//
// An object whose members come as they did last time costs one comparison per
// member: with the property that followed then.
func follow(p, node ptr) ptr {
	base := followBase
	sp := base
	var object, last, items ptr // object is 0 in arrays
	var mark uint32             // names the object
	var odd uint32              // 1: the object differs from the one seen last
values:
	for {
		c := vm.U8(p)
		kinds := vm.U32(node)
		entered := false
		switch {
		case c == '"':
			q, esc := strictEnd(p + 1)
			if q == 0 || kinds&kindText == 0 && !textFits(node, p+1, q, esc) {
				return 0
			}
			p = q + 1
		case c|32 == '{':
			kind := uint32(kindArray)
			if c == '{' {
				kind = kindObject
			}
			if kinds&kind == 0 {
				if node = container(node, kind); node == 0 {
					return 0
				}
			}
			p = space(p + 1)
			shut := vm.U8(p)
			if shut == c+2 { // empty
				p++
				if c == '{' && !emptyObject(vm.U32(node+nodeObject)) {
					return 0
				}
				break
			}
			if sp-base >= maxDepth*frameSize {
				return 0
			}
			vm.Put32(sp+frameObject, object)
			vm.Put32(sp+frameLast, last)
			vm.Put32(sp+frameItems, items)
			vm.Put32(sp+frameMark, mark)
			vm.Put32(sp+frameOdd, odd)
			sp += frameSize
			if c == '[' {
				object = 0
				items = vm.U32(node + nodeItems)
				node = items
				continue values
			}
			object = vm.U32(node + nodeObject)
			last = object
			serial++
			mark = serial
			odd = 0
			entered = true
		case c == 't':
			if vm.U32(p) != wordTrue || kinds&kindBool == 0 && !scalarFits(node, kindBool) {
				return 0
			}
			p += 4
		case c == 'f':
			if vm.U32(p+1) != wordAlse || kinds&kindBool == 0 && !scalarFits(node, kindBool) {
				return 0
			}
			p += 5
		case c == 'n':
			if vm.U32(p) != wordNull || kinds&kindNull == 0 && !scalarFits(node, kindNull) {
				return 0
			}
			p += 4
		default:
			digits := p
			if c == '-' {
				digits++
				c = vm.U8(digits)
			}
			q, kind := shortNumber(c, digits)
			if kind == 0 || c == '0' && digits > p { // -0 is no integer
				if q, kind = anyNumber(p); q == 0 {
					return 0
				}
			}
			if kinds&(kind|kindNumber) == 0 && !scalarFits(node, kind) {
				return 0
			}
			p = q
		}
		// past a value: close what ends here, up to the next value
		for !entered {
			if sp == base {
				return p
			}
			p = space(p)
			c = vm.U8(p)
			if c == ',' {
				p = space(p + 1)
				if object == 0 {
					node = items
					continue values
				}
				break
			}
			if object == 0 && c != ']' || object != 0 && c != '}' {
				return 0
			}
			if object != 0 && odd|vm.U32(last+successor) != 0 && !closeObject(object, last, mark) {
				return 0
			}
			p++
			sp -= frameSize
			object = vm.U32(sp + frameObject)
			last = vm.U32(sp + frameLast)
			items = vm.U32(sp + frameItems)
			mark = vm.U32(sp + frameMark)
			odd = vm.U32(sp + frameOdd)
		}
		// a key
		next := vm.U32(last + successor)
		n := vm.U32(next + leadLen)
		if n != 0 && equal(p, next+leadText, n) {
			vm.Put32(next+propertySeen, mark)
			p = space(p + n)
			node, last = next, next
			continue
		}
		odd = 1
		if p = unexpectedMember(p, object, last, mark); p == 0 {
			return 0
		}
		node, last = metNode, metLast
	}
}
