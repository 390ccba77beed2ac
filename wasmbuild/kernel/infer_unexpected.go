package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// What follow calls where the payload is not what the schema, or the last
// payload, would have. Before the schema changes for the first time, the whole
// payload is checked: text that is not JSON must not widen it.

// mayLearn says whether the payload is JSON.
//
//wasm:small
func mayLearn() bool {
	if !checked {
		checked = jsonFault(pay, end) == faultNone
	}
	return checked
}

// isFull says whether the schema has no room for more properties or containers.
// Payloads that have some are then followed as fast as others.
//
//wasm:small
func isFull() bool { return knownCost > maxSchema-2*costArray }

// container widens node by a container kind and returns the node to follow:
// one that accepts everything if there is no room for more. 0: not JSON.
//
//wasm:small
func container(node ptr, kind uint32) ptr {
	if isFull() {
		return State + stateAny
	}
	if !mayLearn() {
		return 0
	}
	learnKind(node, kind)
	if vm.U32(node)&kind == 0 {
		return State + stateAny
	}
	return node
}

// scalarFits widens node by a kind.
//
//wasm:small
func scalarFits(node ptr, kind uint32) bool {
	if !mayLearn() {
		return false
	}
	learnKind(node, kind)
	return true
}

// textFits widens node so that it accepts the string whose content is [p,q).
//
//wasm:small
func textFits(node, p, q ptr, esc bool) bool {
	if q >= end {
		return false
	}
	mark := top
	if esc {
		p, q = unescaped(p, q)
	}
	expected := uint32(formatNone)
	if vm.U32(node)&kindFormat != 0 {
		expected = vm.U32(node + nodeFormat)
	}
	fits := hasFormat(expected, p, q)
	format := uint32(formatNone)
	if !fits {
		format = formatOf(p, q)
	}
	top = mark
	if fits {
		return true
	}
	if !mayLearn() {
		return false
	}
	learnText(node, format)
	return true
}

// unexpectedMember reads the key at p of a member that follows last in the
// object named mark, notes the new order, and returns where the value starts.
// metNode and metLast say how to go on. 0: not JSON.
func unexpectedMember(p, object, last ptr, mark uint32) ptr {
	lead := p
	if vm.U8(p) != '"' {
		return 0
	}
	q, esc := strictEnd(p + 1)
	if q == 0 || q >= end {
		return 0
	}
	value := space(q + 1)
	if vm.U8(value) != ':' {
		return 0
	}
	value = space(value + 1)
	extra := vm.U32(object + objectExtra)
	if extra != 0 && vm.U32(object+objectList) == 0 {
		metNode, metLast = extra, last
		return value
	}
	saved := top
	key, keyEnd := p+1, q
	if esc {
		key, keyEnd = unescaped(key, keyEnd)
	}
	property := lookup(object, key, keyEnd-key)
	if property == 0 && extra == 0 && !isFull() {
		if !mayLearn() {
			return 0
		}
		property = learnProperty(object, key, keyEnd-key)
		extra = vm.U32(object + objectExtra)
		if extra != 0 {
			last = State + stateSink // which may be a property no more
		}
	}
	top = saved
	if property == 0 {
		metNode, metLast = extra, last
		if extra == 0 {
			metNode = State + stateAny
		}
		return value
	}
	metNode, metLast = property, property
	if vm.U32(property+propertySeen) == mark {
		// a repeated key must not make the order skip others
		vm.Put32(last+successor, State+stateSink)
		metLast = State + stateSink
		return value
	}
	vm.Put32(property+propertySeen, mark)
	if last != State+stateSink {
		vm.Put32(last+successor, property)
	}
	if n := value - lead; n <= vm.U32(property+leadRoom) {
		vm.Copy(property+leadText, lead, n)
		vm.Put32(property+leadLen, n)
	}
	return value
}

// closeObject notes that the object named mark ends after last, and which
// properties it lacks.
//
//wasm:small
func closeObject(object, last ptr, mark uint32) bool {
	if last != State+stateSink {
		vm.Put32(last+successor, 0)
	}
	if lacks(object, mark) {
		if !mayLearn() {
			return false
		}
		learnAbsent(object, mark)
	}
	return true
}

//wasm:small
func emptyObject(object ptr) bool {
	serial++
	return closeObject(object, object, serial)
}
