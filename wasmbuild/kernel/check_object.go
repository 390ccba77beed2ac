package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// What a check says of objects.
const (
	objectMin       = 0 // members; each limit is followed by its label
	objectMax       = 8
	objectTable     = 16 // finds properties by name
	objectRest      = 20 // the check of other members, 0: there must be none
	objectRestLabel = 28
	objectRestWhole = 32 // 1: it is the object that the message is about
	objectPatterns  = 36 // {table, kind, check} each
	objectPatternN  = 40
	objectNeed      = 44 // how many properties are required
	objectNeedLabel = 48 // their labels
)

// A property. An object stands for what precedes the first one.
const (
	propertyName     = 0
	propertyNameLen  = 4
	propertyCheck    = 8
	propertyRequired = 12 // 1 + its index, 0 if it may be absent
	propertyLead     = 16 // what stands before its value in compact JSON
	propertyLeadLen  = 20
	propertyNext     = 24 // the property that came next last time, or 0
)

const (
	patternSize = 12
	allBits     = uint64(1<<64 - 1)
)

// CheckAny is the check that accepts everything.
var CheckAny uint32

// metProperty is the property that objectKey found, or 0.
var metProperty ptr

// objectEnter starts with the object at p.
func objectEnter(p, check, part ptr) ptr {
	words := (vm.U32(part+objectNeed) + 63) / 64
	l := pushLevel(levelObject, p, check, 8*words)
	if l == 0 {
		return 0
	}
	vm.Put32(l+levelPart, part)
	vm.Put32(l+levelCount, 0)
	vm.Put32(l+levelDone, 0)
	vm.Put32(l+levelLast, part)
	vm.Put32(l+levelPattern, 0)
	for i := uint32(0); i < words; i++ {
		vm.Put64(l+levelSize+8*i, 0)
	}
	p = space(p + 1)
	if vm.U8(p) == '}' {
		return objectClose(l, p)
	}
	return objectMember(l, p)
}

// objectNext goes on in an object behind a member's value.
//
//wasm:inline
func objectNext(l, p ptr) ptr {
	if vm.U32(l+levelPattern) != 0 {
		return patternNext(l, p, true)
	}
	p = space(p)
	c := vm.U8(p)
	if c == ',' {
		return objectMember(l, space(p+1))
	}
	if c != '}' {
		return over(checkBroken)
	}
	return objectClose(l, p)
}

// objectMember reads the key at p. Members mostly come in the order they came in
// last time: then that is one comparison.
func objectMember(l, p ptr) ptr {
	last := vm.U32(l + levelLast)
	next := vm.U32(last + propertyNext)
	n := vm.U32(next + propertyLeadLen)
	vm.Put32(l+levelCount, vm.U32(l+levelCount)+1)
	vm.Put32(l+levelKey, p+1)
	if n != 0 && equal(p, vm.U32(next+propertyLead), n) {
		vm.Put32(l+levelKeyEnd, p+n-2)
		p = space(p + n)
	} else {
		if p = objectKey(l, p); p == 0 {
			return 0
		}
		if metProperty == 0 {
			return objectUnknown(l, p)
		}
		next = metProperty
		vm.Put32(last+propertyNext, next)
	}
	vm.Put32(l+levelLast, next)
	if i := vm.U32(next + propertyRequired); i != 0 {
		at := l + levelSize + (i-1)/64*8
		vm.Put64(at, vm.U64(at)|1<<((i-1)&63))
	}
	check := vm.U32(next + propertyCheck)
	if check == 0 {
		return objectRefused(l, p)
	}
	return with(check, p)
}

// objectKey reads the key at p, finds its property and returns where the value starts.
func objectKey(l, p ptr) ptr {
	if vm.U8(p) != '"' {
		return over(checkBroken)
	}
	q, esc := strictEnd(p + 1)
	if q == 0 || q >= end {
		return over(checkBroken)
	}
	value := space(q + 1)
	if vm.U8(value) != ':' {
		return over(checkBroken)
	}
	value = space(value + 1)
	p++
	vm.Put32(l+levelKeyEnd, q)
	mark := top
	if esc {
		if p, q = unescaped(p, q); p == 0 {
			return over(checkNoMemory)
		}
	}
	part := vm.U32(l + levelPart)
	metProperty = findText(vm.U32(part+objectTable), p, q-p)
	if metProperty != 0 || vm.U32(part+objectPatternN) == 0 {
		top = mark
		return value
	}
	vm.Put32(l+levelName, p)
	vm.Put32(l+levelNameEnd, q)
	return value
}

