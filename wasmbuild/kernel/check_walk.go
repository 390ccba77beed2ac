package kernel

import "github.com/streamdal/streamdal-server/wasmbuild/kernel/vm"

// A check of the program. Labels are the addresses of texts: what a message says
// was expected.
const (
	checkKinds     = 0 // which kinds of values it allows
	checkKindLabel = 4
	checkText      = 8 // what holds for strings, 0: nothing more; and so on
	checkNumber    = 12
	checkObject    = 16
	checkArray     = 20
	checkOps       = 24 // what is done once the value has been walked
)

// A level is what to come back to when a value has been checked: a container
// which it is in, or an op.
const (
	levelKind   = 0
	levelParent = 4
	levelStart  = 8  // the value that the level is about
	levelCheck  = 12 // its check
	levelPart   = 16 // what the check says of containers; or the op
	levelCount  = 20 // members or elements so far
	levelDone   = 24 // 1: that there is one too many has been said

	// An array has no more.
	levelLast    = 28 // an object: the property that came last
	levelKey     = 32 // the key's text, without quotes
	levelKeyEnd  = 36
	levelName    = 40 // the same unescaped, while patterns are tried
	levelNameEnd = 44
	levelPattern = 48 // the pattern to try next, 0: none
	levelValue   = 52
	levelWas     = 56 // walkTrusted before

	levelSize = 64 // the bits of an object's required properties follow
)

// The kinds of levels.
const (
	levelBottom = iota
	levelObject
	levelArray
	levelOp
)

// What the walk does next.
const (
	turnValue  = iota // check the value at p with walkCheck
	turnAfter         // a value ended before p
	turnCaught        // a check failed that an op waits for
	turnOver
)

// How a walk ends.
const (
	checkOver = iota
	checkBroken
	checkNoMemory
	checkTooLong
)

// maxSteps bounds the work: a schema may look at one value many times, and at
// its parts as many times again.
const maxSteps = 1 << 24

var (
	walkTurn    uint32
	walkCheck   ptr    // the check of the next value
	walkEnd     uint32 // how it ended
	walkSteps   uint32 // that are left
	walkDepth   uint32 // of containers
	walkBits    ptr    // for skipStrict
	walkTrusted bool   // what is being walked has been walked before
	level       ptr    // the innermost level
	catcher     ptr    // the innermost op that waits for a failure; 0: it is reported
)

// checkPayload checks the payload, all of it, with the program.
func checkPayload() uint32 {
	walkTurn, walkEnd, walkSteps, walkDepth, walkTrusted = turnValue, checkOver, maxSteps, 0, false
	level, catcher = 0, 0
	walkBits = take(maxDepth/8 + 16)
	if walkBits == 0 || !startFailures() || pushLevel(levelBottom, 0, 0, 0) == 0 {
		return checkNoMemory
	}
	walkCheck = CheckRoot
	p := space(pay)
	for walkTurn != turnOver {
		switch walkTurn {
		case turnValue:
			p = checkValue(p)
		case turnAfter:
			p = checkAfter(p)
		default:
			p = goOn(catcher, false, 0)
		}
	}
	return walkEnd
}

// over ends the walk.
//
//wasm:small
func over(how uint32) ptr {
	walkTurn, walkEnd = turnOver, how
	return 0
}

// after goes on behind a value.
//
//wasm:inline
func after(p ptr) ptr {
	walkTurn = turnAfter
	return p
}

// with goes on with the value at p and its check.
//
//wasm:inline
func with(check, p ptr) ptr {
	walkTurn, walkCheck = turnValue, check
	return p
}

// pushLevel makes a new level for the value at start; more is what it needs
// beside levelSize. 0: no memory.
func pushLevel(kind, start, check, more uint32) ptr {
	l := take(levelSize + more)
	if l == 0 {
		return over(checkNoMemory)
	}
	vm.Put32(l+levelKind, kind)
	vm.Put32(l+levelParent, level)
	vm.Put32(l+levelStart, start)
	vm.Put32(l+levelCheck, check)
	level = l
	return l
}

// popLevel goes back to the parent of l, which is the innermost level.
//
//wasm:inline
func popLevel(l ptr) {
	top = l
	level = vm.U32(l + levelParent)
}

// spend counts steps and says whether there are any left.
//
//wasm:inline
func spend(n uint32) bool {
	if walkSteps <= n {
		over(checkTooLong)
		return false
	}
	walkSteps -= n
	return true
}

// checkAfter goes on after a value that ended before p.
func checkAfter(p ptr) ptr {
	l := level
	switch vm.U32(l + levelKind) {
	case levelObject:
		return objectNext(l, p)
	case levelArray:
		return arrayNext(l, p)
	case levelOp:
		return goOn(l, true, p)
	}
	if space(p) != end {
		return over(checkBroken)
	}
	return over(checkOver)
}

// flunk notes that the value at p fails; label says what was expected. It says
// whether to go on with the value; else an op waits for the failure.
//
//wasm:small
func flunk(label, p ptr) bool { return flunkIn(level, label, p) }

// flunkIn is flunk for the value that a level is about, or one in it.
//
//wasm:small
func flunkIn(l, label, p ptr) bool {
	if catcher != 0 {
		walkTurn = turnCaught
		return false
	}
	report(l, label, p)
	return true
}
