package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// The known schema: a tree in State, the memory below the arena, that lives as
// long as the instance. A node says which kinds of values were seen at a place;
// all objects seen there share one list of properties, all arrays one element
// node. Nodes only widen.

// State is where the known schema lives; StateEnd is its end. The linker sets both.
var State, StateEnd ptr

// The layout of State.
const (
	stateAny   = 0  // a node that accepts everything; its object and its elements are of the same sort
	stateRoot  = 64 // the schema's root
	stateSink  = 128
	stateTable = 256                         // finds properties by key
	stateText  = stateTable + 4*tableSize    // the schema as JSON
	stateTree  = stateText + maxSchema + 256 // nodes, objects and properties
	// StateSize is how much memory State needs.
	StateSize = stateTree + 4*maxSchema
)

const (
	// maxSchema bounds the schema's text.
	maxSchema = 64 << 10
	// maxProperties is how many properties an object may have before it is taken
	// for a map: keys that are data.
	maxProperties = 256
	// tableSize is more than twice the properties that fit maxSchema.
	tableSize = 8192
)

// The kinds of values, bits of a node's first word.
const (
	kindNull = 1 << iota
	kindBool
	kindInteger
	kindNumber // includes integers
	kindText   // strings of any format
	kindFormat // strings of one format
	kindObject
	kindArray
	kindAny = 1<<iota - 1
)

// A node: kinds, format, object, element node. A property begins with its node.
const (
	nodeFormat = 4
	nodeObject = 8
	nodeItems  = 12
	nodeSize   = 16
)

// An object. The property that came first last time is at the offset where a
// property has its successor: an object stands for what precedes the first one.
const (
	objectList  = 4
	objectCount = 8
	objectExtra = 12 // the node of all other members when the object is a map
	objectSeen  = 16 // 1: new properties are optional; 2: it has just become a map
	successor   = 24 // the property that came next last time; 0: none, the sink: not known
	objectSize  = 32
)

// A property. Its lead is the payload's text from the comma or brace before its
// key to its value: as long as the next payload has the same text there, it has
// the same key.
const (
	propertyList   = 16 // the next of all properties
	propertyOwner  = 20
	propertyKey    = 28 // the key, unescaped
	propertyKeyLen = 32
	propertyMust   = 36 // 1: no object lacked it
	propertySeen   = 40 // the object in which it was seen last
	leadRoom       = 44
	leadLen        = 48
	leadText       = 64
)

// spare is what a lead may have beyond the compact form: white space.
const spare = 32

// What printing costs, in bytes, at most.
const (
	costRoot     = 64
	costKind     = 18
	costFormat   = 39
	costUnion    = 14 // per kind beyond the first
	costObject   = 46
	costMap      = 26
	costArray    = 60
	costProperty = 8 // beside twice its key
)

var (
	known      bool   // there is a schema
	knownTop   ptr    // the tree ends here
	knownCost  uint32 // what printing the schema takes, at most
	knownText  uint32 // the length of the text at stateText
	knownCount uint32 // entries of the table
	widened    bool   // by this payload
	dropped    bool   // properties were given up: the tree has unreachable parts
	serial     uint32 // names the object being walked
)

// forget makes the schema one that nothing is known of.
//
//wasm:small
func forget() {
	vm.Fill(State, 0, stateText)
	all := State + stateAny
	setNode(all, kindAny, all+nodeSize, all)
	vm.Put32(all+nodeSize+objectExtra, all)
	vm.Put32(all+nodeSize+objectSeen, 1)
	known = false
	knownTop = State + stateTree
	knownCost = costRoot
	knownCount = 0
	serial = 0
	dropped = false
}

//wasm:small
func setNode(node ptr, kinds uint32, object, items ptr) {
	vm.Put32(node, kinds)
	vm.Put32(node+nodeFormat, formatNone)
	vm.Put32(node+nodeObject, object)
	vm.Put32(node+nodeItems, items)
}

// takeKnown returns n zeroed bytes of State, 16-byte aligned, or 0.
//
//wasm:small
func takeKnown(n uint32) ptr {
	n = (n + 15) &^ 15
	if StateEnd-knownTop < n {
		return 0
	}
	p := knownTop
	knownTop += n
	vm.Fill(p, 0, n)
	return p
}

// afford says whether the schema may grow by cost bytes, and counts them.
//
//wasm:small
func afford(cost uint32) bool {
	if knownCost+cost > maxSchema {
		return false
	}
	knownCost += cost
	return true
}

// learnKind makes a node accept a kind, if there is room for it.
//
//wasm:small
func learnKind(node ptr, kind uint32) {
	kinds := vm.U32(node)
	if kinds&kind != 0 {
		return
	}
	cost := uint32(costKind)
	switch kind {
	case kindFormat:
		cost = costFormat
	case kindObject:
		cost = costObject
	case kindArray:
		cost = costArray
	}
	if kinds != 0 {
		cost += costUnion
	}
	if !afford(cost) {
		return
	}
	if kind == kindObject || kind == kindArray {
		part := takeKnown(objectSize)
		if part == 0 {
			return
		}
		at := node + nodeObject
		if kind == kindArray {
			at = node + nodeItems
		}
		vm.Put32(at, part)
	}
	if kind == kindNumber {
		kinds &^= kindInteger
	}
	if kind == kindText {
		kinds &^= kindFormat
	}
	vm.Put32(node, kinds|kind)
	widened = true
}

