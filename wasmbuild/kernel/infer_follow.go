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
	var mark, odd uint32        // mark names the object; odd is 1 if it differs from the one seen last
values:
	for {
		c := vm.U8(p)
		kinds := vm.U32(node)
		entered := false
		if c == '"' {
			q, esc := strictEnd(p + 1)
			if q == 0 || kinds&kindText == 0 && !textFits(node, p+1, q, esc) {
				return 0
			}
			p = q + 1
		} else if c|32 == '{' {
			if node = containerNode(node, c, kinds); node == 0 {
				return 0
			}
			p = space(p + 1)
			if vm.U8(p) != c+2 {
				if sp-base >= maxDepth*frameSize {
					return 0
				}
				saveFrame(sp, object, last, items, mark, odd)
				sp += frameSize
				if c == '[' {
					object = 0
					items = vm.U32(node + nodeItems)
					node = items
					continue values
				}
				object = vm.U32(node + nodeObject)
				serial++
				last, mark, odd = object, serial, 0
				entered = true
			} else { // empty
				p++
				if c == '{' && !emptyObject(vm.U32(node+nodeObject)) {
					return 0
				}
			}
		} else if p = afterScalar(c, p, node, kinds); p == 0 {
			return 0
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
			object, last, items, mark, odd = loadFrame(sp)
		}
		next := vm.U32(last + successor)
		if n := vm.U32(next + leadLen); n != 0 && equal(p, next+leadText, n) {
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

// containerNode returns the node to follow for a container that starts with c: 0 if the payload is not JSON.
//
//wasm:inline
func containerNode(node ptr, c, kinds uint32) ptr {
	kind := uint32(kindArray)
	if c == '{' {
		kind = kindObject
	}
	if kinds&kind == 0 {
		node = container(node, kind)
	}
	return node
}

// afterScalar returns the end of the value at p, neither string nor container,
// that node knows. 0: not JSON.
//
//wasm:inline
func afterScalar(c uint32, p, node ptr, kinds uint32) ptr {
	q, kind := p+4, uint32(kindBool)
	fine := true
	switch c {
	case 't':
		fine = vm.U32(p) == wordTrue
	case 'f':
		fine = vm.U32(p+1) == wordAlse
		q++
	case 'n':
		fine = vm.U32(p) == wordNull
		kind = kindNull
	default:
		digits := p
		if c == '-' {
			digits++
			c = vm.U8(digits)
		}
		q, kind = shortNumber(c, digits)
		if kind == 0 || c == '0' && digits > p { // -0 is no integer
			q, kind = anyNumber(p)
			fine = q != 0
		}
		if kinds&kindNumber != 0 {
			kinds |= kindInteger
		}
	}
	if !fine || kinds&kind == 0 && !scalarFits(node, kind) {
		return 0
	}
	return q
}

//wasm:inline
func saveFrame(sp, object, last, items ptr, mark, odd uint32) {
	vm.Put32(sp+frameObject, object)
	vm.Put32(sp+frameLast, last)
	vm.Put32(sp+frameItems, items)
	vm.Put32(sp+frameMark, mark)
	vm.Put32(sp+frameOdd, odd)
}

//wasm:inline
func loadFrame(sp ptr) (object, last, items ptr, mark, odd uint32) {
	return vm.U32(sp + frameObject), vm.U32(sp + frameLast), vm.U32(sp + frameItems), vm.U32(sp + frameMark), vm.U32(sp + frameOdd)
}