// objectUnknown goes on with the value at p of a member that has no property.
func objectUnknown(l, p ptr) ptr {
	part := vm.U32(l + levelPart)
	if vm.U32(part+objectPatternN) == 0 {
		return objectOther(l, p)
	}
	vm.Put32(l+levelPattern, vm.U32(part+objectPatterns))
	vm.Put32(l+levelValue, p)
	vm.Put32(l+levelWas, 0)
	if walkTrusted {
		vm.Put32(l+levelWas, 1)
	}
	return patternNext(l, p, false)
}

// patternNext goes on with the value's next pattern. p is where the value ends,
// if one has matched before.
//
//wasm:small
func patternNext(l, p ptr, matched bool) ptr {
	part := vm.U32(l + levelPart)
	at := vm.U32(l + levelPattern)
	stop := vm.U32(part+objectPatterns) + patternSize*vm.U32(part+objectPatternN)
	name, nameEnd := vm.U32(l+levelName), vm.U32(l+levelNameEnd)
	for ; at < stop; at += patternSize {
		if !spend((nameEnd-name)/16 + 1) {
			return 0
		}
		if !matchPattern(vm.U32(at), vm.U32(at+4), name, nameEnd) {
			continue
		}
		vm.Put32(l+levelPattern, at+patternSize)
		walkTrusted = walkTrusted || matched
		return with(vm.U32(at+8), vm.U32(l+levelValue))
	}
	walkTrusted = vm.U32(l+levelWas) != 0
	vm.Put32(l+levelPattern, 0)
	top = l + levelSize + (vm.U32(part+objectNeed)+63)/64*8
	if !matched {
		return objectOther(l, p)
	}
	return objectNext(l, p)
}

// objectOther goes on with the value at p that the schema says nothing special of.
func objectOther(l, p ptr) ptr {
	rest := vm.U32(vm.U32(l+levelPart) + objectRest)
	if rest == 0 {
		return objectRefused(l, p)
	}
	return with(rest, p)
}

// objectRefused goes on with the value at p, which must not be there.
//
//wasm:small
func objectRefused(l, p ptr) ptr {
	part := vm.U32(l + levelPart)
	if !restRefused(l, vm.U32(part+objectRestLabel), vm.U32(part+objectRestWhole), p) {
		return 0
	}
	return with(CheckAny, p)
}

// restRefused says that the value at p must not be in its container; once, if
// whole, since that is then said of the container.
//
//wasm:small
func restRefused(l, label, whole, p ptr) bool {
	if whole == 0 {
		return flunkIn(l, label, p)
	}
	if vm.U32(l+levelDone) != 0 {
		return true
	}
	vm.Put32(l+levelDone, 1)
	return flunkIn(vm.U32(l+levelParent), label, vm.U32(l+levelStart))
}

// objectClose ends the object whose closing brace is at p.
func objectClose(l, p ptr) ptr {
	part := vm.U32(l + levelPart)
	start, check := vm.U32(l+levelStart), vm.U32(l+levelCheck)
	if !withinLimits(l, part, vm.U32(l+levelCount)) {
		return 0
	}
	need := vm.U32(part + objectNeed)
	for i := uint32(0); i < need; i += 64 {
		seen := vm.U64(l + levelSize + i/8)
		for absent := ^seen & (allBits >> ((64 - min(need-i, 64)) & 63)); absent != 0; absent &= absent - 1 {
			label := vm.U32(vm.U32(part+objectNeedLabel) + 4*(i+vm.Ctz64(absent)))
			if !flunkIn(vm.U32(l+levelParent), label, start) {
				return 0
			}
		}
	}
	walkDepth--
	popLevel(l)
	return walked(check, start, p+1)
}

// withinLimits checks how many members or elements the container of a level has:
// part begins with the limits.
//
//wasm:inline
func withinLimits(l, part ptr, n uint32) bool {
	if n < vm.U32(part+objectMin) && !flunkIn(vm.U32(l+levelParent), vm.U32(part+objectMin+4), vm.U32(l+levelStart)) {
		return false
	}
	return n <= vm.U32(part+objectMax) || flunkIn(vm.U32(l+levelParent), vm.U32(part+objectMax+4), vm.U32(l+levelStart))
}
