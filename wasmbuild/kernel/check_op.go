package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// An op of a check: its code, a label, and what it needs.
const (
	mustCode  = 0
	mustLabel = 4
	mustFirst = 8  // a check; a list of checks; or a table of values
	mustThen  = 12 // a check or 0; a list's length; or a name
	mustElse  = 16 // a check or 0; or the name's length
	mustSize  = 24
)

// The codes.
const (
	mustLast     = iota
	mustAll      // the check holds
	mustNot      // it does not
	mustAny      // one in the list holds
	mustOne      // just one in the list holds
	mustIf       // if the first check holds, so does the second, else the third
	mustEnum     // the value is in the table
	mustUnique   // no element is there twice
	mustContains // the check holds for an element
	mustNames    // the check holds for each key
	mustDepends  // if there is a member of that name, the check holds
	mustNever    // nothing does
)

// The level of an op has these where an array's has none.
const (
	levelEnd     = 28 // of the value
	levelCatcher = 32 // catcher before
	levelIndex   = 36 // in the list
	levelPlace   = 40 // in the value
	levelDepth   = 44 // of containers
)

// startMore starts with the ops of a check for the value [p,q), which has been walked.
//
//wasm:bind
func startMore(check, p, q ptr) ptr { return nativeStart(check, p, q) }

func startNothing(check, p, q ptr) ptr { return after(q) }

// goOn goes on with the op of l: the value that was being checked is as it should
// be, or is not.
//
//wasm:bind
func goOn(l ptr, ok bool, p ptr) ptr { return nativeGoOn(l, ok, p) }

func goNowhere(l ptr, ok bool, p ptr) ptr { return 0 }

// startOps is startMore if some check has ops.
func startOps(check, p, q ptr) ptr {
	l := pushLevel(levelOp, p, check, 0)
	if l == 0 {
		return 0
	}
	vm.Put32(l+levelEnd, q)
	vm.Put32(l+levelCatcher, catcher)
	vm.Put32(l+levelDepth, walkDepth)
	vm.Put32(l+levelWas, 0)
	if walkTrusted {
		vm.Put32(l+levelWas, 1)
	}
	walkTrusted = true
	return opStart(l, vm.U32(check+checkOps))
}

// opStart goes on with the op at op, or behind the value if there are no more.
func opStart(l, op ptr) ptr {
	start := vm.U32(l + levelStart)
	for ; ; op += mustSize {
		code := vm.U32(op + mustCode)
		if code == mustLast {
			q := vm.U32(l + levelEnd)
			walkTrusted = vm.U32(l+levelWas) != 0
			popLevel(l)
			return after(q)
		}
		vm.Put32(l+levelPart, op)
		vm.Put32(l+levelDone, 0)
		vm.Put32(l+levelCount, 0)
		vm.Put32(l+levelIndex, 0)
		first := vm.U32(op + mustFirst)
		switch code {
		case mustAll:
			return with(first, start)
		case mustDepends:
			if !depends(start, vm.U32(l+levelEnd), vm.U32(op+mustThen), vm.U32(op+mustElse)) {
				continue
			}
			return with(first, start)
		case mustNot, mustIf:
			catcher = l
			return with(first, start)
		case mustAny, mustOne:
			catcher = l
			return with(vm.U32(first), start)
		case mustContains, mustNames:
			if next := opPart(l, op, space(start+1)); next != 0 {
				return next
			}
		default:
			if !opWhole(code, first, start, vm.U32(l+levelEnd)) && !flunkOp(op, start) {
				return 0
			}
		}
		if walkTurn == turnOver || walkTurn == turnCaught {
			return 0
		}
	}
}

//wasm:small
func flunkOp(op, p ptr) bool { return flunk(vm.U32(op+mustLabel), p) }

// depends says whether the object [p,e) has a member of that name.
//
//wasm:bind
func depends(p, e, name ptr, n uint32) bool { return nativeDepends(p, e, name, n) }

