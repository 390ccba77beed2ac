package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// printShape writes the schema to [o, o+maxSchema) as compact JSON with sorted
// members and returns its length, or 0 when it does not fit.
//
//wasm:small
func printShape(root, o ptr) uint32 {
	start := o
	s := root
	vm.Put32(root+shapeUp, 0)
	for {
		if o-start+costRoot+costFormat+shapeNameCost(s) > maxSchema {
			return 0
		}
		o = printOpen(o, s, s == root)
		if child := vm.U32(s + shapeFirst); child != 0 {
			o = printBefore(o, s, child, true)
			vm.Put32(child+shapeUp, s)
			s = child
			continue
		}
		for {
			o = printClose(o, s)
			if o-start > maxSchema {
				return 0
			}
			if s == root {
				return o - start
			}
			up, next := vm.U32(s+shapeUp), vm.U32(s+shapeNext)
			if next != 0 {
				o = printBefore(o, up, next, vm.U32(s+shapeExtra) != 0)
				vm.Put32(next+shapeUp, up)
				s = next
				break
			}
			s = up
		}
	}
}

// shapeNameCost bounds what a shape's key takes.
//
//wasm:small
func shapeNameCost(s ptr) uint32 {
	return 6*vm.U32(s+shapeKeyLen) + costProperty
}

// printOpen writes what comes before a shape's children.
//
//wasm:small
func printOpen(o, s ptr, root bool) ptr {
	o = put(o, '{')
	if root {
		o = putText(o, vm.Lit(`"$schema":"http://json-schema.org/draft-07/schema#",`))
	}
	switch vm.U32(s + shapeKind) {
	case kindUnion:
		return putText(o, vm.Lit(`"anyOf":[`))
	case kindArray:
		return putText(o, vm.Lit(`"items":`))
	}
	return o
}

// printBefore writes what comes before a child.
//
//wasm:small
func printBefore(o, parent, child ptr, first bool) ptr {
	kind := vm.U32(parent + shapeKind)
	if kind == kindUnion {
		if first {
			return o
		}
		return put(o, ',')
	}
	if !isObjectShape(kind) {
		return o
	}
	if vm.U32(child+shapeExtra) != 0 {
		return putText(o, vm.Lit(`"additionalProperties":`))
	}
	if first {
		o = printProperties(o, parent)
	} else {
		o = put(o, ',')
	}
	return put(printKey(o, child), ':')
}

// printProperties opens the list of properties, after a map's other members.
//
//wasm:small
func printProperties(o, object ptr) ptr {
	if c := vm.U32(object + shapeFirst); c != 0 && vm.U32(c+shapeExtra) != 0 {
		o = put(o, ',')
	}
	return putText(o, vm.Lit(`"properties":{`))
}

//wasm:small
func printKey(o, property ptr) ptr {
	key := vm.U32(property + shapeKey)
	return put(putEscaped(put(o, '"'), key, key+vm.U32(property+shapeKeyLen)), '"')
}

// printClose writes what comes after a shape's children.
//
//wasm:small
func printClose(o, s ptr) ptr {
	kind := vm.U32(s + shapeKind)
	switch {
	case kind == kindUnion:
		return putText(o, vm.Lit(`]}`))
	case kind == kindArray:
		o = put(o, ',')
	case isObjectShape(kind):
		o = printObjectEnd(o, s)
	case vm.U32(s+shapeFormat) != formatNone:
		o = putText(o, vm.Lit(`"format":"`))
		o = putText(o, formatName(vm.U32(s+shapeFormat)))
		o = putText(o, vm.Lit(`",`))
	}
	o = putText(o, vm.Lit(`"type":"`))
	return putText(putText(o, kindName(kind)), vm.Lit(`"}`))
}

