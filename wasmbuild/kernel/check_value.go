package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// checkValue checks the value at p as far as it can be without looking into containers.
func checkValue(p ptr) ptr {
	check := walkCheck
	if !spend(1) {
		return 0
	}
	c := vm.U8(p)
	kinds := vm.U32(check)
	var q ptr
	switch {
	case c == '"':
		var esc bool
		q, esc = strictEnd(p + 1)
		if q == 0 || q >= end {
			return over(checkBroken)
		}
		if kinds&kindText == 0 && !flunkKind(check, p) {
			return 0
		}
		if t := vm.U32(check + checkText); t != 0 && !checkQuoted(t, p, q, esc) {
			return 0
		}
		q++
	case c|32 == '{':
		return checkContainer(c, p, check)
	case c == 't' || c == 'f' || c == 'n':
		kind := uint32(kindBool)
		if c == 'n' {
			kind = kindNull
		}
		q = literalEnd(p, end)
		if q > end {
			return over(checkBroken)
		}
		if kinds&kind == 0 && !flunkKind(check, p) {
			return 0
		}
	default:
		var kind uint32
		q, kind = shortNumber(c, p)
		if kind == 0 {
			if q, kind = anyNumber(p); q == 0 {
				return over(checkBroken)
			}
		}
		if kinds&(kind|kindNumber) == 0 && (kinds&kindInteger == 0 || !isWhole(p, q)) && !flunkKind(check, p) {
			return 0
		}
		if n := vm.U32(check + checkNumber); n != 0 && !checkRange(n, p, q, kind) {
			return 0
		}
	}
	if vm.U32(check+checkOps) != 0 {
		return startMore(check, p, q)
	}
	return checkAfter(q)
}

//wasm:small
func flunkKind(check, p ptr) bool { return flunk(vm.U32(check+checkKindLabel), p) }

// walked goes on after the value [p,q) has been walked: with the check's ops.
//
//wasm:inline
func walked(check, p, q ptr) ptr {
	if vm.U32(check+checkOps) == 0 {
		return after(q)
	}
	return startMore(check, p, q)
}

// checkContainer enters the container at p, or skips it if nothing is said about
// what it holds.
func checkContainer(c uint32, p, check ptr) ptr {
	kind, part := uint32(kindArray), vm.U32(check+checkArray)
	if c == '{' {
		kind, part = kindObject, vm.U32(check+checkObject)
	}
	if vm.U32(check)&kind == 0 && !flunkKind(check, p) {
		return 0
	}
	if part == 0 {
		q := skipChecked(p)
		if q == 0 {
			return 0
		}
		return walked(check, p, q)
	}
	if walkDepth == maxDepth {
		return over(checkBroken) // jsonFault says that it is too deep
	}
	walkDepth++
	if c == '{' {
		return objectEnter(p, check, part)
	}
	return arrayEnter(p, check, part)
}

// skipChecked skips the container at p, and checks that it is JSON if that is
// not known yet. 0: the walk is over.
//
//wasm:small
func skipChecked(p ptr) ptr {
	if walkTrusted {
		q := skipContainer(p+1, end)
		if !spend((q - p) / 64) {
			return 0
		}
		return q
	}
	q := skipStrict(p)
	if q == 0 {
		return over(checkBroken)
	}
	return q
}

// skipStrict returns the end of the container at p; 0 if it is not JSON.
func skipStrict(p ptr) ptr {
	depth := walkDepth
	for {
		c := vm.U8(p)
		empty := false
		for c|32 == '{' && !empty {
			if depth == maxDepth {
				return 0
			}
			depth++
			setObject(walkBits, depth, c == '{')
			shut := c + 2 // in ASCII, brackets close two after they open
			p = space(p + 1)
			c = vm.U8(p)
			empty = c == shut
			if shut == '}' && !empty {
				if p = strictKey(p); p == 0 {
					return 0
				}
				c = vm.U8(p)
			}
		}
		if !empty {
			if p = strictScalar(c, p); p == 0 {
				return 0
			}
			p = space(p)
			c = vm.U8(p)
		}
		for c != ',' {
			if !closes(c, isObject(walkBits, depth)) {
				return 0
			}
			p++
			depth--
			if depth == walkDepth {
				return p
			}
			p = space(p)
			c = vm.U8(p)
		}
		p = space(p + 1)
		if isObject(walkBits, depth) {
			if p = strictKey(p); p == 0 {
				return 0
			}
		}
	}
}

// strictKey returns where the value of the member at p starts; 0: it is not JSON.
func strictKey(p ptr) ptr {
	if vm.U8(p) != '"' {
		return 0
	}
	q, _ := strictEnd(p + 1)
	if q == 0 || q >= end {
		return 0
	}
	p = space(q + 1)
	if vm.U8(p) != ':' {
		return 0
	}
	return space(p + 1)
}

// strictScalar returns the end of the string, number or literal at p; 0: it is not JSON.
//
//wasm:inline
func strictScalar(c uint32, p ptr) ptr {
	var q ptr
	switch {
	case c == '"':
		q, _ = strictEnd(p + 1)
		if q == 0 || q >= end {
			return 0
		}
		return q + 1
	case c == 't' || c == 'f' || c == 'n':
		if q = literalEnd(p, end); q > end {
			return 0
		}
		return q
	}
	var kind uint32
	q, kind = shortNumber(c, p)
	if kind == 0 {
		q, _ = anyNumber(p)
	}
	return q
}
