package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// A shape is a schema node ready to be printed. Shapes are made in the arena,
// either of what is known or of one payload.
const (
	shapeKind   = 0  // one kind, or a union of the children; kindNone: nothing is known
	shapeFormat = 4  // of strings
	shapeNext   = 8  // among its parent's children
	shapeFirst  = 12 // properties by key, alternatives by hash, or the element
	shapeKey    = 16 // of a property, unescaped
	shapeKeyLen = 20
	shapeMust   = 24 // 1: a required property
	shapeLoose  = 28 // 1: an object without the list of required properties
	shapeExtra  = 32 // 1: the node of a map's members, its object's first child
	shapeUp     = 36 // scratch: the parent, or the node it is made of
	shapeHash   = 40
	shapeSize   = 48

	kindNone  = 0
	kindUnion = 1 << 16
)

// newShape returns a zeroed shape, or 0 when memory is exhausted.
//
//wasm:small
func newShape(kind uint32) ptr {
	s := take(shapeSize)
	if s == 0 {
		return 0
	}
	vm.Fill(s, 0, shapeSize)
	vm.Put32(s+shapeKind, kind)
	return s
}

// isObjectShape says whether a shape prints as an object.
//
//wasm:inline
func isObjectShape(kind uint32) bool { return kind == kindObject || kind == kindNone }

// addByKey inserts a property in the order of keys, instead of one with the same key.
//
//wasm:small
func addByKey(object, property ptr) {
	key, n := vm.U32(property+shapeKey), vm.U32(property+shapeKeyLen)
	at := object + shapeFirst
	s := vm.U32(at)
	for ; s != 0; s = vm.U32(at) {
		k, kn := vm.U32(s+shapeKey), vm.U32(s+shapeKeyLen)
		if vm.U32(s+shapeExtra) == 0 && !textLess(k, kn, key, n) {
			if n == kn && equal(k, key, n) {
				s = vm.U32(s + shapeNext)
			}
			break
		}
		at = s + shapeNext
	}
	vm.Put32(property+shapeNext, s)
	vm.Put32(at, property)
}

// addByHash inserts an alternative in the order of hashes. Of equal ones the new
// one is left out and false returned.
//
//wasm:small
func addByHash(union, s ptr) bool {
	order := hashOrder(vm.U64(s + shapeHash))
	at := union + shapeFirst
	for t := vm.U32(at); t != 0; t = vm.U32(at) {
		if vm.U64(t+shapeHash) == vm.U64(s+shapeHash) {
			return false
		}
		if hashOrder(vm.U64(t+shapeHash)) > order {
			break
		}
		at = t + shapeNext
	}
	vm.Put32(s+shapeNext, vm.U32(at))
	vm.Put32(at, s)
	return true
}

// hashShape computes a shape's hash from its children's.
//
//wasm:small
func hashShape(s ptr) {
	kind := vm.U32(s + shapeKind)
	var h uint64
	switch {
	case kind == kindUnion:
		sipStart()
		sipText(vm.Lit("anyOf"))
		for c := vm.U32(s + shapeFirst); c != 0; c = vm.U32(c + shapeNext) {
			sip64(vm.U64(c + shapeHash))
		}
		h = sipEnd()
	case kind == kindArray:
		h = hashMember(vm.Lit("items"), vm.U64(vm.U32(s+shapeFirst)+shapeHash)) ^ hashType(kind)
	case isObjectShape(kind):
		h = hashObject(s) ^ hashType(kind)
	default:
		h = hashType(kind)
		if f := vm.U32(s + shapeFormat); f != formatNone {
			h ^= hashText(vm.Lit("format"), formatName(f))
		}
	}
	vm.Put64(s+shapeHash, h)
}

//wasm:small
func hashType(kind uint32) uint64 { return hashText(vm.Lit("type"), kindName(kind)) }

// hashObject is the hash of an object's members other than its type.
//
//wasm:small
func hashObject(s ptr) uint64 {
	var properties, h uint64
	for c := vm.U32(s + shapeFirst); c != 0; c = vm.U32(c + shapeNext) {
		if vm.U32(c+shapeExtra) != 0 {
			h = hashMember(vm.Lit("additionalProperties"), vm.U64(c+shapeHash))
			continue
		}
		sipStart()
		sipString(vm.U32(c+shapeKey), vm.U32(c+shapeKeyLen))
		sip64(vm.U64(c + shapeHash))
		properties ^= sipEnd()
	}
	h ^= hashMember(vm.Lit("properties"), properties)
	if !listsRequired(s) {
		return h
	}
	sipStart()
	sipText(vm.Lit("required"))
	for c := vm.U32(s + shapeFirst); c != 0; c = vm.U32(c + shapeNext) {
		if vm.U32(c+shapeMust) != 0 {
			sipString(vm.U32(c+shapeKey), vm.U32(c+shapeKeyLen))
		}
	}
	return h ^ sipEnd()
}

// listsRequired says whether an object prints "required".
//
//wasm:small
func listsRequired(s ptr) bool {
	return vm.U32(s+shapeKind) == kindObject && vm.U32(s+shapeLoose) == 0
}

//wasm:small
func kindName(kind uint32) vm.Text {
	switch kind {
	case kindNull:
		return vm.Lit("null")
	case kindBool:
		return vm.Lit("boolean")
	case kindInteger:
		return vm.Lit("integer")
	case kindNumber:
		return vm.Lit("number")
	case kindText, kindFormat:
		return vm.Lit("string")
	case kindArray:
		return vm.Lit("array")
	}
	return vm.Lit("object")
}

//wasm:small
func formatName(format uint32) vm.Text {
	switch format {
	case formatInteger:
		return vm.Lit("integer")
	case formatDate:
		return vm.Lit("date")
	}
	return vm.Lit("date-time")
}
