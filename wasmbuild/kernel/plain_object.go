package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// Text may hold JSON objects, as they are or within a JSON string, where each
// quote has a backslash. Their members count by their names.

var (
	copyAt     ptr    // where escaped objects are unescaped to; 0 if the text has no backslash
	inCopy     bool   // whether the present object is there
	copyFrom   ptr    // up to here the copy has been followed,
	copySource ptr    // and this is where it comes from
	objectFail ptr    // up to where objectEnd got
	objectBits ptr    // one bit for each open container
	objectWork uint32 // how many more bytes may be looked at in vain
)

// beginObjects prepares for objects in text. It says whether there is memory.
//
//wasm:small
func beginObjects() bool {
	n := end - pay
	objectBits = take(n/8 + 64)
	copyAt = 0
	if has(pay, end, vm.Splat('\\')) {
		copyAt = take(n + 64)
		if copyAt == 0 {
			return false
		}
	}
	objectWork = 8*n + 4096
	return objectBits != 0
}

// scanObjects looks at the members of the objects in the text. What is no object
// is tried again from the next brace on, but not forever.
//
//wasm:small
func scanObjects() {
	from, to := pay, end
	for p := findByte(pay, to, vm.Splat('{')); p < to && trouble == scanFine; p = findByte(p, to, vm.Splat('{')) {
		inCopy = false
		next := objectAt(p, to)
		if next != 0 {
			scanNames()
			pay, end = from, to
			p = next
			continue
		}
		work := max(objectFail, p) - p
		if work > objectWork {
			p = objectFail
			objectWork = 0
			continue
		}
		objectWork -= work
		p++
	}
}

// objectAt makes the object at p what is to be looked at, and returns the byte
// after it; 0 if there is none.
//
//wasm:small
func objectAt(p, e ptr) ptr {
	q := jsonSpace(p+1, e)
	objectFail = q
	if vm.U8(q) != '\\' {
		next := objectEnd(p, e)
		if next != 0 {
			pay, end = p, next
		}
		return next
	}
	if vm.U8(q+1) != '"' {
		return 0
	}
	// up to the end of the string which it lies in
	stop := q
	for stop < e && vm.U8(stop) != '"' && vm.U8(stop) >= ' ' {
		if vm.U8(stop) == '\\' {
			stop++
		}
		stop++
	}
	stop = min(stop, e)
	o := unescapeAll(p, stop, copyAt)
	vm.Store(o, vm.Splat('"'))
	o = objectEnd(copyAt, o)
	objectFail = stop
	if o == 0 {
		return 0
	}
	pay, end, inCopy = copyAt, o, true
	copyFrom, copySource = copyAt, p
	next := original(o)
	copyFrom, copySource = copyAt, p
	return next
}

// original returns where the byte at p of the copy comes from. Later calls must ask for later bytes.
//
//wasm:small
func original(p ptr) ptr {
	for copyFrom < p {
		next, r := unescape(copySource, noIndex>>1, vm.Addr(&oneRune))
		copyFrom += r - vm.Addr(&oneRune)
		copySource = next
	}
	return copySource
}

// oneRune is where original unescapes a character to.
var oneRune [16]uint8

// objectEnd returns the byte after the valid JSON object at p, or 0.
//
//wasm:small
func objectEnd(p, e ptr) ptr {
	depth, want := uint32(0), uint32(wantValue)
	for {
		p = jsonSpace(p, e)
		objectFail = p
		if p >= e {
			return 0
		}
		c := vm.U8(p)
		switch {
		case want == wantNext:
			want = wantAfter(c, isObject(objectBits, depth))
			if want == wantNext {
				depth--
			}
			p++
		case c == '}' && want == wantFirstKey || c == ']' && want == wantElement:
			depth--
			want = wantNext
			p++
		case want == wantFirstKey || want == wantKey:
			p = validKey(p, e)
			want = wantValue
		case c == '{':
			depth++
			setObject(objectBits, depth, true)
			want = wantFirstKey
			p++
		case c == '[':
			depth++
			setObject(objectBits, depth, false)
			want = wantElement
			p++
		default:
			p = validLeaf(p, e)
			want = wantNext
		}
		if want == wantNothing {
			return 0
		}
		if depth == 0 {
			return p
		}
	}
}

// reportSpan is reportName for objects in text: the record also says where the value is.
//
//wasm:small
func reportSpan(t, p, e ptr, esc bool, entity uint32) {
	from, to := p, e
	if inCopy {
		from = original(p)
		to = original(e)
	}
	spanFrom, spanTo = from-textAt, to-textAt
	putMember(t, p, e, esc, entity)
}
