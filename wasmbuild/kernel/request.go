package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// The parts of the request that steps use.
var (
	request, requestEnd ptr
	pay, end            ptr    // input_payload is [pay,end); empty when absent
	result, resultEnd   ptr    // inter_step_result's bytes; both 0 when absent
	dataFormat          uint32 // 0 unset, 1 JSON, 2 plain text
)

// What can be wrong with a request.
const (
	requestFine = iota
	requestShort
	requestWireType
	requestTag
	requestEmpty
)

// varint reads a number at p; next is 0 if it is malformed.
func varint(p, e ptr) (next ptr, v uint64) {
	for s := uint32(0); p < e && s < 64; s += 7 {
		b := vm.U8(p)
		p++
		v |= uint64(b&127) << s
		if b < 128 {
			return p, v
		}
	}
	return 0, 0
}

// parseRequest finds the request's parts. The last of repeated fields counts.
//
//wasm:small
func parseRequest(p ptr, n uint32) uint32 {
	e := p + n
	pay, end, result, resultEnd, requestEnd, dataFormat = 0, 0, 0, 0, e, 0
	for p < e {
		next, t := varint(p, e)
		if next == 0 {
			return requestShort
		}
		if t < 8 || t>>32 != 0 {
			return requestTag
		}
		wire := uint32(t) & 7
		if !wireFits(uint32(t)>>3, wire) || wire-3 < 2 {
			return requestWireType
		}
		if wire > 5 {
			return requestTag
		}
		size := uint64(4) // of what follows
		if wire == 1 {
			size = 8
		}
		if wire&5 == 0 { // 0 and 2 start with a number
			next, size = varint(next, e)
			if next == 0 {
				return requestShort
			}
		}
		if wire == 0 {
			if t == 5<<3 {
				dataFormat = uint32(size)
			}
			size = 0
		}
		if size > uint64(e-next) {
			return requestShort
		}
		p = next + uint32(size)
		if t == 2<<3|2 {
			pay, end = next, p
		}
		if t == 4<<3|2 {
			result, resultEnd = next, p
		}
	}
	if pay == end {
		return requestEmpty
	}
	return requestFine
}

// wireFits says whether a field may have a wire type, as far as the field is known.
func wireFits(field, wire uint32) bool {
	return field > 5 || wire == 0 && field == 5 || wire == 2 && field < 5
}

// begin parses the request and prepares its payload for scanning. Whatever
// followed the payload in the request is overwritten; see beginKeep.
func begin(p ptr, n uint32) uint32 {
	if bad := open(p, n); bad != requestFine {
		return bad
	}
	seal()
	return requestFine
}

// beginKeep is begin for steps which read inter_step_result: it is moved out of the way first.
//
//wasm:small
func beginKeep(p ptr, n uint32) uint32 {
	if bad := open(p, n); bad != requestFine {
		return bad
	}
	if result != 0 {
		size := resultEnd - result
		q := take(size)
		if q == 0 {
			return requestShort
		}
		vm.Copy(q, result, size)
		result, resultEnd = q, q+size
	}
	seal()
	return requestFine
}

// open checks that the request lies in memory, moves it behind everything that is
// held if it is not there, and parses it. It lies elsewhere when threads of the host
// overtook each other, and after a call that the host broke off.
//
//wasm:small
func open(p ptr, n uint32) uint32 {
	busy = true
	letGo(p)
	request = Heap
	if heldSize != 0 {
		request = vm.U32(vm.Addr(&held) + heldSize - 4)
	}
	top, pay, end = request, 0, 0
	if n > maxBlock || p > 2*maxBlock || !room(max(p, request)+n+slack) {
		return requestShort
	}
	if p != request {
		vm.Copy(request, p, n)
	}
	top = request + n + slack
	return parseRequest(request, n)
}

// seal makes string scans stop at the payload's end. Nothing is known of what is before.
func seal() {
	vm.Store(end, vm.Splat('"'))
	plainFrom, plainTo = pay, pay
}