// printObjectEnd closes the properties and lists the required ones.
//
//wasm:small
func printObjectEnd(o, s ptr) ptr {
	c := vm.U32(s + shapeFirst)
	if c == 0 || vm.U32(c+shapeExtra) != 0 && vm.U32(c+shapeNext) == 0 {
		o = printProperties(o, s)
	}
	o = putText(o, vm.Lit(`},`))
	if !listsRequired(s) {
		return o
	}
	o = putText(o, vm.Lit(`"required":[`))
	comma := false
	for ; c != 0; c = vm.U32(c + shapeNext) {
		if vm.U32(c+shapeMust) == 0 {
			continue
		}
		if comma {
			o = put(o, ',')
		}
		o = printKey(o, c)
		comma = true
	}
	return putText(o, vm.Lit(`],`))
}

// shapeOfKnown makes shapes of the known schema and returns the root, or 0 when
// memory is exhausted.
//
//wasm:small
func shapeOfKnown() ptr {
	root := newShape(kindNone)
	if root == 0 {
		return 0
	}
	vm.Put32(root+shapeUp, State+stateRoot)
	last := root
	for s := root; s <= last; s += shapeSize { // children are appended behind last
		if last = expandShape(s, last); last == 0 {
			return 0
		}
	}
	for s := last; s >= root; s -= shapeSize { // children come after their parents
		if vm.U32(s+shapeKind) == kindUnion {
			sortAlternatives(s)
		}
		hashShape(s)
	}
	return root
}

// sortAlternatives orders a union's children, which have hashes, by them.
//
//wasm:small
func sortAlternatives(union ptr) {
	c := vm.U32(union + shapeFirst)
	vm.Put32(union+shapeFirst, 0)
	for c != 0 {
		next := vm.U32(c + shapeNext)
		addByHash(union, c)
		c = next
	}
}

// expandShape gives s, of which only the node is known, and for a union's child
// the kind, its content. It returns the last shape made, or 0.
//
//wasm:small
func expandShape(s, last ptr) ptr {
	node := vm.U32(s + shapeUp)
	kind := vm.U32(s + shapeKind)
	if kind == kindNone {
		kind = vm.U32(node)
		if kind&(kind-1) != 0 {
			vm.Put32(s+shapeKind, kindUnion)
			return expandUnion(s, node, kind)
		}
		vm.Put32(s+shapeKind, kind)
	}
	switch kind {
	case kindFormat:
		vm.Put32(s+shapeFormat, vm.U32(node+nodeFormat))
	case kindArray:
		if last = newShape(kindNone); last != 0 {
			vm.Put32(last+shapeUp, vm.U32(node+nodeItems))
			vm.Put32(s+shapeFirst, last)
		}
	case kindObject:
		return expandObject(s, vm.U32(node+nodeObject), last)
	}
	return last
}

//wasm:small
func expandUnion(s, node ptr, kinds uint32) ptr {
	for ; kinds != 0; kinds &= kinds - 1 {
		c := newShape(kinds & -kinds)
		if c == 0 {
			return 0
		}
		vm.Put32(c+shapeUp, node)
		vm.Put32(c+shapeNext, vm.U32(s+shapeFirst))
		vm.Put32(s+shapeFirst, c)
		if kinds&(kinds-1) == 0 {
			return c
		}
	}
	return 0
}

//wasm:small
func expandObject(s, object, last ptr) ptr {
	loose := uint32(1)
	if extra := vm.U32(object + objectExtra); extra != 0 {
		if last = newShape(kindNone); last == 0 {
			return 0
		}
		vm.Put32(last+shapeUp, extra)
		vm.Put32(last+shapeExtra, 1)
		vm.Put32(s+shapeFirst, last)
	} else if vm.U32(object+objectList) == 0 {
		loose = 0
	}
	for p := vm.U32(object + objectList); p != 0; p = vm.U32(p + propertyList) {
		if last = newShape(kindNone); last == 0 {
			return 0
		}
		must := vm.U32(p + propertyMust)
		loose &^= must
		vm.Put32(last+shapeUp, p)
		vm.Put32(last+shapeKey, vm.U32(p+propertyKey))
		vm.Put32(last+shapeKeyLen, vm.U32(p+propertyKeyLen))
		vm.Put32(last+shapeMust, must)
		addByKey(s, last)
	}
	vm.Put32(s+shapeLoose, loose)
	return last
}