func dependsNever(p, e, name ptr, n uint32) bool { return false }

// hasMember is depends if something depends on a member.
//
//wasm:small
func hasMember(p, e, name ptr, n uint32) bool {
	return vm.U8(p) == '{' && spend((e-p)/16+1) && field(p, e, name, n) != 0
}

// opWhole does an op that needs no other checks.
//
//wasm:small
func opWhole(code, table, p, e ptr) bool {
	switch code {
	case mustEnum:
		return isListed(table, p, e)
	case mustUnique:
		return vm.U8(p) != '[' || allDiffer(p, e)
	}
	return false
}

// opPart goes on with the element or key at p; 0 if the op is done.
//
//wasm:small
func opPart(l, op, p ptr) ptr {
	names := vm.U32(op+mustCode) == mustNames
	shut := uint32(']')
	if names {
		shut = '}'
	}
	start := vm.U32(l + levelStart)
	if vm.U8(start)+2 != shut {
		return 0
	}
	if vm.U8(p) == shut {
		if !names {
			flunkOp(op, start)
		}
		return 0
	}
	vm.Put32(l+levelPlace, p)
	catcher = l
	return with(vm.U32(op+mustFirst), p)
}

// opResult is goOn if some check has ops.
func opResult(l ptr, ok bool, p ptr) ptr {
	op := vm.U32(l + levelPart)
	code := vm.U32(op + mustCode)
	if code == mustAll || code == mustDepends || vm.U32(l+levelDone) != 0 {
		return opStart(l, op+mustSize)
	}
	catcher = vm.U32(l + levelCatcher)
	level, top = l, l+levelSize
	walkDepth, walkTrusted = vm.U32(l+levelDepth), true
	walkTurn = turnAfter
	start := vm.U32(l + levelStart)
	switch code {
	case mustNot:
		if ok && !flunkOp(op, start) {
			return 0
		}
	case mustIf:
		next := vm.U32(op + mustElse)
		if ok {
			next = vm.U32(op + mustThen)
		}
		if next != 0 {
			vm.Put32(l+levelDone, 1)
			return with(next, start)
		}
	case mustContains, mustNames:
		next := partResult(l, op, ok)
		if next != 0 || walkTurn != turnAfter {
			return next
		}
	default:
		next := listResult(l, op, ok)
		if next != 0 || walkTurn != turnAfter {
			return next
		}
	}
	return opStart(l, op+mustSize)
}

// partResult goes on with the next element or key; 0 if the op is done.
//
//wasm:small
func partResult(l, op ptr, ok bool) ptr {
	place := vm.U32(l + levelPlace)
	names := vm.U32(op+mustCode) == mustNames
	if ok != names {
		if names {
			flunkOp(op, place)
		}
		return 0
	}
	e := vm.U32(l + levelEnd)
	q := place
	if names {
		q, _ = stringEnd(place + 1)
		q = ws(ws(q+1) + 1)
	}
	q, _ = skipValue(q, e)
	if !spend((q - place) / 64) {
		return 0
	}
	q = ws(q)
	if vm.U8(q) == ',' {
		q = ws(q + 1)
	}
	return opPart(l, op, q)
}

// listResult goes on with the next check of the list; 0 if the op is done.
//
//wasm:small
func listResult(l, op ptr, ok bool) ptr {
	one := vm.U32(op+mustCode) == mustOne
	held := vm.U32(l + levelCount)
	if ok {
		held++
		vm.Put32(l+levelCount, held)
		if !one {
			return 0
		}
	}
	start := vm.U32(l + levelStart)
	i := vm.U32(l+levelIndex) + 1
	if i < vm.U32(op+mustThen) && held < 2 {
		vm.Put32(l+levelIndex, i)
		catcher = l
		return with(vm.U32(vm.U32(op+mustFirst)+4*i), start)
	}
	if held != 1 {
		flunkOp(op, start)
	}
	return 0
}
