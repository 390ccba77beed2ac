package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// When flattening, places make no nodes on the way to them.
var (
	leafPlace   uint32 // the path's number
	leafName    ptr    // the last component's name
	leafNameLen uint32
	leafEach    uint32 // 1: on the way is an array whose elements are collected
)

// spread notes what a path's program leads to from the value at p: each place that it leads to, below node.
//
//wasm:bind
func spread(program, p, node ptr) { nativeSpread(program, p, node) }

// spreadNone is spread for rules whose paths lead to one value each.
func spreadNone(program, p, node ptr) {}

// spreadAll is spread for all paths that lead to places. It calls itself once per
// # and wildcard component in the path.
//
//wasm:small
func spreadAll(program, p, node ptr) {
	for s := program; targetsEnd != 0; s += stepSize {
		op, a, b, c := vm.U32(s), vm.U32(s+4), vm.U32(s+8), vm.U32(s+12)
		switch op {
		case opEnd:
			leaf(node, p)
			return
		case opKey:
			p = child(p, end, a, b, c)
			node = below(node, a, b, p)
		case opFirst:
			p = first(a, p, end)
			node = below(node, c, b, p)
		case opPattern:
			spreadMembers(a, b, s+stepSize, p, node)
			return
		default:
			if vm.U8(p) == '[' {
				spreadElements(op, a, b, p, node)
				return
			}
			hash := vm.Lit("#")
			if op == opAll {
				return
			}
			p = child(p, end, textPtr(hash), 1, noIndex)
			node = below(node, textPtr(hash), 1, p)
			if op == opEach {
				s = a - stepSize
			}
		}
		if p == 0 {
			return
		}
	}
}

// spreadElements is spread for each element of the array at p, for one of the operations that mean them.
//
//wasm:small
func spreadElements(op, a, b, p, node ptr) {
	query, rest := a, b
	if op == opEach {
		query, rest = 0, a
	}
	if Flatten == 0 {
		setList(node)
	}
	if op == opCount {
		return
	}
	outer := leafEach
	leafEach = 1
	for p = firstElement(p, end); p != 0 && targetsEnd != 0; p = nextElement(p, end) {
		if query != 0 && !fulfils(query, p, end) {
			continue
		}
		element := node
		if Flatten == 0 {
			element = newNode(node, 0, 0, p)
		}
		if rest != 0 {
			spreadAll(rest, p, element)
		} else {
			leaf(element, p)
		}
	}
	leafEach = outer
}

// spreadMembers is spread for each member of the object at p whose key matches a pattern of n bytes.
//
//wasm:small
func spreadMembers(pattern ptr, n uint32, program, p, node ptr) {
	if vm.U8(p) != '{' {
		return
	}
	for p = keyAt(afterSpace(p+1), end); p != 0 && targetsEnd != 0; p = keyAt(p, end) {
		k := p + 1
		q, esc := stringEnd(k)
		p = valueOf(q, end)
		if p == 0 {
			return
		}
		if likeString(k, q, esc, pattern, n) {
			if esc {
				k, q = unescaped(k, q)
			}
			spreadAll(program, p, below(node, k, q-k, p))
		}
		p = afterMember(p, end)
		if p == 0 {
			return
		}
	}
}

// below notes a component whose value is at p, unless there is none.
//
//wasm:small
func below(node, name ptr, n uint32, p ptr) ptr {
	leafName, leafNameLen = name, n
	if p == 0 || Flatten != 0 {
		return node
	}
	return newNode(node, name, n, p)
}

// leaf notes the value at p, to which a path leads by way of node.
//
//wasm:small
func leaf(node, p ptr) {
	if Flatten != 0 {
		node = newNode(root, leafName, leafNameLen, leafPlace)
		if leafEach != 0 && node != 0 {
			setList(node)
			node = newNode(node, 0, 0, p)
		}
	}
	setValue(node, p, end)
}

// reapMatches is reap for dynamic steps: what the detective before found.
//
//wasm:small
func reapMatches() uint64 {
	m, e := matchList()
	if nextMatch(m, e) == 0 {
		return reapPaths()
	}
	if !beginSeek() {
		return outOfMemory()
	}
	order := uint32(0)
	for q := nextMatch(m, e); q != 0 && targetsEnd != 0; q = nextMatch(q, e) {
		seekAll(matchPath, matchPathEnd, order)
		order++
	}
	if targetsEnd == 0 {
		return stopSeeking()
	}
	return 0
}

// hitNode is hit for extraction: the value at v is where the levels of seek lead.
//
//wasm:small
func hitNode(v ptr, order uint32, path ptr, n uint32) {
	node := root
	leafPlace, leafEach = order, 0
	for level, e := uint32(0), path+n; level < seekUsed && targetsEnd != 0; level++ {
		l := seekLevels + level*seekSize
		stop := componentEnd(path, e)
		name, nameEnd := plainComponent(path, stop)
		if vm.U32(l+seekEach) != 0 {
			leafName, leafNameLen, leafEach = name, nameEnd-name, 1
			if Flatten == 0 {
				setList(node)
				node = newNode(node, 0, 0, vm.U32(l+seekValue))
			}
		} else {
			node = below(node, name, nameEnd-name, vm.U32(l+seekValue))
		}
		path = stop + 1
	}
	if seekUsed > 0 && targetsEnd != 0 {
		leaf(node, v)
	}
}