// learnText makes a node accept strings of a format: another one than before
// means that the node's strings have none.
//
//wasm:small
func learnText(node ptr, format uint32) {
	kinds := vm.U32(node)
	switch {
	case kinds&kindText != 0:
	case format == formatNone || kinds&kindFormat != 0 && vm.U32(node+nodeFormat) != format:
		learnKind(node, kindText)
	case kinds&kindFormat == 0:
		learnKind(node, kindFormat)
		vm.Put32(node+nodeFormat, format)
	}
}

// learnProperty adds a property with the unescaped key [key,key+n) to an object.
// It returns 0 when there is no room, or when the object has become a map.
//
//wasm:small
func learnProperty(object, key ptr, n uint32) ptr {
	if vm.U32(object+objectCount) >= maxProperties {
		makeMap(object)
		return 0
	}
	printed := escapedLen(key, key+n)
	if printed > maxSchema || knownCount > tableSize/2 || !afford(2*printed+costProperty) {
		return 0
	}
	room := (printed + 3 + spare + 15) &^ 15
	p := takeKnown(leadText + room + n)
	if p == 0 {
		return 0
	}
	vm.Put32(p+leadRoom, room)
	vm.Put32(p+propertyKey, p+leadText+room)
	vm.Put32(p+propertyKeyLen, n)
	vm.Copy(p+leadText+room, key, n)
	vm.Put32(p+propertyMust, 1-vm.U32(object+objectSeen))
	vm.Put32(p+propertyOwner, object)
	vm.Put32(p+propertyList, vm.U32(object+objectList))
	vm.Put32(object+objectList, p)
	vm.Put32(object+objectCount, vm.U32(object+objectCount)+1)
	vm.Put32(slot(object, key, n), p)
	knownCount++
	widened = true
	return p
}

// makeMap turns an object with too many different keys into a map: from then on
// all members share one node, except those which no object so far lacked.
//
//wasm:small
func makeMap(object ptr) {
	node := takeKnown(nodeSize)
	if node == 0 || !afford(costMap) {
		return
	}
	seen := vm.U32(object + objectSeen)
	var kept, count, next ptr
	for p := vm.U32(object + objectList); p != 0; p = next {
		next = vm.U32(p + propertyList)
		vm.Put32(p+successor, State+stateSink)
		if seen&vm.U32(p+propertyMust) != 0 {
			vm.Put32(p+propertyList, kept)
			kept = p
			count++
			continue
		}
		vm.Put32(p+propertyOwner, 0)
		if vm.U32(node) == 0 {
			vm.Store(node, vm.Load(p)) // what one of them was, others are likely to be
		}
	}
	vm.Put32(object+objectExtra, node)
	vm.Put32(object+objectList, kept)
	vm.Put32(object+objectCount, count)
	vm.Put32(object+objectSeen, 2*seen)
	vm.Put32(object+successor, State+stateSink)
	widened, dropped = true, true
}

// learnAbsent makes the properties of an object optional that the instance named mark lacked.
//
//wasm:small
func learnAbsent(object ptr, mark uint32) {
	at := object + objectList
	for p := vm.U32(at); p != 0; p = vm.U32(at) {
		if vm.U32(p+propertyMust) != 0 && vm.U32(p+propertySeen) != mark {
			vm.Put32(p+propertyMust, 0)
			widened = true
			if vm.U32(object+objectSeen) == 2 { // it was one of the many after all
				vm.Put32(p+propertyOwner, 0)
				vm.Put32(at, vm.U32(p+propertyList))
				continue
			}
		}
		at = p + propertyList
	}
	vm.Put32(object+objectSeen, 1)
}

// lacks says whether learnAbsent would find something.
//
//wasm:small
func lacks(object ptr, mark uint32) bool {
	for p := vm.U32(object + objectList); p != 0; p = vm.U32(p + propertyList) {
		if vm.U32(p+propertyMust) != 0 && vm.U32(p+propertySeen) != mark {
			return true
		}
	}
	return vm.U32(object+objectSeen) != 1
}

// lookup returns the property with the unescaped key [key,key+n), or 0.
//
//wasm:small
func lookup(object, key ptr, n uint32) ptr { return vm.U32(slot(object, key, n)) }

// slot returns where the table has that property, or where it would have it.
//
//wasm:small
func slot(object, key ptr, n uint32) ptr {
	h := uint64(object)*0x9e3779b97f4a7c15 + uint64(n)
	for i := uint32(0); i < n; i += 8 {
		v := vm.U64(key + i)
		if n-i < 8 {
			v &= 1<<(8*(n-i)) - 1
		}
		h = (h ^ v) * 0xff51afd7ed558ccd
		h ^= h >> 32
	}
	table := State + stateTable
	for i := uint32(h) & (tableSize - 1); ; i = (i + 1) & (tableSize - 1) {
		at := table + 4*i
		p := vm.U32(at)
		if p == 0 || vm.U32(p+propertyOwner) == object && vm.U32(p+propertyKeyLen) == n && equal(vm.U32(p+propertyKey), key, n) {
			return at
		}
	}
}
