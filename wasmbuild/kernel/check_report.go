package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// What failed, in the order of its places in the payload. A record is {next,
// label, value, length of the path} and the path.
const (
	failureNext  = 0
	failureLabel = 4
	failureValue = 8
	failureLen   = 12
	failurePath  = 16

	// failureRoom is for records; what finds no room is only counted.
	failureRoom = 16 << 10
	maxFailures = 64
	// maxFailureList bounds the message, maxFailureValue a value in it, in bytes.
	maxFailureList  = 16 << 10
	maxFailureValue = 1 << 10
)

var (
	failAt      ptr // the next record
	failEnd     ptr
	failCount   uint32
	failRecords uint32
)

//wasm:small
func startFailures() bool {
	vm.Put32(vm.Addr(&failList), 0)
	failCount, failRecords = 0, 0
	failAt = take(failureRoom)
	failEnd = failAt + failureRoom
	return failAt != 0
}

// report records that the value at p, which is in the container of level l or
// next to it, is not what label says.
//
//wasm:small
func report(l, label, p ptr) {
	failCount++
	record := failAt
	if failRecords == maxFailures || failEnd-record < failurePath {
		return
	}
	o := putPath(record+failurePath, l)
	if o == 0 {
		return
	}
	failRecords++
	vm.Put32(record+failureLabel, label)
	vm.Put32(record+failureValue, p)
	vm.Put32(record+failureLen, o-record-failurePath)
	failAt = (o + 3) &^ 3
	at := vm.Addr(&failList)
	for next := vm.U32(at); next != 0 && !pathLess(record, next); next = vm.U32(at) {
		at = next
	}
	vm.Put32(record+failureNext, vm.U32(at))
	vm.Put32(at, record)
}

// failList is where the first record is, in the place of a record's next.
var failList [1]uint32

// pathLess orders records by their paths: what contains comes before what it
// contains, elements come by their index, members by their keys.
//
//wasm:small
func pathLess(a, b ptr) bool {
	p, q := a+failurePath, b+failurePath
	e, f := p+vm.U32(a+failureLen), q+vm.U32(b+failureLen)
	for {
		c, d := component(p, e), component(q, f)
		if c-p != d-q || !equalBytes(p, q, c-p) {
			if isIndex(p, c) && isIndex(q, d) && c-p != d-q {
				return c-p < d-q
			}
			return textLess(p, c-p, q, d-q)
		}
		if d >= f {
			return false
		}
		if c >= e {
			return true
		}
		p, q = c+1, d+1
	}
}

// component returns the end of the path component at p.
//
//wasm:small
func component(p, e ptr) ptr {
	for p < e && vm.U8(p) != '.' {
		if vm.U8(p) == '\\' {
			p++
		}
		p++
	}
	return p
}

//wasm:small
func isIndex(p, e ptr) bool { return p < e && pastDigits(p, e) == e }

// putPath writes the path to what level l is at; 0 if there is no room for it.
//
//wasm:small
func putPath(o, l ptr) ptr {
	child := ptr(0)
	for l != 0 { // turn the chain around: from the root on
		parent := vm.U32(l + levelParent)
		vm.Put32(l+levelParent, child)
		child = l
		l = parent
	}
	parent := ptr(0)
	first := true
	for l = child; l != 0; {
		kind := vm.U32(l + levelKind)
		if o != 0 && (kind == levelObject || kind == levelArray) {
			if !first {
				o = put(o, '.')
			}
			first = false
			o = putStep(o, l, kind)
		}
		next := vm.U32(l + levelParent)
		vm.Put32(l+levelParent, parent) // and back
		parent = l
		l = next
	}
	return o
}

// putStep writes the key or the index that level l is at; 0 if there is no room for it.
//
//wasm:small
func putStep(o, l ptr, kind uint32) ptr {
	if kind == levelArray {
		if failEnd-o < 32 {
			return 0
		}
		return putDecimal(o, vm.U32(l+levelCount))
	}
	key := vm.U32(l + levelKey)
	n := vm.U32(l+levelKeyEnd) - key
	if failEnd-o < 32 || n > (failEnd-o-32)/2 {
		return 0
	}
	return putComponent(o, key, n)
}

// failureList writes what failed; it lives in the arena. 0: no memory.
//
//wasm:small
func failureList() vm.Text {
	o := take(maxFailureList + failureRoom + 8*maxFailureValue)
	if o == 0 {
		return 0
	}
	printSorted, printExact, walkSteps = true, false, maxSteps
	q := o
	listed := uint32(0)
	for f := vm.U32(vm.Addr(&failList)); f != 0 && q-o < maxFailureList; f = vm.U32(f + failureNext) {
		if listed > 0 {
			q = put(q, ',')
		}
		listed++
		n := vm.U32(f + failureLen)
		vm.Copy(q, f+failurePath, n)
		q = putText(q+n, vm.Lit(": expected "))
		q = putText(q, vm.Text(vm.U64(vm.U32(f+failureLabel))))
		q = putText(q, vm.Lit("; got value="))
		if q = putFailed(q, vm.U32(f+failureValue)); q == 0 {
			return 0
		}
	}
	if listed < failCount {
		q = putText(q, vm.Lit(",and "))
		q = putText(putDecimal(q, failCount-listed), vm.Lit(" more"))
	}
	return text(o, q-o)
}

// putFailed writes the value at p, or its beginning.
//
//wasm:small
func putFailed(o, p ptr) ptr {
	stop, _ := skipValue(p, end)
	printSorted = stop-p <= maxFailureValue // sorting takes time
	q := printValue(o, p, o+maxFailureValue)
	if q == 0 || q <= o+maxFailureValue {
		return q
	}
	for q = o + maxFailureValue; vm.U8(q)&0xc0 == 0x80; {
		q--
	}
	return putText(q, vm.Lit("..."))
}
