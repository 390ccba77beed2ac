package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// seedKnown adds the schema at p, a complete JSON text, to what is known. It
// understands what printShape writes; other constructs are ignored.
//
//wasm:small
func seedKnown(p ptr) {
	base := top
	pushSeed(space(p), State+stateRoot, 0)
	for top > base {
		top -= seedSize
		seedNode(vm.U32(top), vm.U32(top+4), vm.U32(top+8) != 0)
	}
	top = base
}

// An entry of the stack of schemas to read: its text, its node, and 1 if the
// node is an array's element.
const seedSize = 16

//wasm:small
func pushSeed(p, node ptr, element uint32) {
	if e := take(seedSize); e != 0 {
		vm.Put32(e, p)
		vm.Put32(e+4, node)
		vm.Put32(e+8, element)
	}
}

// seedNode reads one schema: p is at its first byte.
//
//wasm:small
func seedNode(p, node ptr, element bool) {
	var kinds, format, properties, required, items, alternatives, extra ptr
	for m := firstMember(p); m != 0; m = afterMemberValue(memberValue(m)) {
		v := memberValue(m)
		switch {
		case keyIs(m, vm.Lit("type")):
			kinds = v
		case keyIs(m, vm.Lit("format")):
			format = v
		case keyIs(m, vm.Lit("properties")):
			properties = v
		case keyIs(m, vm.Lit("required")):
			required = v
		case keyIs(m, vm.Lit("items")):
			items = v
		case keyIs(m, vm.Lit("anyOf")):
			alternatives = v
		case keyIs(m, vm.Lit("additionalProperties")):
			extra = v
		}
	}
	if alternatives != 0 {
		for v := seedElement(alternatives); v != 0; v = seedNext(v) {
			pushSeed(v, node, 0)
		}
	}
	if kinds == 0 {
		return
	}
	if vm.U8(kinds) == '[' {
		for v := seedElement(kinds); v != 0; v = seedNext(v) {
			seedKind(v, node, format)
		}
	} else {
		if element && required == 0 && extra == 0 && keyIs(kinds, vm.Lit("object")) && firstMember(properties) == 0 {
			return // what is printed for the elements of arrays that were empty
		}
		seedKind(kinds, node, format)
	}
	known := vm.U32(node)
	if known&kindObject != 0 && properties != 0 {
		seedObject(vm.U32(node+nodeObject), properties, required, extra)
	}
	if known&kindArray != 0 && items != 0 {
		pushSeed(items, vm.U32(node+nodeItems), 1)
	}
}

// seedKind adds the kind that the string at v names.
//
//wasm:small
func seedKind(v, node, format ptr) {
	switch {
	case keyIs(v, vm.Lit("null")):
		learnKind(node, kindNull)
	case keyIs(v, vm.Lit("boolean")):
		learnKind(node, kindBool)
	case keyIs(v, vm.Lit("integer")):
		if vm.U32(node)&kindNumber == 0 {
			learnKind(node, kindInteger)
		}
	case keyIs(v, vm.Lit("number")):
		learnKind(node, kindNumber)
	case keyIs(v, vm.Lit("object")):
		learnKind(node, kindObject)
	case keyIs(v, vm.Lit("array")):
		learnKind(node, kindArray)
	case keyIs(v, vm.Lit("string")):
		learnText(node, seedFormat(format))
	}
}

// seedFormat is the format that the string at v names.
//
//wasm:small
func seedFormat(v ptr) uint32 {
	switch {
	case v == 0:
		return formatNone
	case keyIs(v, vm.Lit("integer")):
		return formatInteger
	case keyIs(v, vm.Lit("date")):
		return formatDate
	case keyIs(v, vm.Lit("date-time")):
		return formatDateTime
	}
	return formatNone
}

// seedObject adds properties to an object. Those which required does not list,
// here or in an alternative read before, are optional.
//
//wasm:small
func seedObject(object, properties, required, extra ptr) {
	serial++
	mark := serial
	for m := firstMember(properties); m != 0; m = afterMemberValue(memberValue(m)) {
		saved := top
		property, key, keyEnd := seedKey(object, m)
		if property == 0 && vm.U32(object+objectExtra) == 0 {
			property = learnProperty(object, key, keyEnd-key)
		}
		top = saved
		if property == 0 {
			property = vm.U32(object + objectExtra)
		}
		if property != 0 {
			pushSeed(memberValue(m), property, 0)
		}
	}
	for v := seedElement(required); v != 0; v = seedNext(v) {
		if vm.U8(v) != '"' {
			continue
		}
		saved := top
		if property, _, _ := seedKey(object, v); property != 0 {
			vm.Put32(property+propertySeen, mark)
		}
		top = saved
	}
	learnAbsent(object, mark)
	if extra == 0 || vm.U8(extra) != '{' {
		return
	}
	if vm.U32(object+objectExtra) == 0 && afford(costMap) {
		vm.Put32(object+objectExtra, takeKnown(nodeSize))
	}
	if node := vm.U32(object + objectExtra); node != 0 {
		pushSeed(extra, node, 0)
	}
}

// seedKey returns the property that the string at k names, or 0, and its unescaped key.
//
//wasm:small
func seedKey(object, k ptr) (property, key, keyEnd ptr) {
	q, esc := strEnd(k + 1)
	key, keyEnd = k+1, q
	if esc {
		key, keyEnd = unescaped(key, keyEnd)
	}
	return lookup(object, key, keyEnd-key), key, keyEnd
}

// firstMember returns the first key of the object at p; 0 if there is none, or no object.
//
//wasm:small
func firstMember(p ptr) ptr {
	if p == 0 || vm.U8(p) != '{' {
		return 0
	}
	if p = space(p + 1); vm.U8(p) != '"' {
		return 0
	}
	return p
}

// memberValue returns the value of the key at k.
//
//wasm:small
func memberValue(k ptr) ptr {
	q, _ := strEnd(k + 1)
	return space(space(q+1) + 1)
}

// afterMemberValue returns the key after the value at v, or 0.
//
//wasm:small
func afterMemberValue(v ptr) ptr {
	q := space(wholeValue(v))
	if vm.U8(q) != ',' {
		return 0
	}
	return space(q + 1)
}

// seedElement returns the first element of the array at p; 0 if there is none, or no array.
//
//wasm:small
func seedElement(p ptr) ptr {
	if p == 0 || vm.U8(p) != '[' {
		return 0
	}
	if p = space(p + 1); vm.U8(p) == ']' {
		return 0
	}
	return p
}

//wasm:small
func seedNext(v ptr) ptr { return afterMemberValue(v) }

// wholeValue returns the end of the value at v in a text that is JSON.
//
//wasm:small
func wholeValue(v ptr) ptr {
	q, _ := skipValue(v, v+maxBlock)
	return q
}

// keyIs says whether the string at k is t.
//
//wasm:small
func keyIs(k ptr, t vm.Text) bool {
	q, esc := strEnd(k + 1)
	return vm.U8(k) == '"' && equalString(k+1, q, esc, textPtr(t), textLen(t))
}
